"""Uses of graphlet as a type checker sees them: checked by test_typing.py, never run.

A ``type: ignore`` that is not needed is an error, so each one here is a mistake that must be found.
"""

from collections.abc import Callable
from typing import Any, assert_type

import numpy as np

import graphlet

Array = np.ndarray[Any, np.dtype[np.float64]]


@graphlet.optimize
def scale(x: Array, k: float = 2.0, *, shift: float = 0.0) -> Array:
    return x * k + shift


@graphlet.optimize(backend="eager", fullgraph=True)
def total(x: Array) -> float:
    return float(x.sum())


def plain(x: Array, n: int) -> tuple[Array, int]:
    return x, n


class Model:
    @graphlet.optimize
    def apply(self, x: Array) -> Array:
        return x

    @staticmethod
    @graphlet.optimize
    def shifted(x: Array) -> Array:
        return x

    @classmethod
    @graphlet.optimize
    def made(cls, x: Array) -> "Model":
        return cls()


def right(x: Array, model: Model) -> None:
    assert_type(scale(x), Array)
    assert_type(scale(x, 3.0, shift=1.0), Array)
    assert_type(total(x), float)
    assert_type(graphlet.optimize(plain)(x, 1), tuple[Array, int])
    assert_type(model.apply(x), Array)
    assert_type(Model.apply(model, x), Array)
    assert_type(Model.shifted(x), Array)
    assert_type(Model.made(x), Model)
    assert_type(model.made(x), Model)
    assert_type(scale.__name__, str)
    assert_type(scale.graphlet.stats()["hits"], int)
    assert_type(scale.__wrapped__(x), Array)
    like_any_other: Callable[[Array], float] = total
    assert like_any_other(x) == 0.0
    report = graphlet.explain(plain)(x, 1)
    assert_type(report, graphlet.ExplainReport)
    assert_type(report.native_share, float)
    with graphlet.enable(include=["demo"]) as session:
        assert_type(session, graphlet.Session)
    with graphlet.config.patch(debug=1):
        graphlet.reset()
    assert_type(graphlet.capture(plain)(x, 1), graphlet.Graph)
    assert_type(graphlet.list_backends(), list[str])
    assert_type(graphlet.disable(plain)(x, 1), tuple[Array, int])


def wrong(x: Array, model: Model) -> None:
    scale("x")  # type: ignore[arg-type]
    scale(x, factor=2.0)  # type: ignore[call-arg]
    total(x, 1)  # type: ignore[call-arg]
    model.apply("x")  # type: ignore[arg-type]
    graphlet.optimize(plain)(x)  # type: ignore[call-arg]
    graphlet.optimize(3)  # type: ignore[call-overload]
    graphlet.optimize(plain, bakend="eager")  # type: ignore[call-overload]
    n: int = total(x)  # type: ignore[assignment]
    assert n
