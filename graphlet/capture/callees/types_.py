"""Builtins that ask for or convert types, attributes and numbers."""

import collections.abc
import numbers
import operator
import types
import typing
from abc import ABCMeta, get_cache_token
from collections.abc import Callable
from typing import Any

from graphlet.capture import arrays, callables, containers, objects, specials, stores
from graphlet.capture.binding import class_source, guard_order, has_dict, is_data, own_attribute, reads_as_object
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.folding import fold
from graphlet.capture.handlers.attributes import get_attribute
from graphlet.capture.handlers.operators import binary, is_number
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.payloads import plain_of
from graphlet.capture.pytypes import CONTAINERS, MISSING, is_plain, lookup, mro, type_of
from graphlet.capture.raising import Raised, left_to_python, text
from graphlet.capture.truth import truth
from graphlet.core.pristine import np
from graphlet.guards.hold import TypeSet, is_heap_type
from graphlet.guards.kinds import ClassLacks, IdentityIs, TokenIs, TypeIs, TypeLacks
from graphlet.guards.names import type_name
from graphlet.sources import Known, Source, TypeAttr, TypeOf
from graphlet.values.base import Array, Constant, Scalar, Sequence, Value
from graphlet.values.objects import Error, Function, Instance, Method, NamedTuple, Object, Partial

_ASKED = {name: ABCMeta.__dict__[name] for name in ("__instancecheck__", "__subclasscheck__")}
_CONVERSIONS = ("__int__", "__index__", "__float__", "__complex__", "__trunc__")
# The abstract classes of the standard library, themselves: a class of the user's may take their module's name.
_ABSTRACT = TypeSet(
    *(
        kind
        for module in (numbers, collections.abc, typing)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(type(kind), ABCMeta)
    )
)


def isinstance_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("isinstance", args, kwargs, 2)
    return Constant(is_instance(m, args[0], args[1]))


def is_instance(m: Machine, value: Value, classes: Value) -> bool:
    """``isinstance(value, classes)``"""
    value, kind = m.read(value), type_of(m, value)
    source = class_source(value)
    if is_heap_type(kind):
        own = lookup(kind, "__class__") is not object.__dict__["__class__"]
        if source is None or own or not reads_as_object(m, source, kind):
            raise Break("GL110", f"{describe(value)} says itself of what class it is", name_of(value))
    wanted = classes_of(m, classes)
    return any(kind is parent.value or is_subclass(m, kind, source, parent) for parent in wanted)


def issubclass_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("issubclass", args, kwargs, 2)
    cls = m.read(args[0])
    kind = m.known(cls)
    if type(kind) is not type:
        raise Break("GL110", f"issubclass of {describe(args[0])}", name_of(args[0]))
    return Constant(any(is_subclass(m, kind, cls.source, parent) for parent in classes_of(m, args[1])))


def is_subclass(m: Machine, kind: type, source: Source | None, wanted: Constant) -> bool:
    """``issubclass`` without code of the user's: plain classes, and abstract ones."""
    parent: type = wanted.value
    if type(parent) is type:
        guard_order(m, source, kind)
        return any(base is parent for base in mro(kind))
    if type(parent) is ABCMeta:
        return is_abstract_subclass(m, kind, wanted)
    if parent in _ABSTRACT and not is_heap_type(kind) and issubclass(kind, parent):
        return True  # what is one stays one
    raise Break("GL110", f"isinstance with the class {type_name(parent)}, which decides itself")


def is_abstract_subclass(m: Machine, kind: type, wanted: Constant) -> bool:
    """``issubclass(kind, parent)`` by the rules of ``ABCMeta``, which remembers what it has answered.

    A yes stands for ever, a no until a class is registered with any abstract one.
    """
    if wanted.source is None or not asks_nobody(wanted.value):
        raise Break("GL110", f"isinstance with the class {type_name(wanted.value)}, which decides itself")
    m.guard(TypeIs(wanted.source, ABCMeta))
    for name, method in _ASKED.items():
        m.guard(IdentityIs(TypeAttr(TypeOf(wanted.source), name), method))
    if issubclass(kind, wanted.value):
        return True
    token = get_cache_token()
    assert type(token) is int
    m.guard(TokenIs(Known(get_cache_token), token))
    return False


def asks_nobody(parent: type) -> bool:
    """Whether no class that ``ABCMeta`` asks about an abstract one has code of the user's to answer."""
    waiting, seen = [parent], set()
    while waiting:
        kind = waiting.pop()
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        answers = next(base for base in mro(kind) if "__subclasshook__" in type.__dict__["__dict__"].__get__(base))
        usual = type(kind) is type or type(kind) is ABCMeta or kind in _ABSTRACT
        if not usual or (answers is not object and answers not in _ABSTRACT):
            return False
        waiting += type.__subclasses__(kind)
    return all(lookup(ABCMeta, name) is method for name, method in _ASKED.items())


