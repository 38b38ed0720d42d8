"""How attributes found on classes become values, by the rules of ``object.__getattribute__``; nothing runs."""

import types
from collections import OrderedDict, defaultdict
from typing import Any

from graphlet._guards import own_entry
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine
from graphlet.capture.pytypes import MISSING, lookup, mro
from graphlet.core.pristine import np
from graphlet.guards.hold import is_heap_type
from graphlet.guards.kinds import IdentityIs, LengthIs, TypeIs, TypeLacks, ValueIs
from graphlet.sources import Item, Mro, SlotAttr, Source, TypeAttr, TypeOf
from graphlet.values.base import Constant, Mapping, Value
from graphlet.values.objects import Instance, Method, NamedTuple, Object

CYTHON_FUNCTION = type(np.random.Generator.random)  # each module made by Cython may have a type of its own
_SETTERS = ("__set__", "__delete__")
_PLAIN_TYPES = (object, tuple, list, dict, set, frozenset, int, float, complex, str, bytes)
_OF_COLLECTIONS = (defaultdict, OrderedDict)
_READ_PLAINLY = (*_PLAIN_TYPES, *_OF_COLLECTIONS, BaseException, types.SimpleNamespace)


def reads_plainly(getter: Any) -> bool:
    """Whether a ``__getattribute__`` reads as that of ``object`` does: builtin types' do, in their own name."""
    return type(getter) is types.WrapperDescriptorType and getter.__objclass__ in _READ_PLAINLY


def is_data(found: Any) -> bool:
    """Whether a class attribute goes before what an object has of its own."""
    return any(lookup(type(found), name) is not MISSING for name in _SETTERS)


def stays_plain(m: Machine, source: Source, found: Any, *names: str) -> None:
    """What was found at a source is of a class that has no such methods; a class of the user's may learn them."""
    if is_heap_type(type(found)):
        m.guard(TypeIs(source, type(found)))
        for name in names:
            m.guard(TypeLacks(source, name))


def is_no_data(m: Machine, source: Source, found: Any) -> None:
    """What the class has under a name does not go before what an object has of its own."""
    stays_plain(m, source, found, *_SETTERS)


def class_source(value: Value) -> Source | None:
    """Where the class of an object is found."""
    if isinstance(value, (Object, NamedTuple)):
        return value.at
    is_class = isinstance(value, Constant) and isinstance(value.value, type)
    return TypeOf(value.source) if (is_class or isinstance(value, Instance)) and value.source is not None else None


def guard_order(m: Machine, source: Source | None, kind: type) -> None:
    """A class keeps its method resolution order: ``__bases__`` of it and of its bases can be set."""
    if not is_heap_type(kind):
        return
    if source is None:
        raise Break("GL110", "the bases of a class that cannot be found again")
    order = mro(kind)
    m.guard(LengthIs(Mro(source), len(order)))
    for i, base in enumerate(order):
        m.guard(IdentityIs(Item(Mro(source), i), base))


def reads_as_object(m: Machine, source: Source, kind: type) -> bool:
    """Whether a class reads attributes as ``object`` does; that it goes on to do so is guarded."""
    getter = lookup(kind, "__getattribute__")
    if not reads_plainly(getter):
        return False
    m.read(m.reader.unread(TypeAttr(source, "__getattribute__"), getter))
    return True


def has_dict(kind: type) -> bool:
    """Whether objects of a class have a dictionary of their own."""
    return type(lookup(kind, "__dict__")) is types.GetSetDescriptorType or kind is types.SimpleNamespace


def own_attribute(example: Any, name: str) -> Any:
    """The entry of an object's own dictionary, or ``MISSING``."""
    return own_entry(example, name, MISSING) if has_dict(type(example)) else MISSING


def own_entries(obj: Object) -> Mapping:
    """What the dictionary of an object made in the region holds now, in order; slots are elsewhere."""
    held = {name: value for name, value in obj.entries.items() if not is_slot(obj.type, lookup(obj.type, name), name)}
    return Mapping(held)


