"""with: blocks that are followed, and those that are left to Python."""

import contextlib
from typing import Any

import numpy as np

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def unknown_manager(x: Any) -> Any:
    y = x + 1
    with memoryview(b"bytes"):
        y = y * 2
        z = y - 1
    return y + z


def test_other_managers_end_a_graph() -> None:
    differential(unknown_manager, (X,), (X[:2],), native=0.3)
    assert len(graphlet.explain(unknown_manager)(X).graphs) > 1


def suppressing(x: Any) -> Any:
    with contextlib.suppress(ValueError), contextlib.nullcontext(x) as y:
        y = y * 2
        z = y.reshape(3, -1)
    return z, y + 1


class Scaled:
    def __init__(self, k: Any) -> None:
        self.k = k

    def __enter__(self) -> Any:
        self.k = self.k * 2
        return self

    def __exit__(self, *error: Any) -> bool:
        self.error = error
        return True


EXISTING = Scaled(3)


def managed(x: Any) -> Any:
    with Scaled(x) as one, Scaled(1.0):
        y = one.k + 1
    return y, one.k, one.error, y * 2


def managed_by_existing(x: Any) -> Any:
    with EXISTING as one:
        y = x * one.k
    return y + 1


def raised_inside(x: Any) -> Any:
    y = x
    with Scaled(x):
        y = x + 1
        y = y[100]
    return y


def test_managers_written_in_python() -> None:
    differential(managed, (X,), native=0.9)
    differential(suppressing, (X,), (X[:1],), native=0.5)
    differential(managed_by_existing, (X,))
    differential(raised_inside, (X,), (np.arange(200),))


def quiet(x: Any) -> Any:
    with np.errstate(divide="ignore"):
        return 1 / x


def test_errstate_does_not() -> None:
    assert not graphlet.explain(quiet)(X).breaks
