"""functools.partial, super, and what else makes callables."""

from collections.abc import Callable
from functools import partial
from typing import Any

from graphlet.capture import containers, objects
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.handlers.attributes import make_super
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.raising import INITS
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Error, Object, Partial


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
    obj, name = attribute_of(m, args, "setattr")
    objects.store(m, obj, name, args[2])
    return Constant(None)


def attribute_of(m: Machine, args: Args, what: str) -> tuple[Object, str]:
    """A new object and the name of an attribute."""
    obj, name = m.read(args[0]), m.known(args[1])
    if not isinstance(obj, Object) or type(name) is not str:
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
    setattr: setattr_,
    type.__dict__["__call__"]: type_call,
    object.__new__: object_new,
    object.__init__: object_init,
    object.__setattr__: set_attribute,
    tuple.__new__: tuple_new,
    **dict.fromkeys(INITS, error_init),
}
