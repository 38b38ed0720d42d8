"""``np.errstate``, ``np.seterr``: what they say is noted on the nodes made while it is in force.

What matters is whether NumPy ignores a kind of floating-point error. In any other mode it warns, raises or calls, and
the original instructions do that, with the real error state. What ``np.seterr`` has set is set when the region has
succeeded.
"""

from collections.abc import Callable
from typing import Any

from numpy import errstate, geterr, seterr
from numpy._core.umath import _extobj_contextvar

from graphlet.capture import stores
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.handlers.attributes import get_attribute
from graphlet.capture.inline import closure_of
from graphlet.capture.machine import Machine, describe
from graphlet.capture.pytypes import is_none
from graphlet.capture.raising import Raised, left_to_python
from graphlet.guards.kinds import TokenIs
from graphlet.runtime._errors import error_modes, modes_of
from graphlet.runtime.plan import KINDS, MODES
from graphlet.sources import Known
from graphlet.values.base import Constant, Mapping, Value
from graphlet.values.objects import Cell, ErrorModes, Errstate, Function, Instance, Method

Modes = tuple[tuple[str, str], ...]
STATE = "what np.errstate and np.seterr have changed"  # "changed" -> modes
ENTERED = "error states entered"  # Errstate -> whether it is in force
NO_CALLBACK: type = type(errstate()._call)  # type: ignore[attr-defined]
VARIABLE = Constant(_extobj_contextvar, source=Known(_extobj_contextvar))


def make(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.errstate(all=..., divide=..., ...)``"""
    check("errstate", args, kwargs, 0, 0, ("all", "call", *KINDS))
    if "call" in kwargs:
        require_callback(m, m.read(kwargs["call"]))
    return Errstate(given_modes(m, {name: value for name, value in kwargs.items() if name != "call"}))


def require_callback(m: Machine, callback: Value) -> None:
    """Something NumPy takes for ``call=``: it can be called, or has a method ``write``."""
    if isinstance(callback, (Function, Method)) or is_none(callback):
        return
    if isinstance(callback, Instance) and isinstance(get_attribute(m, callback, "write"), Method):
        return
    raise Break("GL102", "np.errstate with an object to call")


def given_modes(m: Machine, named: Kwargs) -> Modes:
    """The mode of each kind of error that is named, sorted by kind."""
    found: dict[str, str] = {}
    for name, value in sorted(named.items(), key=lambda item: item[0]):  # "all" comes first
        mode = m.known(value)
        if mode is None:
            continue
        if type(mode) is not str or mode not in MODES:
            raise Break("GL111", f"the mode {mode!r} of floating-point errors")
        for kind in KINDS if name == "all" else (name,):
            found[kind] = mode
    return tuple(sorted(found.items()))


def changed(m: Machine) -> Modes:
    """What is not as it was where the region began."""
    found: Modes = m.table(STATE).get("changed", ())
    return found


def put_in_force(m: Machine, modes: Modes) -> None:
    """Further nodes are made under these modes: what they do not ignore makes the region decline."""
    m.trail.put(m.table(STATE), "changed", modes)
    m.trail.set(m.builder, "modes", tuple((k, mode if mode == "ignore" else "raise") for k, mode in modes))


def both(before: Modes, more: Modes) -> Modes:
    """Modes with others on top."""
    return tuple(sorted({**dict(before), **dict(more)}.items()))


def state_of(m: Machine, args: Args, kwargs: Kwargs, count: int) -> Errstate:
    """The first argument of a method."""
    check("errstate", args, kwargs, count)
    state = m.read(args[0])
    if not isinstance(state, Errstate):
        raise Break("GL110", f"{describe(state)} in place of np.errstate")
    return state


def enter(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``__enter__``: further nodes are made under this state. It can be entered once."""
    state = state_of(m, args, kwargs, 1)
    if state.before is not None:
        raise Break("GL111", "np.errstate is entered twice")
    m.trail.set(state, "before", changed(m))
    m.trail.put(m.table(ENTERED), state, True)
    put_in_force(m, both(changed(m), state.modes))
    return Constant(None)


def leave(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``__exit__``, where nothing was raised."""
    state = state_of(m, args, kwargs, 4)
    if state.before is None:
        raise Break("GL111", "np.errstate is left before it was entered")
    m.trail.put(m.table(ENTERED), state, False)
    put_in_force(m, state.before)
    return Constant(None)


def get_modes(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.geterr()``"""
    check("geterr", args, kwargs, 0)
    number = error_modes()
    if number < 0:
        raise Break("GL102", "np.geterr with modes that are not known")
    m.guard(TokenIs(Known(error_modes), number))
    now = {**modes_of(number), **dict(changed(m))}
    return Mapping({kind: Constant(mode) for kind, mode in now.items()})


def set_modes(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.seterr(all=..., divide=..., ...)``: in force from here on, and set behind the region; what was before."""
    names = ("all", *KINDS)
    check("seterr", args, kwargs, 0, len(names), names)
    named = dict(zip(names, args, strict=False))
    if named.keys() & kwargs.keys():
        raise Break("GL111", "np.seterr gets a kind of error twice")
    before = get_modes(m, (), {})
    put_in_force(m, both(changed(m), given_modes(m, {**named, **kwargs})))
    if any(m.table(ENTERED).values()):
        return before  # np.errstate puts back what was before, and no region ends between
    stores.put(m, "context", VARIABLE, ("error state",), None, ErrorModes(changed(m)))
    return before


def call_decorated(m: Machine, callee: Function, args: Args, kwargs: Kwargs) -> Value:
    """A call of a function decorated with ``np.errstate(...)``: it runs under a state of its own."""
    cells = dict(zip(callee.code.co_freevars, map(m.read, closure_of(m, callee)), strict=True))
    function, given = (cell.contents if isinstance(cell, Cell) else None for cell in (cells["func"], cells["self"]))
    if function is None or given is None:
        raise Break("GL117", "a decorated function without its parts")
    given = m.read(given)
    state = given if isinstance(given, Errstate) else existing(m, given)
    enter(m, (state,), {})
    try:
        result = m.call(m, function, args, kwargs)
    except Raised as raised:
        raise left_to_python(raised) from None
    leave(m, (state, *[Constant(None)] * 3), {})
    return result


def existing(m: Machine, given: Value) -> Errstate:
    """What an ``np.errstate`` that was there before says."""
    if not isinstance(given, Instance) or given.type is not errstate:
        raise Break("GL110", f"{describe(given)} in place of np.errstate")
    callback = m.read(get_attribute(m, given, "_call"))
    if not isinstance(callback, Instance) or callback.type is not NO_CALLBACK:
        require_callback(m, callback)
    named: Kwargs = {name: get_attribute(m, given, f"_{name}") for name in ("all", *KINDS)}
    made = make(m, (), named)
    assert isinstance(made, Errstate)
    return made


DECORATED = errstate()(lambda: None).__code__

RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {
    errstate: make,
    geterr: get_modes,
    seterr: set_modes,
    errstate.__enter__: enter,
    errstate.__exit__: leave,
}
