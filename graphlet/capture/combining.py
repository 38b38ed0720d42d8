"""Operators on containers."""

from typing import Any

from graphlet.capture import dicts, sets, stores
from graphlet.capture.breaks import Break
from graphlet.capture.containers import LONGEST, as_mapping, in_portions, plain
from graphlet.capture.folding import fold
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.guards.kinds import ValueIs
from graphlet.sources import Limit
from graphlet.values.base import Array, Constant, Sequence, Value
from graphlet.values.objects import Deque, Names


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
    if isinstance(left, Deque):
        return of_deque(m, symbol, left, right)
    if base == "+" and isinstance(left, Sequence):
        return joined(m, symbol, left, right)
    if base == "*":
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Sequence) and one.kind in ("tuple", "list") and not isinstance(other, (Sequence, Array)):
                return repeated(m, symbol, one, other)
    if base == "%" and isinstance(left, Constant) and type(left.value) is str:
        return Constant(fold(_format_percent, left.value, plain(m, right)))
    raise Break("GL110", f"`{symbol}` of {describe(left)} and {describe(right)}", name_of(left))


def _format_percent(text: str, values: Any) -> Any:
    return text % values


def of_deque(m: Machine, symbol: str, left: Deque, right: Value) -> Value:
    """``deque + deque`` and ``deque * number`` are as long at most as the left one; in place anything may be added."""
    base = symbol.rstrip("=")
    in_place = symbol.endswith("=")
    if not (base == "*" or (base == "+" and (in_place or isinstance(right, Deque)))):
        raise Break("GL110", f"`{symbol}` of {describe(left)} and {describe(right)}", name_of(left))
    if left.source is not None:
        m.guard(ValueIs(Limit(left.source), left.longest))
    target = left if in_place else Deque("deque", left.items, longest=left.longest)
    if base == "*":
        stores.refill(m, target, cut(target.items * times(m, left, right), target.longest))
        return target
    for items in in_portions(m, right):
        stores.refill(m, target, cut(target.items + items, target.longest))
    return target


def cut(items: tuple[Value, ...], longest: int | None, left: bool = False) -> tuple[Value, ...]:
    """What stays in a deque of limited length: the latest items."""
    if longest is None or len(items) <= longest:
        return items
    return items[:longest] if left else items[len(items) - longest :]


def times(m: Machine, one: Sequence, number: Value) -> int:
    """How many times a sequence is repeated."""
    count = m.known(number)
    if type(count) not in (int, bool) or count * len(one.items) > LONGEST:
        raise Break("GL114", f"{describe(one)} repeated {describe(number)} times", name_of(number))
    return int(count)


def joined(m: Machine, symbol: str, left: Sequence, right: Value) -> Value:
    """``left + right``; ``+=`` on a list changes the list."""
    if left.kind == "list" and symbol == "+=":
        for items in in_portions(m, right):
            stores.refill(m, left, left.items + items)
        return left
    if not isinstance(right, Sequence) or right.kind != left.kind or left.kind == "deque":
        raise Break("GL110", f"`+` of {describe(left)} and {describe(right)}", name_of(left))
    return Sequence(left.kind, left.items + right.items)


def repeated(m: Machine, symbol: str, one: Sequence, number: Value) -> Value:
    """``sequence * number``"""
    count = times(m, one, number)
    if symbol == "*=" and one.kind == "list":
        stores.refill(m, one, one.items * count)
        return one
    return Sequence(one.kind, one.items * count)
