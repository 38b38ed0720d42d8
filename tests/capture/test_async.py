"""Asynchronous generators, loops, comprehensions and with blocks: followed as long as nothing suspends them."""

import asyncio
import contextlib
import sys
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def run(coroutine: Any) -> Any:
    """The result of a coroutine that nothing suspends."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("suspended")


async def steps(x: Any, n: int = 3) -> Any:
    for i in range(n):
        yield x * i


async def summed(x: Any) -> Any:
    z = x * 2
    async for v in steps(z):
        if v is None:
            continue
        z = z + v
    else:
        z = z - 1
    return z


async def comprehended(x: Any) -> Any:
    rows = [v + 1 async for v in steps(x) if v is not None]
    named = {i: v async for i, v in numbered(x)}
    generated = [v async for v in (w * 2 async for w in steps(x, 2))]
    return rows[2] + named[1] + generated[1], len(rows), [*named]


async def numbered(x: Any) -> Any:
    i = 0
    async for v in steps(x):
        yield i, v
        i += 1


class Manager:
    def __init__(self, log: list[Any], swallow: Any = None) -> None:
        self.log, self.swallow = log, swallow

    async def __aenter__(self) -> Any:
        self.log.append("in")
        return 2.0

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> Any:
        self.log.append(("out", kind))
        return kind is self.swallow


async def managed(x: Any) -> Any:
    log: list[Any] = []
    async with Manager(log) as k, Manager(log, KeyError):
        z = x * k
        raise KeyError("k")
    try:
        async with Manager(log, 1):
            z = z + 1
            raise ValueError("v")
    except ValueError:
        z = z * 2
    async with contextlib.nullcontext(x) as y:
        z = z + y
    return z, log


@contextlib.asynccontextmanager
async def scaled(x: Any, log: list[Any]) -> Any:
    log.append("before")
    try:
        yield x * 2
    except KeyError:
        log.append("key")
    finally:
        log.append("after")


async def by_generators(x: Any) -> Any:
    log: list[Any] = []
    async with scaled(x, log) as y:
        z = y + 1
    async with scaled(x, log) as y:
        z = z + y
        raise KeyError("k")
    try:
        async with scaled(x, log) as y:
            raise ValueError("v")
    except ValueError as error:
        log.append(error.args)
    return z * 2, log


class Counting:
    def __init__(self, x: Any, n: int) -> None:
        self.x, self.n = x, n

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> Any:
        if not self.n:
            raise StopAsyncIteration
        self.n -= 1
        return self.x * self.n

    def __await__(self) -> Any:
        return self.x
        yield


async def by_hand(x: Any) -> Any:
    z = x + 1
    async for v in Counting(x, 3):
        z = z + v
    g = averaging(x)
    first = await anext(g)
    second = await g.asend(z)
    third = await g.athrow(ValueError("thrown"))
    try:
        await g.__anext__()
    except StopAsyncIteration:
        z = z * 2
    h = averaging(x)
    await anext(h)
    await h.aclose()
    await averaging(x).aclose()
    return z + first + second + third + await Counting(x, 1)


async def averaging(x: Any) -> Any:
    got = yield x
    try:
        yield x + got
    except ValueError as error:
        yield x * len(error.args)


async def misbehaving(x: Any) -> Any:
    yield x
    raise StopAsyncIteration


async def ended_wrongly(x: Any) -> Any:
    z = x * 2
    try:
        async for v in misbehaving(x):
            z = z + v
    except RuntimeError as error:
        z = z + 1
        return z, str(error), type(error.__cause__).__name__
    return z


FOLLOWED = [summed, comprehended, managed, by_generators, by_hand]


@pytest.mark.parametrize("function", FOLLOWED)
def test_they_are_one_graph(function: Any) -> None:
    differential(function, (X,), (X[:4],), native=0.9, rounds=8)

    def outer(x: Any) -> Any:
        return run(function(x))

    differential(outer, (X,), (X[:4],), native=0.9, rounds=8)


async def left(x: Any) -> Any:
    z = x * 2
    async for v in steps(x):
        z = z + v
        break
    g = steps(x)
    z = z + await anext(g)
    await g.aclose()
    return z, [v async for v in g]


async def suspended(x: Any) -> Any:
    z = x * 2
    async for v in sleepy(x):
        z = z + v
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.sleep, 0)
        y = await stack.enter_async_context(contextlib.nullcontext(x))
        z = z + y
    return z + 1


async def sleepy(x: Any) -> Any:
    for i in range(3):
        await asyncio.sleep(0)
        yield x * i


async def mistakes(x: Any) -> Any:
    found = []
    z = x + 1
    for make in (lambda: steps(x).asend(1), lambda: anext(3), lambda: steps(x).athrow(KeyError("k"))):  # type: ignore[call-overload]
        try:
            found.append(await make())
        except (TypeError, KeyError) as error:
            found.append(type(error).__name__)
    try:
        async for _ in [1]:  # type: ignore[attr-defined]
            pass
    except TypeError as error:
        found.append(str(error))
    try:
        async with x:
            pass
    except (TypeError, AttributeError) as error:
        found.append(type(error).__name__)
    return z * 2, found


@pytest.mark.parametrize("function", [left, suspended, mistakes, ended_wrongly])
def test_others(function: Any) -> None:
    differential(function, (X,), (X[:4],), rounds=4)


def test_who_is_told_of_generators_is_told() -> None:
    told: list[Any] = []
    fast = graphlet.optimize(summed)
    for _ in range(4):
        assert np.array_equal(run(fast(X)), run(summed(X)))
    before = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(firstiter=lambda generator: told.append(generator.__name__))
    try:
        for _ in range(3):
            run(fast(X))
    finally:
        sys.set_asyncgen_hooks(*before)
    assert told == ["steps"] * 3
    assert np.array_equal(asyncio.run(fast(X)), run(summed(X)))
