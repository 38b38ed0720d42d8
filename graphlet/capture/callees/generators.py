"""``send``, ``throw`` and ``close`` of generators made in the region."""

from collections.abc import Callable
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.callees.sequences import next_, returned
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import is_none
from graphlet.capture.raising import Raised, given, raises
from graphlet.capture.suspended import (
    advance_of,
    has_begun,
    iterator_of,
    next_of,
    require_own_yield,
    thrown_into,
)
from graphlet.values.base import Constant, Value
from graphlet.values.objects import AsyncGenerator, Coroutine, Error, Generator


def generator_of(m: Machine, value: Value) -> Generator:
    """A generator made in the region, or that of a coroutine, which is begun by this."""
    value = m.read(value)
    if isinstance(value, Coroutine):
        m.trail.set(value, "awaited", True)
        m.trail.put(m.table("open"), value.generator.frame, False)
        return value.generator
    if not isinstance(value, Generator):
        raise Break("GL109", f"a method of {describe(value)}", name_of(value))
    return value


def send(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("send", args, kwargs, 2)
    generator, value = generator_of(m, args[0]), m.read(args[1])
    done = generator.done
    if not has_begun(generator) and not done and not is_none(value):
        raise raises(TypeError, "GL111", "a value is sent to a generator that has not begun")
    item = m.advance(m, generator, value)
    if item is None:
        raise raises(StopIteration, "GL111", "the generator has ended", args=returned(generator, done))
    return item


def throw(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``throw(error)``, or with its class in front and its traceback behind."""
    check("throw", args, kwargs, 2, 4)
    generator, value = generator_of(m, args[0]), m.read(args[1])
    if len(args) > 2 and isinstance(m.read(args[2]), Error):
        value = m.read(args[2])
    elif len(args) > 2:
        raise Break("GL109", "throw with these arguments")
    error = given(m, value)
    item = thrown_into(m, generator, error)
    if item is None:
        raise raises(StopIteration, "GL111", "the generator has ended", args=returned(generator, False))
    return item


def close(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("close", args, kwargs, 1)
    generator = generator_of(m, args[0])
    if generator.done or not has_begun(generator):
        generator.done = True
        return Constant(None)
    require_own_yield(generator)
    m.n_catching += 1
    try:
        item = thrown_into(m, generator, given(m, Constant(GeneratorExit)))
    except Raised as raised:
        if issubclass(raised.error.type, (GeneratorExit, StopIteration)):
            return Constant(None)
        raise
    finally:
        m.n_catching -= 1
    if item is not None:
        raise Break("GL109", "a generator goes on though it is closed")
    if generator.frame.result is not None and not is_none(generator.frame.result):
        raise Break("GL109", "what a generator returns when it is closed depends on the version of Python")
    return Constant(None)


def async_method(kind: str) -> Callable[[Machine, Args, Kwargs], Value]:
    """``__anext__``, ``asend``, ``athrow`` and ``aclose`` of an asynchronous generator."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        low = 2 if kind in ("asend", "athrow") else 1
        check(kind, args, kwargs, low, 4 if kind == "athrow" else low)
        of = m.read(args[0])
        if len(args) > 2:  # with the class in front and the traceback behind
            args = args[:1] + args[2:3]
            if not isinstance(m.read(args[1]), Error):
                raise Break("GL109", "athrow with these arguments")
        if not isinstance(of, AsyncGenerator):
            raise Break("GL109", f"a method of {describe(of)}", name_of(of))
        return advance_of(m, of, kind, (*args, Constant(None))[1])

    return rule


def anext_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("anext", args, kwargs, 1)
    return next_of(m, args[0])


def aiter_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("aiter", args, kwargs, 1)
    return iterator_of(m, args[0])


RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {
    GeneratorType.send: send,
    GeneratorType.throw: throw,
    GeneratorType.close: close,
    GeneratorType.__next__: next_,
    CoroutineType.send: send,
    CoroutineType.throw: throw,
    **{getattr(AsyncGeneratorType, kind): async_method(kind) for kind in ("__anext__", "asend", "athrow", "aclose")},
    AsyncGeneratorType.__aiter__: aiter_,
    anext: anext_,
    aiter: aiter_,
}
