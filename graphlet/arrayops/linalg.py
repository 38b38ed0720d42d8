"""Products of arrays, ``numpy.linalg`` and ``numpy.fft``: nodes that call NumPy, with their shapes stated here."""

from collections.abc import Callable, Mapping
from typing import Any

from graphlet.arrayops.binding import bind, refuse
from graphlet.arrayops.broadcasting import (
    UNKNOWN,
    axes_literal,
    axis_literal,
    broadcast,
    dim_of,
    dim_of_size,
    equal,
    fresh_sym,
    is_one,
)
from graphlet.arrayops.layout import sorting
from graphlet.arrayops.promotion import operand, probe
from graphlet.arrayops.reduction import typed
from graphlet.core.pristine import np
from graphlet.ir.op import EITHER, InferenceError, Op
from graphlet.ir.types import ArrayType, Dim, ObjectType, Sym, Type, dim_hint

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]
Shape = tuple[Dim, ...]


def arrays_of(args: Args, n: int) -> tuple[ArrayType, ...]:
    """Exactly ``n`` arrays."""
    if len(args) != n or not all(isinstance(arg, ArrayType) for arg in args):
        raise InferenceError("operands that are no arrays")
    for arg in args:
        operand(arg)
    return args


# -- products


def matmul_shape(left: Shape, right: Shape) -> Shape:
    """``left @ right``"""
    if not left or not right:
        raise InferenceError("matmul of an array of rank 0")
    equal(left[-1], right[-2] if len(right) > 1 else right[0])
    batch = broadcast([left[:-2], right[:-2]])
    return batch + (left[-2:-1] if len(left) > 1 else ()) + (right[-1:] if len(right) > 1 else ())


def dot_shape(left: Shape, right: Shape) -> Shape:
    """``np.dot(left, right)``"""
    if not left or not right:
        raise InferenceError("dot with an array of rank 0")
    equal(left[-1], right[-2] if len(right) > 1 else right[0])
    return left[:-1] + right[:-2] + (right[-1:] if len(right) > 1 else ())


def inner_shape(left: Shape, right: Shape) -> Shape:
    """``np.inner(left, right)``"""
    if not left or not right:
        raise InferenceError("inner with an array of rank 0")
    equal(left[-1], right[-1])
    return left[:-1] + right[:-1]


def vdot_shape(left: Shape, right: Shape) -> Shape:
    """``np.vdot`` of vectors"""
    if len(left) != 1 or len(right) != 1:
        raise InferenceError("vdot of arrays that are no vectors")
    equal(left[0], right[0])
    return ()


def outer_shape(left: Shape, right: Shape) -> Shape:
    """``np.outer`` of vectors"""
    if len(left) != 1 or len(right) != 1:
        raise InferenceError("outer of arrays that are no vectors")
    return left + right


