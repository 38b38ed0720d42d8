"""Functions and methods that change shapes: mostly views."""

from collections.abc import Callable, Mapping
from typing import Any

from graphlet.arrayops.binding import bind
from graphlet.arrayops.broadcasting import (
    UNKNOWN,
    axes_literal,
    axis_literal,
    broadcast_into,
    dim_of,
    dim_of_size,
    equal,
    flat_dim,
    fresh_sym,
    is_one,
    reduced_axes,
    sum_dims,
    total_hint,
)
from graphlet.arrayops.creation import fill_type
from graphlet.arrayops.layout import sorting, transposed, view
from graphlet.arrayops.promotion import dtype_literal, operand, probe
from graphlet.core.pristine import np
from graphlet.ir.op import EITHER, FRESH, VIEW, InferenceError, Op
from graphlet.ir.types import ArrayType, Dim, ScalarType, Sym, Type, dim_hint

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


def array_argument(value: Any) -> ArrayType:
    """The argument as an array that is followed."""
    if not isinstance(value, ArrayType):
        raise InferenceError("not an array")
    operand(value)
    return value


# -- reshape


def new_shape(array: ArrayType, sizes: tuple[Any, ...]) -> tuple[Dim, ...]:
    """The shape for the arguments of reshape; one of them may be -1."""
    wild = [i for i, size in enumerate(sizes) if not isinstance(size, ScalarType) and size == -1]
    if len(wild) > 1:
        raise InferenceError("can only specify one unknown dimension")
    shape: list[Dim] = [1 if i in wild else dim_of(size) for i, size in enumerate(sizes)]
    total, known = total_hint(array.shape), total_hint(tuple(shape))
    if wild:
        shape[wild[0]] = _rest_dim(array, tuple(shape), total, known)
    elif UNKNOWN not in (total, known) and total != known:
        raise InferenceError(f"cannot reshape {total} elements into {known}")
    elif len(shape) == array.ndim == 1 and isinstance(shape[0], Sym) and isinstance(array.shape[0], Sym):
        return (equal(array.shape[0], shape[0]),)
    return tuple(shape)


