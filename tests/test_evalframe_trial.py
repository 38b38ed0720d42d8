"""Trials: a region that is slower than the instructions it stands for rests."""

import gc
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet import _evalframe
from graphlet._evalframe import Region, StubHandle, is_entered_directly
from graphlet.backends.llvm_service import wishes
from tests.clocks import Clock, clock
from tests.regions import add, specialization

X = np.arange(40.0)


@pytest.fixture(autouse=True)
def trials(no_trials: None) -> Iterator[Clock]:
    """Graphs are twice as fast as NumPy, unless a test sets the clock otherwise."""
    with graphlet.config.patch(cost_model=1), clock(graph=1000, plain=2000) as pretended:
        yield pretended


def optimised(fn: Any) -> Any:
    """With a code object, and so regions, of its own."""
    return graphlet.optimize(FunctionType(fn.__code__.replace(), fn.__globals__))


def smoothed(x: Any, alpha: float) -> Any:
    """One element after the other."""
    out = np.empty_like(x)
    last = x[0]
    for i, value in enumerate(x):
        last = alpha * value + (1 - alpha) * last
        out[i] = last
    return out


def polynomial(x: Any) -> Any:
    return ((((x * 0.5 + 1.0) * x - 2.0) * x + 3.0) * x - 4.0) * x + 5.0


def test_a_loop_over_elements_rests_and_stays_right(trials: Clock) -> None:
    trials.graph = 3000
    expected = smoothed(X, 0.25)
    fast = optimised(smoothed)
    _evalframe.reset_totals()
    for _ in range(100):
        np.testing.assert_array_equal(fast(X, 0.25), expected)
    totals = _evalframe.totals()
    assert totals["declines_by_reason"]["trial"] >= 8
    assert totals["declines_by_reason"]["slower"] > 0  # until there is code without this stub
    assert totals["hits"] < 200  # of 100 calls and their 3900 turns


def test_without_measuring_none_is_on_trial_and_none_rests(trials: Clock) -> None:
    trials.graph = 3000
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


@pytest.mark.parametrize(("graph", "declines"), [(1_000_000, 2), (1_999_999, 8), (100, 8)])
def test_a_long_graph_that_plainly_pays_stands_back_twice(trials: Clock, graph: int, declines: int) -> None:
    trials.graph, trials.plain = graph, 2_000_000 if graph > 1000 else 200
    fast = optimised(polynomial)
    _evalframe.reset_totals()
    for _ in range(200):
        fast(X)
    assert _evalframe.totals()["declines_by_reason"] == {"trial": declines}


def test_nothing_else_is_learned_from_the_calls_in_between() -> None:
    def sweep(x: Any, n: int) -> Any:
        for _ in range(n):
            x = ((((x * 0.5 + 1.0) * 0.5 - 2.0) * 0.5 + 3.0) * 0.5 - 4.0) * 0.5 + 5.0
            x = x - x.mean()
        return x

    fast = optimised(sweep)
    for _ in range(90):
        fast(X, 4)
    assert fast.graphlet.stats()["graphs"] == 1


def test_can_be_switched_off(trials: Clock) -> None:
    trials.graph = 3000
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


@pytest.mark.parametrize("times", [5, 0.1])
def test_what_takes_another_time_is_measured_again(trials: Clock, times: float) -> None:
    fast = optimised(polynomial)
    for _ in range(300):
        fast(X)
    _evalframe.reset_totals()
    for _ in range(150):
        fast(X)
    assert _evalframe.totals()["declines_by_reason"] == {}
    trials.graph = int(trials.graph * times)
    for _ in range(150):
        fast(X)
    assert _evalframe.totals()["declines_by_reason"]["trial"] >= 8


