"""Global names: read, and set and deleted at their program point.

The functions of a module share one dictionary, which each of them finds in its own way. What was set is what all of
them read from then on; that they do share it is guarded. Who reads the same name in yet another way ends the region.
"""

from types import FunctionType
from typing import Any

from graphlet.capture import stores
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine
from graphlet.capture.pytypes import MISSING
from graphlet.capture.state import Scope
from graphlet.sources import FunctionGlobal, FunctionSlot, Global, Globals, Source
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Function, Instance


def load_global(m: Machine, scope: Scope, name: str) -> Value:
    """A global or builtin name, not yet looked at."""
    require_dicts(scope, name)
    if stores.lost_global(m, scope.names, name):
        raise Break("GL117", f"the global `{name}` was deleted", name)
    stored = stores.global_(m, scope.names, name)
    if stored is not None:
        namespace(m, scope)
        return stored
    example = scope.names.get(name, scope.builtins.get(name, MISSING))
    if example is MISSING:
        raise Break("GL117", f"the global `{name}` does not exist", name)
    if not scope.own:
        return m.reader.unread(scope.source(name), example)
    if type(example) is FunctionType and example.__globals__ is scope.names:
        return own_function(example)
    return Constant(example)


def own_function(fn: Any) -> Function:
    """A function of graphlet's own that is followed."""
    defaults = tuple(Constant(value) for value in fn.__defaults__ or ())
    named: dict[str, Value] = {name: Constant(value) for name, value in (fn.__kwdefaults__ or {}).items()}
    return Function(fn.__code__, Scope(fn.__globals__, fn.__builtins__, own=True), defaults=defaults, kwdefaults=named)


def store_global(m: Machine, scope: Scope, name: str, value: Value) -> None:
    """``global name; name = value``"""
    require_dicts(scope, name)
    if scope.own or name not in scope.names:
        raise Break("GL104", f"the global `{name}` is set for the first time", name)
    before = load_global(m, scope, name)
    stores.set_global(m, namespace(m, scope), name, before, value, known_as(m, scope, name))


def delete_global(m: Machine, scope: Scope, name: str) -> None:
    """``global name; del name``"""
    require_dicts(scope, name)
    if scope.own or name not in scope.names:
        raise Break("GL117", f"the global `{name}` does not exist", name)
    before = load_global(m, scope, name)
    stores.delete_global(m, namespace(m, scope), name, before, known_as(m, scope, name))


def known_as(m: Machine, scope: Scope, name: str) -> set[Source]:
    """Where a name was read in the dictionary of this scope."""
    return {source for source in m.reader.found(name) if is_in(m, source, scope)}


def is_in(m: Machine, source: Source, scope: Scope) -> bool:
    """Whether a name was read in the dictionary of this scope, which is guarded either way."""
    other = scope_of(m, source)
    if other is None:
        return False
    namespace(m, other)
    return other.names is scope.names


def scope_of(m: Machine, source: Source) -> Scope | None:
    """The scope in which a global name was looked up."""
    if isinstance(source, Global):
        return m.frames[0].scope
    if not isinstance(source, FunctionGlobal):
        return None
    function = m.read(m.reader.unread(source.base, None))
    return function.scope if isinstance(function, Function) else None


def namespace(m: Machine, scope: Scope) -> Instance:
    """The dictionary of a scope: all ways to it lead to one value."""
    source = Globals() if scope.function is None else FunctionSlot(scope.function, "__globals__")
    found = m.read(m.reader.unread(source, scope.names))
    assert isinstance(found, Instance)
    return found


def require_dicts(scope: Scope, name: str) -> None:
    """Only plain dicts are looked into."""
    if type(scope.names) is not dict or type(scope.builtins) is not dict:
        raise Break("GL103", "the globals are no plain dict", name)
