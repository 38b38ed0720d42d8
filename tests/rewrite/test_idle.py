"""Stubs that only cost time are taken away: functions that NumPy alone runs faster come to run as fast as they did."""

from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet import _evalframe
from graphlet.core import events
from graphlet.rewrite.idle import grows_with_arrays
from tests.clocks import Clock, clock

POINT = np.array([0.25, 0.5])
ENOUGH = 14_000  # calls: two rests


@pytest.fixture(autouse=True)
def slow_graphs(no_trials: None) -> Iterator[Clock]:
    """Graphs take longer than NumPy."""
    with graphlet.config.patch(cost_model=1), clock(graph=3000, plain=2000) as pretended:
        yield pretended


def optimised(fn: Any) -> Any:
    """With a code object, and so regions, of its own."""
    return graphlet.optimize(FunctionType(fn.__code__.replace(), fn.__globals__))


def near(p: Any, q: Any) -> Any:
    return (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2


def scaled(p: Any, k: Any) -> Any:
    return p * k + k


def first_of(p: Any, q: Any) -> Any:
    top = p[0] * 2 + q[0]
    print(end="")  # a break
    return np.sin(p * top) + q


def call(fn: Any, times: int) -> None:
    for _ in range(times):
        fn(POINT, POINT)


def test_what_reads_elements_gets_its_own_code_back() -> None:
    fast = optimised(near)
    plain = near(POINT, POINT[::-1])
    call(fast, 200)
    assert fast.__code__ is not fast.graphlet.original.__code__
    call(fast, ENOUGH)
    assert fast.__code__ is fast.graphlet.original.__code__
    assert fast(POINT, POINT[::-1]) == plain and type(fast(POINT, POINT[::-1])) is type(plain)
    [entry] = fast.graphlet.cache.all_entries()
    assert entry.given_up == "GL204" and not entry.has_stub


def test_it_is_said(slow_graphs: Clock) -> None:
    said: list[Any] = []
    fast = optimised(near)
    events.subscribe(said.append)
    try:
        call(fast, ENOUGH)
    finally:
        events.unsubscribe(said.append)
    [found] = [event for event in said if isinstance(event, events.Fallback)]
    assert found.code == "GL204" and "no stub stands here any more" in found.detail


def test_what_numpy_does_itself_gets_its_own_code_back() -> None:
    """Larger arrays take longer, and no less of NumPy's time."""

    def joined(p: Any, q: Any) -> Any:
        return np.concatenate([p, q])

    fast = optimised(joined)
    call(fast, 200)
    assert fast.__code__ is not fast.graphlet.original.__code__
    call(fast, ENOUGH)
    assert fast.__code__ is fast.graphlet.original.__code__


def test_a_little_slower_is_slower(slow_graphs: Clock) -> None:
    """By a twentieth, in every turn."""
    slow_graphs.graph, slow_graphs.plain = 2100, 2000
    fast = optimised(near)
    call(fast, ENOUGH)
    assert fast.__code__ is fast.graphlet.original.__code__


def test_it_stays_where_some_sizes_pay(slow_graphs: Clock) -> None:
    def ordered(p: Any, q: Any) -> Any:
        return np.sort(p), np.sort(q)

    fast = optimised(ordered)
    [entry] = fast.graphlet.cache.all_entries()
    large = np.arange(5000.0)
    slow_graphs.graph = 500
    for _ in range(300):
        fast(large, large)
    slow_graphs.graph = 3000
    call(fast, ENOUGH)
    assert entry.has_stub and entry.region.resting and not entry.region.is_settled


def test_what_goes_over_arrays_keeps_its_stub() -> None:
    """With more elements it may pay."""
    fast = optimised(scaled)
    call(fast, 3 * ENOUGH)
    [entry] = fast.graphlet.cache.all_entries()
    assert entry.region.is_settled and entry.has_stub
    assert fast.__code__ is not fast.graphlet.original.__code__


def test_the_other_stubs_of_a_function_stay() -> None:
    fast = optimised(first_of)
    call(fast, 3 * ENOUGH)
    kept = {entry.offset: entry.has_stub for entry in fast.graphlet.cache.all_entries()}
    assert set(kept.values()) == {False, True}
    _evalframe.reset_totals()
    np.testing.assert_array_equal(fast(POINT, POINT), first_of(POINT, POINT))
    assert sum(_evalframe.totals()["declines_by_reason"].values()) + _evalframe.totals()["hits"] == 1


def test_what_pays_keeps_its_stub(slow_graphs: Clock) -> None:
    slow_graphs.graph = 500
    fast = optimised(near)
    call(fast, ENOUGH)
    [entry] = fast.graphlet.cache.all_entries()
    assert entry.has_stub and not entry.region.is_settled and not entry.region.is_idle


def test_a_place_where_nothing_can_be_compiled_loses_its_stub() -> None:
    def without_arrays(p: Any, q: Any) -> Any:
        return len(p) + len(q)

    fast = optimised(without_arrays)
    call(fast, 20_000)
    assert fast.__code__ is fast.graphlet.original.__code__
    assert fast(POINT, "abc") == 5


def test_reset_brings_the_stubs_back(slow_graphs: Clock) -> None:
    fast = optimised(near)
    call(fast, ENOUGH)
    slow_graphs.graph = 500
    fast.graphlet.reset()
    _evalframe.reset_totals()
    call(fast, 300)
    assert _evalframe.totals()["hits"] > 250


def test_functions_the_hook_found(slow_graphs: Clock) -> None:
    namespace = {"__name__": "elsewhere"}
    found = FunctionType(near.__code__.replace(), namespace)
    original = found.__code__
    with graphlet.enable(include=("elsewhere",)):
        with graphlet.config.patch(cost_model=0):  # learns at once, whatever other tests have learned
            call(found, 100)
        assert found.__code__ is not original
        call(found, ENOUGH)
        assert found.__code__ is original
        again = FunctionType(original, namespace)
        call(again, 10)
        assert again.__code__ is original
    assert found.__code__ is original


@pytest.mark.parametrize(
    ("fn", "grows"),
    [
        (lambda p: p[0] + p[1] * 2, False),
        (lambda p: p[:1][0] * p.T[1], False),
        (lambda p: p[0] + p.sum(), True),
        (lambda p: p[0] * p, True),
        (lambda p: np.float64(2) ** p[0], False),
        (lambda p: np.concatenate([p, p]), False),
        (lambda p: np.sort(p) @ p, False),
        (lambda p: np.sort(p) @ p + p, True),
        (lambda p: p[p > 0], True),
        (lambda p: np.roll(p, 1), True),
    ],
)
def test_which_graphs_grow_with_arrays(fn: Any, grows: bool) -> None:
    assert grows_with_arrays(graphlet.capture(fn)(POINT)) is grows
