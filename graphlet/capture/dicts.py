"""Dicts that were there before: of ``dict`` itself, ``defaultdict``, ``OrderedDict`` or another derived class."""

from collections import OrderedDict, defaultdict
from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import MISSING, lookup
from graphlet.guards.hold import TypeSet
from graphlet.guards.kinds import LengthIs, TypeLacks
from graphlet.guards.names import type_name
from graphlet.sources import TypeAttr, TypeOf
from graphlet.values.base import Value
from graphlet.values.objects import Instance, is_dict

RENAMED = "dicts of global names that were set or deleted"  # dict -> True
_FIXED = TypeSet(dict, defaultdict, OrderedDict)  # nobody can give them other methods


def is_derived(value: Value) -> bool:
    """A dict that was there before, of a class derived from ``dict``."""
    return isinstance(value, Instance) and value.type is not dict and issubclass(value.type, dict)


def keeps(m: Machine, value: Instance, *names: str) -> bool:
    """Whether a class derived from ``dict`` leaves these methods as they are; that it does so is guarded.

    An ``OrderedDict`` has its own, which do the same in the order that it keeps; classes derived from it are not looked
    into.
    """
    kind, base = value.type, OrderedDict if issubclass(value.type, OrderedDict) else dict
    if base is OrderedDict and kind is not OrderedDict:
        return False
    if kind in _FIXED:
        return True
    if value.source is None or any(lookup(kind, name) is not lookup(base, name) for name in names):
        return False
    for name in names:
        found = lookup(kind, name)
        if found is MISSING:
            m.guard(TypeLacks(value.source, name))
        else:
            m.read(m.reader.unread(TypeAttr(TypeOf(value.source), name), found))
    return True


def require(m: Machine, value: Value, *names: str) -> None:
    """A dict of a derived class must leave these methods as they are."""
    if isinstance(value, Instance) and is_derived(value) and not keeps(m, value, *names):
        raise Break("GL110", f"`{names[0]}` of {describe(value)}, a {type_name(value.type)}", name_of(value))


def require_plain(value: Value) -> None:
    """What is done gives another result for a dict of a derived class."""
    if isinstance(value, Instance) and is_derived(value):
        raise Break("GL110", f"{describe(value)} is a {type_name(value.type)}", name_of(value))


def rename(m: Machine, value: Instance) -> None:
    """A global name of this dict is set or deleted."""
    if value in m.table("mappings"):
        raise Break("GL104", f"a name in {describe(value)} is changed, which was looked at whole", name_of(value))
    m.trail.put(m.table(RENAMED), value, True)


def require_names(m: Machine, value: Value) -> None:
    """The items of a namespace are looked at by their names only, once one was set or deleted by its name."""
    if value in m.table(RENAMED):
        raise Break("GL104", f"{describe(value)} is read behind a change of a global", name_of(value))


def guarded_length(m: Machine, value: Instance) -> int:
    """How many items a container has that was there before."""
    require_names(m, value)
    assert value.source is not None
    n_items = dict.__len__(value.example) if is_dict(value) else len(value.example)
    m.reader.sized(LengthIs(value.source, n_items))
    return n_items


def keys_of(example: Any) -> tuple[Any, ...]:
    """The keys of a dict in the order it gives them. Hashes them: they must be plain."""
    return tuple((OrderedDict if issubclass(type(example), OrderedDict) else dict).__iter__(example))
