"""``|`` and ``|=`` of dicts, also of ``defaultdict`` and ``OrderedDict``, and copies of these."""

from collections import OrderedDict, defaultdict

from graphlet.capture import stores
from graphlet.capture.breaks import Break
from graphlet.capture.containers import as_mapping
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import exact_type
from graphlet.guards.hold import TypeSet
from graphlet.sources import SlotAttr
from graphlet.values.base import Mapping, Value
from graphlet.values.objects import DefaultDict, Instance, Names, Ordered

_ALL = TypeSet(dict, defaultdict, OrderedDict)


def are_dicts(left: Value, right: Value) -> bool:
    """Whether both are dicts of these classes."""
    kinds = exact_type(left), exact_type(right)
    return all(kind is not None and kind in _ALL for kind in kinds) and not isinstance(left, Names)


def merged(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """``left | right`` is of the class of the left one, if that is no plain dict; ``|=`` changes the left one."""
    items = known(m, right).items
    if symbol == "|":
        return like(m, right if exact_type(left) is dict else left, {**known(m, left).items, **items})
    there_before = stores.dict_there_before(m, left)
    if there_before is None:
        m.trail.set(left, "items", {**known(m, left).items, **items})
    else:
        for key, value in items.items():
            stores.set_item(m, there_before, key, value)
    return left


def copied(m: Machine, value: Value) -> Mapping:
    """A copy, which is of the same class."""
    value = m.read(value)
    return like(m, value, dict(known(m, value).items))


def like(m: Machine, value: Value, items: dict[object, Value]) -> Mapping:
    """A new dict of the class of ``value``, with its factory."""
    kind = exact_type(value)
    if kind is dict:
        return Mapping(items)
    if kind is OrderedDict:
        return Ordered(items)
    if kind is not defaultdict:
        raise Break("GL102", f"a copy of {describe(value)}", name_of(value))
    return DefaultDict(items, factory=factory_of(m, value))


def factory_of(m: Machine, value: Value) -> Value:
    """What makes the items of a ``defaultdict``."""
    if isinstance(value, DefaultDict):
        return value.factory
    assert isinstance(value, Instance) and value.source is not None
    return m.read(m.reader.unread(SlotAttr(value.source, "default_factory"), value.example.default_factory))


def known(m: Machine, value: Value) -> Mapping:
    """All items of a dict."""
    found = as_mapping(m, value)
    if not isinstance(found, Mapping):
        raise Break("GL110", f"the items of {describe(value)}", name_of(value))
    return found
