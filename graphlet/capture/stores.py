"""Stores to objects that were there before: they happen when the region has succeeded, in program order.

Until then what was stored is remembered here, and whoever reads the place gets it. Nothing can see the difference: no
code of the user's runs inside a region, and what a store replaces must be of a kind that does nothing when it goes.
"""

from collections import deque
from enum import Enum
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from graphlet.capture import dicts
from graphlet.capture.binding import is_slot, stays_slot
from graphlet.capture.breaks import Break
from graphlet.capture.changes import GROWING
from graphlet.capture.containers import as_mapping
from graphlet.capture.identity import existing
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import MISSING, is_plain, mro
from graphlet.guards.hold import is_heap_type
from graphlet.guards.kinds import InstanceLacks
from graphlet.sources import InstanceAttr, SlotAttr, Source, TypeAttr
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Value
from graphlet.values.objects import Cell, Instance, Unread, is_dict

STORES = "stores to objects that were there before"  # key -> (kind, object, name, value); attributes: (id, name)
DELETIONS = "how many items were deleted from a dict"  # dict -> number
NOTHING = Constant(None)
Store = tuple[str, Value, Any, Value]  # kind, object, name, value
MOST_ITEMS = 32  # looked at in a container that a store replaces


def attribute(m: Machine, obj: Instance, name: str) -> Value | None:
    """What the region has stored in an attribute of an object, if it has."""
    found = m.table(STORES).get((id(obj.example), name))
    return None if found is None else found[3]


def slot(m: Machine, obj: Instance, at: TypeAttr, found: Any) -> Value | None:
    """What the region has stored in a slot, which must then be under its own name: two names may be one slot."""
    if not any(changed.type is obj.type for kind, changed, *_ in m.table(STORES).values() if kind == "attribute"):
        return None
    if not is_slot(obj.type, found, at.name):
        raise Break("GL110", f"the slot `{at.name}` of {describe(obj)} has another name", name_of(obj))
    stays_slot(m, at, found)
    return attribute(m, obj, at.name)


def put(m: Machine, kind: str, obj: Value, key: tuple[Any, ...], name: Any, value: Value) -> None:
    """A store takes the place of the one before it under the same key."""
    before = m.table(STORES).get(key)
    name = name if before is None else before[2]  # of equal keys a dict keeps the first; a list, what it held at first
    m.trail.put(m.table(STORES), key, (kind, obj, name, value))


def require_quiet(m: Machine, before: Value, what: str) -> None:
    """What a store replaces must do nothing when it goes."""
    if not goes_quietly(m, before):
        raise Break("GL104", f"{what} is set, which held {describe(before)}")


def set_attribute(
    m: Machine,
    obj: Instance,
    name: str,
    value: Value,
    place: type[InstanceAttr | SlotAttr],
    example: Any,
) -> None:
    """``obj.name = value`` in the object's dictionary or slot, where ``example`` is now; ``MISSING`` for nothing."""
    if obj.source is None or not is_python_class(obj.type):
        raise Break("GL104", f"the attribute `{name}` of {describe(obj)} is set", name_of(obj))
    before = attribute(m, obj, name)
    m.reader.changes.attribute(obj, name, before is None and example is MISSING)
    if before is None and example is not MISSING:
        before = m.read(m.reader.unread(place(obj.source, name), example))
    if before is None and place is SlotAttr:
        raise Break("GL104", f"the attribute `{name}` of {describe(obj)} is set for the first time", name_of(obj))
    if before is None:
        m.reader.lacks(obj.source, name)
    else:
        require_quiet(m, before, f"the attribute `{name}` of {describe(obj)}")
    put(m, "attribute", obj, (id(obj.example), name), name, value)


def set_item(m: Machine, obj: Instance, key: Any, value: Value) -> None:
    """``obj[key] = value`` of a dict, all keys of which are guarded."""
    known = changed_dict(m, obj, key)
    if key in known.items:
        require_quiet(m, known.items[key], f"the item {key!r} of {describe(obj)}")
    put(m, "item", obj, (id(obj.example), key, m.table(DELETIONS).get(obj, 0)), key, value)
    m.trail.set(known, "items", {**known.items, key: value})


def delete_item(m: Machine, obj: Instance, key: Any) -> None:
    """``del obj[key]`` of a dict that has the item: what is set under that key from then on is a new item, the last."""
    known = changed_dict(m, obj, key)
    require_quiet(m, known.items[key], f"the item {key!r} of {describe(obj)}")
    before = m.table(DELETIONS).get(obj, 0)
    m.trail.put(m.table(DELETIONS), obj, before + 1)
    put(m, "delete", obj, ("delete", before, id(obj.example)), key, NOTHING)
    m.trail.set(known, "items", {name: item for name, item in known.items.items() if name != key})


def changed_dict(m: Machine, obj: Instance, key: Any) -> Mapping:
    """A dict, all keys of which are guarded, that gets or loses an item."""
    refuse_varying(m, obj)
    known = whole(m, obj)
    m.reader.changes.item(obj, key, lacking(m))
    return known


def dict_there_before(m: Machine, value: Value) -> Instance | None:
    """A dict that was there before the region, also where it is seen with all its keys."""
    if isinstance(value, Instance) and is_dict(value):
        return value
    return next((obj for obj, seen in m.table("mappings").items() if seen is value), None)


