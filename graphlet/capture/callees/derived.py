"""Methods of ``dict`` and ``list`` that classes derived from them call by ``super()``, and the classes themselves."""

from collections.abc import Callable
from typing import Any

from graphlet.capture import containers, equality, objects, subscripts
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.callees.sequences import dict_
from graphlet.capture.handlers.control import iterate
from graphlet.capture.handlers.operators import compare
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.values.base import Constant, Mapping, Sequence, Value
from graphlet.values.objects import Derived, is_dict

Rule = Callable[[Machine, Args, Kwargs], Value]
NONE = Constant(None)


def inside(m: Machine, value: Value) -> Value:
    """The dict or list that an object is; the method asked for is that of ``dict`` or ``list`` itself."""
    value = m.read(value)
    if isinstance(value, Derived):
        return value.contents
    if is_dict(value) or (value.source is None and type(value) is Mapping):
        return value
    if value.source is None and type(value) is Sequence and value.kind == "list":
        return value
    raise Break("GL102", f"a method of {describe(value)}", name_of(value))


def new(base: type) -> Rule:
    """``dict.__new__(cls)``: what else is given does not matter."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        if not args:
            raise Break("GL111", "__new__ without a class")
        return objects.new_object(m, args[0], base)

    return rule


def init_dict(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``dict.__init__(self, ...)``: what is there already stays."""
    check("__init__", args, kwargs, 1, 2, tuple(kwargs))
    target, news = inside(m, args[0]), dict_(m, args[1:], kwargs)
    assert isinstance(news, Mapping)
    if isinstance(target, Mapping):
        m.trail.set(target, "items", {**target.items, **news.items})
    elif news.items:
        raise Break("GL104", f"__init__ of {describe(target)}, which was there before", name_of(target))
    return NONE


def init_list(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``list.__init__(self, items)``"""
    check("__init__", args, kwargs, 1, 2)
    target = inside(m, args[0])
    m.trail.set(target, "items", containers.items_of(m, args[1]) if len(args) == 2 else ())
    return NONE


def getitem(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("__getitem__", args, kwargs, 2)
    value = m.read(args[0])
    if isinstance(value, Derived):
        return subscripts.derived_item(m, value, args[1])
    return subscripts.getitem(m, inside(m, value), args[1])


def setitem(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("__setitem__", args, kwargs, 3)
    subscripts.setitem(m, inside(m, args[0]), args[1], args[2])
    return NONE


def delitem(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("__delitem__", args, kwargs, 2)
    subscripts.delete(m, inside(m, args[0]), args[1])
    return NONE


def contains(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("__contains__", args, kwargs, 2)
    return Constant(equality.contains(m, args[1], inside(m, args[0]), compare))


def length(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("__len__", args, kwargs, 1)
    return containers.length(m, inside(m, args[0]))


def iter_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("__iter__", args, kwargs, 1)
    return iterate(m, inside(m, args[0]))


_METHODS: dict[str, Rule] = {
    "__getitem__": getitem,
    "__setitem__": setitem,
    "__delitem__": delitem,
    "__contains__": contains,
    "__len__": length,
    "__iter__": iter_,
}
RULES: dict[Any, Rule] = {
    dict.__new__: new(dict),
    list.__new__: new(list),
    dict.__init__: init_dict,
    list.__init__: init_list,
    **{base.__dict__[name]: rule for base in (dict, list) for name, rule in _METHODS.items()},
}