def _rest_dim(array: ArrayType, shape: tuple[Dim, ...], total: int, known: int) -> Dim:
    """The size that -1 stands for."""
    if all(is_one(dim) for dim in shape):
        return flat_dim(array.shape)
    if UNKNOWN in (total, known) or known == 0:
        return fresh_sym()
    if total % known:
        raise InferenceError(f"cannot reshape {total} elements into rows of {known}")
    return fresh_sym(total // known)


def shape_argument(sizes: tuple[Any, ...]) -> tuple[Any, ...]:
    """``reshape(2, 3)`` and ``reshape((2, 3))``."""
    if len(sizes) == 1 and type(sizes[0]) in (tuple, list):
        return tuple(sizes[0])
    return sizes


def reshaped(array: ArrayType, sizes: tuple[Any, ...]) -> ArrayType:
    """The result of a reshape in C order."""
    shape = new_shape(array, sizes)
    return ArrayType(array.dtype, shape, "C" if array.order == "C" else "K")


def infer_reshape_method(args: Args, kwargs: Kwargs) -> Type:
    """``array.reshape(*shape)``"""
    if any(key != "order" for key in kwargs) or kwargs.get("order", "C") != "C":
        raise InferenceError("reshape with keywords")
    return reshaped(array_argument(args[0]), shape_argument(tuple(args[1:])))


def infer_reshape(args: Args, kwargs: Kwargs) -> Type:
    """``np.reshape(array, shape)``"""
    bound = bind(("a", "shape", "order"), args, kwargs, required=2)
    if bound.get("order", "C") != "C":
        raise InferenceError("reshape in another order")
    return reshaped(array_argument(bound["a"]), shape_argument((bound["shape"],)))


def infer_ravel(args: Args, kwargs: Kwargs) -> Type:
    """A flat view, or a copy if that cannot be."""
    bound = bind(("a", "order"), args, kwargs)
    if bound.get("order", "C") != "C":
        raise InferenceError("ravel in another order")
    array = array_argument(bound["a"])
    return ArrayType(array.dtype, (flat_dim(array.shape),), "C" if array.order == "C" else "K")


def infer_flatten(args: Args, kwargs: Kwargs) -> Type:
    """A flat copy."""
    bound = bind(("a", "order"), args, kwargs)
    if bound.get("order", "C") not in ("C", "F", "A", "K"):
        raise InferenceError("flatten in another order")
    array = array_argument(bound["a"])
    return ArrayType(array.dtype, (flat_dim(array.shape),), "C")


# -- permutations


def permutation(array: ArrayType, axes: tuple[Any, ...]) -> tuple[int, ...]:
    """Axes of a transpose as positions."""
    if not axes or axes == (None,):
        return tuple(reversed(range(array.ndim)))
    positions = tuple(axis_literal(axis, array.ndim) for axis in shape_argument(axes))
    if sorted(positions) != list(range(array.ndim)):
        raise InferenceError("axes don't match array")
    return positions


def infer_transpose_method(args: Args, kwargs: Kwargs) -> Type:
    """``array.transpose(*axes)``"""
    if kwargs:
        raise InferenceError("transpose with keywords")
    array = array_argument(args[0])
    return transposed(array, permutation(array, tuple(args[1:])))


def infer_transpose(args: Args, kwargs: Kwargs) -> Type:
    """``np.transpose(array, axes)``"""
    bound = bind(("a", "axes"), args, kwargs)
    array = array_argument(bound["a"])
    return transposed(array, permutation(array, (bound.get("axes"),)))


def infer_swapaxes(args: Args, kwargs: Kwargs) -> Type:
    """``swapaxes(array, axis1, axis2)``"""
    bound = bind(("a", "axis1", "axis2"), args, kwargs, required=3)
    array = array_argument(bound["a"])
    order = list(range(array.ndim))
    one, two = axis_literal(bound["axis1"], array.ndim), axis_literal(bound["axis2"], array.ndim)
    order[one], order[two] = two, one
    return transposed(array, tuple(order))


def infer_moveaxis(args: Args, kwargs: Kwargs) -> Type:
    """``np.moveaxis(array, source, destination)``"""
    bound = bind(("a", "source", "destination"), args, kwargs, required=3)
    array = array_argument(bound["a"])
    source, destination = (
        [axis_literal(axis, array.ndim) for axis in (value if type(value) in (tuple, list) else (value,))]
        for value in (bound["source"], bound["destination"])
    )
    if len(set(source)) != len(source) or len(set(destination)) != len(destination) or len(source) != len(destination):
        raise InferenceError("repeated or unequal axes")
    order = [axis for axis in range(array.ndim) if axis not in source]
    for to, axis in sorted(zip(destination, source, strict=True)):
        order.insert(to, axis)
    return transposed(array, tuple(order))


# -- axes of size one


def with_ones(array: ArrayType, axes: tuple[int, ...]) -> ArrayType:
    """The view with axes of size one at these positions of the result."""
    rest = iter(array.shape)
    shape = tuple(1 if axis in axes else next(rest) for axis in range(array.ndim + len(axes)))
    return view(array, shape, array.order, array.axes)


def infer_expand_dims(args: Args, kwargs: Kwargs) -> Type:
    """``np.expand_dims(array, axis)``"""
    bound = bind(("a", "axis"), args, kwargs, required=2)
    array, axis = array_argument(bound["a"]), bound["axis"]
    if axis is None:
        raise InferenceError("expand_dims without an axis")
    n_new = len(axis) if type(axis) in (tuple, list) else 1
    axes = axes_literal(tuple(axis) if type(axis) is list else axis, array.ndim + n_new)
    return with_ones(array, axes)


def infer_squeeze(args: Args, kwargs: Kwargs) -> Type:
    """``squeeze(array, axis)``: axes that were of size one during capture; the kernel checks the rank."""
    bound = bind(("a", "axis"), args, kwargs)
    array = array_argument(bound["a"])
    if bound.get("axis") is None:
        axes = tuple(i for i, hint in enumerate(array.shape_hint) if hint == 1)
    else:
        axes = reduced_axes(bound["axis"], array.ndim)
    if not all(array.shape_hint[axis] == 1 for axis in axes):
        raise InferenceError("squeeze of an axis that is not known to be of size one")
    shape = tuple(dim for axis, dim in enumerate(array.shape) if axis not in axes)
    return view(array, shape, array.order, array.axes)


def atleast(ndim: int, place: Callable[[int], tuple[int, ...]]) -> Callable[[Args, Kwargs], Type]:
    """``np.atleast_<ndim>d`` of one array of lower rank."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        (array,) = (array_argument(arg) for arg in args) if len(args) == 1 and not kwargs else (None,)
        if array is None or array.ndim >= ndim:
            raise InferenceError(f"atleast_{ndim}d returns its argument itself")
        return with_ones(array, place(array.ndim))

    return infer


# -- repetition and joining


def infer_broadcast_to(args: Args, kwargs: Kwargs) -> Type:
    """``np.broadcast_to(array, shape)``: a read-only view."""
    bound = bind(("array", "shape"), args, kwargs, required=2)
    array = array_argument(bound["array"])
    shape = tuple(dim_of(size) for size in shape_argument((bound["shape"],)))
    if array.ndim > len(shape):
        raise InferenceError("input operand has more dimensions than allowed by the axis remapping")
    broadcast_into(array.shape, shape)
    return ArrayType(array.dtype, shape, "K")


def infer_flip(args: Args, kwargs: Kwargs) -> Type:
    """A view with reversed axes."""
    bound = bind(("m", "axis"), args, kwargs)
    array = array_argument(bound["m"])
    axes_literal(bound.get("axis"), array.ndim)
    return view(array, array.shape, "K", sorting(array))


def joined(arrays: tuple[ArrayType, ...], axis: int, dtype: np.dtype) -> ArrayType:
    """Arrays of one rank laid end to end."""
    shape = list(arrays[0].shape)
    for place in range(len(shape)):
        dims = [array.shape[place] for array in arrays]
        if place == axis:
            shape[place] = sum_dims(dims)
            continue
        for dim in dims[1:]:
            shape[place] = equal(shape[place], dim)
    known = all(sorting(array) == "C" for array in arrays)
    return ArrayType(dtype, tuple(shape), "C" if known else "K")


def sequence_of_arrays(value: Any) -> tuple[ArrayType, ...]:
    """A tuple or list of arrays."""
    if type(value) not in (tuple, list) or not value:
        raise InferenceError("expected a sequence of arrays")
    return tuple(array_argument(item) for item in value)


def check_ranks(arrays: tuple[ArrayType, ...], at_least: int = 1) -> None:
    """All of one rank."""
    if any(array.ndim != arrays[0].ndim for array in arrays) or arrays[0].ndim < at_least:
        raise InferenceError("arrays of different rank")


def infer_concatenate(args: Args, kwargs: Kwargs) -> Type:
    """``np.concatenate(arrays, axis)``"""
    bound = bind(("arrays", "axis", "out", "dtype", "casting"), args, kwargs)
    if bound.get("out") is not None or "casting" in bound:
        raise InferenceError("concatenate with out or casting")
    if bound.get("dtype") is not None:
        dtype_literal(bound["dtype"])
    arrays = sequence_of_arrays(bound["arrays"])
    kind = probe(np.concatenate, args, kwargs)
    assert isinstance(kind, ArrayType)
    axis = bound.get("axis", 0)
    if axis is None:
        flat = tuple(ArrayType(a.dtype, (flat_dim(a.shape),)) for a in arrays)
        return joined(flat, 0, kind.dtype)
    check_ranks(arrays)
    return joined(arrays, axis_literal(axis, arrays[0].ndim), kind.dtype)


def infer_stack(args: Args, kwargs: Kwargs) -> Type:
    """``np.stack(arrays, axis)``: the new axis has the size of the sequence."""
    bound = bind(("arrays", "axis"), args, kwargs)
    arrays = sequence_of_arrays(bound["arrays"])
    check_ranks(arrays, at_least=0)
    kind = probe(np.stack, args, kwargs)
    assert isinstance(kind, ArrayType)
    axis = axis_literal(bound.get("axis", 0), arrays[0].ndim + 1)
    return joined(tuple(with_ones(array, (axis,)) for array in arrays), axis, kind.dtype)


def stacking(
    name: str, fn: Callable[..., Any], raised: Callable[[ArrayType], ArrayType], axis: Callable[[int], int]
) -> Op:
    """vstack, hstack and their like: raise the rank, then join along ``axis(rank)``."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        (sequence,) = args if len(args) == 1 and not kwargs else (None,)
        arrays = tuple(raised(array) for array in sequence_of_arrays(sequence))
        check_ranks(arrays)
        kind = probe(fn, args, kwargs)
        assert isinstance(kind, ArrayType)
        return joined(arrays, axis(arrays[0].ndim), kind.dtype)

    return Op(name, fn, infer, "opaque", may_raise=True)


def _row(array: ArrayType) -> ArrayType:
    return array if array.ndim >= 2 else with_ones(array, (0,) if array.ndim else (0, 1))


def _flat(array: ArrayType) -> ArrayType:
    return array if array.ndim else with_ones(array, (0,))


def _column(array: ArrayType) -> ArrayType:
    return array if array.ndim >= 2 else with_ones(array, (1,) if array.ndim else (0, 1))


def _depth(array: ArrayType) -> ArrayType:
    return array if array.ndim >= 3 else with_ones(array, {0: (0, 1, 2), 1: (0, 2), 2: (2,)}[array.ndim])


def infer_repeat(args: Args, kwargs: Kwargs) -> Type:
    """``repeat(array, n, axis)`` with one count."""
    bound = bind(("a", "repeats", "axis"), args, kwargs, required=2)
    array, repeats, axis = array_argument(bound["a"]), bound["repeats"], bound.get("axis")
    dim_of(repeats)
    shape = [flat_dim(array.shape)] if axis is None else list(array.shape)
    place = 0 if axis is None else axis_literal(axis, array.ndim)
    size = dim_hint(shape[place])
    known = type(repeats) is int and size != UNKNOWN
    shape[place] = fresh_sym(size * repeats if known else UNKNOWN)
    return ArrayType(array.dtype, tuple(shape), "C")


def infer_tile(args: Args, kwargs: Kwargs) -> Type:
    """``np.tile(array, reps)`` of an array or a number, with one integer for each count."""
    bound = bind(("A", "reps"), args, kwargs, required=2)
    tiled, reps = bound["A"], bound["reps"]
    shape, dtype = (tiled.shape, tiled.dtype) if isinstance(tiled, ArrayType) else ((), fill_type(tiled))
    counts = tuple(reps) if type(reps) in (tuple, list) else (reps,)
    ndim = max(len(shape), len(counts))
    shape = (1,) * (ndim - len(shape)) + shape
    counts = (1,) * (ndim - len(counts)) + counts
    sizes = tuple(_times(dim, count) for dim, count in zip(shape, counts, strict=True))
    return ArrayType(dtype, sizes, "K")


def _times(dim: Dim, count: Any) -> Dim:
    if is_one(dim):
        return dim_of(count)
    if type(count) is not int:
        dim_of(count)
        return fresh_sym()
    size = dim_hint(dim)
    return dim if count == 1 else fresh_sym(size * count if size != UNKNOWN else UNKNOWN)


def same_shape_row(name: str, fn: Callable[..., Any], parameters: tuple[str, ...]) -> Op:
    """A new array of the same shape and dtype; other arguments are literals or scalars."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        bound = bind(parameters, args, kwargs)
        array = array_argument(bound[parameters[0]])
        if any(isinstance(value, ArrayType) for key, value in bound.items() if key != parameters[0]):
            raise InferenceError(f"{name} with several arrays")
        kind = probe(fn, args, kwargs)
        if not isinstance(kind, ArrayType) or kind.ndim != array.ndim:
            raise InferenceError(f"{name} gives {kind}")
        return ArrayType(kind.dtype, array.shape, "C" if sorting(array) == "C" else "K")

    return Op(name, fn, infer, "opaque", may_raise=True)


def regrouped(array: ArrayType, dtype: np.dtype) -> Dim:
    """How many elements of another size the last axis of a C-contiguous array has."""
    if array.order != "C" or not array.ndim:
        raise InferenceError("view of a dtype of another size, of an array that is not in C order")
    hint = dim_hint(array.shape[-1])
    if hint == UNKNOWN:
        return fresh_sym()
    n_bytes = hint * array.dtype.itemsize
    if n_bytes % dtype.itemsize:
        raise InferenceError("the last axis has no whole number of elements of the other size")
    size = n_bytes // dtype.itemsize
    return fresh_sym(size) if isinstance(array.shape[-1], Sym) else dim_of_size(size)


# -- real and imaginary parts


def infer_part(args: Args, kwargs: Kwargs) -> Type:
    """``real`` or ``imag`` of a complex array: a view."""
    (array,) = args
    array = array_argument(array)
    if array.dtype.kind != "c":
        raise InferenceError("part of an array that is not complex")
    dtype = np.empty(0, array.dtype).real.dtype
    return view(ArrayType(dtype, array.shape), array.shape, "K", sorting(array))


def infer_view(args: Args, kwargs: Kwargs) -> Type:
    """``array.view(dtype)``: the same bytes, read in another way; a dtype of another size changes the last axis."""
    bound = bind(("a", "dtype"), args, kwargs)
    array = array_argument(bound["a"])
    dtype = dtype_literal(bound["dtype"]) if "dtype" in bound else array.dtype
    if dtype.kind == "b" != array.dtype.kind:
        raise InferenceError("view of bytes that may be no bools")
    if dtype.itemsize != array.dtype.itemsize:
        return ArrayType(dtype, (*array.shape[:-1], regrouped(array, dtype)), "C")
    return view(ArrayType(dtype, array.shape), array.shape, array.order, array.axes)


def infer_contiguous(args: Args, kwargs: Kwargs) -> Type:
    """``np.ascontiguousarray(array)``: the array itself if it is C-contiguous (capture sees to that), else a copy."""
    bound = bind(("a", "dtype"), args, kwargs)
    array = array_argument(bound["a"])
    if bound.get("dtype") is not None or array.ndim == 0:
        raise InferenceError("ascontiguousarray with dtype or of rank 0")
    return ArrayType(array.dtype, array.shape, "C")


RESHAPE_METHOD = Op("reshape", np.ndarray.reshape, infer_reshape_method, "opaque", EITHER, may_raise=True)
RESHAPE = Op("reshape", np.reshape, infer_reshape, "opaque", EITHER, may_raise=True)
RAVEL_METHOD = Op("ravel", np.ndarray.ravel, infer_ravel, "opaque", EITHER, quiet=True)
RAVEL = Op("ravel", np.ravel, infer_ravel, "opaque", EITHER, quiet=True)
TRANSPOSE = Op("transpose", np.ndarray.transpose, infer_transpose_method, "view", VIEW, quiet=True)
REAL = Op("real", np.real, infer_part, "view", VIEW, quiet=True)
IMAG = Op("imag", np.imag, infer_part, "view", VIEW, quiet=True)
SWAPAXES = Op("swapaxes", np.ndarray.swapaxes, infer_swapaxes, "view", VIEW, quiet=True)
SQUEEZE = Op("squeeze", np.squeeze, infer_squeeze, "view", VIEW, may_raise=True)
ASCONTIGUOUS = Op("ascontiguousarray", np.ascontiguousarray, infer_contiguous, "opaque", EITHER)

# The same calls on a C-contiguous array: then the result is always a view.
VIEW_OF_C: dict[Op, Op] = {
    row: Op(row.name, row.fn, row.infer, "view", VIEW, may_raise=row.may_raise)
    for row in (RESHAPE_METHOD, RESHAPE, RAVEL_METHOD, RAVEL)
}

METHODS: dict[str, Op] = {
    "reshape": RESHAPE_METHOD,
    "ravel": RAVEL_METHOD,
    "flatten": Op("flatten", np.ndarray.flatten, infer_flatten, "opaque", quiet=True),
    "transpose": TRANSPOSE,
    "swapaxes": SWAPAXES,
    "squeeze": Op("squeeze", np.ndarray.squeeze, infer_squeeze, "view", VIEW, may_raise=True),
    "repeat": Op("repeat", np.ndarray.repeat, infer_repeat, "opaque", may_raise=True),
    "view": Op("view", np.ndarray.view, infer_view, "view", VIEW, may_raise=True),
    "byteswap": same_shape_row("byteswap", np.ndarray.byteswap, ("a",)),
}

FUNCTIONS: tuple[Op, ...] = (
    RESHAPE,
    RAVEL,
    REAL,
    IMAG,
    SQUEEZE,
    ASCONTIGUOUS,
    Op("transpose", np.transpose, infer_transpose, "view", VIEW, quiet=True),
    Op("swapaxes", np.swapaxes, infer_swapaxes, "view", VIEW, quiet=True),
    Op("moveaxis", np.moveaxis, infer_moveaxis, "view", VIEW, quiet=True),
    Op("expand_dims", np.expand_dims, infer_expand_dims, "view", VIEW, quiet=True),
    Op("atleast_1d", np.atleast_1d, atleast(1, lambda ndim: (0,)), "view", VIEW),
    Op("atleast_2d", np.atleast_2d, atleast(2, lambda ndim: (0,) if ndim else (0, 1)), "view", VIEW),
    Op("atleast_3d", np.atleast_3d, atleast(3, lambda ndim: {0: (0, 1, 2), 1: (0, 2), 2: (2,)}[ndim]), "view", VIEW),
    Op("broadcast_to", np.broadcast_to, infer_broadcast_to, "view", VIEW, may_raise=True),
    Op("flip", np.flip, infer_flip, "view", VIEW, quiet=True),
    Op("concatenate", np.concatenate, infer_concatenate, "opaque", FRESH, may_raise=True),
    Op("stack", np.stack, infer_stack, "opaque", FRESH, may_raise=True),
    stacking("vstack", np.vstack, _row, lambda ndim: 0),
    stacking("hstack", np.hstack, _flat, lambda ndim: 0 if ndim == 1 else 1),
    stacking("column_stack", np.column_stack, _column, lambda ndim: 1),
    stacking("dstack", np.dstack, _depth, lambda ndim: 2),
    Op("repeat", np.repeat, infer_repeat, "opaque", may_raise=True),
    Op("tile", np.tile, infer_tile, "opaque"),
    same_shape_row("roll", np.roll, ("a", "shift", "axis")),
    same_shape_row("tril", np.tril, ("m", "k")),
    same_shape_row("triu", np.triu, ("m", "k")),
    same_shape_row("round", np.round, ("a", "decimals")),
)