def classes_of(m: Machine, value: Value) -> tuple[Constant, ...]:
    """A class or a (nested) tuple of classes."""
    value = m.read(value)
    if isinstance(value, Sequence) and value.kind == "tuple":
        return tuple(kind for item in value.items for kind in classes_of(m, item))
    if isinstance(value, Constant) and isinstance(value.value, type):
        return (value,)
    raise Break("GL110", f"isinstance with {describe(value)}", name_of(value))


def type_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("type", args, kwargs, 1)
    value = m.read(args[0])
    kind = type_of(m, value)
    if isinstance(value, (Object, NamedTuple)):
        return Constant(kind, source=value.at)
    return Constant(kind, source=TypeOf(value.source) if isinstance(value, Instance) and value.source else None)


def callable_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("callable", args, kwargs, 1)
    value = m.read(args[0])
    if isinstance(value, (Function, Method, Partial)):
        return Constant(True)
    kind, source = type_of(m, value), class_source(value)
    found = lookup(kind, "__call__")
    if is_heap_type(kind):
        if source is None:
            raise Break("GL110", f"whether {describe(value)} can be called", name_of(value))
        at = TypeAttr(source, "__call__")
        m.guard(ClassLacks(source, "__call__") if found is MISSING else TypeIs(at, type(found)))
    return Constant(found is not MISSING)


def getattr_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("getattr", args, kwargs, 2, 3)
    name = m.known(args[1])
    if type(name) is not str:
        raise Break("GL111", "getattr with a name that is no string")
    try:
        if len(args) == 3 and not has_attribute(m, args[0], name):
            return args[2]
        return get_attribute(m, args[0], name)
    except Raised as raised:
        raise (left_to_python(raised) if len(args) == 3 else raised) from None


def vars_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``vars(obj)``; without an object it is the frame that is looked at."""
    obj = m.read(args[0]) if len(args) == 1 and not kwargs else None
    if obj is None:
        raise Break("GL101", "vars(...): looks at the frame")
    if not isinstance(obj, (Object, Instance)) or not has_dict(obj.type):
        raise Break("GL110", f"the dictionary of {describe(obj)} is looked at", name_of(obj))
    return get_attribute(m, obj, "__dict__")


def hasattr_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("hasattr", args, kwargs, 2)
    name = m.known(args[1])
    if type(name) is not str:
        raise Break("GL111", "hasattr with a name that is no string")
    try:
        return Constant(has_attribute(m, args[0], name))
    except Raised as raised:
        raise left_to_python(raised) from None


def has_attribute(m: Machine, value: Value, name: str) -> bool:
    """Whether a type of Python's or NumPy's own has an attribute; instances of classes are left alone."""
    value = m.read(value)
    if isinstance(value, (Array, Scalar, Sequence)) or (isinstance(value, Constant) and is_plain(value.value)):
        return lookup(type_of(m, value), name) is not MISSING
    if isinstance(value, Object):
        return objects.has(m, value, name)
    if isinstance(value, Instance) and value.type not in CONTAINERS:
        return instance_has(m, value, name)
    if isinstance(value, (Function, Method, Partial)):
        return callables.find(m, value, name) is not None
    if isinstance(value, Constant) and type(value.value) is type and lookup(value.value, name) is not MISSING:
        m.read(get_attribute(m, value, name))
        return True
    if isinstance(value, Constant) and type(value.value) is types.ModuleType and name in value.value.__dict__:
        m.read(get_attribute(m, value, name))  # guarded to be there; that a name is absent cannot be
        return True
    raise Break("GL110", f"whether {describe(value)} has an attribute `{name}`", name_of(value))


def instance_has(m: Machine, value: Instance, name: str) -> bool:
    """Whether an object that was there before has an attribute, where that is no business of its class."""
    kind, source = value.type, value.source
    plain = source is not None and has_dict(kind) and reads_as_object(m, TypeOf(source), kind)
    of_class = lookup(kind, name)
    if not plain or source is None or (of_class is not MISSING and is_data(of_class)):
        raise Break("GL110", f"whether {describe(value)} has an attribute `{name}`", name_of(value))
    there = own_attribute(value.example, name) is not MISSING or stores.attribute(m, value, name) is not None
    if there or of_class is not MISSING:
        m.read(get_attribute(m, value, name))
        return True
    if lookup(kind, "__getattr__") is not MISSING:
        raise Break("GL110", f"whether {describe(value)} has an attribute `{name}`", name_of(value))
    m.reader.lacks(source, name)
    m.guard(TypeLacks(source, name))
    m.guard(TypeLacks(source, "__getattr__"))
    return False


def abs_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("abs", args, kwargs, 1)
    value = m.read(args[0])
    if isinstance(value, Constant):
        return Constant(fold(abs, number(m, value)))
    if isinstance(value, (Array, Scalar)):
        return arrays.unary(m, "abs", value)
    if specials.is_user(value):
        return specials.unary(m, "abs", value)
    raise Break("GL102", f"abs of {describe(value)}", name_of(value))


def convert(kind: type) -> Callable[[Machine, Args, Kwargs], Value]:
    """``int``, ``float``, ``complex`` and ``bool`` of one argument."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(kind.__name__, args, kwargs, 0, 2)
        values = tuple(m.read(arg) if kind is bool else plain_of(m, m.read(arg), *_CONVERSIONS) for arg in args)
        if all(isinstance(value, Constant) for value in values):
            return Constant(fold(kind, *(containers.plain(m, value) for value in values)))
        if kind is bool and len(values) == 1 and not isinstance(values[0], (Array, Scalar)):
            return Constant(truth(m, values[0]))
        first = values[0]
        if len(values) == 1 and isinstance(first, Scalar) and first.type.pytype is kind:
            return first
        return arrays.call_function(m, kind, values, {})

    return rule


