"""Python callees: binding arguments, and following the body in a frame of its own."""

from inspect import CO_VARARGS, CO_VARKEYWORDS
from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine
from graphlet.capture.raising import raises
from graphlet.capture.state import Frame
from graphlet.core.marks import LEFT_ALONE
from graphlet.sources import DictItem, FunctionSlot, Item
from graphlet.values.base import Mapping, Sequence, Value
from graphlet.values.objects import Function


def enter(m: Machine, function: Function, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Frame:
    """A frame at the beginning of a function, with its arguments bound."""
    reason = why_not(m, function)
    if reason:
        raise Break("GL115", reason, function.code.co_name)
    m.trail.append(m.inlined, function.code if function.fn is None else function.fn.__code__)
    frame = Frame(m.decode(function.code), function.scope)
    frame.locals = bind(m, function, args, kwargs)
    frame.closure = closure_of(m, function)
    return frame


def why_not(m: Machine, function: Function) -> str:
    """Why a function is not followed; empty if it is."""
    name = function.code.co_name
    if function.code in LEFT_ALONE:
        return f"`{name}` is to be left alone (graphlet.disable)"
    if len(m.frames) > m.options.inline_depth:
        return f"calls are nested {len(m.frames)} deep in `{name}`"
    return ""


def bind(m: Machine, function: Function, args: tuple[Value, ...], kwargs: dict[str, Value]) -> dict[str, Value]:
    """Arguments to parameters, as Python binds them. Raises Break where Python would raise."""
    code = function.code
    names = code.co_varnames
    n_positional, n_keyword_only = code.co_argcount, code.co_kwonlyargcount
    n_named = n_positional + n_keyword_only
    bound = dict(zip(names[:n_positional], args, strict=False))
    extra = args[n_positional:]
    rest: dict[str, Value] = {}
    for name, value in kwargs.items():
        if name in names[code.co_posonlyargcount : n_named]:
            if name in bound:
                raise raises(TypeError, "GL111", f"`{code.co_name}` gets `{name}` twice")
            bound[name] = value
        else:
            rest[name] = value
    at = n_named
    if code.co_flags & CO_VARARGS:
        bound[names[at]] = Sequence("tuple", extra)
        at += 1
    elif extra:
        told = f"`{code.co_name}` takes {n_positional} positional arguments, {len(args)} were given"
        raise raises(TypeError, "GL111", told)
    if code.co_flags & CO_VARKEYWORDS:
        bound[names[at]] = Mapping(rest)
    elif rest:
        raise raises(TypeError, "GL111", f"`{code.co_name}` has no parameter `{next(iter(rest))}`")
    _bind_defaults(m, function, bound)
    return bound


def _bind_defaults(m: Machine, function: Function, bound: dict[str, Value]) -> None:
    code = function.code
    n_positional = code.co_argcount
    positional = code.co_varnames[:n_positional]
    keyword_only = code.co_varnames[n_positional : n_positional + code.co_kwonlyargcount]
    if any(name not in bound for name in positional):
        defaults = defaults_of(m, function)
        for name, value in zip(reversed(positional), reversed(defaults), strict=False):
            bound.setdefault(name, value)
    if any(name not in bound for name in keyword_only):
        for name in keyword_only:
            if name not in bound:
                bound[name] = keyword_default(m, function, name)
    for name in (*positional, *keyword_only):
        if name not in bound:
            raise raises(TypeError, "GL111", f"`{code.co_name}` gets no `{name}`")


def defaults_of(m: Machine, function: Function) -> tuple[Value, ...]:
    """Default values of the last positional parameters."""
    if function.fn is None:
        return function.defaults
    assert function.source is not None
    value = m.read(m.reader.unread(FunctionSlot(function.source, "__defaults__"), function.fn.__defaults__))
    return value.items if isinstance(value, Sequence) else ()


def keyword_default(m: Machine, function: Function, name: str) -> Value:
    """The default of a keyword-only parameter."""
    if function.fn is None:
        found = function.kwdefaults.get(name)
    else:
        found = None
        existing: dict[str, Any] = getattr(function.fn, "__kwdefaults__", None) or {}
        if name in existing:
            assert function.source is not None
            base = m.read(m.reader.unread(FunctionSlot(function.source, "__kwdefaults__"), existing))
            assert base.source is not None
            found = m.reader.unread(DictItem(base.source, name), existing[name])
    if found is None:
        raise raises(TypeError, "GL111", f"`{function.code.co_name}` gets no `{name}`")
    return found


def closure_of(m: Machine, function: Function) -> tuple[Value, ...]:
    """The cells of a function's free variables."""
    if function.fn is None or not function.code.co_freevars:
        return function.closure
    assert function.source is not None
    at = FunctionSlot(function.source, "__closure__")
    closure: Any = function.fn.__closure__
    m.read(m.reader.unread(at, closure))
    return tuple(m.reader.unread(Item(at, i), cell) for i, cell in enumerate(closure))


