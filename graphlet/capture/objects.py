"""Objects of Python classes made in the region: made, read and changed as ``type`` and ``object`` do it.

Their methods are followed like any function. What is looked up on the class is guarded, absence included.
"""

import types
from collections import OrderedDict, defaultdict
from functools import cached_property
from typing import Any

from graphlet.capture import raising, stores
from graphlet.capture.binding import (
    asked,
    bind,
    class_source,
    has_dict,
    is_data,
    is_no_data,
    is_slot,
    own_attribute,
    read_data,
    read_property,
    reads_as_object,
    slot_of,
    stays_slot,
)
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import MISSING, exact_type, lookup, mro
from graphlet.guards.hold import NAMED_FIELD, is_heap_type
from graphlet.guards.kinds import ClassLacks, IdentityIs, TypeIs
from graphlet.guards.names import type_name
from graphlet.sources import InstanceAttr, SlotAttr, Source, TypeAttr, TypeOf
from graphlet.values.base import Constant, Mapping, Sequence, Value
from graphlet.values.objects import Derived, Error, Instance, NamedTuple, Object, is_dict

_FLAGS = type.__dict__["__flags__"].__get__
_ABSTRACT, _HEAP = 1 << 20, 1 << 9  # flags of a type
_NEW, _INIT = object.__dict__["__new__"], object.__dict__["__init__"]
_CALL = type.__dict__["__call__"]
_CACHED = cached_property.__get__
BASES = {id(base.__dict__["__new__"]): base for base in (dict, list)}  # by what makes their objects
_OF_DICTS = (dict.get, dict.__getitem__)  # classes whose items are attributes have them as ``__getattr__``
_OTHERS = (OrderedDict, defaultdict)
_SET_OF_ERRORS = BaseException.__dict__.get("__setattr__", object.__dict__["__setattr__"])  # the same by another name
_SET_OF_NAMESPACES = types.SimpleNamespace.__setattr__
_DELETE_OF_NAMESPACES = types.SimpleNamespace.__delattr__
_SET, _DELETE = object.__dict__["__setattr__"], object.__dict__["__delattr__"]


def can_make(kind: type) -> bool:
    """Whether a class is written in Python, and makes its objects as ``object`` does or by functions."""
    init, new = lookup(kind, "__init__"), lookup(kind, "__new__")
    in_python = type(new) is staticmethod and type(new.__func__) is types.FunctionType
    base = BASES.get(id(new))
    usual = init is _INIT or (base is not None and init is base.__dict__["__init__"])
    plain = (usual or type(init) is types.FunctionType) and (new is _NEW or in_python or base is not None)
    return plain and bool(_FLAGS(kind) & _HEAP)


def is_followed(kind: type) -> bool:
    """Whether calling a class is followed: its metaclass has its own way, in Python, or makes objects as usual."""
    return type(lookup(type(kind), "__call__")) is types.FunctionType or can_make(kind)


