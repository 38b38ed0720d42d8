"""send, throw and close of generators made in the region."""

from typing import Any

import numpy as np
import pytest

from tests.capture.playing import whole
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def lasting(x: Any, seen: Any) -> Any:
    try:
        got = yield x + 1
        seen.append(got)
        yield x * 2
    except ValueError:
        yield x * 10
    finally:
        seen.append("over")


def thrown(x: Any) -> Any:
    seen: list[Any] = []
    it = lasting(x, seen)
    a = next(it)
    b = it.throw(ValueError("q"))
    it.close()
    it.close()
    return a + b, seen


def sent(x: Any) -> Any:
    seen: list[Any] = []
    it = lasting(x, seen)
    a = it.send(None)
    b = it.send(3)
    rest = list(it)
    early = lasting(x, seen)
    early.close()
    try:
        next(early)
    except StopIteration:
        x = x + 1
    try:
        it.send(1)
    except StopIteration:
        x = x * 2
    return a * b, rest, x, seen


def let_through(x: Any) -> Any:
    seen: list[Any] = []
    it = lasting(x, seen)
    y = next(it)
    try:
        it.throw(KeyError("k"))
    except KeyError as error:
        y = y * 2 + len(error.args)
    try:
        it.send(1)
    except StopIteration:
        y = y + 1
    return y, seen


@pytest.mark.parametrize("fn", [thrown, sent, let_through])
def test_they_are_followed(fn: Any) -> None:
    assert differential(fn, (X,), (X[:4],), rounds=4).last_share.native > 0.9
    whole(fn, X)


def stubborn(x: Any) -> Any:
    def goes_on() -> Any:
        try:
            yield x
        except GeneratorExit:
            yield x + 1

    def returns() -> Any:
        try:
            yield x
        except GeneratorExit:
            return 5

    def over() -> Any:
        yield from returns()

    y = x * 2
    it, other, third, fresh = goes_on(), returns(), over(), returns()
    next(it), next(other), next(third)
    try:
        it.close()
    except RuntimeError as error:
        y = y + len(str(error))
    closed = other.close(), third.close()
    try:
        fresh.send(1)
    except TypeError as error:
        return y, str(error), closed
    return y


def test_odd_uses() -> None:
    differential(stubborn, (X,), rounds=4)
