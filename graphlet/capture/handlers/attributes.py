"""Reading attributes. Nothing of the user's runs: lookups follow the type by hand, properties are inlined."""

import cmath
import math
import types
from collections import deque
from collections.abc import Callable
from enum import Enum
from functools import cached_property
from typing import Any

import numpy

from graphlet.capture import arrays, callables, objects, stores
from graphlet.capture.arrays_facets import facet_attribute, set_flat
from graphlet.capture.binding import (
    CYTHON_FUNCTION,
    bind,
    class_source,
    guard_order,
    has_dict,
    is_data,
    is_no_data,
    own_attribute,
    read_data,
    read_property,
    reads_as_object,
    slot_of,
)
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.own_names import names_of
from graphlet.capture.pytypes import CONTAINERS, MISSING, NUMBERS, PLAIN, lookup, mro, type_of
from graphlet.capture.raising import Raised, left_to_python, raises
from graphlet.core.pristine import np
from graphlet.guards.hold import NAMED_FIELD, is_heap_type
from graphlet.guards.kinds import ClassLacks, IdentityIs, TypeIs, TypeLacks, ValueIs
from graphlet.guards.names import type_name
from graphlet.opcodes.decode import Instr
from graphlet.sources import (
    InstanceAttr,
    Item,
    Known,
    Limit,
    ModuleAttr,
    Mro,
    OwnDict,
    SlotAttr,
    Source,
    TypeAttr,
    TypeOf,
)
from graphlet.values.base import Array, Constant, Null, Scalar, Slice, Value
from graphlet.values.objects import (
    ArrayMethod,
    AsyncGenerator,
    Deque,
    Error,
    Facet,
    Function,
    Instance,
    Method,
    NamedTuple,
    Names,
    Object,
    Partial,
    Range,
    Super,
    Unread,
)

_OF_LISTS = {
    id(kind): {name for name, found in vars(kind).items() if type(found) is types.MethodDescriptorType}
    for kind in (list, deque)
}
_BUILTIN_METHODS = (types.MethodDescriptorType, types.WrapperDescriptorType, types.BuiltinFunctionType)
_OF_NAMES = ("get", "keys", "values", "items", "copy", "update")  # of a dictionary of attributes
_OF_MEMBERS = {"value": "_value_", "name": "_name_"}  # what the properties of an enum's members read
_OF_METHODS = ("__call__", "__get__")  # methods of the type of methods
_CONSTANT_NUMBERS = (numpy, math, cmath)  # modules whose numbers nobody changes, such as np.pi


def get_attribute(m: Machine, obj: Value, name: str) -> Value:
    """``obj.name``"""
    if isinstance(obj, Unread) and name in _OF_LISTS.get(id(type(obj.example)), ()):
        kind = type(obj.example)
        assert obj.source is not None
        m.guard(TypeIs(obj.source, kind))
        return Method(Constant(lookup(kind, name)), obj)  # not read: its length is not guarded
    obj = m.read(obj)
    if isinstance(obj, (Array, Scalar)):
        return array_attribute(m, obj, name)
    if isinstance(obj, Facet):
        return facet_attribute(m, obj, name)
    if isinstance(obj, Object) and name == "__dict__" and not isinstance(obj, Error):
        return names_of(m, obj)
    if isinstance(obj, Names) and name not in _OF_NAMES:
        raise Break("GL110", f"`{name}` of the dictionary of {describe(obj.obj)}")
    if isinstance(obj, Constant):
        return constant_attribute(m, obj, name)
    if isinstance(obj, (Object, NamedTuple, Instance)):
        return attribute_of_object(m, obj, name)
    if isinstance(obj, Super):
        return super_attribute(m, obj, name)
    if isinstance(obj, (Function, Partial)) or (isinstance(obj, Method) and name not in _OF_METHODS):
        return callables.get(m, obj, name)
    if isinstance(obj, Deque) and name == "maxlen":
        return limit_of(m, obj)
    if isinstance(obj, (Slice, Range)) and name in ("start", "stop", "step"):
        parts = {"start": obj.start, "stop": obj.stop, "step": obj.step}
        return parts[name]
    return builtin_method(obj, type_of(m, obj), name)