def product(name: str, fn: Callable[..., Any], shape: Callable[[Shape, Shape], Shape]) -> Op:
    """A function of two arrays."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        if kwargs:
            raise InferenceError(f"{name} with keywords")
        left, right = arrays_of(args, 2)
        kind = probe(fn, args, kwargs)
        result = shape(left.shape, right.shape)
        in_order = len(result) <= 2 or (sorting(left) == "C" and sorting(right) == "C")
        return typed(kind, result, "C" if in_order else "K")

    return Op(name, fn, infer, "opaque", may_raise=True)


def infer_tensordot(args: Args, kwargs: Kwargs) -> Type:
    """``np.tensordot(a, b, axes)``"""
    bound = bind(("a", "b", "axes"), args, kwargs, required=2)
    left, right = arrays_of((bound["a"], bound["b"]), 2)
    kind = probe(np.tensordot, args, kwargs)
    lefts, rights = contracted_axes(bound.get("axes", 2), left.ndim, right.ndim)
    for one, two in zip(lefts, rights, strict=True):
        equal(left.shape[one], right.shape[two])
    shape = tuple(dim for axis, dim in enumerate(left.shape) if axis not in lefts) + tuple(
        dim for axis, dim in enumerate(right.shape) if axis not in rights
    )
    return typed(kind, shape, "K")


def contracted_axes(axes: Any, left_ndim: int, right_ndim: int) -> tuple[list[int], list[int]]:
    """The ``axes`` of tensordot as positions in the two arrays."""
    if type(axes) is int:
        return list(range(left_ndim - axes, left_ndim)), list(range(axes))
    if type(axes) not in (tuple, list) or len(axes) != 2:
        raise InferenceError("tensordot axes are not known during capture")
    lefts, rights = ([axes_item] if type(axes_item) is int else list(axes_item) for axes_item in axes)
    return [axis_literal(a, left_ndim) for a in lefts], [axis_literal(a, right_ndim) for a in rights]


def infer_einsum(args: Args, kwargs: Kwargs) -> Type:
    """``np.einsum("ij,jk->ik", a, b)``: letters only."""
    if not args or not isinstance(args[0], str) or set(kwargs) - {"optimize"}:
        raise InferenceError("einsum without subscripts in front, or with keywords")
    inputs, output = einsum_terms(args[0])
    if len(inputs) == 1 and set(inputs[0]) == set(output):
        raise InferenceError("einsum of one operand without a sum is a view")
    return infer_summed(args, kwargs)


def infer_summed(args: Args, kwargs: Kwargs) -> Type:
    """The result of einsum, new or not."""
    arrays = arrays_of(tuple(args[1:]), len(args) - 1)
    inputs, output = einsum_terms(args[0])
    if [len(term) for term in inputs] != [array.ndim for array in arrays]:
        raise InferenceError("einsum subscripts do not fit the operands")
    letters: dict[str, Dim] = {}
    for term, array in zip(inputs, arrays, strict=True):
        for letter, dim in zip(term, array.shape, strict=True):
            letters[letter] = broadcast([(letters[letter],), (dim,)])[0] if letter in letters else dim
    kind = probe(np.einsum, args, kwargs)
    return typed(kind, tuple(letters[letter] for letter in output), "K")


def einsum_terms(subscripts: str) -> tuple[list[str], str]:
    """Terms of the operands and of the result; an implicit result has the letters that stand once, sorted."""
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    inputs = left.split(",")
    letters = "".join(inputs)
    if not (letters + output).isalpha() and letters + output:
        raise InferenceError("einsum with an ellipsis")
    if not arrow:
        output = "".join(sorted(letter for letter in set(letters) if letters.count(letter) == 1))
    if not set(output) <= set(letters) or len(set(output)) != len(output):
        raise InferenceError("einsum with repeated letters")
    return inputs, output


def einsum_view(array: Any, subscripts: str) -> Any:
    """``np.einsum(subscripts, array)``, where nothing is summed up"""
    return np.einsum(subscripts, array)


def infer_einsum_view(args: Args, kwargs: Kwargs) -> Type:
    """A transposed array, or a diagonal of it."""
    array, subscripts = args
    return infer_summed((subscripts, array), kwargs)


EINSUM_VIEW = Op("einsum_view", einsum_view, infer_einsum_view, "opaque", EITHER, may_raise=True)

# -- numpy.linalg


def square(array: ArrayType) -> Dim:
    """The side of a matrix or stack of matrices that is square."""
    if array.ndim < 2:
        raise InferenceError("matrix expected")
    return equal(array.shape[-2], array.shape[-1])


def matrix_function(name: str, fn: Callable[..., Any], shape: Callable[[ArrayType], Shape]) -> Op:
    """A function of one matrix without further arguments."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        if kwargs:
            raise InferenceError(f"{name} with keywords")
        (array,) = arrays_of(args, 1)
        return typed(_probe_regular(fn, array, ()), shape(array), "K")

    return Op(name, fn, infer, "opaque", may_raise=True)


def _probe_regular(fn: Callable[..., Any], array: ArrayType, rest: Args) -> Type:
    """A probe with the identity matrix, for functions that refuse singular ones."""

    def with_identity(*values: Any) -> Any:
        return fn(np.broadcast_to(np.eye(2, dtype=array.dtype), (2,) * array.ndim), *values)

    return probe(with_identity, rest, {})


def _same(array: ArrayType) -> Shape:
    square(array)
    return array.shape


def _batch(array: ArrayType) -> Shape:
    square(array)
    return array.shape[:-2]


def _values(array: ArrayType) -> Shape:
    square(array)
    return array.shape[:-1]


def infer_solve(args: Args, kwargs: Kwargs) -> Type:
    """``np.linalg.solve(a, b)`` of one matrix."""
    if kwargs:
        raise InferenceError("solve with keywords")
    matrix, right = arrays_of(args, 2)
    if matrix.ndim != 2 or right.ndim not in (1, 2):
        raise InferenceError("solve of stacks of matrices")
    equal(square(matrix), right.shape[0])
    return typed(_probe_regular(np.linalg.solve, matrix, (right,)), right.shape, "K")


