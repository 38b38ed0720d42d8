"""Tools that watch a program see the same events, counts and lines with graphlet as without."""

import bdb
import cProfile
import doctest
import pstats
import sys
import trace
import traceback
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.hooks import profiled_by, traced_by

X = np.arange(6.0) + 1


def helper(x: Any, k: float) -> Any:
    y = x * k
    return np.sqrt(y) + np.abs(x).sum()


def program(x: Any, n: int) -> Any:
    total = 0.0
    for i in range(n):
        y = helper(x, i + 1.0)
        if y.sum() > 20:
            total += float(y.max())
        x = np.where(x > 2, x, y)
    rows = [row * 2 for row in np.outer(x, x)]
    return total, x, rows


def raising(x: Any, n: int) -> Any:
    y = x + 1
    z = y * 2
    return z[n] + z.reshape(n, -1)


def optimised(fn: Callable[..., Any]) -> Any:
    """A copy that has run often enough to have its graphs."""
    fast = graphlet.optimize(FunctionType(fn.__code__.replace(), fn.__globals__))
    for _ in range(4):
        fast(X, 3)
    assert fast.graphlet.stats()["hits"] > 0
    return fast


def traced(fn: Callable[..., Any]) -> list[Any]:
    seen: list[Any] = []

    def tracer(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_filename == __file__:
            seen.append((event, frame.f_code.co_name, frame.f_lineno))
        return tracer

    with traced_by(tracer):
        fn(X, 3)
    return seen[:-1] if seen and seen[-1][1] == "traced" else seen


def profiled(fn: Callable[..., Any]) -> list[Any]:
    seen: list[Any] = []

    def profiler(frame: Any, event: str, arg: Any) -> None:
        if frame.f_code.co_filename == __file__ and frame.f_code.co_name != "profiled":
            what = getattr(arg, "__name__", "") if event.startswith("c_") else ""
            seen.append((event, frame.f_code.co_name, frame.f_lineno, what))

    with profiled_by(profiler):
        fn(X, 3)
    return seen


def monitored(fn: Callable[..., Any]) -> list[Any]:
    if sys.version_info < (3, 12):
        pytest.skip("nothing monitors")
    seen: list[Any] = []
    events = sys.monitoring.events
    codes = [fn.__code__, helper.__code__]

    def heard(kind: str) -> Callable[..., Any]:
        return lambda code, line, *_: seen.append((kind, code.co_name, line))

    sys.monitoring.use_tool_id(3, "graphlet tests")
    try:
        sys.monitoring.register_callback(3, events.LINE, heard("line"))
        for code in codes:
            sys.monitoring.set_local_events(3, code, events.LINE)
        fn(X, 3)
    finally:
        for code in codes:
            sys.monitoring.set_local_events(3, code, 0)
        sys.monitoring.free_tool_id(3)
    return seen


def counted(fn: Callable[..., Any]) -> dict[Any, int]:
    """Calls of functions here and of NumPy's, as cProfile counts them (others may be the collector's)."""
    profile = cProfile.Profile()
    profile.runcall(fn, X, 3)
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    return {key: numbers[0] for key, numbers in stats.items() if key[0] == __file__ or "numpy" in key[0] + key[2]}


def covered(fn: Callable[..., Any]) -> dict[Any, int]:
    """How often each line ran, as the trace module counts it."""
    tracer = trace.Trace(count=1, trace=0)
    tracer.runfunc(fn, X, 3)
    return {key: n for key, n in tracer.results().counts.items() if key[0] == __file__}


def stepped(fn: Callable[..., Any]) -> list[int]:
    """Lines a debugger stops at, stepping."""

    class Stepper(bdb.Bdb):
        lines: list[int] = []  # noqa: RUF012

        def user_line(self, frame: Any) -> None:
            if frame.f_code.co_filename == __file__:
                self.lines.append(frame.f_lineno)
            self.set_step()

    stepper = Stepper()
    stepper.lines = []
    stepper.runcall(fn, X, 3)
    return stepper.lines


TOOLS = [traced, profiled, monitored, counted, covered, stepped]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.__name__)
def test_a_tool_sees_the_same(tool: Callable[..., Any]) -> None:
    plain = FunctionType(program.__code__.replace(), program.__globals__)
    expected = tool(plain)
    assert expected
    assert tool(optimised(program)) == expected
    with graphlet.enable():
        found = FunctionType(program.__code__.replace(), program.__globals__)
        for _ in range(3):
            found(X, 3)
        assert tool(found) == expected


def test_graphs_run_again_when_the_tool_is_gone() -> None:
    fast = optimised(program)
    traced(fast)
    before = fast.graphlet.stats()["hits"]
    fast(X, 3)
    assert fast.graphlet.stats()["hits"] > before


@pytest.mark.parametrize("n", [2, 4, 9])
def test_tracebacks_are_the_same(n: int) -> None:
    def told(fn: Callable[..., Any]) -> list[Any]:
        try:
            fn(X, n)
        except Exception as error:
            lines = [(frame.name, frame.lineno, frame.line) for frame in traceback.extract_tb(error.__traceback__)[1:]]
            return [type(error), str(error), lines]
        return []

    assert told(optimised(raising)) == told(raising)


def test_doctests_run_in_optimised_functions() -> None:
    @graphlet.optimize
    def doubled(x: Any) -> Any:
        """Twice the array.

        >>> doubled(np.arange(3.0))
        array([0., 2., 4.])
        >>> doubled("a")
        'aa'
        """
        return x * 2

    finder = doctest.DocTestFinder()
    tests = finder.find(doubled, "doubled", globs={"doubled": doubled, "np": np})
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests:
        runner.run(test)
    assert (runner.tries, runner.failures) == (2, 0)