def limit_of(m: Machine, obj: Deque) -> Value:
    """``deque.maxlen``"""
    return Constant(obj.longest) if obj.source is None else m.reader.unread(Limit(obj.source), obj.longest)


def attribute_of_object(m: Machine, obj: Object | NamedTuple | Instance, name: str) -> Value:
    """``obj.name``; an AttributeError out of a property asks ``__getattr__``, if the class has that."""
    try:
        return instance_attribute(m, obj, name) if isinstance(obj, Instance) else objects.get(m, obj, name)
    except Raised as raised:
        asks = lookup(obj.type, "__getattr__") is not MISSING
        raise (left_to_python(raised) if asks else raised) from None


def array_attribute(m: Machine, obj: Array | Scalar, name: str) -> Value:
    """An attribute or method of an array or number."""
    if name == "__class__":
        return Constant(type_of(m, obj))
    method = lookup(type_of(m, obj), name)
    if isinstance(method, _BUILTIN_METHODS):
        return ArrayMethod(obj, name)
    if method is MISSING:
        raise raises(AttributeError, "GL117", f"{describe(obj)} has no attribute `{name}`", name_of(obj))
    return arrays.getattr(m, obj, name)


def constant_attribute(m: Machine, obj: Constant, name: str) -> Value:
    """An attribute of a module, type, or object of a plain type."""
    value = obj.value
    if type(value) is types.ModuleType:
        return module_attribute(m, obj, name)
    if isinstance(value, type):
        return class_attribute(m, obj, name)
    if isinstance(value, (np.ufunc, np.dtype, np.finfo, np.iinfo)):
        return numpy_attribute(m, obj, name)
    method = lookup(type(value), name)
    if isinstance(method, types.MethodDescriptorType):
        return Method(Constant(method), obj)
    if type(value) in PLAIN and isinstance(method, (types.GetSetDescriptorType, types.MemberDescriptorType)):
        return Constant(getattr(value, name))
    raise Break("GL110", f"the attribute `{name}` of {describe(obj)}", name_of(obj))


def module_attribute(m: Machine, obj: Constant, name: str) -> Value:
    """An entry of a module's dictionary; a module's ``__getattr__`` is not called."""
    example = obj.value.__dict__.get(name, MISSING)
    if example is MISSING:
        raise Break("GL117", f"the module {describe(obj)} has no entry `{name}`", name_of(obj))
    if obj.value is np:  # as graphlet's own forms of functions name it: nobody changes it
        return Constant(example)
    source = ModuleAttr(obj.source or Known(obj.value), name)
    if obj.value in _CONSTANT_NUMBERS and type(example) in NUMBERS:
        m.guard(ValueIs(source, example))
        return Constant(example, source=source)
    return m.reader.unread(source, example)


def class_attribute(m: Machine, obj: Constant, name: str) -> Value:
    """An attribute of a class: found on it or its bases; functions come unbound, class methods bound to it."""
    kind, source = obj.value, obj.source or Known(obj.value)
    on_meta = lookup(type(kind), name)
    if is_heap_type(type(kind)):
        metaclass_keeps_out(m, obj, name, on_meta)
    if on_meta is not MISSING and is_data(on_meta):
        doc = type.__dict__["__dict__"].__get__(kind).get("__doc__", MISSING)
        if name == "__doc__" and type(kind) is type and is_heap_type(kind) and (doc is None or type(doc) is str):
            return m.reader.unread(TypeAttr(source, name), doc)
        if name == "__name__" and type(kind) is type:
            return Constant(kind.__name__)
        if type(on_meta) is not property:
            raise Break("GL110", f"the attribute `{name}` of the class {describe(obj)}", name_of(obj))
        return read_property(m, TypeAttr(TypeOf(source), name), on_meta, obj)
    found = lookup(kind, name)
    if found is not MISSING:
        return bind(m, TypeAttr(source, name), found, None, obj)
    if is_heap_type(kind) or on_meta is not MISSING:
        m.guard(ClassLacks(source, name))
    if on_meta is MISSING:
        detail = f"the class {describe(obj)} has no attribute `{name}`"
        raise raises(AttributeError, "GL117", detail) if type(kind) is type else Break("GL117", detail, name_of(obj))
    return bind(m, TypeAttr(TypeOf(source), name), on_meta, obj, Constant(type(kind), source=TypeOf(source)))