def infer_norm(args: Args, kwargs: Kwargs) -> Type:
    """``np.linalg.norm(x, ord, axis, keepdims)``"""
    bound = bind(("x", "ord", "axis", "keepdims"), args, kwargs)
    (array,) = arrays_of((bound["x"],), 1)
    order, keepdims = bound.get("ord"), bound.get("keepdims", False)
    if not (order is None or type(order) in (int, float, str)) or type(keepdims) is not bool:
        raise InferenceError("norm with an order that is not known during capture")
    axes = axes_literal(bound.get("axis"), array.ndim)
    kind = probe(np.linalg.norm, args, kwargs)
    if keepdims:
        return typed(kind, tuple(1 if axis in axes else dim for axis, dim in enumerate(array.shape)), "K")
    return typed(kind, tuple(dim for axis, dim in enumerate(array.shape) if axis not in axes), "K")


# -- numpy.fft


def fourier(name: str, fn: Callable[..., Any], length: Callable[[Dim], Dim], exact: bool = False) -> Op:
    """A transform along one axis; ``exact``: ``n=`` is the size of the result, not of the input."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        bound = bind(("a", "n", "axis", "norm"), args, kwargs)
        (array,) = arrays_of((bound["a"],), 1)
        axis = axis_literal(bound.get("axis", -1), array.ndim)
        given = bound.get("n")
        size = length(array.shape[axis]) if given is None else dim_of(given) if exact else length(dim_of(given))
        shape = (*array.shape[:axis], size, *array.shape[axis + 1 :])
        return typed(probe(fn, (array,), {"norm": bound.get("norm")}), shape, "K")

    return Op(name, fn, infer, "opaque", may_raise=True)


def _resized(dim: Dim, size: Callable[[int], int]) -> Dim:
    if not isinstance(dim, Sym):
        return dim_of_size(size(dim))
    return fresh_sym(UNKNOWN if dim_hint(dim) == UNKNOWN else size(dim_hint(dim)))


def _half(dim: Dim) -> Dim:
    return _resized(dim, lambda n: n // 2 + 1)


def _double(dim: Dim) -> Dim:
    return _resized(dim, lambda n: 2 * (n - 1))


def fourier_nd(name: str, fn: Callable[..., Any], axes: tuple[int, ...] | None) -> Op:
    """A complex transform along several axes, without further arguments."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        (array,) = arrays_of(args, 1)
        if kwargs or array.ndim < len(axes or ()):
            raise InferenceError(f"{name} with keywords or of too low rank")
        return typed(probe(fn, args, kwargs), array.shape, "K")

    return Op(name, fn, infer, "opaque", may_raise=True)


# -- sorting and searching


