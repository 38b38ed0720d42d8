"""``collections.deque`` and ``defaultdict`` made in the region; other classes of the module are left to Python."""

from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from graphlet.capture import containers
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.callees.methods import count, index
from graphlet.capture.callees.sequences import dict_
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.raising import raises
from graphlet.values.base import Constant, Mapping, Value
from graphlet.values.objects import DefaultDict, Deque

Rule = Callable[[Machine, Args, Kwargs], Value]
Items = tuple[Value, ...]
NONE = Constant(None)


def make_deque(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``deque(iterable, maxlen)``"""
    check("deque", args, kwargs, 0, 2, ("maxlen",))
    longest = m.known(args[1] if len(args) == 2 else kwargs.get("maxlen", NONE))
    if longest is not None and (type(longest) is not int or longest < 0):
        raise Break("GL111", "a deque with such a maxlen")
    items = containers.items_of(m, args[0]) if args else ()
    return Deque("deque", cut(items, longest), longest=longest)


def cut(items: Items, longest: int | None, left: bool = False) -> Items:
    """What stays in a deque of limited length: the latest items."""
    if longest is None or len(items) <= longest:
        return items
    return items[:longest] if left else items[len(items) - longest :]


def changed(m: Machine, value: Value) -> Deque:
    """A deque made in the region."""
    value = m.read(value)
    if not isinstance(value, Deque):
        raise Break("GL104", f"{describe(value)} is changed", name_of(value))
    return value


def put(name: str, many: bool, left: bool) -> Rule:
    """``append``, ``extend`` and their like on the left."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(name, args, kwargs, 2)
        target = changed(m, args[0])
        news = containers.items_of(m, args[1]) if many else args[1:]
        items = (*news[::-1], *target.items) if left else (*target.items, *news)
        m.trail.set(target, "items", cut(items, target.longest, left))
        return NONE

    return rule


def take(name: str, at: int) -> Rule:
    """``pop`` and ``popleft``"""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(name, args, kwargs, 1)
        target = changed(m, args[0])
        if not target.items:
            raise raises(IndexError, "GL117", "pop of an item that is not there")
        items = list(target.items)
        taken = items.pop(at)
        m.trail.set(target, "items", tuple(items))
        return taken

    return rule


def rotate(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("rotate", args, kwargs, 1, 2)
    target, steps = changed(m, args[0]), m.known(args[1]) if len(args) == 2 else 1
    if type(steps) is not int:
        raise Break("GL111", "a deque is rotated by something that is no integer")
    if target.items:
        at = -steps % len(target.items)
        m.trail.set(target, "items", target.items[at:] + target.items[:at])
    return NONE


def reverse(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("reverse", args, kwargs, 1)
    target = changed(m, args[0])
    m.trail.set(target, "items", target.items[::-1])
    return NONE


def clear(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("clear", args, kwargs, 1)
    m.trail.set(changed(m, args[0]), "items", ())
    return NONE


def copy(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("copy", args, kwargs, 1)
    source = changed(m, args[0])
    return Deque("deque", source.items, longest=source.longest)


def make_defaultdict(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``defaultdict(factory, ...)``: the rest as for ``dict``."""
    factory = m.read(args[0]) if args else NONE
    items = dict_(m, args[1:], kwargs)
    assert isinstance(items, Mapping)
    return DefaultDict(items.items, factory=factory)


RULES: dict[Any, Rule] = {
    deque: make_deque,
    deque.append: put("append", False, False),
    deque.appendleft: put("appendleft", False, True),
    deque.extend: put("extend", True, False),
    deque.extendleft: put("extendleft", True, True),
    deque.pop: take("pop", -1),
    deque.popleft: take("popleft", 0),
    deque.rotate: rotate,
    deque.reverse: reverse,
    deque.clear: clear,
    deque.copy: copy,
    deque.index: index,
    deque.count: count,
    defaultdict: make_defaultdict,
}
