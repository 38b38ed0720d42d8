"""``np.errstate``: what it says is noted on the nodes made while it is in force, and nowhere else.

What matters is whether NumPy ignores a kind of floating-point error. In any other mode it warns, raises or calls, and
the original instructions do that, with the real error state.
"""

from collections.abc import Callable
from typing import Any

from numpy import errstate

from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.handlers.attributes import get_attribute
from graphlet.capture.inline import closure_of
from graphlet.capture.machine import Machine, describe
from graphlet.capture.raising import Raised, left_to_python
from graphlet.runtime.plan import KINDS
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Cell, Errstate, Function, Instance, Method

_MODES = ("ignore", "warn", "raise", "call", "print", "log")


def make(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.errstate(all=..., divide=..., ...)``"""
    check("errstate", args, kwargs, 0, 0, ("all", "call", *KINDS))
    if "call" in kwargs and not isinstance(m.read(kwargs["call"]), (Function, Method)):
        raise Break("GL102", "np.errstate with an object to call")
    given = {name: m.known(value) for name, value in kwargs.items() if name != "call"}
    found: dict[str, str] = {}
    for name, mode in sorted(given.items()):  # "all" comes first
        if mode is None:
            continue
        if type(mode) is not str or mode not in _MODES:
            raise Break("GL111", f"the mode {mode!r} of np.errstate")
        for kind in KINDS if name == "all" else (name,):
            found[kind] = "ignore" if mode == "ignore" else "raise"
    return Errstate(tuple(sorted(found.items())))


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
    m.trail.set(state, "before", m.builder.modes)
    m.trail.set(m.builder, "modes", tuple(sorted({**dict(m.builder.modes), **dict(state.modes)}.items())))
    return Constant(None)


def leave(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``__exit__``, where nothing was raised."""
    state = state_of(m, args, kwargs, 4)
    if state.before is None:
        raise Break("GL111", "np.errstate is left before it was entered")
    m.trail.set(m.builder, "modes", state.before)
    return Constant(None)


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
    if not isinstance(callback, Instance) or callback.type is not type(errstate()._call):  # type: ignore[attr-defined]
        raise Break("GL102", "np.errstate with a function to call")
    named: Kwargs = {name: get_attribute(m, given, f"_{name}") for name in ("all", *KINDS)}
    made = make(m, (), named)
    assert isinstance(made, Errstate)
    return made


DECORATED = errstate()(lambda: None).__code__

RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {
    errstate: make,
    errstate.__enter__: enter,
    errstate.__exit__: leave,
}
