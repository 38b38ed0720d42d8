"""Plans: which guards to check and in which order, with everything of the user's held weakly."""

import struct
import types
from abc import get_cache_token
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphlet.core.pristine import np
from graphlet.guards.hold import CannotHold, hold, is_heap_type, is_value, may_hold_strongly
from graphlet.guards.kinds import (
    ArrayIs,
    ClassLacks,
    Compare,
    Guard,
    IdentityIs,
    InstanceLacks,
    KeysAre,
    LengthIs,
    NotOverlapping,
    SameObject,
    TokenIs,
    TypeIs,
    TypeLacks,
    UnitIs,
    ValueIs,
)
from graphlet.guards.names import object_name, type_name
from graphlet.runtime._errors import error_modes
from graphlet.runtime._hooks import asyncgen_hooks
from graphlet.sources import FunctionGlobal, Global, Known, ModuleAttr, SlotAttr, Source

# Cheap and likely to fail first; those of two sources after those of one.
_RANK: dict[type, int] = {
    ArrayIs: 0,
    TypeIs: 0,
    ValueIs: 1,
    IdentityIs: 2,
    LengthIs: 2,
    KeysAre: 3,
    InstanceLacks: 3,
    TypeLacks: 3,
    ClassLacks: 3,
    SameObject: 4,
    Compare: 5,
    TokenIs: 5,
    UnitIs: 1,
    NotOverlapping: 5,
}

TOKENS = (get_cache_token, error_modes, asyncgen_hooks)  # what a TokenIs may ask