def metaclass_keeps_out(m: Machine, obj: Constant, name: str, on_meta: Any) -> None:
    """A metaclass written in Python leaves reading the attribute to ``type``."""
    meta, source = type(obj.value), obj.source or Known(obj.value)
    getter = lookup(meta, "__getattribute__")
    if getter is not type.__dict__["__getattribute__"]:
        raise Break("GL110", f"the class {describe(obj)} has a metaclass of its own", name_of(obj))
    m.guard(TypeIs(source, meta))
    m.guard(IdentityIs(TypeAttr(TypeOf(source), "__getattribute__"), getter))
    if on_meta is MISSING:
        m.guard(TypeLacks(source, name))
    else:
        at = TypeAttr(TypeOf(source), name)
        m.guard(TypeIs(at, type(on_meta)))
        is_no_data(m, at, on_meta)


def numpy_attribute(m: Machine, obj: Constant, name: str) -> Value:
    """An attribute of a ufunc, dtype, or description of a number type."""
    value = obj.value
    if isinstance(value, (np.finfo, np.iinfo)):
        result = getattr(value, name, MISSING)
        if type(result) in PLAIN or isinstance(result, (np.floating, np.dtype)):
            return Constant(result)
    found = lookup(type(value), name)
    if isinstance(found, types.MethodDescriptorType):
        return ArrayMethod(obj, name)
    if isinstance(found, (types.GetSetDescriptorType, types.MemberDescriptorType)):
        result = getattr(value, name)
        if type(result) in PLAIN or isinstance(result, (type, np.dtype)):
            return Constant(result)
    raise Break("GL110", f"the attribute `{name}` of {describe(obj)}", name_of(obj))


def instance_attribute(m: Machine, obj: Instance, name: str) -> Value:
    """An attribute of an existing object, by the rules of ``object.__getattribute__``."""
    kind, source = obj.type, obj.source
    if issubclass(kind, np.ndarray):
        raise Break("GL106", f"{describe(obj)} is a {type_name(kind)}, a subclass of ndarray", name_of(obj))
    if kind in CONTAINERS:
        return builtin_method(obj, kind, name)
    hidden = lookup(kind, "__dict__") is not MISSING and not has_dict(kind)
    if source is None or hidden or not reads_as_object(m, TypeOf(source), kind):
        raise Break("GL110", f"the class {type_name(kind)} reads attributes in its own way", name_of(obj))
    found = lookup(kind, name)
    if found is not MISSING and is_data(found):
        return data_descriptor(m, obj, name, found)
    stored = stores.attribute(m, obj, name)
    own = own_attribute(obj.example, name)
    if own is not MISSING or stored is not None:
        of_class = TypeAttr(TypeOf(source), name)
        m.guard(TypeLacks(source, name) if found is MISSING else TypeIs(of_class, type(found)))
        is_no_data(m, of_class, found)
        return m.reader.unread(InstanceAttr(source, name), own) if stored is None else stored
    if has_dict(kind):
        m.reader.lacks(source, name)
    if found is MISSING:
        m.guard(TypeLacks(source, name))
        return objects.fallen_back(m, obj, TypeAttr(TypeOf(source), "__getattr__"), kind, name)
    if type(found) is cached_property and has_dict(kind):
        return objects.cached(m, obj, TypeAttr(TypeOf(source), name), found)
    return bind(m, TypeAttr(TypeOf(source), name), found, obj, Constant(kind, source=TypeOf(source)))


