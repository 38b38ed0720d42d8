"""``functools.singledispatch``: which function is called is decided by class, and remembered.

What is asked for is found in the register itself, which nobody but ``register`` changes: it only grows.
"""

from abc import ABCMeta, get_cache_token
from functools import singledispatch, singledispatchmethod
from typing import Any

from graphlet.capture import polyfills
from graphlet.capture.binding import guard_order
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.callees.types_ import asks_nobody
from graphlet.capture.inline import closure_of
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.namespaces import own_function
from graphlet.capture.pytypes import lookup, mro
from graphlet.capture.specials import attribute
from graphlet.guards.hold import may_hold_strongly
from graphlet.guards.kinds import LengthIs, TokenIs
from graphlet.sources import DictItem, Known
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Cell, Function, Instance, Object

DISPATCH = singledispatch(lambda given: given).dispatch.__code__
GET = singledispatchmethod.__get__.__code__
REMEMBERS = "_method_cache" in GET.co_names
METHODS = "methods of singledispatchmethod"  # (descriptor, object) -> Function
_METHOD = own_function(polyfills.dispatched)


def call(m: Machine, callee: Function, args: Args, kwargs: Kwargs) -> Value:
    """``function.dispatch(cls)``"""
    check("dispatch", args, kwargs, 1)
    asked = m.read(args[0])
    kind = asked.value if isinstance(asked, Constant) else None
    cells = dict(zip(callee.code.co_freevars, map(m.read, closure_of(m, callee)), strict=True))
    held = cells["registry"]
    registry = m.read(held.contents) if isinstance(held, Cell) and held.contents is not None else None
    if callee.fn is None or not isinstance(registry, Instance) or registry.source is None or not plain_class(kind):
        raise Break("GL102", f"dispatch of {describe(asked)}", name_of(asked))
    assert isinstance(kind, type)
    known: dict[Any, Any] = registry.example
    chosen = kind if kind in known else parent(m, registry, asked, kind)
    if not may_hold_strongly(chosen):
        raise Break("GL102", f"dispatch to {describe(asked)}, a class of the user's", name_of(asked))
    return m.reader.unread(DictItem(registry.source, chosen), known[chosen])


def plain_class(kind: Any) -> bool:
    """A class that is told from others by identity."""
    return isinstance(kind, type) and type(kind) in (type, ABCMeta)


def parent(m: Machine, registry: Instance, asked: Value, kind: type) -> type:
    """The class for which the function of another one is registered: the first in its order, if none is abstract."""
    keys = list(registry.example)
    order = mro(kind)
    if not all(plain_class(key) and (key in order or type(key) is type or asks_nobody(key)) for key in keys):
        raise Break("GL102", f"dispatch of {describe(asked)} among classes that decide themselves", name_of(asked))
    if any(type(key) is ABCMeta and key not in order and issubclass(kind, key) for key in keys):
        raise Break("GL102", f"dispatch of {describe(asked)} by an abstract class", name_of(asked))
    assert registry.source is not None
    m.reader.sized(LengthIs(registry.source, len(keys)))
    guard_order(m, asked.source, kind)
    if any(type(key) is ABCMeta for key in keys):
        token = get_cache_token()
        assert type(token) is int
        m.guard(TokenIs(Known(get_cache_token), token))
    return next(base for base in order if base in keys)


def get(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``singledispatchmethod.__get__(self, obj, cls)``, which from 3.13 on gives the same object the same function."""
    check("__get__", args, kwargs, 2, 3)
    descriptor, obj = m.read(args[0]), m.read(args[1])
    if not isinstance(obj, (Object, Instance)):
        raise Break("GL102", f"a singledispatchmethod of {describe(obj)}", name_of(obj))
    if not REMEMBERS:
        return m.run(m, _METHOD, args, kwargs)
    for name in ("__hash__", "__eq__"):
        found = lookup(obj.type, name)
        if found is not object.__dict__[name] or not type.__dict__["__weakrefoffset__"].__get__(obj.type):
            raise Break("GL102", f"a singledispatchmethod of {describe(obj)}", name_of(obj))
        m.read(m.reader.unread(attribute(obj, name), found))
    made: Value | None = m.table(METHODS).get((descriptor, obj))
    if made is None:
        made = m.run(m, _METHOD, args, kwargs)
        m.trail.put(m.table(METHODS), (descriptor, obj), made)
    return made
