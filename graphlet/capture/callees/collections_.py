"""``deque``, ``defaultdict``, ``OrderedDict`` made in the region; others of ``collections`` are left to Python."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any, TypeVar

from graphlet.capture import containers, stores, unions
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.callees.methods import clear as clear_any
from graphlet.capture.callees.methods import (
    count,
    delete_key,
    index,
    insert_at,
    place,
    pop_key,
    remove_from,
    setdefault,
    update,
    view,
)
from graphlet.capture.callees.sequences import dict_
from graphlet.capture.combining import cut
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import exact_type
from graphlet.capture.raising import raises
from graphlet.capture.truth import truth
from graphlet.guards.kinds import ValueIs
from graphlet.sources import Limit
from graphlet.values.base import Constant, Mapping, Sequence, Value
from graphlet.values.objects import DefaultDict, Deque, Ordered

Rule = Callable[[Machine, Args, Kwargs], Value]
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
        for news in containers.in_portions(m, args[1]) if many else (args[1:],):
            longer = None if left else stores.growing(m, args[0])
            if longer is not None:
                for item in news:
                    stores.append(m, longer, item)
                continue
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


def insert(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("insert", args, kwargs, 3)
    target, at = changeable(m, args[0]), place(m, args[1])
    if target.longest is not None and len(target.items) >= target.longest:
        full = (Constant("deque already at its maximum size"),)
        raise raises(IndexError, "GL111", "insert into a deque that is full", args=full)
    insert_at(m, target, at, args[2])
    return NONE


def remove(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("remove", args, kwargs, 2)
    remove_from(m, changeable(m, args[0]), args)
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
    target, key = ordered(m, args[0]), containers.key_of(m, args[1])
    there_before = stores.dict_there_before(m, target)
    last = truth(m, args[2] if len(args) == 3 else kwargs.get("last", Constant(True)))
    if key not in target.items:
        raise raises(KeyError, "GL117", f"{describe(target)} has no key {key!r}", args=(containers.wrapped(key),))
    kept = next(name for name in target.items if name == key)  # 1 and True are one key: the first stays
    rest = {name: item for name, item in target.items.items() if name != key}
    one = {kept: target.items[key]}
    if there_before is not None:
        if not last:
            raise Break("GL104", f"an item of {describe(there_before)} becomes the first", name_of(there_before))
        stores.delete_item(m, there_before, kept)
        stores.set_item(m, there_before, kept, one[kept])
        return NONE
    containers.require_new(target)
    m.trail.set(target, "items", {**rest, **one} if last else {**one, **rest})
    return NONE


def pop_item(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("popitem", args, kwargs, 1, 2, ("last",))
    target = ordered(m, args[0])
    last = truth(m, args[1] if len(args) == 2 else kwargs.get("last", Constant(True)))
    if not target.items:
        raise raises(KeyError, "GL117", "popitem of an empty dict", args=(Constant("dictionary is empty"),))
    key = next(reversed(target.items) if last else iter(target.items))
    taken = target.items[key]
    delete_key(m, target, key)
    return Sequence("tuple", (containers.wrapped(key), taken))


def ordered(m: Machine, value: Value) -> Mapping:
    """All items of an ``OrderedDict``."""
    value = m.read(value)
    if exact_type(value) is not OrderedDict:
        raise Break("GL104", f"{describe(value)} is changed", name_of(value))
    return unions.known(m, value)


def copy_dict(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``copy`` of an ``OrderedDict`` or ``defaultdict``"""
    check("copy", args, kwargs, 1)
    return unions.copied(m, args[0])


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
    deque.insert: insert,
    deque.remove: remove,
    deque.clear: clear,
    deque.copy: copy,
    deque.index: index,
    deque.count: count,
    defaultdict: make_defaultdict,
    defaultdict.copy: copy_dict,
    OrderedDict: make_ordered,
    OrderedDict.move_to_end: move_to_end,
    OrderedDict.popitem: pop_item,
    OrderedDict.copy: copy_dict,
    OrderedDict.pop: pop_key,
    OrderedDict.setdefault: setdefault,
    OrderedDict.update: update,
    OrderedDict.clear: clear_any,
    **{getattr(OrderedDict, name): view(name) for name in ("keys", "values", "items")},
}
