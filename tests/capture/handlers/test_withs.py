"""with: blocks that are followed, and those that are left to Python."""

import contextlib
from typing import Any

import numpy as np

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def unknown_manager(x: Any) -> Any:
    y = x + 1
    with contextlib.suppress(ValueError):
        y = y * 2
        z = y - 1
    return y + z


def test_other_managers_end_a_graph() -> None:
    differential(unknown_manager, (X,), (X[:2],), native=0.3)
    assert len(graphlet.explain(unknown_manager)(X).graphs) > 1


def quiet(x: Any) -> Any:
    with np.errstate(divide="ignore"):
        return 1 / x


def test_errstate_does_not() -> None:
    assert not graphlet.explain(quiet)(X).breaks
