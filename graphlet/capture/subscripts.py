"""Items of containers: read, set and deleted, by keys and positions that are known."""

import types
from collections import defaultdict
from typing import Any

from graphlet.capture import arrays, dicts, own_names, specials, stores
from graphlet.capture.arrays_facets import facet_item, set_facet_item
from graphlet.capture.binding import own_entries
from graphlet.capture.breaks import Break
from graphlet.capture.containers import is_key, items_of, key_of, known_range, require_keys, require_new, wrapped
from graphlet.capture.folding import fold
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.payloads import plain_of
from graphlet.capture.pytypes import CONTAINERS, LISTS, MISSING, is_none, lookup
from graphlet.capture.raising import raises
from graphlet.guards.kinds import IdentityIs, LengthIs, TypeLacks
from graphlet.guards.names import type_name
from graphlet.sources import DictItem, Item, SlotAttr, TypeAttr, TypeOf
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Slice, Value
from graphlet.values.objects import DefaultDict, Derived, Facet, Instance, Names, Range, Record, is_dict


def getitem(m: Machine, obj: Value, key: Value) -> Value:
    """``obj[key]``"""
    obj, key = m.read(obj), plain_of(m, m.read_deep(key), "__index__", "__hash__", "__eq__")
    if isinstance(obj, (Array, Record, Scalar)):
        return arrays.getitem(m, obj, key)
    if isinstance(obj, Facet):
        return facet_item(m, obj, key)
    inside = specials.contents(m, obj, "__getitem__")
    if isinstance(obj, Derived) and inside is not obj:
        return derived_item(m, obj, key)
    found = specials.call_special(m, obj, "__getitem__", key)
    if found is not None:
        return found
    if isinstance(obj, Instance):
        return existing_item(m, obj, key)
    if isinstance(obj, Names):
        obj = own_entries(obj.obj)
    if isinstance(obj, Mapping):
        return mapping_item(m, obj, key)
    if isinstance(obj, Sequence) and (obj.kind != "deque" or not isinstance(key, Slice)):
        return sequence_item(m, obj, key)
    if isinstance(obj, Range):
        obj = Constant(known_range(m, obj))
    if isinstance(obj, Constant) and type(obj.value) in (str, bytes, range):
        return Constant(fold(_getitem, obj.value, m.known(key)))
    raise Break("GL110", f"an item of {describe(obj)}", name_of(obj))


def _getitem(obj: Any, key: Any) -> Any:
    return obj[key]


def existing_item(m: Machine, obj: Instance, key: Value) -> Value:
    """An item of a dict, list or tuple that was there before: only this item is guarded."""
    plain_tuple = issubclass(obj.type, tuple) and lookup(obj.type, "__getitem__") is tuple.__dict__["__getitem__"]
    index = m.known(key) if obj.type in CONTAINERS or plain_tuple or is_dict(obj) else None
    if plain_tuple and obj.type is not tuple and obj.source is not None:
        m.guard(IdentityIs(TypeAttr(TypeOf(obj.source), "__getitem__"), tuple.__dict__["__getitem__"]))
    if is_dict(obj) and is_key(index):
        return existing_dict_item(m, obj, key, index)
    if (obj.type is list or plain_tuple) and type(index) is int and obj.source is not None:
        kind: Any = tuple if plain_tuple else list
        size = kind.__len__(obj.example)
        if not -size <= index < size:
            if obj.type in LISTS:
                m.reader.sized(LengthIs(obj.source, size))
                raise raises(IndexError, "GL117", f"{describe(obj)} has no item {index}", name_of(obj))
            raise Break("GL117", f"{describe(obj)} has no item {index}", name_of(obj))
        if index < 0 and obj.type in LISTS:
            m.reader.sized(LengthIs(obj.source, size))
            index += size
        if index >= 0:
            return m.reader.unread(Item(obj.source, index), kind.__getitem__(obj.example, index))
    raise Break("GL110", f"an item of {describe(obj)}, a {type_name(obj.type)}", name_of(obj))


def existing_dict_item(m: Machine, obj: Instance, key: Value, index: Any) -> Value:
    """An item of a dict that was there before; of one that is not there, a derived class is asked."""
    dicts.require(m, obj, "__getitem__")
    dicts.require_names(m, obj)
    known: Mapping | None = m.table("mappings").get(obj)
    if known is None:
        require_keys(obj)
        if dict.__contains__(obj.example, index):
            assert obj.source is not None
            return m.reader.unread(DictItem(obj.source, index), dict.__getitem__(obj.example, index))
        known = stores.whole(m, obj)
    if index not in known.items and obj.type is not dict:
        return made_by_class(m, obj, known, key, index)
    return mapping_item(m, known, key)


def made_by_class(m: Machine, obj: Instance, known: Mapping, key: Value, index: Any) -> Value:
    """What ``__missing__`` of a class derived from ``dict`` gives for a key that is not there."""
    found = lookup(obj.type, "__missing__")
    assert obj.source is not None
    if found is MISSING:
        m.guard(TypeLacks(obj.source, "__missing__"))
        return mapping_item(m, known, key)
    function = m.reader.unread(TypeAttr(TypeOf(obj.source), "__missing__"), found)
    if found is not lookup(defaultdict, "__missing__"):
        if type(found) is not types.FunctionType:
            raise Break("GL110", f"`__missing__` of {describe(obj)}, a {type_name(obj.type)}", name_of(obj))
        return m.call(m, function, (obj, key), {})
    m.read(function)
    factory = m.read(m.reader.unread(SlotAttr(obj.source, "default_factory"), obj.example.default_factory))
    if is_none(factory):
        return mapping_item(m, known, key)
    made = m.call(m, factory, (), {})
    stores.set_item(m, obj, index, made)
    return made


