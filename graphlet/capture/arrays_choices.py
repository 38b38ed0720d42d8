"""Functions of NumPy's that are written in Python and choose or pick: they become the operations behind them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from graphlet.arrayops import catalogue
from graphlet.arrayops.elementwise import ASTYPE
from graphlet.arrayops.indexing import FANCY
from graphlet.arrayops.promotion import operand
from graphlet.capture.arrays_given import as_array, row_of
from graphlet.capture.arrays_nodes import Args, Kwargs, bound, call, first_of, hinted
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine
from graphlet.ir.op import InferenceError
from graphlet.values.base import Array, Constant, Scalar, Sequence, Value

Rule = Callable[[Machine, Args, Kwargs], Value]


def instead(rule: Callable[[Machine, dict[str, Value]], Value | None], fn: Any, names: tuple[str, ...]) -> Rule:
    """A call of ``fn``: what ``rule`` makes of it, or a call of NumPy's function where that is None or a break."""
    row = row_of(fn)
    wider = catalogue.wider(row)
    rows = (row,) if wider is None else (row, wider)

    def called(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        mark, guards = m.builder.mark(), m.trail.mark()
        try:
            made = rule(m, bound(names, args, kwargs, required=2))
        except Break:
            made = None
        if made is not None:
            return made
        m.trail.rollback(guards)
        m.builder.rollback(mark)
        return first_of(m, rows, args, kwargs)

    return called


def select(m: Machine, named: dict[str, Value]) -> Value | None:
    """``np.select(conditions, choices, default)``: ``np.where`` from the last choice to the first."""
    conditions, choices = m.read(named["condlist"]), m.read(named["choicelist"])
    if not isinstance(conditions, Sequence) or not isinstance(choices, Sequence):
        return None
    tests, chosen = [m.read(test) for test in conditions.items], [as_choice(m, item) for item in choices.items]
    if not tests or len(tests) != len(chosen) or not is_mask(tests[0]):
        return None
    result = as_choice(m, named.get("default", Constant(0)))
    dtype = common_dtype([*chosen, result])
    for test, choice in reversed(list(zip(tests, chosen, strict=True))):
        if is_mask(test):
            result = call(m, row_of(np.where), (test, cast(m, choice, dtype), cast(m, result, dtype)))
            continue
        never, result = (result, choice) if settled(test) else (choice, result)
        if isinstance(never, Array):  # it has a part in the shape
            return None
    result = cast(m, result, dtype)
    is_c = isinstance(result, Array) and result.type.ndim > 0 and result.type.order == "C"
    return result if is_c else None  # NumPy's is in C order whatever it is made of


def is_mask(value: Value) -> bool:
    """An array of truth values."""
    return isinstance(value, Array) and value.type.dtype == np.bool_


def settled(value: Value) -> bool:
    """A condition that is a literal."""
    if not isinstance(value, Constant) or type(value.value) is not bool:
        raise Break("GL107", "np.select with conditions that are no truth values")
    return value.value


def as_choice(m: Machine, value: Value) -> Value:
    """A number as it is, an array, or what a list is as an array."""
    value = m.read(value)
    return value if isinstance(value, (Array, Scalar, Constant)) else as_array(m, (value,), {})


def common_dtype(values: list[Value]) -> np.dtype:
    """What ``np.result_type`` says: Python's numbers have a kind only, but truth values are arrays to NumPy."""
    try:
        kinds = [operand(hinted(value)) for value in values]
        return np.result_type(*(kind if isinstance(kind, np.dtype) else kind(1) for kind in kinds))
    except (InferenceError, TypeError) as error:
        raise Break("GL107", str(error)) from error


def cast(m: Machine, value: Value, dtype: np.dtype) -> Value:
    """An array of this dtype; numbers are cast where they are used."""
    if not isinstance(value, Array) or value.type.dtype == dtype:
        return value
    return call(m, ASTYPE, (value, Constant(dtype)))


def extract(m: Machine, named: dict[str, Value]) -> Value | None:
    """``np.extract(condition, array)`` of two arrays of one shape: the elements that a mask picks."""
    condition, array = m.read(named["condition"]), m.read(named["arr"])
    if not is_mask(condition) or not isinstance(condition, Array) or not isinstance(array, Array):
        return None
    if not array.type.ndim or array.type.shape_hint != condition.type.shape_hint:
        return None
    return call(m, FANCY, (array, condition))


RULES: dict[Any, Rule] = {
    np.select: instead(select, np.select, ("condlist", "choicelist", "default")),
    np.extract: instead(extract, np.extract, ("condition", "arr")),
}
