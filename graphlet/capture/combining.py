"""Operators on containers."""

from typing import Any

from graphlet.capture import dicts, sets, stores
from graphlet.capture.breaks import Break
from graphlet.capture.containers import LONGEST, as_mapping, items_of, plain
from graphlet.capture.folding import fold
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.values.base import Array, Constant, Mapping, Sequence, Value
from graphlet.values.objects import Names


def binary(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """An operator on containers."""
    base = symbol.rstrip("=")
    if isinstance(left, Names):
        raise Break("GL110", f"`{symbol}` of the dictionary of {describe(left.obj)}")
    for side in (left, right):
        dicts.require_plain(side)
    left, right = as_mapping(m, left), as_mapping(m, right)
    if sets.set_like(left) or sets.set_like(right):
        return sets.binary(m, symbol, left, right)
    if base == "+" and isinstance(left, Sequence):
        return joined(m, symbol, left, right)
    if base == "*":
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Sequence) and one.kind in ("tuple", "list") and not isinstance(other, (Sequence, Array)):
                return repeated(m, symbol, one, other)
    if base == "|" and type(left) is Mapping and type(right) is Mapping:
        return merged(m, symbol, left, right)
    if base == "%" and isinstance(left, Constant) and type(left.value) is str:
        return Constant(fold(_format_percent, left.value, plain(m, right)))
    raise Break("GL110", f"`{symbol}` of {describe(left)} and {describe(right)}", name_of(left))


def _format_percent(text: str, values: Any) -> Any:
    return text % values


def joined(m: Machine, symbol: str, left: Sequence, right: Value) -> Value:
    """``left + right``; ``+=`` on a list changes the list."""
    if left.kind == "list" and symbol == "+=":
        stores.refill(m, left, left.items + items_of(m, right))
        return left
    if not isinstance(right, Sequence) or right.kind != left.kind or left.kind == "deque":
        raise Break("GL110", f"`+` of {describe(left)} and {describe(right)}", name_of(left))
    return Sequence(left.kind, left.items + right.items)


def repeated(m: Machine, symbol: str, one: Sequence, times: Value) -> Value:
    """``sequence * number``"""
    count = m.known(times)
    if type(count) not in (int, bool) or count * len(one.items) > LONGEST:
        raise Break("GL114", f"{describe(one)} repeated {describe(times)} times", name_of(times))
    if symbol == "*=" and one.kind == "list":
        stores.refill(m, one, one.items * count)
        return one
    return Sequence(one.kind, one.items * count)


def merged(m: Machine, symbol: str, left: Mapping, right: Mapping) -> Value:
    """``left | right``"""
    if symbol == "|=":
        there_before = stores.dict_there_before(m, left)
        if there_before is None:
            m.trail.set(left, "items", {**left.items, **right.items})
            return left
        for key, value in right.items.items():
            stores.set_item(m, there_before, key, value)
        return left
    return Mapping({**left.items, **right.items})
