"""``async for``, ``async with`` and asynchronous comprehensions over what was made in the region."""

from collections.abc import Callable

from graphlet.capture.calls import call
from graphlet.capture.handlers.exceptions import again
from graphlet.capture.handlers.generators import awaited
from graphlet.capture.handlers.withs import methods
from graphlet.capture.machine import Machine
from graphlet.capture.suspended import iterator_of, next_of
from graphlet.opcodes.decode import Instr
from graphlet.values.objects import Error


def get_aiter(m: Machine, instr: Instr) -> None:
    frame = m.frame
    frame.push(iterator_of(m, frame.pop()))


def get_anext(m: Machine, instr: Instr) -> None:
    frame = m.frame
    frame.push(awaited(m, next_of(m, frame.stack[-1])))


def end_async_for(m: Machine, instr: Instr) -> None:
    """The end of the loop, if it is that."""
    _, error = m.frame.pops(2)
    if not isinstance(error, Error) or not issubclass(error.type, StopAsyncIteration):
        raise again(m, error)


def before_async_with(m: Machine, instr: Instr) -> None:
    """Leaves the bound ``__aexit__``, and what ``__aenter__`` returns, to be awaited."""
    frame = m.frame
    enter, leave = methods(m, m.read(frame.pop()), "__aenter__", "__aexit__")
    frame.push(leave)
    frame.push(call(m, enter, (), {}))


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "GET_AITER": get_aiter,
    "GET_ANEXT": get_anext,
    "END_ASYNC_FOR": end_async_for,
    "BEFORE_ASYNC_WITH": before_async_with,
}
