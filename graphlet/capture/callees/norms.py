"""``np.linalg.norm`` as what NumPy's own function does: squares, their sums along an axis, or a product; roots."""

from typing import Any

from graphlet.capture.callees.choices import Rule, instead
from graphlet.capture.callees.sequences import polyfill
from graphlet.capture.machine import Machine
from graphlet.capture.pytypes import is_none
from graphlet.core.pristine import np
from graphlet.values.base import Array, Constant, Value

FLOATS = (np.dtype("f"), np.dtype("d"))


def lengths_(x: Any, axis: Any, keepdims: Any) -> Any:
    return np.sqrt(np.multiply(x, x).sum(axis=axis, keepdims=keepdims))


def length_(x: Any) -> Any:
    flat = x.ravel()
    return np.sqrt(flat.dot(flat))


LENGTHS = polyfill(lengths_, 3, 3)
LENGTH = polyfill(length_, 1, 1)


def norm(m: Machine, named: dict[str, Value]) -> Value | None:
    """``np.linalg.norm(x, ord=None, axis=None, keepdims=False)`` of real vectors, in steps."""
    if is_of_all(named):
        return LENGTH(m, (named["x"],), {})
    if not takes_steps(named):
        return None
    return LENGTHS(m, (named["x"], named["axis"], named.get("keepdims", Constant(False))), {})


def is_of_all(named: dict[str, Value]) -> bool:
    """Whether this is the length of all elements as they lie, in C order, which NumPy multiplies with themselves."""
    array, order = named["x"], named.get("ord", Constant(None))
    if not isinstance(array, Array) or not array.type.ndim or array.type.dtype not in FLOATS:
        return False
    if array.type.order != "C" or not is_none(named.get("axis")) or "keepdims" in named:
        return False
    return is_length(order) if array.type.ndim == 1 else is_none(order)


def is_length(order: Value) -> bool:
    """The default, or a literal 2."""
    return is_none(order) or (isinstance(order, Constant) and type(order.value) is int and order.value == 2)


def takes_steps(named: dict[str, Value]) -> bool:
    """Whether these are lengths of vectors along one axis that is there."""
    array, order, axis = (named.get(name, Constant(None)) for name in ("x", "ord", "axis"))
    keepdims = named.get("keepdims", Constant(False))
    if not isinstance(array, Array) or array.type.ndim < 2 or array.type.dtype not in FLOATS:
        return False
    if not is_length(order) or not isinstance(axis, Constant) or type(axis.value) is not int:
        return False
    if not isinstance(keepdims, Constant) or type(keepdims.value) is not bool:
        return False
    return -array.type.ndim <= axis.value < array.type.ndim


RULES: dict[Any, Rule] = {np.linalg.norm: instead(norm, np.linalg.norm, ("x", "ord", "axis", "keepdims"), 1)}
