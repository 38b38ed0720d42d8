"""functools.partial, super, and what else makes callables."""

import sys
from collections.abc import Callable
from functools import partial
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any

from graphlet.capture import callables, containers, objects
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.handlers.attributes import make_super
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import is_none
from graphlet.capture.raising import INITS, traceback_of, type_value
from graphlet.sources import Known
from graphlet.values.base import Constant, Sequence, Value
from graphlet.values.objects import Ambient, Error, Function, Instance, Method, Object, Partial


def partial_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    if not args:
        raise Break("GL111", "partial without a function")
    return Partial(m.read(args[0]), args[1:], kwargs)


def super_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``super()`` finds its class in a cell of the frame, and the object in the first argument."""
    check("super", args, kwargs, 0, 2)
    if len(args) == 2:
        return make_super(m, args[0], args[1])
    frame = m.frame
    cell, names = frame.cells.get("__class__"), frame.decoded.code.co_varnames
    first = frame.locals.get(names[0]) if names else None
    if args or cell is None or cell.contents is None or first is None:
        raise Break("GL110", "super() outside of a method")
    return make_super(m, cell.contents, first)


def method(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``types.MethodType(function, obj)``"""
    check("method", args, kwargs, 2)
    function, obj = m.read(args[0]), m.read(args[1])
    if not isinstance(function, Function) or is_none(obj):
        raise Break("GL102", f"MethodType of {describe(function)}", name_of(function))
    return Method(function, obj)


def function_get(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``function.__get__(obj, owner)``"""
    check("__get__", args, kwargs, 2, 3)
    function, obj = m.read(args[0]), m.read(args[1])
    if not isinstance(function, Function) or (len(args) == 2 and is_none(obj)):
        raise Break("GL102", f"__get__ of {describe(function)}", name_of(function))
    return function if is_none(obj) else Method(function, obj)


def function_call(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``function.__call__(...)``"""
    function = m.read(args[0]) if args else None
    if not isinstance(function, Function):
        raise Break("GL102", "__call__ of something that is no function")
    return m.call(m, function, args[1:], kwargs)


def exception(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``sys.exception()``"""
    check("exception", args, kwargs, 0)
    return Ambient() if m.handling is None else m.handling


def exc_info(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``sys.exc_info()``"""
    check("exc_info", args, kwargs, 0)
    error = m.handling
    if error is None:
        return Sequence("tuple", (Ambient(), Ambient(), Ambient()))
    return Sequence("tuple", (type_value(error), error, traceback_of(m, error)))


def type_call(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``type.__call__(kind, ...)``"""
    kind = m.read(args[0]) if args else None
    if not isinstance(kind, Constant) or not isinstance(kind.value, type):
        raise Break("GL102", "type.__call__ of something that is no class")
    return objects.make_plainly(m, kind, args[1:], kwargs)


def object_new(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``object.__new__(cls)``"""
    check("__new__", args, kwargs, 1)
    return objects.new_object(m, args[0])


def object_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``object()``"""
    check("object", args, kwargs, 0)
    return Object(object, Known(object))


def namespace(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``types.SimpleNamespace(...)``"""
    check("SimpleNamespace", args, kwargs, 0, 0, tuple(kwargs))
    return Object(SimpleNamespace, Known(SimpleNamespace), dict(kwargs))


def object_init(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``object.__init__(self)``"""
    check("__init__", args, kwargs, 1)
    if not isinstance(m.read(args[0]), Object):
        raise Break("GL102", "object.__init__ of something that was there before")
    return Constant(None)


def set_attribute(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``object.__setattr__(self, name, value)``"""
    check("__setattr__", args, kwargs, 3)
    obj, name = attribute_of(m, args, "object.__setattr__")
    objects.store_plainly(m, obj, name, args[2])
    return Constant(None)


def setattr_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("setattr", args, kwargs, 3)
    target, known = m.read(args[0]), m.known(args[1])
    if isinstance(target, (Function, Method, Partial)) and type(known) is str:
        callables.put(m, target, known, args[2])
        return Constant(None)
    obj, name = attribute_of(m, args, "setattr")
    objects.store(m, obj, name, args[2])
    return Constant(None)


def attribute_of(m: Machine, args: Args, what: str) -> tuple[Object | Instance, str]:
    """An object and the name of an attribute."""
    obj, name = m.read(args[0]), m.known(args[1])
    if not isinstance(obj, (Object, Instance)) or type(name) is not str:
        raise Break("GL104", f"{what} of {describe(obj)}", name_of(obj))
    return obj, name


def tuple_new(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``tuple.__new__(cls, items)``"""
    check("__new__", args, kwargs, 2)
    return objects.new_tuple(m, args[0], containers.items_of(m, args[1]))


def error_init(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``Exception.__init__(self, ...)``"""
    error = m.read(args[0]) if args else None
    if not isinstance(error, Error) or kwargs:
        raise Break("GL111", "the __init__ of an exception that was there before")
    m.trail.set(error, "args", args[1:])
    return Constant(None)


RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {
    partial: partial_,
    super: super_,
    MethodType: method,
    FunctionType.__dict__["__get__"]: function_get,
    FunctionType.__dict__["__call__"]: function_call,
    sys.exception: exception,
    sys.exc_info: exc_info,
    setattr: setattr_,
    type.__dict__["__call__"]: type_call,
    object: object_,
    SimpleNamespace: namespace,
    object.__new__: object_new,
    object.__init__: object_init,
    object.__setattr__: set_attribute,
    tuple.__new__: tuple_new,
    **dict.fromkeys(INITS, error_init),
}
