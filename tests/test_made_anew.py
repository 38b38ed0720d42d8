"""Functions made anew, of code that is known: they get stubs only while one of those would do something."""

import contextlib
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet import _evalframe
from graphlet.cache import caches_of, original_code
from tests.clocks import clock
from tests.report.programs import program

pytestmark = pytest.mark.skipif(not _evalframe.SUPPORTED, reason="frames of this CPython are not known")

X = np.linspace(0.0, 1.0, 9)
MAKE = "def make(k):\n    return lambda x: x * k + k\n"
SLEEP = 1024  # calls: the longest


@pytest.fixture(autouse=True)
def disabled() -> Iterator[None]:
    yield
    graphlet.disable()


def maker(source: str = MAKE) -> Any:
    """What makes functions that all have one code object; graphlet has nothing to find in itself."""
    make = program(source, "demo.py", __name__="demo")["make"]
    return graphlet.disable(make)


def has_stubs(function: FunctionType) -> bool:
    return function.__code__ is not original_code(function.__code__)


def regions_of(function: FunctionType) -> list[Any]:
    (cache,) = caches_of(original_code(function.__code__)).values()
    return [entry.region for entry in cache.all_entries()]


def given_stubs() -> int:
    return graphlet.counters()["frames"]


def put_to_sleep(make: Any) -> None:
    """It has a graph for arrays, and comes to be called with something else."""
    for _ in range(4):
        make(2.0)(X)
    for _ in range(3 * SLEEP):
        make(2)(3)


class TestAllRegionsSleep:
    def test_few_new_functions_get_stubs(self) -> None:
        make = maker()
        with graphlet.enable():
            put_to_sleep(make)
            graphs, declines = given_stubs(), graphlet.counters()["declines"]
            for k in range(4 * SLEEP):
                assert make(k)(3) == 3 * k + k
            assert given_stubs() - graphs <= 8
            assert graphlet.counters()["declines"] - declines <= 8

    def test_a_new_function_keeps_its_code(self) -> None:
        make = maker()
        with graphlet.enable():
            put_to_sleep(make)
            for region in regions_of(make(2)):
                assert region.dormant == region.asleep
            function = make(2)
            own = function.__code__
            function(3)
            assert function.__code__ is own

    def test_they_wake_as_soon_as_they_would_have(self) -> None:
        make = maker()
        with graphlet.enable():
            put_to_sleep(make)
            hits = graphlet.counters()["hits"]
            function, calls = make(2.0), 0
            while graphlet.counters()["hits"] == hits and calls <= SLEEP + 2:
                function, calls = make(2.0), calls + 1
                assert function(X).tobytes() == (X * 2.0 + 2.0).tobytes()
            assert calls <= SLEEP + 2
            assert has_stubs(function)
            for _ in range(100):
                make(2.0)(X)
            assert graphlet.counters()["hits"] - hits > 100

    def test_functions_that_have_stubs_keep_them(self) -> None:
        make = maker()
        with graphlet.enable():
            first = make(2.0)
            first(X)
            assert has_stubs(first)
            put_to_sleep(make)
            assert has_stubs(first)

    def test_one_that_is_awake_is_enough(self) -> None:
        make = maker(
            "def make(k):\n"
            "    def f(x, y):\n"
            "        x = x * k\n"
            "        print(end='')\n"
            "        return y * k\n"
            "    return f\n"
        )
        with graphlet.enable():
            for _ in range(4):
                make(2.0)(X, X)
            for _ in range(50):
                make(2)(3, X)
            assert sorted(region.dormant > 0 for region in regions_of(make(2)))[0] is False
            graphs = given_stubs()
            for _ in range(50):
                make(2)(3, X)
            assert given_stubs() - graphs == 50

    def test_a_loop_may_run_for_hours(self) -> None:
        make = maker(
            "def make(k):\n"
            "    def f(x, n):\n"
            "        for _ in range(n):\n"
            "            x = x * k\n"
            "        return x\n"
            "    return f\n"
        )
        with graphlet.enable():
            make(0.5)(X, SLEEP)
            for _ in range(400):
                make(2)(3, 4)
            hits = graphlet.counters()["hits"]
            make(0.5)(X, 3 * SLEEP)
            assert graphlet.counters()["hits"] > hits

    def test_who_looks_for_new_code_while_the_hook_rests_sees_it(self) -> None:
        make = maker()
        with graphlet.enable():
            put_to_sleep(make)
            function = make(2)
            function(3)
            assert not _evalframe.is_seen(function.__code__)
            _evalframe.skip(function.__code__)
            assert _evalframe.is_seen(function.__code__)


@contextlib.contextmanager
def resting() -> Iterator[tuple[Any, Any]]:
    """What makes functions, and one of those, whose region has lost against NumPy."""
    with graphlet.enable():
        make = maker()
        function = make(2.0)
        for _ in range(100):
            function(X)
        with graphlet.config.patch(cost_model=1):
            for _ in range(400):
                function(X)
            yield make, function


class TestAllRegionsRest:
    """NumPy alone is faster."""

    @pytest.fixture(autouse=True)
    def slow_graphs(self, no_trials: None) -> Iterator[None]:
        with clock(graph=3000, plain=2000):
            yield

    def test_few_new_functions_get_stubs(self) -> None:
        with resting() as (make, function):
            [region] = regions_of(function)
            left = region.resting
            assert 0 < left <= region.dormant
            graphs = given_stubs()
            for _ in range(left):
                assert make(3.0)(X).tobytes() == (X * 3.0 + 3.0).tobytes()
            assert given_stubs() == graphs
            assert region.resting > 0
            for _ in range(8):
                make(3.0)(X)
            assert region.resting == 0  # what came by without stubs counts
            assert given_stubs() > graphs

    def test_another_size_may_pay(self) -> None:
        with resting() as (_, function):
            function(np.ones(10_000))
            [region] = regions_of(function)
            assert region.resting > 0 and region.dormant == 0

    def test_explanations_say_so(self) -> None:
        with resting() as (make, _):
            new = make(2.0)
            new(X)
            assert not has_stubs(new)
            assert "NumPy runs" in str(graphlet.explain(new)(X))
