"""Sets of plain constants made in the region. What is done to one is done to a set of capture's own, step by step.

The order in which a set is gone over depends on its past: a set with the same past has the same order. Sets that were
there before are left to Python, but for frozensets, which never change.
"""

import operator
from collections.abc import Callable
from typing import Any

from graphlet.arrayops.scalar import SYMBOLS
from graphlet.capture import containers
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import compares_by_type, is_plain
from graphlet.capture.raising import raises_as
from graphlet.core.comparisons import COMPARISONS
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Iterable, Set
from graphlet.values.steps import Step, step

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    **{symbol: SYMBOLS[symbol] for symbol in ("|", "&", "-", "^")},
    **COMPARISONS,
    **{"|=": operator.ior, "&=": operator.iand, "-=": operator.isub, "^=": operator.ixor},
}
LONGEST = containers.LONGEST


def made(how: Step) -> Set:
    """The set that some steps make."""
    if how.n_steps > LONGEST:
        raise Break("GL116", "a set that many steps have made")
    return Set(how, replayed(how))


def replayed(how: Step) -> Any:
    """What some steps give. Raises Break where Python raises."""
    try:
        return how.replay()
    except (TypeError, ValueError) as error:
        raise raises_as(error) from error


def changed(fn: Callable[..., Any], *args: Any) -> Any:
    """``fn(*args)`` for its effect on the first argument, which is the result."""
    fn(*args)
    return args[0]


def change(m: Machine, target: Set, fn: Callable[..., Any], *args: Any) -> None:
    """Do something to a set made in the region."""
    after = made(step(changed, fn, target.items, *args))
    m.trail.set(target, "items", after.items)
    m.trail.set(target, "now", after.now)


def add(m: Machine, target: Set, item: Value) -> None:
    """``target.add(item)``"""
    change(m, target, set.add, containers.key_of(m, item))


def is_set(value: Value) -> bool:
    """A set whose items are known, or a frozenset that was there before."""
    return isinstance(value, Set) or (isinstance(value, Constant) and type(value.value) is frozenset)


def set_like(value: Value) -> bool:
    """A set, or the keys of a dict, which may stand beside one."""
    return is_set(value) or (isinstance(value, Iterable) and value.kind == "dict_keys")


def operand(m: Machine, value: Value) -> Any:
    """A value as argument of a step: a set or the keys of a dict made anew, a frozenset, or a tuple of keys."""
    value = containers.as_mapping(m, value)
    if isinstance(value, Set):
        return value.items
    if isinstance(value, Constant) and type(value.value) is frozenset:
        return value.value
    keys = tuple(containers.key_of(m, item) for item in containers.items_of(m, value))
    if isinstance(value, Iterable) and value.kind == "dict_keys":
        return step(dict.keys, step(dict.fromkeys, keys))
    return keys


def binary(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """An operator between sets."""
    fn = OPERATORS.get(symbol)
    if fn is None or not set_like(left) or not set_like(right):
        raise Break("GL110", f"`{symbol}` of {describe(left)} and {describe(right)}", name_of(left))
    if symbol.endswith("=") and isinstance(left, Set) and isinstance(left.now, set):
        change(m, left, fn, operand(m, right))
        return left
    return made(step(fn, operand(m, left), operand(m, right)))


def compare(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """A comparison of a set with anything of plain type."""
    if not set_like(left) or not set_like(right):
        if symbol in ("==", "!=") and (is_plain_value(left) or is_plain_value(right)):
            return Constant(symbol == "!=")
        raise Break("GL110", f"`{symbol}` of {describe(left)} and {describe(right)}", name_of(left))
    return Constant(replayed(step(OPERATORS[symbol], operand(m, left), operand(m, right))))


def is_plain_value(value: Value) -> bool:
    """Of a type of Python's own that is unequal to every set."""
    return is_plain(value.value) if isinstance(value, Constant) else compares_by_type(value)


def make(m: Machine, kind: type, items: Value | None) -> Value:
    """``set(items)`` or ``frozenset(items)``"""
    if items is None:
        return made(step(kind))
    if kind is frozenset and isinstance(items, Constant) and type(items.value) is frozenset:
        return items
    return made(step(kind, operand(m, items)))
