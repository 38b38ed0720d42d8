"""Functions that may give back an argument: the array itself, or a view that repeats it."""

from collections.abc import Callable
from typing import Any

from graphlet.arrayops import catalogue
from graphlet.arrayops.broadcasting import broadcast
from graphlet.arrayops.elementwise import ASTYPE
from graphlet.arrayops.general import HISTOGRAM_COUNTS
from graphlet.arrayops.given import ASFORTRAN, BROADCAST_VIEW, FINITE, OF_ONE_SHAPE
from graphlet.arrayops.layout import n_moving
from graphlet.capture.arrays_nodes import Args, Kwargs, argument, array_of, bound, call, first_of
from graphlet.capture.breaks import Break
from graphlet.capture.effects import emit
from graphlet.capture.machine import Machine, name_of
from graphlet.capture.pytypes import is_none
from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import same_shape
from graphlet.values.base import Array, Constant, Sequence, Value

Rule = Callable[[Machine, Args, Kwargs], Value]


def row_of(fn: Any) -> Op:
    """The row of a function that has one."""
    row = catalogue.lookup(fn)
    assert row is not None
    return row


def as_array(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.asarray(a, dtype)``: the array itself if the dtype is right, else a copy."""
    named = bound(("a", "dtype", "order"), args, kwargs)
    order = m.known(named["order"]) if "order" in named else None
    if order not in (None, "K", "A", "C", "F"):
        raise Break("GL107", "np.asarray with such an order")
    if not isinstance(named["a"], Array):
        if order not in (None, "K"):
            raise Break("GL107", "np.asarray with order")
        given = {key: value for key, value in named.items() if key == "dtype"}
        return first_of(m, (row_of(np.array),), (named["a"],), given)
    array = array_of(named["a"], "np.asarray")
    dtype = named.get("dtype")
    if is_none(dtype) or known_dtype(dtype) == array.type.dtype:
        return array if order in (None, "K") else ordered(m, array, order)
    assert dtype is not None
    return call(m, ASTYPE, (array, dtype), {} if order is None else {"order": Constant(order)})


def check_finite(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.asarray_chkfinite(a, dtype, order)``; what is not finite it refuses."""
    made = as_array(m, args, kwargs)
    if not isinstance(made, Array):
        raise Break("GL107", "np.asarray_chkfinite of something that is no array")
    if made.type.dtype.char in np.typecodes["AllFloat"]:
        emit(m, FINITE, (argument(m, made),))
    return made


def ordered(m: Machine, array: Array, order: str) -> Value:
    """The array itself if it is in this order, else a copy; one of no axes is never made a vector."""
    if order == "A" or not array.type.ndim:
        raise Break("GL107", "np.asarray with such an order")
    return contiguous(m, (array,), {}) if order == "C" else fortran(m, (array,), {})


def known_dtype(value: Value | None) -> np.dtype | None:
    """The dtype a constant names."""
    if not isinstance(value, Constant) or not isinstance(value.value, (str, type, np.dtype)):
        raise Break("GL107", "a dtype that is not known during capture")
    if isinstance(value.value, type) and not (
        value.value in (bool, int, float, complex) or issubclass(value.value, np.generic)
    ):
        raise Break("GL107", "a dtype given as a class")
    try:
        return np.dtype(value.value)
    except TypeError as error:
        raise Break("GL111", f"TypeError: {error}") from error


def contiguous(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.ascontiguousarray(a)``: the array itself if it is C-contiguous."""
    if len(args) == 1 and not kwargs and isinstance(args[0], Array) and args[0].type.order == "C" and args[0].type.ndim:
        return args[0]
    return call(m, row_of(np.ascontiguousarray), args, kwargs)


def fortran(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.asfortranarray(a)``: the array itself if it is in Fortran's order."""
    array = array_of(bound(("a",), args, kwargs)["a"], "np.asfortranarray")
    kind = array.type
    if kind.ndim and (kind.order == "F" or (kind.order == "C" and n_moving(kind.shape) <= 1)):
        return array
    if not kind.ndim or n_moving(kind.shape) <= 1:
        raise Break("GL107", "np.asfortranarray of a vector that is not contiguous")
    return call(m, ASFORTRAN, (array,))


def at_least(ndim: int, fn: Any) -> Rule:
    """``np.atleast_<ndim>d``: the array itself if its rank is high enough."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        if len(args) == 1 and isinstance(args[0], Array) and args[0].type.ndim >= ndim:
            return args[0]
        return call(m, row_of(fn), args, kwargs)

    return rule


def broadcast_arrays(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.broadcast_arrays``: the arrays themselves if they are all of one shape, else views that are not written."""
    arrays = [array_of(arg, "np.broadcast_arrays") for arg in args]
    if kwargs or not arrays:
        raise Break("GL107", "np.broadcast_arrays with keywords")
    try:
        shape = broadcast([array.type.shape for array in arrays])
    except InferenceError as error:
        raise Break("GL107", str(error)) from error
    if all(same_shape(array.type.shape, shape) for array in arrays):
        call(m, OF_ONE_SHAPE, tuple(arrays))
        return Sequence("tuple", tuple(arrays))
    orders = [(*arrays[i : i + 1], *arrays[:i], *arrays[i + 1 :]) for i in range(len(arrays))]
    return Sequence("tuple", tuple(call(m, BROADCAST_VIEW, order) for order in orders))


def histogram(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.histogram``: edges that are given as an array come back as they are."""
    named = bound(("a", "bins", "range", "density", "weights"), args, kwargs)
    edges = named.get("bins")
    if not isinstance(edges, Array):
        row = row_of(np.histogram)
        wider = catalogue.wider(row)
        return first_of(m, (row,) if wider is None else (row, wider), args, kwargs)
    if edges.type.ndim != 1:
        raise Break("GL107", "np.histogram with a number of bins that is an array", name_of(edges))
    rest = {key: value for key, value in named.items() if key not in ("a", "bins")}
    counts = first_of(m, (HISTOGRAM_COUNTS,), (named["a"], edges), rest)
    return Sequence("tuple", (counts, edges))


RULES: dict[Any, Rule] = {
    np.asarray: as_array,
    np.asanyarray: as_array,
    np.asarray_chkfinite: check_finite,
    np.ascontiguousarray: contiguous,
    np.asfortranarray: fortran,
    np.atleast_1d: at_least(1, np.atleast_1d),
    np.atleast_2d: at_least(2, np.atleast_2d),
    np.atleast_3d: at_least(3, np.atleast_3d),
    np.broadcast_arrays: broadcast_arrays,
    np.histogram: histogram,
}
