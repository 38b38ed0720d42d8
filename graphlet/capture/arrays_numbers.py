"""NumPy's functions of arrays, called with a number: it counts as an array of rank 0."""

from typing import Any

from graphlet.arrayops import catalogue
from graphlet.arrayops.elementwise import CLIP
from graphlet.arrayops.promotion import PYTHON_NUMBERS
from graphlet.capture.arrays_nodes import Args, Kwargs, call
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.core.pristine import np
from graphlet.values.base import Constant, Scalar, Sequence, Value

LIKES: dict[Any, Any] = {
    np.zeros_like: np.zeros,
    np.ones_like: np.ones,
    np.empty_like: np.empty,
    np.full_like: np.full,
}
_KNOWN = {bool: np.dtype(bool), float: np.dtype(float), complex: np.dtype(complex)}


def is_number(value: Value) -> bool:
    """A number of Python's or NumPy's."""
    return isinstance(value, Scalar) or (isinstance(value, Constant) and type(value.value) in PYTHON_NUMBERS)


def dtype_of(value: Value) -> np.dtype:
    """The dtype of a number as an array. Raises Break for an int whose value decides it."""
    if isinstance(value, Scalar) and value.type.dtype is not None:
        return value.type.dtype
    if isinstance(value, Scalar) and value.type.pytype in _KNOWN:
        return _KNOWN[value.type.pytype]
    if isinstance(value, Constant) and (type(value.value) is not int or abs(value.value) < 2**62):
        return np.asarray(value.value).dtype
    raise Break("GL107", f"the dtype of {describe(value)} depends on its value", name_of(value))


def like_number(m: Machine, make: Any, args: Args, kwargs: Kwargs) -> Value:
    """``np.zeros_like(number)`` and its like: an array of rank 0."""
    n_args = 2 if make is np.full else 1
    if len(args) != n_args or kwargs.keys() - {"dtype"}:
        raise Break("GL107", f"{make.__name__}_like of a number with these arguments")
    row = catalogue.lookup(make)
    assert row is not None
    dtype = kwargs.get("dtype") or Constant(dtype_of(args[0]))
    return call(m, row, (Sequence("tuple"), *args[1:]), {"dtype": dtype})


def clip_number(m: Machine, number: Value, low: Value | None, high: Value | None) -> Value:
    """``np.clip`` of a float between two numbers of Python's: a NumPy scalar."""
    if low is None or high is None or dtype_of(number).kind != "f":
        raise Break("GL107", "np.clip of a number")
    for bound in (low, high):
        kind = bound.type.pytype if isinstance(bound, Scalar) else type(getattr(bound, "value", None))
        if kind not in (int, float) or (kind is int and isinstance(bound, Scalar)):
            raise Break("GL107", "np.clip of a number between such bounds")
    return call(m, CLIP, (number, low, high))