def mapping_item(m: Machine, obj: Mapping, key: Value) -> Value:
    """An item of a dict."""
    name = key_of(m, key)
    if name not in obj.items:
        return missing_item(m, obj, name)
    found: Value = obj.items[name]
    return found


def derived_item(m: Machine, obj: Derived, key: Value) -> Value:
    """An item of an object that is a dict or list; of one that is not there, a class derived from dict is asked."""
    if not isinstance(obj.contents, Mapping):
        return sequence_item(m, obj.contents, key)
    if key_of(m, key) not in obj.contents.items:
        made = specials.call_special(m, obj, "__missing__", key)
        if made is not None:
            return made
    return mapping_item(m, obj.contents, key)


def missing_item(m: Machine, obj: Mapping, name: Any) -> Value:
    """A ``defaultdict`` makes the item that is not there."""
    if not isinstance(obj, DefaultDict) or is_none(obj.factory):
        raise raises(KeyError, "GL117", f"{describe(obj)} has no key {name!r}", name_of(obj), (wrapped(name),))
    made = m.call(m, obj.factory, (), {})
    m.trail.set(obj, "items", {**obj.items, name: made})
    return made


def sequence_item(m: Machine, obj: Sequence, key: Value) -> Value:
    """An item or a part of a tuple or list."""
    index = m.known(key)
    if type(index) is slice:
        if obj.kind == "deque":
            raise Break("GL110", f"a part of {describe(obj)}, which has none", name_of(obj))
        return Sequence(obj.kind, fold_slice(obj.items, index))
    if type(index) not in (int, bool):
        raise Break("GL110", f"{describe(key)} as an index", name_of(key))
    if not -len(obj.items) <= index < len(obj.items):
        raise raises(IndexError, "GL117", f"{describe(obj)} has no item {index}", name_of(obj))
    found: Value = obj.items[index]
    return found


def fold_slice(items: tuple[Value, ...], index: slice) -> tuple[Value, ...]:
    """``items[index]`` for a slice of plain parts."""
    if not all(part is None or type(part) is int for part in (index.start, index.stop, index.step)) or index.step == 0:
        raise Break("GL110", "a slice with bounds that are no integers")
    return items[index]


def setitem(m: Machine, obj: Value, key: Value, value: Value) -> None:
    """``obj[key] = value``"""
    obj = m.read(obj)
    if isinstance(obj, Array):
        arrays.setitem(m, obj, plain_of(m, m.read_deep(key), "__index__"), m.read_deep(value))
        return
    if isinstance(obj, Record):
        arrays.setitem(m, arrays.field_of(m, obj, m.read_deep(key)), obj.index, m.read_deep(value))
        return
    if isinstance(obj, Facet):
        set_facet_item(m, obj, m.read_deep(key), m.read_deep(value))
        return
    obj = specials.contents(m, obj, "__setitem__")
    if specials.call_special(m, obj, "__setitem__", key, value) is not None:
        return
    if isinstance(obj, Names):
        own_names.put(m, obj, key_of(m, key), value)
        return
    there_before = stores.dict_there_before(m, obj)
    if there_before is not None:
        dicts.require(m, there_before, "__setitem__")
        stores.set_item(m, there_before, key_of(m, key), value)
        return
    if isinstance(obj, Mapping):
        require_new(obj)
        m.trail.set(obj, "items", {**obj.items, key_of(m, key): value})
        return
    if isinstance(obj, Sequence) and obj.kind in ("list", "deque"):
        index = m.known(key)
        if type(index) is int and -len(obj.items) <= index < len(obj.items):
            items = list(obj.items)
            items[index] = value
            stores.refill(m, obj, tuple(items))
            return
        if type(index) is slice and obj.kind == "list":
            set_slice(m, obj, index, value)
            return
    require_new(obj)
    raise Break("GL110", f"an item of {describe(obj)} is set", name_of(obj))


def set_slice(m: Machine, obj: Sequence, index: slice, value: Value) -> None:
    """``obj[start:stop:step] = value`` of a list."""
    news, places = items_of(m, value), fold_slice(obj.items, index)
    if index.step not in (None, 1) and len(news) != len(places):
        raise Break("GL111", f"a part of {describe(obj)} is set to another number of items")
    items = list(obj.items)
    items[index] = news
    stores.refill(m, obj, tuple(items))


def delete(m: Machine, obj: Value, key: Value) -> None:
    """``del obj[key]``"""
    obj = specials.contents(m, m.read(obj), "__delitem__")
    if specials.call_special(m, obj, "__delitem__", key) is not None:
        return
    index = m.known(key)
    there_before = stores.dict_there_before(m, obj)
    if there_before is not None:
        dicts.require(m, there_before, "__delitem__")
        obj = stores.whole(m, there_before)
    if isinstance(obj, Mapping):
        if key_of(m, key) not in obj.items:
            raise raises(KeyError, "GL117", f"{describe(obj)} has no key {index!r}", name_of(obj), (wrapped(index),))
        if there_before is not None:
            stores.delete_item(m, there_before, index)
            return
        require_new(obj)
        m.trail.set(obj, "items", {name: item for name, item in obj.items.items() if name != index})
        return
    is_deque = isinstance(obj, Sequence) and obj.kind == "deque" and type(index) is not slice
    if not isinstance(obj, Sequence) or (obj.kind != "list" and not is_deque):
        require_new(obj)
        raise Break("GL110", f"an item of {describe(obj)} is deleted", name_of(obj))
    items = list(obj.items)
    if type(index) is slice:
        fold_slice(obj.items, index)
    else:
        sequence_item(m, obj, key)
    del items[index]
    stores.refill(m, obj, tuple(items))
