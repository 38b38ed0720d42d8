"""Methods of sets, done to a set of capture's own (see ``capture/sets.py``)."""

from collections.abc import Callable
from typing import Any

from graphlet.capture import containers, sets
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.raising import raises
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Generator, Set
from graphlet.values.steps import step

Rule = Callable[[Machine, Args, Kwargs], Value]

_NEW = ("union", "intersection", "difference", "symmetric_difference", "copy")
_ASKED = ("isdisjoint", "issubset", "issuperset")
_ITEM_BY_ITEM = (set.update, set.difference_update)  # the others collect what they are given first
_CHANGING = ("update", "intersection_update", "difference_update", "symmetric_difference_update", "clear")


def changed_set(m: Machine, value: Value) -> Set:
    """A set made in the region."""
    value = m.read(value)
    containers.require_new(value)
    if not isinstance(value, Set) or not isinstance(value.now, set):
        raise Break("GL102", f"a method of {describe(value)}", name_of(value))
    return value


def operands(m: Machine, fn: Any, args: Args, kwargs: Kwargs) -> list[Any]:
    """Arguments of a step, the set first."""
    n_others = {"copy": (0, 0), "clear": (0, 0)}.get(fn.__name__, (1, 1))
    low, high = (0, 20) if fn.__name__ in ("union", "update") or "intersection" in fn.__name__ else n_others
    check(fn.__name__, args, kwargs, low + 1, high + 1)
    if not sets.is_set(m.read(args[0])):
        raise Break("GL102", f"a method of {describe(args[0])}", name_of(args[0]))
    return [sets.operand(m, arg) for arg in args]


def new(fn: Any) -> Rule:
    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        return sets.made(step(fn, *operands(m, fn, args, kwargs)))

    return rule


def asked(fn: Any) -> Rule:
    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        return Constant(sets.replayed(step(fn, *operands(m, fn, args, kwargs))))

    return rule


def changing(fn: Any) -> Rule:
    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        target = changed_set(m, args[0])
        if fn in _ITEM_BY_ITEM and not kwargs and any(isinstance(m.read(arg), Generator) for arg in args[1:]):
            for items in (part for arg in args[1:] for part in containers.in_portions(m, arg)):
                sets.change(m, target, fn, tuple(containers.key_of(m, item) for item in items))
        else:
            sets.change(m, target, fn, *operands(m, fn, args, kwargs)[1:])
        return Constant(None)

    return rule


def with_key(fn: Any) -> Rule:
    """``add``, ``discard``, ``remove``"""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(fn.__name__, args, kwargs, 2)
        target, key = changed_set(m, args[0]), containers.key_of(m, args[1])
        if fn is set.remove and key not in target.now:
            raise raises(KeyError, "GL117", f"{describe(target)} has no item {key!r}", args=(containers.wrapped(key),))
        sets.change(m, target, fn, key)
        return Constant(None)

    return rule


def pop(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """Which item goes depends on the past of the set, as its order does."""
    check("pop", args, kwargs, 1)
    target = changed_set(m, args[0])
    if not target.now:
        raise raises(KeyError, "GL117", f"{describe(target)} is empty")
    taken = target.items.replay().pop()
    sets.change(m, target, set.pop)
    return containers.wrapped(taken)


RULES: dict[Any, Rule] = {
    **{getattr(kind, name): new(getattr(kind, name)) for kind in (set, frozenset) for name in _NEW},
    **{getattr(kind, name): asked(getattr(kind, name)) for kind in (set, frozenset) for name in _ASKED},
    **{getattr(set, name): changing(getattr(set, name)) for name in _CHANGING},
    **{fn: with_key(fn) for fn in (set.add, set.discard, set.remove)},
    set.pop: pop,
}
