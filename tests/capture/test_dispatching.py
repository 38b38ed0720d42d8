"""``functools.singledispatch`` and ``singledispatchmethod``."""

import functools
import numbers
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


@functools.singledispatch
def scaled(v: Any, by: float = 2.0) -> Any:
    return ("other", v)


@scaled.register(np.ndarray)
def _(v: Any, by: float = 2.0) -> Any:
    return v * by


@scaled.register(int)
@scaled.register(float)
def _(v: Any, by: float = 2.0) -> Any:
    return v + by


@scaled.register(list)
def _(v: Any, by: float = 2.0) -> Any:
    return [scaled(item, by=by) for item in v]


@functools.singledispatch
def abstract(v: Any) -> Any:
    return v * 1.0


@abstract.register(numbers.Real)
def _(v: Any) -> Any:
    return v + 1


class Model:
    def __init__(self, k: Any) -> None:
        self.k = k

    @functools.singledispatchmethod
    def apply(self, v: Any) -> Any:
        return self.k, v

    @apply.register
    def _(self, v: np.ndarray) -> Any:
        return v * self.k

    @apply.register
    def _(self, v: int, times: int = 1) -> Any:
        return self.k * v * times


class Child(list):  # type: ignore[type-arg]
    pass


MODEL = Model(3.0)


def functions(x: Any) -> Any:
    y = scaled(x) + scaled(x, by=3.0) * scaled(2)
    return y, scaled([x, 1.5, "a"]), scaled("b"), scaled(True), scaled(None, 4), scaled(Child([1]))


def among_abstract_ones(x: Any) -> Any:
    return abstract(x) * 2, abstract(x[:2])


def methods(x: Any) -> Any:
    local = Model(x)
    y = MODEL.apply(x) + local.apply(x)
    return y * local.apply(2, times=3), MODEL.apply("s"), MODEL.apply is MODEL.apply, local.apply is MODEL.apply


@pytest.mark.parametrize("fn", [functions, among_abstract_ones, methods])
def test_they_are_one_graph(fn: Any) -> None:
    differential(fn, (X,), (X[:4],), native=0.9, rounds=4)
    assert not graphlet.explain(fn)(X).breaks


def by_abstract_class(x: Any) -> Any:
    y = abstract(x)
    return y + abstract(2), abstract(3.5), functools.singledispatch(lambda v: v + 1)(y), scaled.dispatch(int)(2)


def mistakes(x: Any) -> Any:
    y = x + 1
    found = []
    for make in (lambda: scaled(), lambda: scaled(by=2), lambda: MODEL.apply(), lambda: Model.apply):
        try:
            found.append(type(make()).__name__)
        except TypeError as error:
            found.append(type(error).__name__)
    return y * 2, found


@pytest.mark.parametrize("fn", [by_abstract_class, mistakes])
def test_others(fn: Any) -> None:
    differential(fn, (X,), (X[:4],))


def test_what_is_registered_later_is_seen() -> None:
    @functools.singledispatch
    def chosen(v: Any) -> Any:
        return v + 1

    def run(x: Any) -> Any:
        y = x * 2
        return chosen(y) * chosen(2)

    fast = graphlet.optimize(run)
    for _ in range(4):
        fast(X)
    chosen.register(int, lambda v: v * 10)
    assert np.array_equal(fast(X), run(X))
    chosen.register(int, lambda v: v * 20)
    assert np.array_equal(fast(X), run(X))
    chosen.register(np.ndarray, lambda v: v - 1)
    assert np.array_equal(fast(X), run(X))
    for _ in range(4):
        assert np.array_equal(fast(X), (X * 2 - 1) * 40)
