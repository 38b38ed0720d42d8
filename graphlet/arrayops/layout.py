"""Memory order of results: NumPy's K-order rule and what indexing and transposing do to an order.

An axis moves if its size is not 1. The order of arrays with at most one moving axis is no question: they count as C.
"""

from collections.abc import Sequence

from graphlet.arrayops.broadcasting import is_one
from graphlet.ir.types import ArrayType, Dim

SWAPPED = {"C": "F", "F": "C"}


def n_moving(shape: tuple[Dim, ...]) -> int:
    """The number of axes whose size is not known to be 1."""
    return sum([not is_one(dim) for dim in shape])


def sorting(array: ArrayType) -> str:
    """How the strides are sorted: "C", "F" or "" if not known."""
    if n_moving(array.shape) <= 1:
        return "C"
    return array.order if array.order != "K" else array.axes


def contiguous(shape: tuple[Dim, ...], order: str) -> str:
    """``order`` of a contiguous array, in its normal form."""
    return "C" if n_moving(shape) <= 1 and order == "F" else order


def elementwise_order(shape: tuple[Dim, ...], arrays: Sequence[ArrayType]) -> str:
    """Order of the new array that an elementwise operation of these arrays makes ("K": not known).

    NumPy lets the operands vote on each pair of axes; an operand that is broadcast along one of the two abstains,
    and a vote for C beats one for F.
    """
    n_axes = n_moving(shape)
    if n_axes <= 1:
        return "C"
    voters = [a for a in arrays if n_moving(a.shape) > 1]
    votes = {sorting(a) for a in voters}
    if votes <= {"C"} or any(sorting(a) == "C" and n_moving(a.shape) == n_axes for a in voters):
        return "C"
    if votes == {"F"} and any(n_moving(a.shape) == n_axes for a in voters):
        return "F"
    return "K"


def kept_order(array: ArrayType) -> str:
    """Order of a copy with order="K"."""
    return elementwise_order(array.shape, (array,))


def order_argument(order: str | None, array: ArrayType) -> str:
    """Order of a copy for an ``order=`` argument."""
    if order in ("C", None):
        return "C"
    if order == "F":
        return contiguous(array.shape, "F")
    if order == "A":
        return array.order
    return kept_order(array)


def view(dtype_array: ArrayType, shape: tuple[Dim, ...], order: str, axes: str) -> ArrayType:
    """A view's type with order and axes in normal form."""
    order = contiguous(shape, order)
    return ArrayType(dtype_array.dtype, shape, order, axes if order == "K" else "")


def transposed(array: ArrayType, permutation: tuple[int, ...]) -> ArrayType:
    """The view whose axis i is the array's axis ``permutation[i]``."""
    shape = tuple(array.shape[axis] for axis in permutation)
    moving = [axis for axis in permutation if not is_one(array.shape[axis])]
    if moving == sorted(moving):
        return view(array, shape, array.order, array.axes)
    if moving == sorted(moving, reverse=True):
        return view(array, shape, SWAPPED.get(array.order, "K"), SWAPPED.get(array.axes, ""))
    return view(array, shape, "K", "")
