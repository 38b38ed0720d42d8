"""Raising and handling exceptions that are certain to come."""

from collections.abc import Callable
from inspect import CO_ASYNC_GENERATOR

from graphlet.capture.breaks import Break
from graphlet.capture.calls import call
from graphlet.capture.machine import Machine
from graphlet.capture.raising import Raised, given, matches, no_end, type_value
from graphlet.opcodes.decode import Instr
from graphlet.sources import Known
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Error, Handled, Kept, Method, Traceback

_BEFORE = ("GL111", "an exception is handled here that was raised before this region")


def raise_(m: Machine, instr: Instr) -> None:
    """``raise``, ``raise error``, ``raise error from cause``"""
    values = m.frame.pops(instr.arg)
    if not values:
        raise again(m, m.handling)
    error = given(m, values[0])
    if len(values) == 2:
        cause = m.read(values[1])
        if not isinstance(cause, Constant) or cause.value is not None:
            given(m, cause)
    raise Raised(error, "GL111", "an exception is raised here")


def again(m: Machine, value: Value | None) -> Break:
    """An exception is raised once more; where it is not caught, the break is where it came from."""
    if not isinstance(value, Error):
        return Break(*_BEFORE)
    first = m.table("raised").get(value)
    detail = first[1].detail if first else "an exception is raised here"
    return Raised(value, first[1].code if first else "GL111", detail)


def reraise(m: Machine, instr: Instr) -> None:
    raise again(m, m.frame.pop())


def load_assertion_error(m: Machine, instr: Instr) -> None:
    m.frame.push(Constant(AssertionError, source=Known(AssertionError)))


def push_exc_info(m: Machine, instr: Instr) -> None:
    error = m.frame.pop()
    if not isinstance(error, Error):
        raise Break(*_BEFORE)
    frame = m.frame
    frame.push(Handled(m.handling, frame.handled is not None))
    frame.push(error)
    m.trail.set(frame, "handled", error)
    m.trail.set(m, "handling", error)


def pop_except(m: Machine, instr: Instr) -> None:
    handled = m.frame.pop()
    if not isinstance(handled, Handled):
        raise Break(*_BEFORE)
    frame = m.frame
    m.trail.set(frame, "handled", handled.before if handled.own else None)
    resumed = not handled.own and frame in m.table("resumed")
    m.trail.set(m, "handling", frame.outside if resumed else handled.before)


def check_match(m: Machine, instr: Instr) -> None:
    frame = m.frame
    classes = frame.pop()
    error = frame.stack[-1]
    if not isinstance(error, Error):
        raise Break(*_BEFORE)
    frame.push(Constant(matches(m, error, classes)))


def leave_with(m: Machine, instr: Instr) -> None:
    """``__exit__(type, error, traceback)``; what it returns says whether the exception is over."""
    stack = m.frame.stack
    error = stack[-1]
    if not isinstance(error, Error) or any(isinstance(value, Kept) for value in stack[-5:]):
        raise Break(*_BEFORE)
    told = (type_value(error), error, Traceback())
    if isinstance(stack[-4], Method):
        m.frame.push(call(m, stack[-4], told, {}))
    else:  # from 3.14 on the function lies below the object
        m.frame.push(call(m, stack[-5], (stack[-4], *told), {}))


def stop_iteration_error(m: Machine, value: Value) -> Value:
    """Behind a generator's body, from 3.12 on: a StopIteration must not be taken for its end."""
    if not isinstance(value, Error):
        raise Break(*_BEFORE)
    other = no_end(value, bool(m.frame.decoded.code.co_flags & CO_ASYNC_GENERATOR))
    return value if other is None else other.error


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "RAISE_VARARGS": raise_,
    "RERAISE": reraise,
    "LOAD_ASSERTION_ERROR": load_assertion_error,
    "PUSH_EXC_INFO": push_exc_info,
    "POP_EXCEPT": pop_except,
    "CHECK_EXC_MATCH": check_match,
    "WITH_EXCEPT_START": leave_with,
}
