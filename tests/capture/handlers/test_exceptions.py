"""with blocks whose managers are told of exceptions, and regions that begin where one is handled."""

import contextlib
from typing import Any

import numpy as np
import pytest

from tests.capture.playing import whole
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


class Manager:
    def __init__(self) -> None:
        self.seen: list[Any] = []

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        self.seen.append(kind)
        return kind is KeyError and isinstance(error, KeyError) and traceback is not None


def swallowed(x: Any) -> Any:
    with Manager() as manager:
        x = x + 1
        raise KeyError("k")
    return x * 2, len(manager.seen), manager.seen


def let_through(x: Any) -> Any:
    manager = Manager()
    try:
        with manager:
            x = x + 1
            raise ValueError("k")
    except ValueError:
        x = x * 3
    return x * 2, manager.seen


def suppressed(x: Any) -> Any:
    y = x + 1
    with contextlib.suppress(KeyError, IndexError):
        y = y * 2
        y = y + {"a": 1}["b"]
        y = y * 100
    return y * 2


def under_errstate(x: Any) -> Any:
    try:
        with np.errstate(divide="ignore"):
            y = 1 / x
            raise KeyError
    except KeyError:
        y = x * 2
    return y / (x - x + 1)


@contextlib.contextmanager
def managed(k: Any) -> Any:
    """With a docstring."""
    try:
        yield k + 1
    except KeyError:
        k = 0
    finally:
        k = 1


@contextlib.contextmanager
def simple(k: Any) -> Any:
    yield k + 1


def by_generators(x: Any) -> Any:
    with managed(2) as k, simple(3) as j:
        y = x * k + j
    with managed(2) as k:
        y = y * k
        raise KeyError
    try:
        with managed(3) as k:
            y = y * k
            raise ValueError("q")
    except ValueError:
        y = y + 1
    return y * 2


FOLLOWED = [swallowed, let_through, suppressed, under_errstate, by_generators]


@pytest.mark.parametrize("fn", FOLLOWED)
def test_with_blocks(fn: Any) -> None:
    assert differential(fn, (X,), (X[:4],), rounds=4).last_share.native > 0.9
    whole(fn, X)


def raised_by_numpy(x: Any) -> Any:
    y = x * 2
    try:
        y = y + np.ones(9)
    except ValueError as error:
        y = y * 3
        y = y + 1
        return y, str(error)
    return y


def half_way(x: Any) -> Any:
    manager = Manager()
    y = x + 1
    with manager:
        print("inside")
        y = y * 2
        raise KeyError("k")
    return y + 1


def stacked(x: Any) -> Any:
    with contextlib.ExitStack() as stack:
        manager = stack.enter_context(Manager())
        y = x + 1
        stack.callback(manager.seen.append, 1)
        y = y * 2
    return y, manager.seen


def test_others() -> None:
    for fn in (raised_by_numpy, half_way, stacked):
        differential(fn, (X,), (X[:4],), rounds=4)