def sorting_row(name: str, fn: Callable[..., Any]) -> Op:
    """sort and argsort: the array's shape, or flat with axis None."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        bound = bind(("a", "axis", "kind", "order", "stable"), args, kwargs)
        refuse(bound, "order")
        (array,) = arrays_of((bound["a"],), 1)
        if bound.get("axis", -1) is None:
            raise InferenceError(f"{name} of the flattened array")
        axis_literal(bound.get("axis", -1), array.ndim)
        return typed(probe(fn, args, kwargs), array.shape, "C" if sorting(array) == "C" else "K")

    return Op(name, fn, infer, "opaque")


def infer_diff(args: Args, kwargs: Kwargs) -> Type:
    """``np.diff(a, n, axis)``"""
    bound = bind(("a", "n", "axis"), args, kwargs)
    (array,) = arrays_of((bound["a"],), 1)
    times, axis = bound.get("n", 1), axis_literal(bound.get("axis", -1), array.ndim)
    if type(times) is not int or times < 1:
        raise InferenceError("diff with a count that is not a positive literal")
    dim = array.shape[axis]
    if is_one(dim):
        raise InferenceError("diff of an axis of size one")
    shape = (*array.shape[:axis], _resized(dim, lambda n: max(n - times, 0)), *array.shape[axis + 1 :])
    return typed(probe(np.diff, (array,), {"n": 1, "axis": axis}), shape, "K")


def infer_take(args: Args, kwargs: Kwargs) -> Type:
    """``take(a, indices, axis)``"""
    bound = bind(("a", "indices", "axis", "out", "mode"), args, kwargs, required=2)
    refuse(bound, "out")
    (array, indices) = arrays_of((bound["a"], bound["indices"]), 2)
    axis = bound.get("axis")
    if axis is None or indices.dtype.kind not in "iu":
        raise InferenceError("take without axis, or with indices that are no integers")
    place = axis_literal(axis, array.ndim)
    return ArrayType(array.dtype, array.shape[:place] + indices.shape + array.shape[place + 1 :], "K")


def infer_searchsorted(args: Args, kwargs: Kwargs) -> Type:
    """``searchsorted(a, v, side)``"""
    bound = bind(("a", "v", "side"), args, kwargs, required=2)
    (array,) = arrays_of((bound["a"],), 1)
    operand(bound["v"])
    if array.ndim != 1 or bound.get("side", "left") not in ("left", "right"):
        raise InferenceError("searchsorted in something that is no vector")
    shape = bound["v"].shape if isinstance(bound["v"], ArrayType) else ()
    return typed(probe(np.searchsorted, args, kwargs), shape, "K")


def infer_trace(args: Args, kwargs: Kwargs) -> Type:
    """``trace`` of a matrix"""
    (array,) = arrays_of(args, 1)
    if kwargs or array.ndim != 2:
        raise InferenceError("trace of something that is no matrix")
    return typed(probe(np.trace, args, kwargs), (), "C")


def infer_nonzero(args: Args, kwargs: Kwargs) -> Type:
    """``np.nonzero(a)``: one vector of indices per axis, all of one unknown length."""
    (array,) = arrays_of(args, 1)
    if kwargs or not array.ndim:
        raise InferenceError("nonzero of an array of rank 0")
    length = fresh_sym()
    return ObjectType(tuple, tuple(ArrayType(np.dtype(np.intp), (length,), "K") for _ in array.shape))


NONZERO = Op("nonzero", np.nonzero, infer_nonzero, "opaque")
MATMUL = product("matmul", np.matmul, matmul_shape)

METHODS: dict[str, Op] = {
    "dot": product("dot", np.ndarray.dot, dot_shape),
    "argsort": sorting_row("argsort", np.ndarray.argsort),
    "take": Op("take", np.ndarray.take, infer_take, "opaque", may_raise=True),
    "searchsorted": Op("searchsorted", np.ndarray.searchsorted, infer_searchsorted, "opaque"),
    "trace": Op("trace", np.ndarray.trace, infer_trace, "opaque"),
}

FUNCTIONS: tuple[Op, ...] = (
    MATMUL,
    product("dot", np.dot, dot_shape),
    product("inner", np.inner, inner_shape),
    product("vdot", np.vdot, vdot_shape),
    product("outer", np.outer, outer_shape),
    Op("tensordot", np.tensordot, infer_tensordot, "opaque", may_raise=True),
    Op("einsum", np.einsum, infer_einsum, "opaque", may_raise=True),
    matrix_function("inv", np.linalg.inv, _same),
    matrix_function("cholesky", np.linalg.cholesky, _same),
    matrix_function("det", np.linalg.det, _batch),
    matrix_function("eigvalsh", np.linalg.eigvalsh, _values),
    Op("solve", np.linalg.solve, infer_solve, "opaque", may_raise=True),
    Op("norm", np.linalg.norm, infer_norm, "opaque", may_raise=True),
    fourier("fft", np.fft.fft, lambda dim: dim),
    fourier("ifft", np.fft.ifft, lambda dim: dim),
    fourier("rfft", np.fft.rfft, _half),
    fourier("irfft", np.fft.irfft, _double, exact=True),
    fourier_nd("fft2", np.fft.fft2, (-2, -1)),
    fourier_nd("ifft2", np.fft.ifft2, (-2, -1)),
    fourier_nd("fftn", np.fft.fftn, None),
    fourier_nd("ifftn", np.fft.ifftn, None),
    sorting_row("sort", np.sort),
    sorting_row("argsort", np.argsort),
    Op("diff", np.diff, infer_diff, "opaque"),
    Op("take", np.take, infer_take, "opaque", may_raise=True),
    Op("searchsorted", np.searchsorted, infer_searchsorted, "opaque"),
    Op("trace", np.trace, infer_trace, "opaque"),
    NONZERO,
)
