"""Coroutines made and awaited in a region: followed as long as nothing suspends them."""

import asyncio
import contextlib
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


async def doubled(x: Any) -> Any:
    return x * 2 + 1


async def summed(x: Any, n: int = 3) -> Any:
    total = x
    for i in range(n):
        total = total + await doubled(x) * i
    return total


async def two_levels(x: Any) -> Any:
    a = await doubled(x)
    b = await summed(a)
    return a + b * x


async def in_a_comprehension(x: Any) -> Any:
    return [await doubled(v) for v in (x, x + 1)][1] + sum([await summed(x, n) for n in range(3)])


async def closure(x: Any) -> Any:
    k = 2.0

    async def inner(v: Any) -> Any:
        nonlocal k
        k += 1.0
        return v * k

    return await inner(x) + await inner(x + 1) * k


class Model:
    def __init__(self, weight: Any) -> None:
        self.weight = weight

    async def __call__(self, x: Any) -> Any:
        return x * self.weight + 1

    async def twice(self, x: Any) -> Any:
        return await self(await self(x))


async def methods(x: Any) -> Any:
    return await Model(x).twice(x + 1) * 2


@pytest.mark.parametrize("function", [two_levels, in_a_comprehension, closure, methods])
def test_what_is_not_suspended_is_one_graph(function: Any) -> None:
    differential(function, (X,), (X[::2],), native=0.9)


async def suspended(x: Any) -> Any:
    y = x * 3 + 1
    await asyncio.sleep(0)
    return y * 2 + x


async def awaits_one_that_is(x: Any) -> Any:
    y = x * x + 1
    z = await suspended(y)
    w = await doubled(z)
    return w * y + x


async def sometimes(x: Any) -> Any:
    y = x + 1
    if y[0] > 3:
        await asyncio.sleep(0)
    return y * 2


async def awaits_one_that_may_be(x: Any) -> Any:
    return await sometimes(x) + await doubled(x)


def test_what_is_suspended_runs_in_python_and_the_rest_in_graphs() -> None:
    differential(suspended, (X,))
    differential(awaits_one_that_is, (X,))
    differential(awaits_one_that_may_be, (X,), (X + 5,), (X,), (X + 5,))


async def fails(x: Any) -> Any:
    raise ValueError(float((x * 2).sum()))


async def caught(x: Any) -> Any:
    y = x + 1
    try:
        y = await fails(y)
    except ValueError:
        y = y * 3
    finally:
        y = y + 2
    return y * x


async def not_caught(x: Any) -> Any:
    y = x + 1
    return y + await fails(y)


async def stops(x: Any) -> Any:
    raise StopIteration(3)


async def stopped(x: Any) -> Any:
    y = x * 2 + 1
    try:
        await stops(y)
    except RuntimeError as error:
        return y, str(error), type(error.__cause__)


def test_exceptions() -> None:
    differential(caught, (X,))
    differential(not_caught, (X,))
    differential(stopped, (X,))


async def never_awaited(x: Any) -> Any:
    y = x * 2 + 1
    doubled(y)
    return y * 3 + x


async def awaited_twice(x: Any) -> Any:
    coroutine = doubled(x)
    y = await coroutine * 2
    return y + await coroutine


async def awaits_no_awaitable(x: Any) -> Any:
    y = x * 2 + 1
    return y + await y


async def leaves(x: Any) -> Any:
    y = x * 2 + 1
    with contextlib.closing(doubled(y)) as coroutine:
        z = y * 3 + x
    return z, coroutine.cr_frame


async def plain_generator(x: Any) -> Any:
    def generator() -> Any:
        yield x

    y = x * 2 + 1
    return y + await generator()


@pytest.mark.parametrize("function", [never_awaited, awaited_twice, awaits_no_awaitable, leaves, plain_generator])
def test_warnings_and_errors_of_awaiting(function: Any) -> None:
    differential(function, (X,))


def made(x: Any) -> Any:
    y = x + 1
    return y * 2, doubled(y)


def test_coroutines_that_leave_a_function_are_real() -> None:
    fast = graphlet.optimize(made)
    for _ in range(3):
        y, coroutine = fast(X)
        assert np.array_equal(asyncio.run(coroutine), (X + 1) * 2 + 1)
        assert np.array_equal(y, (X + 1) * 2)


async def gathers(x: Any) -> Any:
    a, b = await asyncio.gather(doubled(x), suspended(x))
    return a + b * x


def test_in_an_event_loop() -> None:
    fast = graphlet.optimize(gathers)
    for _ in range(4):
        assert np.array_equal(asyncio.run(fast(X)), asyncio.run(gathers(X)))
