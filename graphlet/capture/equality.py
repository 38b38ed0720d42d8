"""Which containers are equal, and what is in them."""

from collections.abc import Callable
from typing import Any

from graphlet.capture import dicts, sets, specials
from graphlet.capture.breaks import Break
from graphlet.capture.containers import as_mapping, key_of, plain
from graphlet.capture.folding import fold
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import compares_by_type, is_none
from graphlet.capture.truth import truth
from graphlet.values.base import Constant, Mapping, Scalar, Sequence, Value
from graphlet.values.objects import Derived, Iterable, Set

Comparison = Callable[[Machine, str, Value, Value], Value]


def compare(m: Machine, symbol: str, left: Value, right: Value, each: Comparison | None = None) -> Value:
    """Tuples and lists of which every item can be compared now; mixed types are unequal."""
    if isinstance(left, Set) or isinstance(right, Set):
        return sets.compare(m, symbol, left, right)
    if symbol in ("==", "!=") and isinstance(left, Sequence) and isinstance(right, Sequence) and each is not None:
        return Constant((sequences_equal(m, left, right, each)) == (symbol == "=="))
    if isinstance(left, Sequence) and isinstance(right, Sequence) and left.kind == right.kind and each is not None:
        return sequences_in_order(m, symbol, left, right, each)
    for one, other in ((left, right), (right, left)):
        if symbol in ("==", "!=") and is_none(one) and compares_by_type(other):
            return Constant(symbol == "!=")
    raise Break("GL110", f"a comparison of {describe(left)} and {describe(right)}", name_of(left))


def sequences_equal(m: Machine, left: Sequence, right: Sequence, each: Comparison) -> bool:
    """``left == right`` item by item, as Python does it (identical items are equal)."""
    if left.kind != right.kind:
        return False
    if len(left.items) != len(right.items):
        return False
    return all(equal_items(m, a, b, each) for a, b in zip(left.items, right.items, strict=True))


def sequences_in_order(m: Machine, symbol: str, left: Sequence, right: Sequence, each: Comparison) -> Value:
    """``left < right`` and its like: the first items that are not equal decide, or the lengths."""
    for a, b in zip(left.items, right.items, strict=False):
        if not equal_items(m, a, b, each):
            return each(m, symbol, m.read(a), m.read(b))
    return each(m, symbol, Constant(len(left.items)), Constant(len(right.items)))


def equal_items(m: Machine, left: Value, right: Value, each: Comparison) -> bool:
    """``left is right or left == right``"""
    left, right = m.read(left), m.read(right)
    if left is right:
        return True
    for value in (left, right):
        number = value.value if isinstance(value, Constant) else value.hint if isinstance(value, Scalar) else None
        if isinstance(number, (float, complex)) and number != number:
            raise Break("GL110", "a comparison of items that are not numbers (NaN)")
    equal = each(m, "==", left, right)
    if not isinstance(equal, Constant):
        raise Break("GL112", "the comparison needs a value which exists only after the graph has run")
    return bool(equal.value)


def contains(m: Machine, item: Value, container: Value, each: Comparison) -> bool:
    """``item in container``"""
    container = specials.contents(m, m.read(container), "__contains__")
    dicts.require(m, container, "__contains__")
    container = container if isinstance(container, Derived) else as_mapping(m, container)
    if isinstance(container, Mapping):
        return key_of(m, item) in container.items
    if isinstance(container, Constant) and type(container.value) in (str, bytes, range, frozenset):
        value = plain(m, item) if type(container.value) in (str, bytes) else key_of(m, item)
        return bool(fold(_contains, container.value, value))
    if isinstance(container, Set):
        return key_of(m, item) in container.now
    if isinstance(container, (Sequence, Iterable)):
        return any(equal_items(m, candidate, item, each) for candidate in container.items)
    said = specials.call_special(m, container, "__contains__", item)
    if said is not None:
        return truth(m, said)
    raise Break("GL110", f"`in` {describe(container)}", name_of(container))


def _contains(container: Any, item: Any) -> bool:
    return item in container