def slot_of(descriptor: Any, example: Any) -> Any:
    """What a slot of an object holds, or ``MISSING``."""
    try:
        return descriptor.__get__(example)
    except (AttributeError, TypeError):  # empty, or of another class
        return MISSING


def bind(m: Machine, source: Source, found: Any, obj: Value | None, owner: Value) -> Value:
    """What reading a class attribute gives: functions are bound to ``obj``, if there is one."""
    kind = type(found)
    if kind is types.FunctionType:
        function = m.reader.unread(source, found)
        return function if obj is None else Method(function, obj)
    if kind is staticmethod:
        m.read(m.reader.unread(source, found))
        return m.reader.unread(SlotAttr(source, "__func__"), found.__func__)
    if kind is classmethod:
        m.read(m.reader.unread(source, found))
        if type(found.__func__) is not types.FunctionType:
            raise Break("GL110", "a class method that is no Python function")
        return Method(m.reader.unread(SlotAttr(source, "__func__"), found.__func__), owner)
    if kind is types.ClassMethodDescriptorType:
        return Method(m.read(m.reader.unread(source, found)), owner)
    if kind in (types.MethodDescriptorType, types.WrapperDescriptorType, CYTHON_FUNCTION):
        method = m.read(m.reader.unread(source, found))
        return method if obj is None else Method(method, obj)
    if lookup(kind, "__get__") is MISSING:
        stays_plain(m, source, found, "__get__")
        return m.reader.unread(source, found)
    return asked(m, source, found, "__get__", (Constant(None) if obj is None else obj, owner))


def asked(m: Machine, source: Source, found: Any, name: str, args: tuple[Value, ...]) -> Value:
    """What a descriptor written in Python answers: ``found.__get__(obj, owner)``, ``found.__set__(obj, value)``."""
    method = lookup(type(found), name)
    if not is_heap_type(type(found)) or type(method) is not types.FunctionType:
        raise Break("GL110", f"`{source}` is computed by its class", str(source))
    descriptor = m.read(m.reader.unread(source, found))
    return m.call(m, m.reader.unread(TypeAttr(TypeOf(source), name), method), (descriptor, *args), {})


def read_property(m: Machine, source: Source, found: property, obj: Value) -> Value:
    """What a property's getter gives, which is followed."""
    m.read(m.reader.unread(source, found))
    return m.call(m, m.reader.unread(SlotAttr(source, "fget"), found.fget), (obj,), {})


def read_data(m: Machine, source: Source, found: Any, obj: Value, owner: Value) -> Value | None:
    """What ``__get__`` of a data descriptor written in Python gives; None if it is no such descriptor."""
    if type(lookup(type(found), "__get__")) is not types.FunctionType:
        return None
    stays_data(m, source, found)
    return asked(m, source, found, "__get__", (obj, owner))


def stays_data(m: Machine, source: Source, found: Any) -> None:
    """A descriptor written in Python that goes before what an object has of its own goes on to do so."""
    m.guard(TypeIs(source, type(found)))
    name = next(name for name in _SETTERS if lookup(type(found), name) is not MISSING)
    m.read(m.reader.unread(TypeAttr(TypeOf(source), name), lookup(type(found), name)))


def is_slot(kind: type, found: Any, name: str) -> bool:
    """A field of ``__slots__`` under its own name."""
    own = type(found) is types.MemberDescriptorType and found.__name__ == name
    return own and any(base is found.__objclass__ for base in mro(kind))


def stays_slot(m: Machine, at: Source, found: Any) -> None:
    """A class keeps a field under its own name; the field itself cannot be referred to weakly."""
    m.guard(ValueIs(SlotAttr(at, "__name__"), found.__name__))
    m.guard(IdentityIs(SlotAttr(at, "__objclass__"), found.__objclass__))