@pytest.mark.parametrize("slower", [False, True])
def test_a_rest_ends_when_calls_take_much_longer(trials: Clock, slower: bool) -> None:
    trials.graph = 3000
    fast = optimised(polynomial)
    for _ in range(500):
        fast(X)
    [entry] = fast.graphlet.cache.all_entries()
    assert entry.region.resting
    _evalframe.reset_totals()
    trials.graph, trials.plain = (12_000, 10_000) if slower else (5000, 10_000)
    for _ in range(1000):
        fast(X)
    reasons = _evalframe.totals()["declines_by_reason"]
    assert reasons["trial"] >= 8 and reasons["slower"] >= 1
    assert bool(entry.region.resting) is slower


def test_a_long_call_now_and_then_ends_no_rest(trials: Clock) -> None:
    trials.graph = 3000
    fast = optimised(polynomial)
    for _ in range(500):
        fast(X)
    [entry] = fast.graphlet.cache.all_entries()
    _evalframe.reset_totals()
    for number in range(3000):
        trials.time(lambda: fast(X), graph=30_000, plain=30_000 if number % 5 < 2 else 1000)
    assert entry.region.resting and _evalframe.totals()["declines_by_reason"] == {"slower": 3000}


@pytest.mark.parametrize("slower", [False, True])
def test_ranks_tell_where_much_else_happens_between_two_entries(trials: Clock, slower: bool) -> None:
    """Now little else, now a lot: medians of a few turns are now this and now that."""
    fast = optimised(polynomial)
    chance = np.random.default_rng(5)

    def call() -> None:
        rest = int(chance.choice([100, 4000]) + chance.integers(100))
        trials.time(lambda: fast(X), graph=rest + (400 if slower else 200), plain=rest + (200 if slower else 400))

    for _ in range(6000):
        call()
    [entry] = fast.graphlet.cache.all_entries()
    assert bool(entry.region.resting) is slower
    _evalframe.reset_totals()
    for _ in range(2000):
        call()
    assert (_evalframe.totals()["hits"] < 100) is slower


def test_without_a_gain_numpy_runs(trials: Clock) -> None:
    trials.graph = trials.plain
    fast = optimised(polynomial)
    for _ in range(3000):
        fast(X)
    [entry] = fast.graphlet.cache.all_entries()
    assert entry.region.resting


@pytest.mark.skipif(sys.version_info < (3, 12), reason="CPython makes the frame itself up to 3.11")
def test_what_rests_has_its_frame_made_by_its_caller(trials: Clock) -> None:
    fast = optimised(polynomial)
    for _ in range(50):
        fast(X)
    assert is_entered_directly(fast)
    trials.graph = 3000
    for _ in range(500):
        fast(X)
    [entry] = fast.graphlet.cache.all_entries()
    assert entry.region.resting and not is_entered_directly(fast)
    trials.graph, trials.plain = 5000, 20_000  # wakes it up, and pays
    for _ in range(1000):
        fast(X)
    assert not entry.region.resting and is_entered_directly(fast)


def test_what_rests_with_little_data_runs_with_much(trials: Clock) -> None:
    fast = optimised(polynomial)
    rows = np.ones((60, 500))
    expected = polynomial(rows)
    for _ in range(300):
        trials.time(lambda: fast(rows), graph=10_000, plain=30_000)
        trials.time(lambda: fast(X), graph=500, plain=300)
    [entry] = fast.graphlet.cache.all_entries()
    assert entry.region.resting > 0
    _evalframe.reset_totals()
    for _ in range(100):
        trials.time(lambda: fast(rows), graph=10_000, plain=30_000)
    assert np.array_equal(fast(rows), expected)
    assert "slower" not in _evalframe.totals()["declines_by_reason"]
    assert _evalframe.totals()["hits"] >= 84
    _evalframe.reset_totals()
    for _ in range(100):
        trials.time(lambda: fast(X), graph=500, plain=300)
    assert _evalframe.totals()["declines_by_reason"]["slower"] >= 84