def whole(m: Machine, obj: Instance) -> Mapping:
    """A dict that was there before with all its keys guarded: only then is it certain that one is not there."""
    known = as_mapping(m, obj)
    assert isinstance(known, Mapping)
    return known


def append(m: Machine, obj: Unread, value: Value) -> None:
    """``obj.append(value)`` of a list or deque, of which nothing else need be known."""
    m.reader.changes.lengthen(obj)
    put(m, "append", obj, ("append", len(m.table(STORES))), None, value)


def growing(m: Machine, value: Value) -> Unread | None:
    """A list or deque that was there before and has not been looked at: it can get longer without being read.

    A deque of limited length loses an item when it is full.
    """
    if not isinstance(value, Unread) or type(value.example) not in GROWING:
        return None
    if type(value.example) is deque and value.example.maxlen is not None:
        return None
    return value if m.reader.read_already(value.example) is None else None


def refill(m: Machine, target: Sequence, items: tuple[Value, ...]) -> None:
    """A list or deque holds these items from now on."""
    if existing(target):
        refill_existing(m, target, items)
    m.trail.set(target, "items", items)


def refill_existing(m: Machine, target: Sequence, items: tuple[Value, ...]) -> None:
    """A list or deque that was there before, of known length, is to hold these items."""
    refuse_varying(m, target)
    stay = set(items)
    for item in target.items:
        if item not in stay:
            require_quiet(m, item, f"an item of {describe(target)}")
    m.reader.changes.list(target)
    put(m, "items", target, ("items", target), target.items, Sequence("list", items))


def refuse_varying(m: Machine, target: Value) -> None:
    """A container that has another length in each call is left to the interpreter: a call says nothing of the next."""
    if f"len({target.source})" in m.options.unpinned:
        raise Break("GL104", f"{describe(target)} is changed, whose length differs from call to call", name_of(target))


def waiting(m: Machine) -> tuple[Store, ...]:
    """The stores of the region in program order; of a list of the same length as before only what is another."""
    found: list[Store] = []
    for kind, obj, name, value in m.table(STORES).values():
        if kind != "items":
            found.append((kind, obj, name, value))
        elif len(name) != len(value.items):
            found.append((kind, obj, None, value))
        else:
            pairs = enumerate(zip(name, value.items, strict=True))
            found += [("list item", obj, i, now) for i, (before, now) in pairs if before is not now]
    return tuple(found)


def global_(m: Machine, names: dict[str, Any], name: str) -> Value | None:
    """What the region has stored under a global name, if it has."""
    found = m.table(STORES).get(("global", id(names), name))
    return None if found is None else found[3]


def set_global(m: Machine, obj: Instance, name: str, before: Value, value: Value, same: set[Source]) -> None:
    """An item of a namespace, of which no other keys are known; ``same``: where the name was read in it."""
    change_global(m, obj, name, before, same)
    put(m, "item", obj, ("global", id(obj.example), name), name, value)


def delete_global(m: Machine, obj: Instance, name: str, before: Value, same: set[Source]) -> None:
    """An item of a namespace goes, and is not set again in the region: it would be the last one then."""
    change_global(m, obj, name, before, same)
    put(m, "delete", obj, ("no global", id(obj.example), name), name, NOTHING)


def change_global(m: Machine, obj: Instance, name: str, before: Value, same: set[Source]) -> None:
    require_quiet(m, before, f"the global `{name}`")
    m.reader.changes.item(obj, name, lacking(m), same)
    dicts.rename(m, obj)


def lost_global(m: Machine, names: dict[str, Any], name: str) -> bool:
    """Whether the region has deleted a global name."""
    return ("no global", id(names), name) in m.table(STORES)


def lacking(m: Machine) -> set[str]:
    """Names that were looked up in dictionaries of objects, and not found."""
    return {guard.name for guard in m.guards if isinstance(guard, InstanceLacks)}


def set_cell(m: Machine, cell: Cell, name: str, value: Value) -> None:
    """The variable of an enclosing function is set."""
    if cell.contents is None:
        raise Break("GL104", f"the variable `{name}` of an enclosing function is set for the first time", name)
    require_quiet(m, cell.contents, f"the variable `{name}` of an enclosing function")
    put(m, "cell", cell, ("cell", cell), None, value)


def is_python_class(kind: type) -> bool:
    """Whether a class and its bases are written in Python, or are as good, and none is one graphlet knows by itself."""
    bases = [base for base in mro(kind) if base is not object]
    if kind is SimpleNamespace:
        return True
    return all(map(is_heap_type, bases)) and not any(base is Enum or base is cached_property for base in bases)


def goes_quietly(m: Machine, value: Value, depth: int = 3) -> bool:
    """Whether nothing happens when a value goes: no class of the user's can have a say."""
    value = m.read(value)
    if isinstance(value, (Array, Scalar)):
        return True
    if isinstance(value, Constant):
        return is_plain(value.value)
    if isinstance(value, Instance) and value.type is dict and len(value.example) <= MOST_ITEMS:
        value = as_mapping(m, value)
    items: tuple[Value, ...] | None = None
    if type(value) is Sequence:
        items = value.items
    elif type(value) is Mapping:
        items = tuple(value.items.values())
    if items is None or len(items) > MOST_ITEMS or depth == 0:
        return False
    return all(goes_quietly(m, item, depth - 1) for item in items)
