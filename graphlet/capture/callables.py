"""Attributes of functions, methods and ``functools.partial`` objects: what they are made of, what was set on them.

None that was made in the region leaves it: what was set on it is only seen inside.
"""

from functools import partial
from types import CellType, FunctionType, MethodType

from graphlet._guards import own_entry
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import MISSING, is_none, lookup
from graphlet.capture.raising import raises
from graphlet.sources import FunctionSlot, InstanceAttr
from graphlet.values.base import Constant, Mapping, Sequence, Value
from graphlet.values.objects import Function, Method, Partial

Callables = Function | Method | Partial
DICTIONARIES = "dictionaries of callables made in the region"  # callable -> Mapping
FIELDS = "fields of functions that were set"  # (Function, name) -> value
ANNOTATED = "functions with annotations yet to be made"  # Function -> True
_METHODS = tuple(FunctionType.__dict__[name] for name in ("__get__", "__call__"))
_NAMES = ("__name__", "__qualname__")
NONE = Constant(None)


def get(m: Machine, obj: Callables, name: str) -> Value:
    """``obj.name``"""
    found = find(m, obj, name)
    if found is None:
        raise raises(AttributeError, "GL117", f"{describe(obj)} has no attribute `{name}`", name_of(obj))
    return found


def find(m: Machine, obj: Callables, name: str) -> Value | None:
    """An attribute; None if there certainly is none."""
    if isinstance(obj, Method):
        return of_method(m, obj, name)
    if isinstance(obj, Partial):
        return of_partial(m, obj, name)
    return of_new(m, obj, name) if obj.fn is None else of_existing(m, obj, name)


def unknown(obj: Callables, name: str) -> Break:
    return Break("GL110", f"the attribute `{name}` of {describe(obj)}", name_of(obj))


def of_method(m: Machine, obj: Method, name: str) -> Value | None:
    """What a method is made of; what methods do not have themselves is asked of the function."""
    if name == "__self__":
        return obj.self
    callee = m.read(obj.callee)
    if isinstance(callee, Function) and name == "__func__":
        return callee
    if isinstance(callee, Function) and (lookup(MethodType, name) is MISSING or name == "__doc__"):
        return find(m, callee, name)
    raise unknown(obj, name)


def of_partial(m: Machine, obj: Partial, name: str) -> Value | None:
    """What a partial is made of, or what was set on one made in the region."""
    if name == "func" and not isinstance(m.read(obj.callee), Partial):  # one of a partial is merged with it
        return obj.callee
    if obj.source is not None or lookup(partial, name) is not MISSING:
        raise unknown(obj, name)
    return own(m, obj).items.get(name)


def of_existing(m: Machine, obj: Function, name: str) -> Value | None:
    """A field of a function that was there before, what was set on it, or a method of functions."""
    field = lookup(FunctionType, name)
    assert obj.source is not None and obj.fn is not None
    if name in ("__doc__", "__module__", *_NAMES):
        return m.reader.unread(FunctionSlot(obj.source, name), getattr(obj.fn, name))
    if field is not MISSING and field not in _METHODS:
        raise unknown(obj, name)
    entry = own_entry(obj.fn, name, MISSING)
    if entry is not MISSING:
        return m.reader.unread(InstanceAttr(obj.source, name), entry)
    m.reader.lacks(obj.source, name)
    return None if field is MISSING else Method(Constant(field), obj)


def of_new(m: Machine, obj: Function, name: str) -> Value | None:
    """A field of a function made in the region, what was set on it, or a method of functions."""
    given: Value | None = m.table(FIELDS).get((obj, name))
    if given is not None:
        return given
    if name in own(m, obj).items:
        return own(m, obj).items.get(name)
    if name in _NAMES:
        return Constant(obj.code.co_name if name == "__name__" else obj.code.co_qualname)
    if name == "__doc__":
        return Constant(plain_function(obj).__doc__)
    if name == "__module__":
        return m.reader.unread(obj.scope.source("__name__"), obj.scope.names.get("__name__"))
    field = lookup(FunctionType, name)
    if field is MISSING:
        return None
    if field in _METHODS:
        return Method(Constant(field), obj)
    if name == "__dict__":
        return own(m, obj)
    if name == "__annotate__" and obj not in m.table(ANNOTATED):
        return NONE
    if name == "__type_params__" or (name == "__annotations__" and obj not in m.table(ANNOTATED)):
        made: Value = Mapping({}) if name == "__annotations__" else Sequence("tuple", ())
        m.trail.put(m.table(FIELDS), (obj, name), made)
        return made
    raise unknown(obj, name)


def plain_function(obj: Function) -> FunctionType:
    """A function of the same code: what Python gives it by itself can be seen on it."""
    return FunctionType(obj.code, {}, closure=tuple(CellType() for _ in obj.code.co_freevars))


def own(m: Machine, obj: Callables) -> Mapping:
    """The dictionary of a function or partial made in the region."""
    known: Mapping | None = m.table(DICTIONARIES).get(obj)
    if known is None:
        known = Mapping({})
        m.trail.put(m.table(DICTIONARIES), obj, known)
    return known


def put(m: Machine, obj: Callables, name: str, value: Value) -> None:
    """``obj.name = value``"""
    if isinstance(obj, Method) or obj.source is not None:
        raise Break("GL104", f"the attribute `{name}` of {describe(obj)} is set", name_of(obj))
    if lookup(FunctionType if isinstance(obj, Function) else partial, name) is MISSING:
        entries = own(m, obj)
        m.trail.set(entries, "items", {**entries.items, name: value})
    elif isinstance(obj, Function) and fits(name, m.read(value)):
        m.trail.put(m.table(FIELDS), (obj, name), value)
        if name == "__annotate__" and not is_none(m.read(value)):
            m.trail.put(m.table(ANNOTATED), obj, True)
    else:
        raise Break("GL104", f"the attribute `{name}` of {describe(obj)} is set")


def fits(name: str, value: Value) -> bool:
    """Whether a field of a function may be set to a value, and nobody looks at it but those who read it."""
    if name in _NAMES:
        return isinstance(value, Constant) and type(value.value) is str
    if name == "__annotations__":
        return type(value) is Mapping
    if name == "__annotate__":  # from 3.14 on: what makes the annotations, if somebody asks for them
        return is_none(value) or isinstance(value, Function)
    return name in ("__doc__", "__module__") or (name == "__type_params__" and isinstance(value, Sequence))
