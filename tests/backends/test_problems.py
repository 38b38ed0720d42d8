"""The operation that warns or fails is found, and the graph ends in front of it from then on."""

import types
import warnings
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.backends.problems import first_problem
from tests.oracle.runner import differential

X = np.linspace(0.1, 1.0, 6)


def work(x: Any) -> Any:
    a = x * 2 + 1
    b = a / (x - x)
    c = b * 3 + a
    d = np.log(-c)
    return d + a * c


def test_first_problem() -> None:
    graph = graphlet.capture(work)(X)
    with np.errstate(divide="ignore", invalid="ignore"):
        assert first_problem(graph, [X]) is None
    with np.errstate(divide="ignore", invalid="warn"):
        node = first_problem(graph, [X])
        assert node is not None and node.target is np.log
    with np.errstate(divide="warn"):
        node = first_problem(graph, [X])
        assert node is not None and node.target is np.divide


def test_inputs_stay_as_they_are() -> None:
    def in_place(x: Any) -> Any:
        y = x + 1
        y[:2] = 5
        y[0] += 1
        return np.log(-y)

    x = X.copy()
    node = first_problem(graphlet.capture(in_place)(x), [x])
    assert node is not None and node.target is np.log
    assert np.array_equal(x, X)


def ops_of_a_call(fast: Any, *args: Any) -> tuple[int, int]:
    """How many array operations of a call ran in graphs, and how many entries declined."""
    before = fast.graphlet.stats()["declines"], graphlet.counters()["array_ops_native"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fast(*args)
    return graphlet.counters()["array_ops_native"] - before[1], fast.graphlet.stats()["declines"] - before[0]


def test_what_warns_each_time_is_left_out_and_the_rest_runs_in_graphs() -> None:
    fast = graphlet.optimize(work)
    native = [ops_of_a_call(fast, X) for _ in range(20)]
    assert native[-1] == (8, 0)  # 10 less the division and the logarithm


def test_same_warnings_at_the_same_lines() -> None:
    differential(work, *[(X,)] * 16, (X + 1,), (X[::2],))


def loop(x: Any, n: int) -> Any:
    for _ in range(n):
        x = x * 0.5 + 1
        y = np.sqrt(x - 100)
        x = x + np.where(y > 0, y, 1.0) * 2
    return x


def test_in_one_call_of_a_loop() -> None:
    differential(loop, (X, 60), native=0.5)


def test_what_fails_each_time() -> None:
    def picks(x: Any, i: Any) -> Any:
        y = x * 2 + 1
        try:
            return y.take(i) + 1
        except IndexError:
            return y - 1

    fast = graphlet.optimize(picks)
    for _ in range(12):
        assert np.array_equal(fast(X, 99), X * 2 + 1 - 1)
    assert ops_of_a_call(fast, X, 99) == (2, 0)
    assert np.array_equal(fast(X, 2), (X * 2 + 1)[2] + 1)
    differential(picks, *[(X, 99)] * 12, (X, 2), (X, -3), (X, 99))


def test_a_warning_now_and_then_changes_nothing() -> None:
    fast = graphlet.optimize(types.FunctionType(work.__code__.replace(), globals()))  # with notes of its own
    with np.errstate(all="ignore"):
        for _ in range(4):
            fast(X)
    for _ in range(3):
        with pytest.warns(RuntimeWarning):
            fast(X)
        with np.errstate(all="ignore"):
            fast(X)
    assert [entry.stops for entry in fast.graphlet.cache.all_entries() if entry.kind == "start"] == [set()]