def test_classes_of_sizes_that_come_in_turns_are_measured_apart(trials: Clock) -> None:
    fast = optimised(polynomial)
    data = {4: np.ones(10), 16_384: np.ones(20_000), 262_144: np.ones((300, 1000))}

    def call(least: int) -> None:
        trials.time(lambda: fast(data[least]), graph=least + 100, plain=2 * least + 100)

    for _ in range(3000):
        call(4)
        call(16_384)
    for _ in range(300):
        call(4)
        call(262_144)
    [entry] = fast.graphlet.cache.all_entries()
    assert [measured[:3] for measured in entry.region.measured] == [(n, n + 100, 2 * n + 100) for n in data]


def test_a_class_has_sizes_to_a_factor_of_four() -> None:
    fast = optimised(polynomial)
    for n in (0, 1, 3, 4, 15, 16, 63):
        for _ in range(200):
            fast(np.ones(n))
    [entry] = fast.graphlet.cache.all_entries()
    assert [least for least, *_ in entry.region.measured] == [0, 1, 4, 16]


def test_long_calls_between_short_ones_are_measured(trials: Clock) -> None:
    """Longer than a trial waits for its next call before others may have theirs."""
    fast = optimised(polynomial)
    small, large = np.ones(10), np.ones(1000)
    for _ in range(70):
        fast(large)
    for _ in range(25):
        trials.time(lambda: fast(large), graph=6_000_000, plain=7_000_000)
        trials.time(lambda: fast(small), graph=10, plain=20)
    [entry] = fast.graphlet.cache.all_entries()
    [[graph, numpy]] = [times for least, *times, _ in entry.region.measured if least == 256]
    assert (graph, numpy) == (6_000_000, 7_000_000)


def swept(a: Any) -> Any:
    """Each element is read behind a store, where a region of its own begins; and one behind that."""
    for j in range(1, len(a)):
        a[j] += a[j - 1]
        a[j] /= 9.0
    return a


def regions_of(fast: Any) -> list[Region]:
    return [entry.region for entry in fast.graphlet.cache.all_entries()]


def test_the_regions_within_stand_back_with_the_one_on_trial() -> None:
    """Else it is compared with them, and two that are both slower than NumPy seem to be alike."""
    fast = optimised(swept)
    for _ in range(200):
        assert fast(X.copy()).tobytes() == swept(X.copy()).tobytes()
    regions = regions_of(fast)
    within = [b for a in regions for b in regions if a.hits > 100 and a.begins < b.begins < a.reaches]
    assert [region for region in within if region.declines > 4]
    assert not any(region.hits for region in within)


def test_what_is_called_more_often_does_not_wait_for_a_trial_to_end() -> None:
    rare, often = optimised(polynomial), optimised(polynomial)
    for _ in range(70):
        rare(X)
    [waiting] = regions_of(rare)
    for _ in range(300):
        often(X)
    [region] = regions_of(often)
    assert waiting.decline_reasons["trial"] < 8 and not waiting.measured
    assert region.decline_reasons["trial"] == 8 and region.measured


@pytest.mark.parametrize(("function", "resting"), [(lambda x: (x[0] - x[1]) ** 2 + x[2], True), (polynomial, False)])
def test_what_works_on_elements_only_has_to_show_soon_that_it_pays(trials: Clock, function: Any, resting: bool) -> None:
    trials.graph = 3000
    fast = optimised(function)
    for _ in range(60):
        fast(X)
    [region] = regions_of(fast)
    assert (region.resting > 0) is resting
    assert not region.is_settled  # that takes a second trial


def test_a_trial_waits_for_code_that_is_being_made(trials: Clock) -> None:
    """Two seconds at most: it may never be there."""
    held = wishes.hold(1.0)
    try:
        with graphlet.config.patch(compile="background"):
            fast = optimised(lambda x: (x * 0.7071 + 1.0) * x - 2.7182)  # of which there is no code yet
            large = np.arange(10_000.0)
            for _ in range(300):
                fast(large)
            [region] = regions_of(fast)
            assert held and not region.declines
            trials.now += 3_000_000_000
            for _ in range(300):
                fast(large)
            assert region.decline_reasons["trial"] > 0
    finally:
        wishes.release()
