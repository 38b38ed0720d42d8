"""Generators that go over others, and those that are dropped half-way."""

from typing import Any

import numpy as np
import pytest

from tests.capture.playing import whole
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def inner(x: Any) -> Any:
    got = yield x + 1
    yield x * 2 if got is None else x * got
    return x - 1


def outer(x: Any) -> Any:
    result = yield from inner(x)
    yield result * 10
    yield from [x, x + 3]
    return result


def delegated(x: Any) -> Any:
    def wrapping() -> Any:
        final = yield from outer(x)
        yield final * 2

    sent = outer(x)
    first, second = next(sent), sent.send(5)
    every = list(outer(x + 1))
    return [v + 1 for v in wrapping()], first, second, list(sent), every[-1] + len(every)


def test_yield_from() -> None:
    assert differential(delegated, (X,), (X[:4],), rounds=4).last_share.native > 0.9
    whole(delegated, X)


def closing(x: Any, seen: Any) -> Any:
    try:
        yield x * 2
    finally:
        seen.append(1)


def dropped(x: Any) -> Any:
    seen: list[Any] = []
    a = next(closing(x, seen))
    n = len(seen)
    return a * 2, n, seen


def dropped_in_a_loop(x: Any) -> Any:
    seen: list[Any] = []
    for v in closing(x, seen):
        x = x + v
        break
    return x * 2, len(seen)


def dropped_by_a_chain(x: Any) -> Any:
    seen: list[Any] = []

    def over() -> Any:
        yield from closing(x, seen)

    v = next(over())
    return v + len(seen), seen


@pytest.mark.parametrize("fn", [dropped, dropped_in_a_loop, dropped_by_a_chain])
def test_what_a_dropped_generator_has_left_to_do_is_done_in_time(fn: Any) -> None:
    differential(fn, (X,), (X[:3],), rounds=4)


def stopped(x: Any) -> Any:
    def once() -> Any:
        yield x
        return x * 3

    def wrong() -> Any:
        yield x
        raise StopIteration

    it = once()
    next(it)
    try:
        next(it)
    except StopIteration as end:
        x = end.value + 1
    try:
        next(it)
    except StopIteration as end:
        assert end.value is None
    try:
        return [v + 1 for v in wrong()]
    except RuntimeError:
        return x * 9


def test_the_end_of_a_generator() -> None:
    differential(stopped, (X,), (X[:3],), rounds=4)


def waiting_in_a_handler(x: Any) -> Any:
    try:
        raise KeyError("inner")
    except KeyError:
        yield x * 2
        try:
            raise
        except KeyError as error:
            yield x * len(error.args)


def others_do_not_handle(x: Any) -> Any:
    z = x + 1
    waiting = waiting_in_a_handler(x)
    z = z + next(waiting)
    try:
        raise ValueError("v")
    except ValueError:
        w = next(waiting)
        try:
            raise
        except ValueError:
            z = z * 3
        except KeyError:
            z = z * 1000
    return z + w, next(waiting, None)


def test_a_generator_that_waits_while_it_handles_an_exception() -> None:
    differential(others_do_not_handle, (X,), (X[:4],), rounds=4, native=0.9)
