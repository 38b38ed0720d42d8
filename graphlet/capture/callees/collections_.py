"""``deque``, ``defaultdict``, ``OrderedDict`` made in the region; others of ``collections`` are left to Python."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any, TypeVar

from graphlet.capture import containers, stores
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.callees.methods import clear as clear_any
from graphlet.capture.callees.methods import count, index, pop_key, setdefault, update, view
from graphlet.capture.callees.sequences import dict_
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.raising import raises
from graphlet.capture.truth import truth
from graphlet.guards.kinds import ValueIs
from graphlet.sources import Limit
from graphlet.values.base import Constant, Mapping, Sequence, Value
from graphlet.values.objects import DefaultDict, Deque, Ordered

Rule = Callable[[Machine, Args, Kwargs], Value]
Items = tuple[Value, ...]
T = TypeVar("T", bound=Value)
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


def made_here(m: Machine, value: Value, kind: type[T]) -> T:
    """A container of this kind that was made in the region, and may be changed."""
    value = m.read(value)
    if not isinstance(value, kind):
        raise Break("GL104", f"{describe(value)} is changed", name_of(value))
    return value


def changeable(m: Machine, value: Value) -> Deque:
    """A deque; of one that was there before it is guarded how long it may get."""
    value = m.read(value)
    if not isinstance(value, Deque):
        raise Break("GL104", f"{describe(value)} is changed", name_of(value))
    if value.source is not None:
        m.guard(ValueIs(Limit(value.source), value.longest))
    return value


def put(name: str, many: bool, left: bool) -> Rule:
    """``append``, ``extend`` and their like on the left."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(name, args, kwargs, 2)
        news = containers.items_of(m, args[1]) if many else args[1:]
        longer = None if left else stores.growing(m, args[0])
        if longer is not None and longer.example.maxlen is None:
            for item in news:
                stores.append(m, longer, item)
            return NONE
        target = changeable(m, args[0])
        items = (*news[::-1], *target.items) if left else (*target.items, *news)
        stores.refill(m, target, cut(items, target.longest, left))
        return NONE

    return rule


def take(name: str, at: int) -> Rule:
    """``pop`` and ``popleft``"""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(name, args, kwargs, 1)
        target = changeable(m, args[0])
        if not target.items:
            raise raises(IndexError, "GL117", "pop of an item that is not there")
        items = list(target.items)
        taken = items.pop(at)
        stores.refill(m, target, tuple(items))
        return taken

    return rule


def rotate(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("rotate", args, kwargs, 1, 2)
    target, steps = changeable(m, args[0]), m.known(args[1]) if len(args) == 2 else 1
    if type(steps) is not int:
        raise Break("GL111", "a deque is rotated by something that is no integer")
    if target.items:
        at = -steps % len(target.items)
        stores.refill(m, target, target.items[at:] + target.items[:at])
    return NONE


def reverse(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("reverse", args, kwargs, 1)
    target = changeable(m, args[0])
    stores.refill(m, target, target.items[::-1])
    return NONE


def clear(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("clear", args, kwargs, 1)
    stores.refill(m, changeable(m, args[0]), ())
    return NONE


def copy(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("copy", args, kwargs, 1)
    source = changeable(m, args[0])
    return Deque("deque", source.items, longest=source.longest)


def make_defaultdict(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``defaultdict(factory, ...)``: the rest as for ``dict``."""
    factory = m.read(args[0]) if args else NONE
    items = dict_(m, args[1:], kwargs)
    assert isinstance(items, Mapping)
    return DefaultDict(items.items, factory=factory)


def make_ordered(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``OrderedDict(...)``"""
    items = dict_(m, args, kwargs)
    assert isinstance(items, Mapping)
    return Ordered(items.items)


def move_to_end(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("move_to_end", args, kwargs, 2, 3, ("last",))
    target, key = made_here(m, args[0], Ordered), containers.key_of(m, args[1])
    last = truth(m, args[2] if len(args) == 3 else kwargs.get("last", Constant(True)))
    if key not in target.items:
        raise raises(KeyError, "GL117", f"{describe(target)} has no key {key!r}", args=(containers.wrapped(key),))
    kept = next(name for name in target.items if name == key)  # 1 and True are one key: the first stays
    rest = {name: item for name, item in target.items.items() if name != key}
    one = {kept: target.items[key]}
    m.trail.set(target, "items", {**rest, **one} if last else {**one, **rest})
    return NONE


def pop_item(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("popitem", args, kwargs, 1, 2, ("last",))
    target = made_here(m, args[0], Ordered)
    last = truth(m, args[1] if len(args) == 2 else kwargs.get("last", Constant(True)))
    if not target.items:
        raise raises(KeyError, "GL117", "popitem of an empty dict", args=(Constant("dictionary is empty"),))
    key = next(reversed(target.items) if last else iter(target.items))
    taken = target.items[key]
    m.trail.set(target, "items", {name: item for name, item in target.items.items() if name != key})
    return Sequence("tuple", (containers.wrapped(key), taken))


def copy_ordered(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("copy", args, kwargs, 1)
    return Ordered(made_here(m, args[0], Ordered).items)


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
    OrderedDict: make_ordered,
    OrderedDict.move_to_end: move_to_end,
    OrderedDict.popitem: pop_item,
    OrderedDict.copy: copy_ordered,
    OrderedDict.pop: pop_key,
    OrderedDict.setdefault: setdefault,
    OrderedDict.update: update,
    OrderedDict.clear: clear_any,
    **{getattr(OrderedDict, name): view(name) for name in ("keys", "values", "items")},
}