def make(m: Machine, callee: Constant, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    """``kind(*args, **kwargs)``: what the metaclass does, which is ``__new__``, then ``__init__``."""
    called = lookup(type(callee.value), "__call__")
    if callee.source is None or not (called is _CALL or type(called) is types.FunctionType):
        raise Break("GL102", f"{describe(callee)}(...): not followed", name_of(callee))
    if is_heap_type(type(callee.value)):
        m.guard(TypeIs(callee.source, type(callee.value)))
        function = m.read(m.reader.unread(TypeAttr(TypeOf(callee.source), "__call__"), called))
        if called is not _CALL:
            return m.call(m, function, (callee, *args), kwargs)
    return make_plainly(m, callee, args, kwargs)


def make_plainly(m: Machine, callee: Constant, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    """``type.__call__(kind, *args, **kwargs)``"""
    kind: type = callee.value
    if callee.source is None or not can_make(kind):
        raise Break("GL102", f"{describe(callee)}(...): not followed", name_of(callee))
    new = lookup(kind, "__new__")
    at = TypeAttr(callee.source, "__new__")
    base = BASES.get(id(new))
    if new is _NEW or base is not None:
        m.read(m.reader.unread(at, new))
        made: Value = new_object(m, callee, base)
    elif type(new) is staticmethod and type(new.__func__) is types.FunctionType:
        m.read(m.reader.unread(at, new))
        made = m.read(m.call(m, m.reader.unread(SlotAttr(at, "__func__"), new.__func__), (callee, *args), kwargs))
    else:
        raise Break("GL102", f"{describe(callee)}(...): not followed", name_of(callee))
    made_kind = exact_type(made)
    if made_kind is kind:
        initialise(m, callee.source, kind, made, args, kwargs, plain=new is _NEW)
    elif made_kind is None or kind in mro(made_kind):  # another class has its own __init__
        if not isinstance(made, Object):
            raise Break("GL102", f"{describe(callee)}(...) makes {describe(made)}", name_of(callee))
        initialise(m, made.at, made.type, made, args, kwargs, plain=lookup(made.type, "__new__") is _NEW)
    return made


def new_object(m: Machine, cls: Value, base: type | None = None) -> Object:
    """``object.__new__(cls)`` for a class written in Python, or that of the ``base`` it is derived from."""
    cls = m.read(cls)
    kind = cls.value if isinstance(cls, Constant) else None
    if not isinstance(kind, type) or cls.source is None or lookup(kind, "__new__") is MISSING:
        raise Break("GL102", f"an object of {describe(cls)} is made", name_of(cls))
    own = [parent for parent in mro(kind) if parent is not object and parent is not base]
    mixed = base is not None and (base not in mro(kind) or any(other in own for other in (*_OTHERS, dict, list)))
    if mixed or not own or _FLAGS(kind) & _ABSTRACT or not all(_FLAGS(parent) & _HEAP for parent in own):
        raise Break("GL102", f"an object of {describe(cls)} is made", name_of(cls))
    if lookup(kind, "__del__") is not MISSING:
        raise Break("GL110", f"objects of {type_name(kind)} do something when they go", name_of(cls))
    m.guard(ClassLacks(cls.source, "__del__"))
    stays_concrete(m, cls.source, kind)
    if base is not None:
        return Derived(kind, cls.source, contents=Mapping() if base is dict else Sequence("list"))
    return Object(kind, cls.source)


def stays_concrete(m: Machine, source: Source, kind: type) -> None:
    """No methods become abstract, which ``__new__`` would complain about."""
    found = lookup(kind, "__abstractmethods__")
    if found is MISSING:
        m.guard(ClassLacks(source, "__abstractmethods__"))
    elif type(found) is frozenset:
        m.guard(IdentityIs(TypeAttr(source, "__abstractmethods__"), found))
    else:
        raise Break("GL110", f"what is abstract in {type_name(kind)}")


def initialise(
    m: Machine,
    source: Source,
    kind: type,
    made: Value,
    args: tuple[Value, ...],
    kwargs: dict[str, Value],
    plain: bool,
) -> None:
    """``__init__`` of a new object; that of ``object`` takes no arguments unless ``__new__`` took them."""
    init = lookup(kind, "__init__")
    function = m.reader.unread(TypeAttr(source, "__init__"), init)
    if init is _INIT:
        m.read(function)
        if plain and (args or kwargs):
            raise Break("GL111", f"{type_name(kind)}() takes no arguments")
    elif type(init) is types.FunctionType or isinstance(made, Derived):
        result = m.read(m.call(m, function, (made, *args), kwargs))
        if not isinstance(result, Constant) or result.value is not None:
            raise Break("GL111", "__init__ returns something")
    else:
        raise Break("GL102", f"{type_name(kind)}(...): not followed")


def get(m: Machine, obj: Object | NamedTuple, name: str) -> Value:
    """``obj.name``, by the rules of ``object.__getattribute__``."""
    kind, at = obj.type, TypeAttr(obj.at, name)
    if not reads_as_object(m, obj.at, kind):
        raise Break("GL110", f"the class {type_name(kind)} reads attributes in its own way")
    found = lookup(kind, name)
    if found is not MISSING and is_data(found):
        return data_descriptor(m, obj, name, found)
    own = obj.entries.get(name) if isinstance(obj, Object) else None
    if own is not None:
        guard_class(m, at, found)
        return own
    if found is MISSING:
        m.guard(ClassLacks(obj.at, name))
        return fallen_back(m, obj, TypeAttr(obj.at, "__getattr__"), kind, name)
    if type(found) is cached_property and isinstance(obj, Object) and has_dict(kind):
        return cached(m, obj, at, found)
    return bind(m, at, found, obj, Constant(kind, source=obj.at))


def fallen_back(m: Machine, obj: Value, at: TypeAttr, kind: type, name: str) -> Value:
    """``__getattr__`` of a class, for an attribute that is certainly not there."""
    getter = lookup(kind, "__getattr__")
    of_dict = is_dict(obj) and any(getter is method for method in _OF_DICTS)
    if type(getter) is not types.FunctionType and not of_dict:
        raise Break("GL117", f"{describe(obj)} has no attribute `{name}`", name_of(obj))
    return m.call(m, m.reader.unread(at, getter), (obj, Constant(name)), {})


def guard_class(m: Machine, at: TypeAttr, found: Any) -> None:
    """The class has something of this type under the name, or nothing."""
    m.guard(ClassLacks(at.base, at.name) if found is MISSING else TypeIs(at, type(found)))
    if not is_data(found):
        is_no_data(m, at, found)


def data_descriptor(m: Machine, obj: Object | NamedTuple, name: str, found: Any) -> Value:
    """A property (its getter is inlined), a slot, or a field of a named tuple."""
    at = TypeAttr(obj.at, name)
    if found is object.__dict__["__class__"]:
        m.guard(IdentityIs(at, found))
        return Constant(obj.type, source=obj.at)
    if type(found) is property:
        return read_property(m, at, found, obj)
    if isinstance(obj, Error):
        known = raising.field(m, obj, found)
        if known is not None:
            return known
    guard_class(m, at, found)
    if is_slot(obj.type, found, name) and isinstance(obj, Object):
        stays_slot(m, at, found)
        value = obj.entries.get(name)
        if value is None:
            raise Break("GL117", f"{describe(obj)} has no attribute `{name}`")
        return value
    if type(found) is NAMED_FIELD and isinstance(obj, NamedTuple):
        m.guard(IdentityIs(at, found))
        index = found.__reduce__()[1][0]
        if index < len(obj.items):
            item: Value = obj.items[index]
            return item
    given = read_data(m, at, found, obj, Constant(obj.type, source=obj.at))
    if given is not None:
        return given
    raise Break("GL110", f"the attribute `{name}` of {describe(obj)} is computed by its class")


def cached(m: Machine, obj: Object | Instance, at: TypeAttr, found: Any) -> Value:
    """A ``functools.cached_property`` that is read for the first time."""
    m.read(m.reader.unread(at, found))
    getter = lookup(type(found), "__get__")
    m.read(m.reader.unread(TypeAttr(TypeOf(at), "__get__"), getter))
    name = m.known(m.reader.unread(InstanceAttr(at, "attrname"), found.attrname))
    if getter is not _CACHED or name != at.name:
        raise Break("GL110", "a cached property that is not under its name")
    value = m.call(m, m.reader.unread(InstanceAttr(at, "func"), found.func), (obj,), {})
    if isinstance(obj, Object):
        m.trail.set(obj, "entries", {**obj.entries, at.name: value})
    else:
        stores.set_attribute(m, obj, at.name, value, InstanceAttr, own_attribute(obj.example, at.name))
    return value


def store(m: Machine, obj: Object | Instance, name: str, value: Value) -> None:
    """``obj.name = value``"""
    setter = lookup(obj.type, "__setattr__")
    function = m.reader.unread(TypeAttr(class_of(obj), "__setattr__"), setter)
    if type(setter) is types.FunctionType:
        m.call(m, function, (obj, Constant(name), value), {})
        return
    usual = setter is _SET or setter is _SET_OF_NAMESPACES
    if not usual and not (isinstance(obj, Error) and setter is _SET_OF_ERRORS):
        raise Break("GL110", f"the class {type_name(obj.type)} sets attributes in its own way")
    m.read(function)
    store_plainly(m, obj, name, value)


def class_of(obj: Object | Instance) -> Source:
    """Where the class of an object is."""
    found = class_source(obj)
    if found is None:
        raise Break("GL110", f"the class of {describe(obj)} cannot be found again", name_of(obj))
    return found


def store_plainly(m: Machine, obj: Object | Instance, name: str, value: Value) -> None:
    """``object.__setattr__(obj, name, value)``"""
    at, found = TypeAttr(class_of(obj), name), lookup(obj.type, name)
    if type(found) is property:
        m.read(m.reader.unread(at, found))
        m.call(m, m.reader.unread(SlotAttr(at, "fset"), found.fset), (obj, value), {})
        return
    if isinstance(obj, Error) and raising.may_be_set(name, m.read(value)):
        raising.set_field(m, obj, name, m.read(value))
        return
    if type(lookup(type(found), "__set__")) is types.FunctionType:
        asked(m, at, found, "__set__", (obj, value))
        return
    require_storable(m, obj, at, found)
    guard_class(m, at, found)
    if isinstance(obj, Object):
        m.trail.set(obj, "entries", {**obj.entries, name: value})
    elif is_slot(obj.type, found, name):
        stores.set_attribute(m, obj, name, value, SlotAttr, slot_of(found, obj.example))
    else:
        stores.set_attribute(m, obj, name, value, InstanceAttr, own_attribute(obj.example, name))


def require_storable(m: Machine, obj: Object | Instance, at: TypeAttr, found: Any) -> None:
    """Only slots and entries of the object's own dictionary are set."""
    if is_slot(obj.type, found, at.name):
        stays_slot(m, at, found)
        return
    if (found is not MISSING and is_data(found)) or not has_dict(obj.type):
        raise Break("GL110", f"the attribute `{at.name}` of {describe(obj)} is set by its class")


def delete(m: Machine, obj: Object, name: str) -> None:
    """``del obj.name``"""
    deleter, found = lookup(obj.type, "__delattr__"), lookup(obj.type, name)
    if (deleter is not _DELETE and deleter is not _DELETE_OF_NAMESPACES) or name not in obj.entries:
        raise Break("GL110", f"the attribute `{name}` of {describe(obj)} is deleted")
    m.read(m.reader.unread(TypeAttr(obj.at, "__delattr__"), deleter))
    require_storable(m, obj, TypeAttr(obj.at, name), found)
    guard_class(m, TypeAttr(obj.at, name), found)
    m.trail.set(obj, "entries", {key: value for key, value in obj.entries.items() if key != name})


def has(m: Machine, obj: Object, name: str) -> bool:
    """``hasattr(obj, name)`` for what is no business of the class."""
    found = lookup(obj.type, name)
    if name in obj.entries:
        get(m, obj, name)
        return True
    in_its_way = found is not MISSING or lookup(obj.type, "__getattr__") is not MISSING
    if in_its_way or not reads_as_object(m, obj.at, obj.type):
        raise Break("GL110", f"whether {describe(obj)} has an attribute `{name}`")
    m.guard(ClassLacks(obj.at, name))
    m.guard(ClassLacks(obj.at, "__getattr__"))
    return False


def new_tuple(m: Machine, cls: Value, items: tuple[Value, ...]) -> Value:
    """``tuple.__new__(cls, items)``"""
    cls = m.read(cls)
    kind = cls.value if isinstance(cls, Constant) else None
    if not isinstance(kind, type) or cls.source is None:
        raise Break("GL102", f"a {describe(cls)} is made", name_of(cls))
    if not issubclass(kind, tuple) or kind is tuple or lookup(kind, "__del__") is not MISSING:
        raise Break("GL102", f"a {describe(cls)} is made", name_of(cls))
    m.guard(ClassLacks(cls.source, "__del__"))
    return NamedTuple("tuple", items, type=kind, at=cls.source)
