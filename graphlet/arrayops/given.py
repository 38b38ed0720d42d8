"""Rows of functions that may give back an argument, or a view of it; capture sees to the argument itself."""

from collections.abc import Mapping
from typing import Any

from graphlet.arrayops.broadcasting import broadcast
from graphlet.arrayops.layout import contiguous
from graphlet.arrayops.shaping import array_argument
from graphlet.core.pristine import np
from graphlet.ir.op import EITHER, VIEW, Op
from graphlet.ir.types import ArrayType, ScalarType, Type

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


def infer_fortran(args: Args, kwargs: Kwargs) -> Type:
    """``np.asfortranarray(array)`` of one that is not in Fortran's order: a copy, if it has more than one row."""
    (array,) = args
    array = array_argument(array)
    return ArrayType(array.dtype, array.shape, contiguous(array.shape, "F"))


def broadcast_view(array: Any, *others: Any) -> Any:
    """The first array that ``np.broadcast_arrays`` returns"""
    return np.broadcast_arrays(array, *others)[0]


def infer_broadcast_view(args: Args, kwargs: Kwargs) -> Type:
    """A view of the first array, of a shape that all of them fit."""
    arrays = [array_argument(arg) for arg in args]
    return ArrayType(arrays[0].dtype, broadcast([array.shape for array in arrays]), "K")


def of_one_shape(*arrays: Any) -> bool:
    """Raises ValueError unless all arrays are of one shape."""
    if len({array.shape for array in arrays}) > 1:
        raise ValueError("arrays of several shapes")
    return True


def finite(array: Any) -> bool:
    """Raises ValueError where ``np.asarray_chkfinite`` does."""
    if not np.isfinite(array).all():
        raise ValueError("elements that are not finite")
    return True


def has_elements(array: Any) -> bool:
    """Raises ValueError for an array without elements, of which some functions give a view."""
    if not np.size(array):
        raise ValueError("no elements")
    return True


def infer_of_one_shape(args: Args, kwargs: Kwargs) -> Type:
    return ScalarType(bool)


OF_ONE_SHAPE = Op("of_one_shape", of_one_shape, infer_of_one_shape, "opaque", may_raise=True)
FINITE = Op("finite", finite, infer_of_one_shape, "opaque", may_raise=True)
HAS_ELEMENTS = Op("has_elements", has_elements, infer_of_one_shape, "opaque", may_raise=True)
ASFORTRAN = Op("asfortranarray", np.asfortranarray, infer_fortran, "opaque", EITHER)
BROADCAST_VIEW = Op("broadcast_arrays", broadcast_view, infer_broadcast_view, "view", VIEW, may_raise=True)