def str_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("str", args, kwargs, 0, 1)
    first = m.read(args[0]) if args else None
    if isinstance(first, Error):
        return Constant(text(m, first))
    return Constant(fold(str, *(containers.plain(m, arg) for arg in args)))


def folded(fn: Callable[..., Any], low: int, high: int) -> Callable[[Machine, Args, Kwargs], Value]:
    """A builtin of plain constants."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(fn.__name__, args, kwargs, low, high)
        return containers.wrapped(fold(fn, *(containers.plain(m, arg) for arg in args)))

    return rule


def round_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("round", args, kwargs, 1, 2)
    value = m.read(args[0])
    if isinstance(value, (Array, Scalar)):
        return arrays.call_function(m, round, tuple(m.read(arg) for arg in args), {})
    return Constant(fold(round, *(containers.plain(m, arg) for arg in args)))


def divmod_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("divmod", args, kwargs, 2)
    values = tuple(m.read(arg) for arg in args)
    if any(isinstance(value, (Array, Scalar)) for value in values):
        return arrays.call_function(m, divmod, values, {})
    return containers.wrapped(fold(divmod, *(containers.plain(m, arg) for arg in args)))


def pow_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("pow", args, kwargs, 2)
    return binary(m, "**", args[0], args[1])


def number_info(kind: type) -> Callable[[Machine, Args, Kwargs], Value]:
    """``np.finfo`` and ``np.iinfo`` of a known dtype."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(kind.__name__, args, kwargs, 1)
        of = m.read(args[0])
        known = of.value if isinstance(of, Constant) else None
        if not isinstance(known, np.dtype) and known is not float and known is not int and not _is_numpy_type(known):
            raise Break("GL102", f"{kind.__name__} of {describe(of)}", name_of(of))
        try:
            return Constant(kind(known))
        except ValueError as error:
            raise Break("GL111", f"ValueError: {error}") from error

    return rule


def _is_numpy_type(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, np.generic) and kind.__module__ == "numpy"


def number(m: Machine, value: Value) -> Any:
    """A plain constant number."""
    found = containers.plain(m, value)
    if not is_number(found):
        raise Break("GL102", f"{describe(value)} is no number", name_of(value))
    return found


RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {
    isinstance: isinstance_,
    np.finfo: number_info(np.finfo),
    np.iinfo: number_info(np.iinfo),
    issubclass: issubclass_,
    type: type_,
    callable: callable_,
    getattr: getattr_,
    vars: vars_,
    hasattr: hasattr_,
    abs: abs_,
    int: convert(int),
    float: convert(float),
    complex: convert(complex),
    bool: convert(bool),
    str: str_,
    repr: folded(repr, 1, 1),
    format: folded(format, 1, 2),
    ascii: folded(ascii, 1, 1),
    bin: folded(bin, 1, 1),
    hex: folded(hex, 1, 1),
    oct: folded(oct, 1, 1),
    hash: folded(hash, 1, 1),
    ord: folded(ord, 1, 1),
    chr: folded(chr, 1, 1),
    round: round_,
    divmod: divmod_,
    pow: pow_,
    operator.abs: abs_,
}
