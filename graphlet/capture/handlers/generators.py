"""Generators and coroutines that are followed: where they begin, stop, and go over or await others."""

from collections.abc import Callable

from graphlet.capture import containers
from graphlet.capture.breaks import Break
from graphlet.capture.handlers.control import iterate
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import is_none
from graphlet.capture.specials import call_special
from graphlet.capture.suspended import finish
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Advance, Coroutine, Generator, Iterator


def return_generator(m: Machine, instr: Instr) -> None:
    """The frame of a generator begins to run here; a POP_TOP follows."""
    require_inner(m)
    m.frame.push(Constant(None))


def yield_value(m: Machine, instr: Instr) -> None:
    """The generator stops here; None is sent to it when it goes on."""
    require_inner(m)
    frame = m.frame
    frame.yielded = frame.pop()
    frame.push(Constant(None))


def require_inner(m: Machine) -> None:
    if m.frame.partial:
        raise Break("GL109", "the generator is suspended here")


def get_yield_from_iter(m: Machine, instr: Instr) -> None:
    require_inner(m)
    frame = m.frame
    frame.push(iterate(m, frame.pop()))


def get_awaitable(m: Machine, instr: Instr) -> None:
    """What ``await`` goes over: a coroutine made in the region, which then has to end without being suspended."""
    frame = m.frame
    frame.push(awaited(m, frame.pop()))


def awaited(m: Machine, value: Value) -> Value:
    """The iterator of something that can be awaited."""
    value = m.read(value)
    if isinstance(value, Advance):
        return value
    if isinstance(value, Coroutine) and not value.awaited:
        m.trail.set(value, "awaited", True)
        m.trail.put(m.table("open"), value.generator.frame, False)
        return value.generator
    made = None if isinstance(value, Coroutine) else call_special(m, value, "__await__")
    if not isinstance(made, Generator):
        raise Break("GL109", f"the coroutine may be suspended here: it awaits {describe(value)}", name_of(value))
    return made


def passed_on(m: Machine) -> Value | None:
    """What the generator or iterator below the top of the stack gives when it is sent the top; None at its end."""
    receiver, sent = m.frame.stack[-2:]
    if isinstance(receiver, Advance):
        finish(m, receiver)
        return None
    if isinstance(receiver, Generator):
        item = m.advance(m, receiver, sent)
        if item is not None:
            require_inner(m)
        return item
    require_inner(m)
    if not isinstance(receiver, Iterator) or not is_none(m.read(sent)):
        raise Break("GL109", f"something is sent to {describe(receiver)}", name_of(receiver))
    return containers.next_item(m, receiver)


def returned(receiver: Value) -> Value:
    """What a generator has returned; other iterators return None."""
    if isinstance(receiver, Advance) and receiver.result is not None:
        return receiver.result
    result: Value | None = receiver.frame.result if isinstance(receiver, Generator) else None
    return Constant(None) if result is None else result


def send(m: Machine, instr: Instr) -> None:
    frame, item = m.frame, passed_on(m)
    frame.stack[-1] = returned(frame.stack[-2]) if item is None else item
    if item is None:
        frame.jump(instr.arg)


def send_pop(m: Machine, instr: Instr) -> None:
    """3.11: at the end both slots are dropped."""
    frame, item = m.frame, passed_on(m)
    if item is not None:
        frame.stack[-1] = item
        return
    receiver, _ = frame.pops(2)
    frame.push(returned(receiver))
    frame.jump(instr.arg)


def end_send(m: Machine, instr: Instr) -> None:
    _, value = m.frame.pops(2)
    m.frame.push(value)


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "RETURN_GENERATOR": return_generator,
    "YIELD_VALUE": yield_value,
    "GET_YIELD_FROM_ITER": get_yield_from_iter,
    "GET_AWAITABLE": get_awaitable,
    "SEND": send,
    "SEND_POP": send_pop,
    "END_SEND": end_send,
}