# Identity of a descriptor that has no weak references is identity of what it wraps. By the type's id, see TypeSet.
_WRAPPED: dict[int, tuple[str, ...]] = {
    id(property): ("fget", "fset", "fdel"),
    id(staticmethod): ("__func__",),
    id(classmethod): ("__func__",),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Guards in the order they are checked, and sources that must be loaded besides. Keeps nothing of the user's alive:
    user objects in guards stand as ``Weak``.
    """

    guards: tuple[Guard, ...]
    inputs: tuple[Source, ...]


def plan(guards: Iterable[Guard], inputs: Iterable[Source] = ()) -> Plan:
    """Each fact once, without those that follow from others, in the order of ``order_key``. Raises CannotHold."""
    once = list({_identity(guard): guard for wide in guards for guard in _unwrap(wide)}.values())
    needed = _without_implied(once)
    needed.sort(key=order_key)
    loaded = tuple(dict.fromkeys(inputs))
    for source in (*loaded, *(source for guard in needed for source in sources_of(guard))):
        _refuse_user_objects(source)
    return Plan(tuple(_weaken(guard) for guard in needed), loaded)


def sources_of(guard: Guard) -> tuple[Source, ...]:
    """The sources a guard looks at."""
    if isinstance(guard, (NotOverlapping, SameObject, Compare)):
        return (guard.left, guard.right)
    return (guard.source,)


def chain(source: Source) -> Iterator[Source]:
    """A source and what it is loaded through, down to the live-in, global or constant."""
    step: Source | None = source
    while step is not None:
        yield step
        step = getattr(step, "base", None)


def is_static(source: Source) -> bool:
    """Whether a source's value is decided by the contents of namespaces alone, from the globals on."""
    if isinstance(source, Global):
        return True
    if isinstance(source, (ModuleAttr, FunctionGlobal)):
        return is_static(source.base)
    return isinstance(source, Known)


def is_static_guard(guard: Guard) -> bool:
    """Whether a guard holds as long as its static sources name the same objects."""
    if not all(is_static(source) for source in sources_of(guard)):
        return False
    if isinstance(guard, TypeIs):
        return _is_fixed_type(guard.type)
    return isinstance(guard, (IdentityIs, ValueIs, SameObject, Compare))


def stage(guard: Guard) -> int:
    """0: needs no static source; 1: static; 2: needs static sources but looks at what may change behind them."""
    if is_static_guard(guard):
        return 1
    return 2 if any(is_static(step) for source in sources_of(guard) for step in chain(source)) else 0


def order_key(guard: Guard) -> tuple[int, int, int]:
    """Sorts guards; one on a source comes after those on what it is loaded through."""
    depth = max(sum(1 for _ in chain(source)) for source in sources_of(guard))
    return (stage(guard), depth, _RANK[type(guard)])


def _is_fixed_type(kind: Any) -> bool:
    """A type no instance of which can be given another by assigning to ``__class__``."""
    return isinstance(kind, type) and not is_heap_type(kind) and not issubclass(kind, types.ModuleType)


def _unwrap(guard: Guard) -> Sequence[Guard]:
    """An identity guard on a descriptor as guards on its type and parts."""
    if not isinstance(guard, IdentityIs) or not (names := _WRAPPED.get(id(type(guard.value)))):
        return (guard,)
    parts = zip(names, _parts(guard.value), strict=True)
    wrapped = (IdentityIs(SlotAttr(guard.source, name), part) for name, part in parts)
    return (TypeIs(guard.source, type(guard.value)), *wrapped)


def _parts(value: Any) -> tuple[Any, ...]:
    """What a property, staticmethod or classmethod wraps."""
    return tuple(getattr(value, name) for name in _WRAPPED.get(id(type(value)), ()))


def constant_key(value: Any) -> Any:
    """Tells constants apart that ``==`` does not: 1, True and 1.0; 0.0 and -0.0; NaNs by their bits."""
    if type(value) is tuple:
        return (tuple, tuple(constant_key(item) for item in value))
    if type(value) is float:
        return (float, struct.pack("d", value))
    if type(value) is complex:
        return (complex, struct.pack("dd", value.real, value.imag))
    if issubclass(type(value), np.generic):
        return (type(value), value.tobytes())
    return (type(value), value)


def _identity(guard: Guard) -> Any:
    """Equal for guards that say the same. User objects by address, since their ``__hash__`` is not ours to call."""
    match guard:
        case TypeIs(source, kind):
            fact: Any = (source, id(kind))
        case IdentityIs(source, value):
            fact = (source, id(value))
        case ValueIs(source, value):
            fact = (source, constant_key(value))
        case KeysAre(source, keys):
            fact = (source, constant_key(keys))
        case NotOverlapping(left, right):
            fact = frozenset((left, right))
        case SameObject(left, right, same):
            fact = (frozenset((left, right)), same)
        case _:
            fact = guard
    return (type(guard), fact)


def _without_implied(guards: list[Guard]) -> list[Guard]:
    implied = {fact for guard in guards for fact in _implied_by(guard)}
    return [guard for guard in guards if not _simple_facts(guard) & implied]


def _implied_by(guard: Guard) -> Iterator[tuple[Source, str, int]]:
    """What other guards need not say beside this one."""
    match guard:
        case ArrayIs(source):
            yield (source, "type", id(np.ndarray))
        case ValueIs(source, value):
            yield (source, "type", id(type(value)))
        case KeysAre(source, keys):
            yield (source, "length", len(keys))
        case IdentityIs(source, value) if _is_fixed_type(type(value)):
            yield (source, "type", id(type(value)))


def _simple_facts(guard: Guard) -> set[tuple[Source, str, int]]:
    match guard:
        case TypeIs(source, kind):
            return {(source, "type", id(kind))}
        case LengthIs(source, length):
            return {(source, "length", length)}
    return set()


def _refuse_user_objects(source: Source) -> None:
    for step in chain(source):
        if isinstance(step, Known) and not may_hold_strongly(step.value):
            raise CannotHold(f"{object_name(step.value)} is not known for ever")


def _weaken(guard: Guard) -> Guard:
    """The guard with objects of the user's held weakly."""
    match guard:
        case TypeIs(_, kind) if not may_hold_strongly(kind):
            return replace(guard, type=hold(kind, object_name(kind)))
        case IdentityIs(_, value) if not may_hold_strongly(value):
            return replace(guard, value=hold(value, object_name(value)))
        case ValueIs(_, value) if not is_value(value):
            raise CannotHold(f"cannot guard the value of a {type_name(type(value))}")
        case ArrayIs(_, dtype) if dtype.metadata is not None:
            raise CannotHold("cannot guard a dtype with metadata")
    return guard
