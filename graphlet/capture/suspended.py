"""Generators where they wait: exceptions thrown into them, and asynchronous ones taken to the next item."""

from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import is_none
from graphlet.capture.raising import Raised, given, raises
from graphlet.capture.specials import call_special
from graphlet.guards.kinds import TokenIs
from graphlet.runtime._hooks import asyncgen_hooks
from graphlet.sources import Known
from graphlet.values.base import Constant, Value
from graphlet.values.objects import Advance, AsyncGenerator, Error, Generator, Wrapped

_SENDS = ("SEND", "SEND_POP")
PLAIN_HOOKS = 1  # what asyncgen_hooks says where nothing of the user's is told of asynchronous generators


def has_begun(generator: Generator) -> bool:
    """Whether it waits at a yield."""
    return generator.frame.yielded is not None


def require_own_yield(generator: Generator) -> None:
    """An exception is thrown into what the generator goes over, first."""
    frame = generator.frame
    instrs = frame.decoded.instrs
    at = next(i for i in range(frame.index - 1, -1, -1) if instrs[i].op == "YIELD_VALUE")
    if instrs[at - 1].op in _SENDS:
        raise Break("GL109", "an exception is thrown into a generator that goes over another one")


def thrown_into(m: Machine, generator: Generator, error: Error) -> Value | None:
    """What a generator yields when an exception is raised where it waits."""
    if generator.done or not has_begun(generator):
        generator.done = True
        raise Raised(error, "GL111", "an exception is thrown into a generator")
    require_own_yield(generator)
    return m.advance(m, generator, None, error)


def finish(m: Machine, awaited: Advance) -> None:
    """Await what takes an asynchronous generator on: it must yield or end without being suspended."""
    if awaited.result is not None:
        raise Break("GL109", "something is awaited twice")
    m.trail.put(m.table("open"), awaited, False)
    generator = awaited.of.generator
    if awaited.kind == "aclose":
        closed(m, generator)
        m.trail.set(awaited, "result", Constant(None))
        return
    if generator.done:
        raise Break("GL109", "an asynchronous generator that has ended is asked for more")
    item = taken(m, generator, awaited)
    if item is None:
        raise raises(StopAsyncIteration, "GL111", "the asynchronous generator has ended", args=())
    m.trail.set(awaited, "result", item)


def taken(m: Machine, generator: Generator, awaited: Advance) -> Value | None:
    """What it yields next; None at its end."""
    if awaited.kind == "athrow":
        return unwrapped(thrown_into(m, generator, given(m, awaited.given)))
    if not has_begun(generator) and not is_none(m.read(awaited.given)):
        raise raises(TypeError, "GL111", "a value is sent to an asynchronous generator that has not begun")
    return unwrapped(m.advance(m, generator, awaited.given))


def unwrapped(item: Value | None) -> Value | None:
    if item is not None and not isinstance(item, Wrapped):
        raise Break("GL109", "the asynchronous generator may be suspended here")
    return None if item is None else item.value


def closed(m: Machine, generator: Generator) -> None:
    """``await generator.aclose()``"""
    if generator.done or not has_begun(generator):
        generator.done = True
        return
    m.n_catching += 1
    try:
        item = unwrapped(thrown_into(m, generator, given(m, Constant(GeneratorExit))))
    except Raised as raised:
        if issubclass(raised.error.type, (GeneratorExit, StopAsyncIteration)):
            return
        raise
    finally:
        m.n_catching -= 1
    if item is not None:
        raise Break("GL109", "an asynchronous generator goes on though it is closed")


def first_asked(m: Machine) -> None:
    """An asynchronous generator is used: the interpreter tells whoever asked to be told, as event loops do."""
    if asyncgen_hooks() != PLAIN_HOOKS:
        raise Break("GL109", "somebody is told of asynchronous generators")
    m.guard(TokenIs(Known(asyncgen_hooks), PLAIN_HOOKS))


def advance_of(m: Machine, of: AsyncGenerator, kind: str, value: Value) -> Advance:
    """What a method of an asynchronous generator returns; Python warns if it is never awaited."""
    first_asked(m)
    made = Advance(of, kind, value)
    m.trail.put(m.table("open"), made, True)
    return made


def iterator_of(m: Machine, value: Value) -> Value:
    """``aiter(value)``"""
    value = m.read(value)
    if isinstance(value, AsyncGenerator):
        return value
    made = call_special(m, value, "__aiter__")
    if made is None:
        raise Break("GL109", f"the coroutine may be suspended here: it goes over {describe(value)}", name_of(value))
    return made


def next_of(m: Machine, value: Value) -> Value:
    """``anext(value)``, yet to be awaited."""
    value = m.read(value)
    if isinstance(value, AsyncGenerator):
        return advance_of(m, value, "__anext__", Constant(None))
    made = call_special(m, value, "__anext__")
    if made is None:
        raise Break("GL109", f"the coroutine may be suspended here: it goes over {describe(value)}", name_of(value))
    return made
