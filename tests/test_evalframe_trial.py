"""Trials: a region that is slower than the instructions it stands for rests."""

import gc
import time
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet import _evalframe
from graphlet._evalframe import Region, StubHandle
from tests.regions import add, specialization

X = np.arange(40.0)


@pytest.fixture(autouse=True)
def trials(no_trials: None) -> Iterator[None]:
    time.sleep(0.01)  # whatever was on trial has been left alone for long enough
    with graphlet.config.patch(cost_model=1):
        yield


def optimised(fn: Any) -> Any:
    """With a code object, and so regions, of its own."""
    return graphlet.optimize(FunctionType(fn.__code__.replace(), fn.__globals__))


def smoothed(x: Any, alpha: float) -> Any:
    """One element after the other: NumPy scalars are faster without graphs."""
    out = np.empty_like(x)
    last = x[0]
    for i, value in enumerate(x):
        last = alpha * value + (1 - alpha) * last
        out[i] = last
    return out


def polynomial(x: Any) -> Any:
    """Many operations on little data: graphs win by far."""
    return ((((x * 0.5 + 1.0) * x - 2.0) * x + 3.0) * x - 4.0) * x + 5.0


def test_a_loop_over_elements_rests_and_stays_right() -> None:
    expected = smoothed(X, 0.25)
    fast = optimised(smoothed)
    _evalframe.reset_totals()
    for _ in range(100):
        np.testing.assert_array_equal(fast(X, 0.25), expected)
    reasons = _evalframe.totals()["declines_by_reason"]
    assert reasons["trial"] >= 8
    assert reasons["slower"] > 1000


def test_without_measuring_none_is_on_trial_and_none_rests() -> None:
    expected = smoothed(X, 0.25)
    plain = FunctionType(smoothed.__code__.replace(), smoothed.__globals__)
    fast = graphlet.optimize(plain, mode="reduce-overhead")
    _evalframe.reset_totals()
    for _ in range(100):
        np.testing.assert_array_equal(fast(X, 0.25), expected)
    assert not {"trial", "slower"} & set(_evalframe.totals()["declines_by_reason"])
    assert _evalframe.totals()["hits"] > 3000


def test_a_graph_that_pays_runs_nearly_always() -> None:
    fast = optimised(polynomial)
    _evalframe.reset_totals()
    for _ in range(5000):
        fast(X)
    totals = _evalframe.totals()
    assert totals["declines_by_reason"] == {"trial": totals["declines"]}
    assert 8 <= totals["declines"] <= 32
    assert totals["hits"] > 4900


def test_nothing_else_is_learned_from_the_calls_in_between() -> None:
    def sweep(x: Any, n: int) -> Any:
        for _ in range(n):
            x = ((((x * 0.5 + 1.0) * 0.5 - 2.0) * 0.5 + 3.0) * 0.5 - 4.0) * 0.5 + 5.0  # graphs win by far
            x = x - x.mean()
        return x

    fast = optimised(sweep)
    for _ in range(90):
        fast(X, 4)
    assert fast.graphlet.stats()["graphs"] == 1


def test_can_be_switched_off() -> None:
    fast = optimised(smoothed)
    _evalframe.reset_totals()
    with graphlet.config.patch(cost_model=0):
        for _ in range(100):
            fast(X, 0.25)
    assert {"trial", "slower"}.isdisjoint(_evalframe.totals()["declines_by_reason"])


def test_python_kernels_are_never_on_trial() -> None:
    region = Region("f#r1")
    region.add(specialization(add))
    handle = StubHandle(region, 1)
    for _ in range(1000):
        assert handle(1, 2) == (3,)
    assert region.declines == 0
    assert region.resting == 0


def test_a_region_that_goes_away_leaves_the_place_to_others() -> None:
    for _ in range(3):
        fast = optimised(polynomial)
        for _ in range(70):  # on trial, and no more calls
            fast(X)
        del fast
    gc.collect()
    fast = optimised(polynomial)
    _evalframe.reset_totals()
    for _ in range(200):
        fast(X)
    assert _evalframe.totals()["declines_by_reason"]["trial"] == 8


def written_twice(a: Any, b: Any) -> None:
    """Into memory that exists: with much of it, a graph writes everything once more."""
    a *= 0.5
    a += b * 2.0


def test_what_was_measured_on_little_data_is_measured_again_on_much() -> None:
    fast = optimised(written_twice)
    small, large = np.ones(50), np.ones(400_000)
    for _ in range(300):
        fast(small, small)
    _evalframe.reset_totals()
    for _ in range(150):
        fast(large, large)
    assert _evalframe.totals()["declines_by_reason"].get("trial", 0) >= 8


def test_a_rest_ends_when_calls_take_much_longer() -> None:
    fast = optimised(smoothed)
    for _ in range(100):
        fast(X, 0.25)
    _evalframe.reset_totals()
    rows = np.ones((60, 50_000))
    for _ in range(12):
        fast(rows, 0.25)
    reasons = _evalframe.totals()["declines_by_reason"]
    assert reasons.get("trial", 0) >= 8
    assert _evalframe.totals()["hits"] >= 8  # in the trial; what comes of it depends on the machine


def test_what_rests_with_little_data_runs_with_much() -> None:
    fast = optimised(smoothed)
    rows = np.ones((60, 50_000))
    expected = smoothed(rows, 0.25)
    for data in (rows, *([X] * 100)):
        fast(data, 0.25)
    [resting] = [entry.region for entry in fast.graphlet.cache.all_entries() if entry.region.resting]
    for _ in range(2):
        _evalframe.reset_totals()
        assert np.array_equal(fast(rows, 0.25), expected)
        totals = _evalframe.totals()
        reasons = totals["declines_by_reason"]
        assert totals["hits"] > 0 and totals["hits"] + reasons.get("trial", 0) >= 50  # now and then it is on trial
        assert "slower" not in reasons
        _evalframe.reset_totals()
        fast(X, 0.25)
        assert _evalframe.totals()["declines_by_reason"]["slower"] >= 30
    assert resting.resting > 0


def test_classes_of_sizes_that_come_in_turns_are_measured_apart() -> None:
    fast = optimised(polynomial)
    small, large, larger = np.ones(10), np.ones(20_000), np.ones((300, 1000))
    for _ in range(3000):
        fast(small)
        fast(large)
    for _ in range(300):
        fast(small)
        fast(larger)
    [entry] = fast.graphlet.cache.all_entries()
    measured = {least: (graph, numpy) for least, graph, numpy, _ in entry.region.measured}
    assert list(measured) == [4, 16_384, 262_144]
    for column in (0, 1):
        little, much, more = (measured[least][column] for least in measured)
        assert 0 < little < much < more


def test_a_class_has_sizes_to_a_factor_of_four() -> None:
    fast = optimised(polynomial)
    for n in (0, 1, 3, 4, 15, 16, 63):
        for _ in range(200):
            fast(np.ones(n))
    [entry] = fast.graphlet.cache.all_entries()
    assert [least for least, *_ in entry.region.measured] == [0, 1, 4, 16]


def test_long_calls_between_short_ones_are_measured() -> None:
    """Longer than a trial waits for its next call before others may have theirs."""
    fast = optimised(polynomial)
    small, large = np.ones(10), np.ones(1000)
    for _ in range(70):
        fast(large)
    for _ in range(25):
        fast(large)
        time.sleep(0.006)
        fast(small)
    [entry] = fast.graphlet.cache.all_entries()
    [[graph, numpy]] = [times for least, *times, _ in entry.region.measured if least == 256]
    assert graph > 5_000_000 and numpy > 5_000_000
