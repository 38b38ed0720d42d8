"""NumPy's other functions: nodes that call NumPy; a rule per function says the shape, a probe says the rest.

Left out: what warns from Python code (nanmean, cov ...), and what returns a type or rank that depends on data.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphlet.arrayops.binding import bind, refuse
from graphlet.arrayops.broadcasting import (
    UNKNOWN,
    axis_literal,
    broadcast,
    check_equal,
    dim_of_size,
    equal,
    flat_dim,
    fresh_sym,
    is_one,
    shape_of,
)
from graphlet.arrayops.promotion import operand, probe
from graphlet.arrayops.reduction import typed
from graphlet.core.pristine import np
from graphlet.ir.op import VIEW, InferenceError, Op
from graphlet.ir.types import ArrayType, Dim, ObjectType, Type, dim_hint

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]
Bound = dict[str, Any]
Shape = tuple[Dim, ...]


def array_in(bound: Mapping[str, Any], name: str, ndim: int | None = None) -> ArrayType:
    """An argument that has to be an array, of this rank if one is given."""
    array = bound[name]
    if not isinstance(array, ArrayType) or (ndim is not None and array.ndim != ndim):
        raise InferenceError(f"argument {name!r} is no array" + (f" of rank {ndim}" if ndim is not None else ""))
    operand(array)
    return array


def shaped(
    name: str,
    fn: Callable[..., Any],
    parameters: tuple[str, ...],
    rule: Callable[[Bound], Shape],
    required: int = 1,
    **stand_ins: Any,
) -> Op:
    """A row for a function whose result has the shape that ``rule`` finds.

    ``stand_ins``: arguments that have to fit the array's size and say nothing about the type of the result.
    """

    def infer(args: Args, kwargs: Kwargs) -> Type:
        bound = bind(parameters, args, kwargs, required)
        shape = rule(bound)
        return typed(probe(fn, (), {**bound, **stand_ins}) if stand_ins else probe(fn, args, kwargs), shape, "K")

    return Op(name, fn, infer, "opaque", may_raise=True)


def numbers_only(bound: Mapping[str, Any], *names: str) -> None:
    """InferenceError unless these arguments, where given, are literal numbers, strings or absent."""
    for name in names:
        if not isinstance(bound.get(name), (type(None), bool, int, float, complex, str, np.generic)):
            raise InferenceError(f"argument {name!r} is not known during capture")


# -- shapes


def first_two(bound: Bound) -> Shape:
    """Two operands that broadcast."""
    left, right, *rest = bound.items()
    numbers_only(dict(rest), *(name for name, _ in rest))
    operand(left[1]), operand(right[1])
    return broadcast([shape_of(left[1]), shape_of(right[1])])


def no_shape(bound: Bound) -> Shape:
    """A scalar, of operands that have to fit together."""
    first_two(bound)
    return ()


def equality(bound: Bound) -> Shape:
    """A scalar; arrays of other shapes are just different, so they must not be declared to be of one shape."""
    array_in(bound, "a1"), array_in(bound, "a2")
    return ()


def as_first(bound: Bound) -> Shape:
    """The shape of the first argument; the others are literals."""
    name, *others = bound
    numbers_only(bound, *others)
    return array_in(bound, name).shape


def unknown_vector(bound: Bound) -> Shape:
    """A vector of a length that depends on the data; only the first argument."""
    (name,) = bound
    array_in(bound, name)
    return (fresh_sym(),)


def places(bound: Bound) -> Shape:
    """One row of indices for each element that is not zero."""
    array = array_in(bound, "a")
    return (fresh_sym(), dim_of_size(array.ndim))


def averaged(bound: Bound) -> Shape:
    """An average without weights."""
    refuse(bound, "weights", "returned")
    array, axis = array_in(bound, "a"), bound.get("axis")
    if axis is None:
        return ()
    place = axis_literal(axis, array.ndim)
    return array.shape[:place] + array.shape[place + 1 :]


def interpolated(bound: Bound) -> Shape:
    """``np.interp(x, xp, fp)``"""
    numbers_only(bound, "left", "right", "period")
    points, values = array_in(bound, "xp", 1), array_in(bound, "fp", 1)
    equal(points.shape[0], values.shape[0])
    operand(bound["x"])
    return shape_of(bound["x"])


def convolved(bound: Bound) -> Shape:
    """``np.convolve(a, v, mode)``"""
    left, right = (dim_hint(array_in(bound, name, 1).shape[0]) for name in ("a", "v"))
    mode = bound.get("mode", "full")
    if UNKNOWN in (left, right) or mode not in ("full", "same", "valid"):
        return (fresh_sym(),)
    sizes = {"full": left + right - 1, "same": max(left, right), "valid": abs(left - right) + 1}
    return (fresh_sym(sizes[mode]),)


def correlated(bound: Bound) -> Shape:
    """``np.correlate(a, v, mode)``"""
    return convolved({"mode": "valid", **bound})


def kronecker(bound: Bound) -> Shape:
    """``np.kron`` of two arrays of one rank"""
    left, right = array_in(bound, "a"), array_in(bound, "b")
    if left.ndim != right.ndim:
        raise InferenceError("kron of arrays of different rank")
    hints = [(dim_hint(x), dim_hint(y)) for x, y in zip(left.shape, right.shape, strict=True)]
    return tuple(fresh_sym(UNKNOWN if UNKNOWN in pair else pair[0] * pair[1]) for pair in hints)


def binned(bound: Bound) -> Shape:
    """``np.digitize(x, bins, right)``"""
    numbers_only(bound, "right")
    array_in(bound, "bins", 1)
    return array_in(bound, "x").shape


def sloped(bound: Bound) -> Shape:
    """``np.gradient`` of a vector, evenly spaced"""
    numbers_only(bound, "spacing")
    return array_in(bound, "f", 1).shape


def pseudo_inverted(bound: Bound) -> Shape:
    """``np.linalg.pinv`` of a matrix"""
    rows, columns = array_in(bound, "a", 2).shape
    return (columns, rows)


def counted(bound: Bound) -> Shape:
    """``np.bincount(x, weights)``: as long as the largest number says."""
    numbers_only(bound, "minlength")
    array = array_in(bound, "x", 1)
    if bound.get("weights") is not None:
        equal(array.shape[0], array_in(bound, "weights", 1).shape[0])
    return (fresh_sym(),)


def along_axis(bound: Bound) -> Shape:
    """``np.take_along_axis(arr, indices, axis)``"""
    array, indices = array_in(bound, "arr"), array_in(bound, "indices")
    axis = bound.get("axis", -1)
    if indices.ndim != array.ndim or axis is None:
        raise InferenceError("take_along_axis with indices of another rank")
    place = axis_literal(axis, array.ndim)
    pairs = list(zip(array.shape, indices.shape, strict=True))
    rest = broadcast([tuple(pair[i] for j, pair in enumerate(pairs) if j != place) for i in (0, 1)])
    return (*rest[:place], indices.shape[place], *rest[place:])


def integrated(bound: Bound) -> Shape:
    """``np.trapezoid(y, x, dx, axis)``"""
    array = array_in(bound, "y")
    place = axis_literal(bound.get("axis", -1), array.ndim)
    numbers_only(bound, "dx")
    if bound.get("x") is not None:
        equal(array_in(bound, "x", 1).shape[0], array.shape[place])
    return array.shape[:place] + array.shape[place + 1 :]


def diagonal_matrix(bound: Bound) -> Shape:
    """``np.diag`` of a vector"""
    vector, offset = array_in(bound, "v", 1), bound.get("k", 0)
    if type(offset) is not int:
        raise InferenceError("diag with an offset that is not known during capture")
    size = vector.shape[0]
    if offset:
        size = fresh_sym(UNKNOWN if dim_hint(size) == UNKNOWN else dim_hint(size) + abs(offset))
    return (size, size)


def infer_diagonal(args: Args, kwargs: Kwargs) -> Type:
    """A diagonal of a matrix: a read-only view."""
    bound = bind(("a", "offset", "axis1", "axis2"), args, kwargs)
    array, offset = array_in(bound, "a", 2), bound.get("offset", 0)
    if type(offset) is not int or (bound.get("axis1", 0), bound.get("axis2", 1)) != (0, 1):
        raise InferenceError("diagonal of other axes, or with an offset that is not known during capture")
    rows, columns = (dim_hint(dim) for dim in array.shape)
    if not offset and any(map(is_one, array.shape)):
        size: Dim = 1
    elif UNKNOWN in (rows, columns):
        size = fresh_sym()
    else:
        size = fresh_sym(max(min(rows + min(offset, 0), columns - max(offset, 0)), 0))
    return ArrayType(array.dtype, (size,), "K")


def infer_meshgrid(args: Args, kwargs: Kwargs) -> Type:
    """``np.meshgrid`` of vectors, dense."""
    if set(kwargs) - {"indexing"} or kwargs.get("indexing", "xy") not in ("xy", "ij") or not args:
        raise InferenceError("meshgrid with sparse or copy")
    vectors = [array_in({"x": arg}, "x", 1) for arg in args]
    shape = [vector.shape[0] for vector in vectors]
    if kwargs.get("indexing", "xy") == "xy" and len(shape) > 1:
        shape[:2] = shape[1], shape[0]
    return ObjectType(tuple, tuple(ArrayType(vector.dtype, tuple(shape), "K") for vector in vectors))


def infer_histogram(args: Args, kwargs: Kwargs) -> Type:
    """``np.histogram(a, bins)`` with a number of bins: counts and edges."""
    bound = bind(("a", "bins", "range"), args, kwargs)
    array_in(bound, "a")
    bins, limits = bound.get("bins", 10), bound.get("range")
    if type(bins) is not int or not (limits is None or type(limits) is tuple):
        raise InferenceError("histogram with bins that are not known during capture")
    kind = probe(np.histogram, args, kwargs)
    if not isinstance(kind, ObjectType) or kind.items is None:
        raise InferenceError("histogram gives something else than two arrays")
    counts, edges = kind.items
    return ObjectType(tuple, (typed(counts, (dim_of_size(bins),), "K"), typed(edges, (dim_of_size(bins + 1),), "K")))


def infer_pad(args: Args, kwargs: Kwargs) -> Type:
    """``np.pad(a, width, mode)`` with literal widths."""
    bound = bind(("array", "pad_width", "mode", "constant_values"), args, kwargs, required=2)
    array, mode = array_in(bound, "array"), bound.get("mode", "constant")
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap", "empty"):
        raise InferenceError("pad with a mode that is not followed")
    numbers_only(bound, "constant_values")
    widths = pad_widths(bound["pad_width"], array.ndim)
    shape = tuple(_padded(dim, sum(width)) for dim, width in zip(array.shape, widths, strict=True))
    return ArrayType(array.dtype, shape, "K")


def pad_widths(width: Any, ndim: int) -> list[tuple[int, int]]:
    """The widths in front of and behind each axis."""
    if type(width) is int:
        return [(width, width)] * ndim
    parts = width if type(width) in (tuple, list) else ()
    pairs: list[Any] = [tuple(part) if type(part) in (tuple, list) else part for part in parts]
    if len(pairs) == 2 and all(type(w) is int for w in pairs):
        return [(pairs[0], pairs[1])] * ndim
    literal = all(type(p) is tuple and len(p) == 2 and all(type(w) is int for w in p) for p in pairs)
    if len(pairs) != ndim or not literal:
        raise InferenceError("pad widths that are not known during capture")
    return [(before, behind) for before, behind in pairs]


def _padded(dim: Dim, width: int) -> Dim:
    if not width:
        return dim
    return fresh_sym(UNKNOWN if dim_hint(dim) == UNKNOWN else dim_hint(dim) + width)


def infer_unique(args: Args, kwargs: Kwargs) -> Type:
    """``np.unique(a)`` without further arguments."""
    if kwargs or len(args) != 1:
        raise InferenceError("unique with arguments")
    array = array_in({"a": args[0]}, "a")
    return ArrayType(array.dtype, (fresh_sym(),), "K")


def infer_compress(args: Args, kwargs: Kwargs) -> Type:
    """``np.extract(condition, a)``"""
    if kwargs or len(args) != 2:
        raise InferenceError("extract with keywords")
    mask, array = (array_in({"a": arg}, "a") for arg in args)
    check_equal(flat_dim(mask.shape), flat_dim(array.shape))
    return ArrayType(array.dtype, (fresh_sym(),), "K")


CLOSE = ("a", "b", "rtol", "atol", "equal_nan")
DIAGONAL = Op("diagonal", np.ndarray.diagonal, infer_diagonal, "view", VIEW)

FUNCTIONS: tuple[Op, ...] = (
    shaped("isclose", np.isclose, CLOSE, first_two, 2),
    shaped("allclose", np.allclose, CLOSE, no_shape, 2),
    shaped("array_equal", np.array_equal, ("a1", "a2"), equality, 2),
    shaped("nan_to_num", np.nan_to_num, ("x",), as_first),
    shaped("sinc", np.sinc, ("x",), as_first),
    shaped("i0", np.i0, ("x",), as_first),
    shaped("angle", np.angle, ("z",), as_first),
    shaped("flatnonzero", np.flatnonzero, ("a",), unknown_vector),
    shaped("argwhere", np.argwhere, ("a",), places),
    shaped("average", np.average, ("a", "axis", "weights", "returned"), averaged),
    shaped("interp", np.interp, ("x", "xp", "fp", "left", "right", "period"), interpolated, 3),
    shaped("convolve", np.convolve, ("a", "v", "mode"), convolved, 2),
    shaped("correlate", np.correlate, ("a", "v", "mode"), correlated, 2),
    shaped("kron", np.kron, ("a", "b"), kronecker, 2),
    shaped("digitize", np.digitize, ("x", "bins", "right"), binned, 2),
    shaped("gradient", np.gradient, ("f", "spacing"), sloped),
    shaped("pinv", np.linalg.pinv, ("a",), pseudo_inverted),
    shaped("bincount", np.bincount, ("x", "weights", "minlength"), counted),
    shaped("take_along_axis", np.take_along_axis, ("arr", "indices", "axis"), along_axis, 2),
    shaped("trapezoid", np.trapezoid, ("y", "x", "dx", "axis"), integrated),
    shaped("diag", np.diag, ("v", "k"), diagonal_matrix),
    shaped("partition", np.partition, ("a", "kth", "axis", "kind"), as_first, 2, kth=0),
    shaped("argpartition", np.argpartition, ("a", "kth", "axis", "kind"), as_first, 2, kth=0),
    Op("meshgrid", np.meshgrid, infer_meshgrid, "opaque"),
    Op("histogram", np.histogram, infer_histogram, "opaque", may_raise=True),
    Op("pad", np.pad, infer_pad, "opaque", may_raise=True),
    Op("unique", np.unique, infer_unique, "opaque"),
    Op("extract", np.extract, infer_compress, "opaque", may_raise=True),
)
METHODS: dict[str, Op] = {"diagonal": DIAGONAL}