def builtin_method(obj: Value, kind: type, name: str) -> Value:
    """A method of a builtin type."""
    method = lookup(kind, name)
    if method is object.__dict__["__class__"] and not is_heap_type(kind):
        return Constant(kind)
    is_method = isinstance(method, (types.MethodDescriptorType, CYTHON_FUNCTION))
    if is_method or (kind is types.GeneratorType and name == "__next__") or isinstance(obj, AsyncGenerator):
        return Method(Constant(method), obj)
    raise Break("GL110", f"the attribute `{name}` of {describe(obj)}", name_of(obj))


def data_descriptor(m: Machine, obj: Instance, name: str, found: Any) -> Value:
    """A property (its getter is inlined) or a slot."""
    assert obj.source is not None
    at = TypeAttr(TypeOf(obj.source), name)
    if found is object.__dict__["__class__"]:
        m.guard(IdentityIs(at, found))
        return Constant(obj.type, source=TypeOf(obj.source))
    if name == "__dict__" and type(found) is types.GetSetDescriptorType:
        m.guard(TypeIs(at, types.GetSetDescriptorType))
        return m.reader.unread(OwnDict(obj.source), found.__get__(obj.example))
    if type(found) is property:
        return read_property(m, at, found, obj)
    if type(found) is types.MemberDescriptorType:
        stored = stores.slot(m, obj, at, found)
        if stored is not None:
            return stored
        example = slot_of(found, obj.example)
        if example is MISSING:
            raise Break("GL117", f"{describe(obj)} has no attribute `{name}`", name_of(obj))
        return m.reader.unread(SlotAttr(obj.source, name), example)
    if type(found) is NAMED_FIELD and issubclass(obj.type, tuple):
        m.guard(IdentityIs(at, found))
        index = found.__reduce__()[1][0]
        if index < tuple.__len__(obj.example):
            return m.reader.unread(Item(obj.source, index), tuple.__getitem__(obj.example, index))
    entry = _OF_MEMBERS.get(name)
    if entry is not None and found is Enum.__dict__[name] and entry in obj.example.__dict__:
        m.guard(IdentityIs(at, found))
        return m.reader.unread(InstanceAttr(obj.source, entry), obj.example.__dict__[entry])
    given = read_data(m, at, found, obj, Constant(obj.type, source=TypeOf(obj.source)))
    if given is not None:
        return given
    raise Break("GL110", f"the attribute `{name}` of {describe(obj)} is computed by its class", name_of(obj))


def super_attribute(m: Machine, obj: Super, name: str) -> Value:
    """``super().name``: found behind a class in the order of the object's type, or of the object if that is a class."""
    known = obj.obj.value if isinstance(obj.obj, Constant) else None
    of_class = isinstance(known, type) and any(base is obj.type for base in mro(known))
    start: Any = known if of_class else type_of(m, obj.obj)
    source = obj.obj.source if of_class else class_source(obj.obj)
    chain = mro(start)
    at = next((i for i, known in enumerate(chain) if known is obj.type), None)
    if at is None or source is None:
        raise Break("GL110", f"super().{name} of {describe(obj.obj)}", name_of(obj.obj))
    guard_order(m, source, start)
    place, found = found_behind(m, source, chain, at, name)
    if type(found) is property and not of_class:
        return read_property(m, place, found, obj.obj)
    return bind(m, place, found, None if of_class else obj.obj, Constant(start, source=source))


