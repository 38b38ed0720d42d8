"""What is in ``contextlib`` is written in Python, and followed as the user's own code is."""

import contextlib
import sys
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


class Manager:
    def __init__(self, log: list[Any], name: str, swallows: tuple[Any, ...] = ()) -> None:
        self.log, self.name, self.swallows = log, name, swallows

    def __enter__(self) -> Any:
        self.log.append("in " + self.name)
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        self.log.append(("out " + self.name, kind, error is None, traceback is None))
        return kind in self.swallows


@contextlib.contextmanager
def doubled(x: Any) -> Any:
    yield x * 2


def suppressed(x: Any) -> Any:
    z = x * 2
    with contextlib.suppress(KeyError, ZeroDivisionError):
        z = z + {"a": 1.0}["b"]
        z = z * 100
    with contextlib.suppress(LookupError):
        z = z + [1.0][3]
    with contextlib.suppress():  # noqa: B022
        z = z + 1
    try:
        with contextlib.suppress(KeyError):
            raise ValueError("v")
    except ValueError as error:
        z = z * len(error.args)
    return z + x


def stacked(x: Any) -> Any:
    log: list[Any] = []
    with contextlib.ExitStack() as stack:
        a = stack.enter_context(doubled(x))
        b = stack.enter_context(Manager(log, "b"))
        stack.callback(log.append, "called")
        stack.callback(lambda *args, **more: log.append((args, more)), 1, 2, k=3)
        stack.push(Manager(log, "c"))
        stack.push(lambda *exc: log.append(exc))
        z = a + x
        log.append("body")
    return z * 2, b.name, log


def unwound(x: Any) -> Any:
    log: list[Any] = []
    z = x + 1
    with contextlib.ExitStack() as stack:
        stack.enter_context(Manager(log, "outer"))
        stack.enter_context(Manager(log, "swallows", (KeyError,)))
        stack.enter_context(Manager(log, "inner"))
        z = z * 2
        raise KeyError("k")
    return z + x, log


def let_through(x: Any) -> Any:
    log: list[Any] = []
    z = x + 1
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(Manager(log, "only"))
            z = z * 2
            raise ValueError("v")
    except ValueError as error:
        log.append(error.args)
    return z + x, log


def taken_over(x: Any) -> Any:
    log: list[Any] = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(Manager(log, "kept"))
        kept = stack.pop_all()
    log.append("behind")
    z = x * 3
    kept.close()
    with contextlib.ExitStack():
        z = z + 1
    return z, log


def null(x: Any) -> Any:
    with contextlib.nullcontext(x) as y, contextlib.nullcontext() as nothing:
        z = y * 2
    with contextlib.closing(Closed(z)) as closed:
        z = closed.z + 1
    return z * 2, nothing, closed.z


class Closed:
    def __init__(self, z: Any) -> None:
        self.z = z

    def close(self) -> None:
        self.z = None


def handled_now(x: Any) -> Any:
    y = x + 1
    try:
        raise KeyError("k")
    except KeyError as error:
        same = sys.exception() is error, sys.exc_info()[1] is error, sys.exc_info()[0], error.__traceback__ is None
    return y * 2, same, KeyError("q").__traceback__ is None


FOLLOWED = [suppressed, stacked, unwound, let_through, taken_over, null, handled_now]


@pytest.mark.parametrize("fn", FOLLOWED)
def test_they_are_one_graph(fn: Any) -> None:
    differential(fn, (X,), (X[:4],), native=0.9)
    assert not graphlet.explain(fn)(X).breaks


def raised_by_a_callback(x: Any) -> Any:
    y = x * 2

    def fails() -> None:
        raise ValueError("in the callback")

    try:
        with contextlib.ExitStack() as stack:
            stack.callback(fails)
            y = y + 1
            raise KeyError("first")
    except ValueError as error:
        return y * 2, repr(error), repr(error.__context__)
    return y


def left_open(x: Any) -> Any:
    log: list[Any] = []
    stack = contextlib.ExitStack()
    stack.callback(log.append, 1)
    y = x * 2
    print("between", len(log))
    stack.close()
    return y + 1, log


def seen_from_inside(x: Any) -> Any:
    y = x * 2
    z = y + 1
    return z, sys.exception() is None, sys.exc_info() == (None, None, None)


def while_another_is_handled(x: Any) -> Any:
    try:
        raise KeyError("outer")
    except KeyError:
        found = [seen_from_inside(x)]
    return [*found, seen_from_inside(x)]


@pytest.mark.parametrize("fn", [raised_by_a_callback, left_open, seen_from_inside, while_another_is_handled])
def test_others(fn: Any) -> None:
    differential(fn, (X,), (X[:4],), rounds=4)


def test_what_is_handled_outside_is_not_guessed() -> None:
    fast = graphlet.optimize(seen_from_inside)
    for _ in range(4):
        assert fast(X)[1:] == (True, True)
    try:
        raise KeyError("outer")
    except KeyError:
        assert fast(X)[1:] == seen_from_inside(X)[1:] == (False, False)
