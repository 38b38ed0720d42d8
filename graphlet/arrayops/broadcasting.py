"""Symbolic shapes: broadcasting, normal forms of axes, sizes that are known only at run time."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError
from graphlet.ir.types import ArrayType, Dim, ScalarType, Sym, dim_hint, unify

UNKNOWN = -1  # hint of a size that was not known during capture either (the result of a boolean mask)
_numbers = itertools.count()


def is_int(value: Any) -> bool:
    """Whether a value is an exact int, or one of NumPy's; a time difference, whose class says it is one, is none."""
    return type(value) is int or (isinstance(value, np.integer) and not isinstance(value, np.timedelta64))


def fresh_sym(hint: int = UNKNOWN) -> Sym:
    """A new symbolic size."""
    return Sym(f"n{next(_numbers)}", hint)


def dim_of_size(size: int) -> Dim:
    """The dimension for a literal size. Only 1 is static: others are checked against their partners at run time."""
    if size < 0:
        raise InferenceError("negative dimensions are not allowed")
    return 1 if size == 1 else fresh_sym(size)


def dim_of(value: Any) -> Dim:
    """The dimension for a size given as argument: an integer literal, or a run-time integer."""
    if isinstance(value, ScalarType):
        if value.pytype is int or (value.dtype is not None and value.dtype.kind in "iu"):
            return fresh_sym()
        raise InferenceError(f"size of type {value}")
    if is_int(value):
        return dim_of_size(int(value))
    raise InferenceError(f"size of type {type(value).__name__}")


def is_one(dim: Dim) -> bool:
    """Whether the size is 1 on every run."""
    return not isinstance(dim, Sym) and dim == 1


def merged_hint(left: int, right: int) -> int:
    """The hint of two dimensions that are to be equal; UNKNOWN agrees with anything."""
    if left == UNKNOWN:
        return right
    if right != UNKNOWN and left != right:
        raise InferenceError(f"sizes {left} and {right} do not fit together")
    return left


def check_equal(left: Dim, right: Dim) -> None:
    """InferenceError unless the two sizes may be declared equal."""
    if isinstance(left, Sym) != isinstance(right, Sym):
        raise InferenceError(f"a run-time size ({left!r}) meets a fixed size ({right!r})")
    merged_hint(dim_hint(left), dim_hint(right))


def equal(left: Dim, right: Dim) -> Dim:
    """Declare two sizes equal; the kernel checks that they are. ``check_equal`` comes first."""
    check_equal(left, right)
    if isinstance(left, Sym) and isinstance(right, Sym):
        hint = merged_hint(left.hint, right.hint)
        root = unify(left, right)
        if root.hint == UNKNOWN:
            root.hint = hint
        return root
    return left


def broadcast(shapes: Sequence[tuple[Dim, ...]]) -> tuple[Dim, ...]:
    """The shape these shapes broadcast to. Symbols that meet become one."""
    ndim = max((len(shape) for shape in shapes), default=0)
    columns = [[shape[axis - ndim] for shape in shapes if len(shape) >= ndim - axis] for axis in range(ndim)]
    sized = [[dim for dim in column if not is_one(dim)] for column in columns]
    for dims in sized:
        for other in dims[1:]:
            check_equal(dims[0], other)
    return tuple(_join(dims) for dims in sized)


def _join(dims: list[Dim]) -> Dim:
    if not dims:
        return 1
    result = dims[0]
    for other in dims[1:]:
        result = equal(result, other)
    return result


def broadcast_into(shape: tuple[Dim, ...], target: tuple[Dim, ...]) -> None:
    """Declare that ``shape`` broadcasts to ``target``; InferenceError if it does not."""
    if len(shape) > len(target):
        raise InferenceError("the value has more dimensions than the array it is written to")
    pairs = [(dim, goal) for dim, goal in zip(shape[::-1], target[::-1], strict=False) if not is_one(dim)]
    for dim, goal in pairs:
        check_equal(dim, goal)
    for dim, goal in pairs:
        equal(dim, goal)


def assign_into(shape: tuple[Dim, ...], target: tuple[Dim, ...]) -> None:
    """The same for ``array[...] = value``, where NumPy drops leading dimensions of 1 that are too many."""
    extra = max(len(shape) - len(target), 0)
    broadcast_into(shape[extra:] if all(map(is_one, shape[:extra])) else shape, target)


def match(shape: tuple[Dim, ...], target: tuple[Dim, ...]) -> None:
    """Declare that two shapes are equal; InferenceError if they are not."""
    if list(map(is_one, shape)) != list(map(is_one, target)):
        raise InferenceError("the result has another shape than the array it is written to")
    broadcast_into(shape, target)


def shape_of(arg: Any) -> tuple[Dim, ...]:
    """The shape of an operand; scalars have none."""
    return arg.shape if isinstance(arg, ArrayType) else ()


def axis_literal(axis: Any, ndim: int) -> int:
    """One axis as a non-negative position."""
    if isinstance(axis, bool) or not (isinstance(axis, int) or is_int(axis)):
        raise InferenceError("the axis is not known during capture")
    if not -ndim <= axis < ndim:
        raise InferenceError(f"axis {axis} is out of bounds for {ndim} dimensions")
    return int(axis) % ndim


def axes_literal(axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes as sorted positions: None means all, an int one, a tuple several."""
    if axis is None:
        return tuple(range(ndim))
    positions = [axis_literal(a, ndim) for a in axis] if type(axis) is tuple else [axis_literal(axis, ndim)]
    if len(set(positions)) != len(positions):
        raise InferenceError("an axis is given twice")
    return tuple(sorted(positions))


def reduced_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """``axes_literal`` for ufunc reductions and squeeze, which take 0 and -1 of a single number as well."""
    if ndim == 0 and type(axis) is int and axis in (0, -1):
        return ()
    return axes_literal(axis, ndim)


def total_hint(shape: tuple[Dim, ...]) -> int:
    """The number of elements during capture, or UNKNOWN."""
    hints = [dim_hint(dim) for dim in shape]
    if 0 in hints:
        return 0
    return UNKNOWN if UNKNOWN in hints else math.prod(hints)


def sum_dims(dims: Sequence[Dim]) -> Dim:
    """The size of dimensions laid end to end."""
    hints = [dim_hint(dim) for dim in dims]
    if all(not isinstance(dim, Sym) for dim in dims):
        return dim_of_size(sum(hints))
    return fresh_sym(UNKNOWN if UNKNOWN in hints else sum(hints))


def flat_dim(shape: tuple[Dim, ...]) -> Dim:
    """The size of the flattened array."""
    sized = [dim for dim in shape if not is_one(dim)]
    if len(sized) == 1:
        return sized[0]
    return 1 if not sized else fresh_sym(total_hint(shape))
