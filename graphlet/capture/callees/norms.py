"""``np.linalg.norm`` along an axis as what NumPy's own function does there: squares, their sums, roots."""

from collections.abc import Callable
from typing import Any

import numpy as np

from graphlet.capture import arrays
from graphlet.capture.arrays_nodes import bound
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.callees.sequences import polyfill
from graphlet.capture.machine import Machine
from graphlet.capture.pytypes import is_none
from graphlet.values.base import Array, Constant, Value

Rule = Callable[[Machine, Args, Kwargs], Value]
FLOATS = (np.dtype("f"), np.dtype("d"))


def lengths_(x: Any, axis: Any, keepdims: Any) -> Any:
    return np.sqrt(np.multiply(x, x).sum(axis=axis, keepdims=keepdims))


LENGTHS = polyfill(lengths_, 3, 3)


def norm(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.linalg.norm(x, ord=None, axis=None, keepdims=False)``: of real vectors in steps, else as one node."""
    given = tuple(m.read_deep(arg) for arg in args)
    named = {name: m.read_deep(value) for name, value in kwargs.items()}
    try:
        found = bound(("x", "ord", "axis", "keepdims"), given, named, 1)
    except Break:
        found = {}
    if takes_steps(found):
        return LENGTHS(m, (found["x"], found["axis"], found.get("keepdims", Constant(False))), {})
    return arrays.call_function(m, np.linalg.norm, given, named)


def takes_steps(named: dict[str, Value]) -> bool:
    """Whether these are lengths of vectors along one axis that is there."""
    array, order, axis = (named.get(name, Constant(None)) for name in ("x", "ord", "axis"))
    keepdims = named.get("keepdims", Constant(False))
    if not isinstance(array, Array) or array.type.ndim < 2 or array.type.dtype not in FLOATS:
        return False
    is_length = is_none(order) or (isinstance(order, Constant) and type(order.value) is int and order.value == 2)
    if not is_length or not isinstance(axis, Constant) or type(axis.value) is not int:
        return False
    if not isinstance(keepdims, Constant) or type(keepdims.value) is not bool:
        return False
    return -array.type.ndim <= axis.value < array.type.ndim


RULES: dict[Any, Rule] = {np.linalg.norm: norm}
