"""Calling and making functions."""

from collections.abc import Callable
from types import CodeType

from graphlet.capture import containers
from graphlet.capture.breaks import Break
from graphlet.capture.callables import ANNOTATED, FIELDS
from graphlet.capture.calls import call
from graphlet.capture.handlers.exceptions import stop_iteration_error
from graphlet.capture.handlers.generators import require_inner
from graphlet.capture.handlers.operators import unary
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.state import Frame
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Mapping, Null, Sequence, Value
from graphlet.values.objects import Function, Kept, Wrapped


def callee_and_self(frame: Frame) -> tuple[Value, tuple[Value, ...]]:
    """The two slots below the arguments: a callable and NULL in either order, or a method and its first argument."""
    first, second = frame.pops(2)
    if isinstance(first, Kept) or isinstance(second, Kept):
        raise Break("GL103", "the call began before this region")
    if isinstance(first, Null):
        return second, ()
    return (first, ()) if isinstance(second, Null) else (first, (second,))


def finish(m: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> None:
    frame = m.frame
    callee, self = callee_and_self(frame)
    result = call(m, callee, (*self, *args), kwargs)
    frame.push(result)


def kw_names(m: Machine, instr: Instr) -> None:
    m.frame.kw_names = instr.arg


def call_plain(m: Machine, instr: Instr) -> None:
    frame = m.frame
    names, frame.kw_names = frame.kw_names, ()
    call_named(m, frame.pops(instr.arg), names)


def call_kw(m: Machine, instr: Instr) -> None:
    names = m.known(m.frame.pop())
    call_named(m, m.frame.pops(instr.arg), names)


def call_named(m: Machine, values: tuple[Value, ...], names: tuple[str, ...]) -> None:
    at = len(values) - len(names)
    finish(m, values[:at], dict(zip(names, values[at:], strict=True)))


def call_function_ex(m: Machine, instr: Instr) -> None:
    frame = m.frame
    given = frame.pop() if instr.arg else Null()
    named = Mapping() if isinstance(given, Null) else containers.as_mapping(m, given)
    args = containers.items_of(m, frame.pop())
    if not isinstance(named, Mapping) or not all(type(key) is str for key in named.items):
        raise Break("GL110", f"** of {describe(named)}", name_of(named))
    finish(m, args, dict(named.items))


def intrinsic_1(m: Machine, instr: Instr) -> None:
    frame = m.frame
    if instr.arg == "INTRINSIC_LIST_TO_TUPLE":
        frame.push(Sequence("tuple", containers.items_of(m, frame.pop())))
    elif instr.arg == "INTRINSIC_UNARY_POSITIVE":
        frame.push(unary(m, "+", frame.pop()))
    elif instr.arg == "INTRINSIC_STOPITERATION_ERROR":
        frame.push(stop_iteration_error(m, frame.pop()))
    elif instr.arg == "INTRINSIC_ASYNC_GEN_WRAP":
        require_inner(m)
        frame.push(Wrapped(frame.pop()))
    else:
        raise Break("GL103", f"{instr.arg} is not followed")


def make_function(m: Machine, instr: Instr) -> None:
    """Up to 3.12 the flags say which parts lie below the code; from 3.13 they come by SET_FUNCTION_ATTRIBUTE."""
    frame = m.frame
    code = m.known(frame.pop())
    assert isinstance(code, CodeType)
    function = Function(code, frame.scope)
    for flag in (8, 4, 2, 1):
        if instr.arg & flag:
            set_part(m, function, flag, frame.pop())
    frame.push(function)


def set_function_attribute(m: Machine, instr: Instr) -> None:
    frame = m.frame
    function = frame.pop()
    part = frame.pop()
    assert isinstance(function, Function)
    set_part(m, function, instr.arg, part)
    frame.push(function)


def set_part(m: Machine, function: Function, flag: int, part: Value) -> None:
    """Defaults (1), keyword defaults (2), annotations (4, as a function from 3.14 on: 16), closure (8)."""
    part = m.read(part)
    if flag == 1:
        m.trail.set(function, "defaults", containers.items_of(m, part))
    elif flag == 2 and isinstance(part, Mapping):
        m.trail.set(function, "kwdefaults", dict(part.items))
    elif flag == 8:
        m.trail.set(function, "closure", containers.items_of(m, part))
    elif flag == 4:
        flat = containers.items_of(m, part)
        pairs = {m.known(name): value for name, value in zip(flat[::2], flat[1::2], strict=True)}
        m.trail.put(m.table(FIELDS), (function, "__annotations__"), Mapping(pairs))
    else:
        m.trail.put(m.table(FIELDS), (function, "__annotate__"), part)
        m.trail.put(m.table(ANNOTATED), function, True)


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "KW_NAMES": kw_names,
    "CALL": call_plain,
    "CALL_KW": call_kw,
    "CALL_FUNCTION_EX": call_function_ex,
    "CALL_INTRINSIC_1": intrinsic_1,
    "MAKE_FUNCTION": make_function,
    "SET_FUNCTION_ATTRIBUTE": set_function_attribute,
}