def found_behind(m: Machine, source: Source, chain: tuple[type, ...], at: int, name: str) -> tuple[TypeAttr, Any]:
    """What the first class behind a place in the order of classes has of its own under a name."""
    own = [type.__dict__["__dict__"].__get__(kind).get(name, MISSING) for kind in chain]
    first = next((i for i in range(at + 1, len(chain)) if own[i] is not MISSING), None)
    if first is None:
        raise Break("GL117", f"super() has no attribute `{name}`")
    found = own[first]
    for i in range(at + 1, first):  # what these find in their own order may stand behind the first
        passed, place = lookup(chain[i], name), TypeAttr(Item(Mro(source), i), name)
        if passed is not MISSING and passed is not found:
            raise Break("GL110", f"super().{name} is found differently in {type_name(chain[i])}")
        m.guard(ClassLacks(place.base, name) if passed is MISSING else IdentityIs(place, found))
    if any(own[i] is found for i in range(first + 1, len(chain))):
        raise Break("GL110", f"super().{name} is the same in several classes")
    return TypeAttr(Item(Mro(source), first), name), found


def load_attr(m: Machine, instr: Instr) -> None:
    frame = m.frame
    frame.push(get_attribute(m, frame.pop(), instr.arg))


def load_method(m: Machine, instr: Instr) -> None:
    """Two slots: the function and its first argument, or a plain attribute and NULL."""
    push_pair(m, get_attribute(m, m.frame.pop(), instr.arg))


def push_pair(m: Machine, value: Value) -> None:
    """The two slots that LOAD_METHOD leaves."""
    frame = m.frame
    first: Value
    second: Value
    if isinstance(value, Method) and value.source is None:
        first, second = value.callee, value.self
    elif isinstance(value, ArrayMethod) and isinstance(value.self, (Array, Scalar)):
        first, second = Constant(lookup(type_of(m, value.self), value.name)), value.self
        if not isinstance(first.value, types.MethodDescriptorType):
            first, second = _plain(frame.decoded.null_below, value)
    else:
        first, second = _plain(frame.decoded.null_below, value)
    frame.push(first)
    frame.push(second)


def _plain(null_below: bool, value: Value) -> tuple[Value, Value]:
    return (Null(), value) if null_below else (value, Null())


def load_super_attr(m: Machine, instr: Instr) -> None:
    """From 3.12: ``super().name`` in one; below it lie ``super``, the class and the object."""
    frame = m.frame
    function, kind, obj = frame.pops(3)
    name, flags = instr.arg
    if m.known(function) is not super:
        raise Break("GL110", "super is not Python's own")
    value = get_attribute(m, make_super(m, kind, obj), name)
    if flags & 1:
        push_pair(m, value)
    else:
        frame.push(value)


def make_super(m: Machine, kind: Value, obj: Value) -> Super:
    """``super(kind, obj)``"""
    kind = m.read(kind)
    if not isinstance(kind, Constant) or not isinstance(kind.value, type):
        raise Break("GL110", f"super of {describe(kind)}", name_of(kind))
    return Super(kind.value, m.read(obj), source=kind.source)


def store_attr(m: Machine, instr: Instr) -> None:
    value, obj = m.frame.pops(2)
    obj = m.read(obj)
    if isinstance(obj, (Object, Instance)):
        objects.store(m, obj, instr.arg, value)
        return
    if isinstance(obj, (Function, Method, Partial)):
        callables.put(m, obj, instr.arg, value)
        return
    if isinstance(obj, Array) and instr.arg in ("real", "imag"):
        part = arrays.get_attribute(m, obj, instr.arg)
        if isinstance(part, Array):
            arrays.setitem(m, part, Constant(Ellipsis), m.read_deep(value))
            return
    if isinstance(obj, Array) and instr.arg == "flat":
        set_flat(m, obj, m.read_deep(value))
        return
    raise Break("GL104", f"the attribute `{instr.arg}` of {describe(obj)} is set", name_of(obj))


def delete_attr(m: Machine, instr: Instr) -> None:
    obj = m.read(m.frame.pop())
    if not isinstance(obj, Object):
        raise Break("GL104", f"the attribute `{instr.arg}` of {describe(obj)} is deleted", name_of(obj))
    objects.delete(m, obj, instr.arg)


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "LOAD_ATTR": load_attr,
    "LOAD_METHOD": load_method,
    "LOAD_SUPER_ATTR": load_super_attr,
    "STORE_ATTR": store_attr,
    "DELETE_ATTR": delete_attr,
}
