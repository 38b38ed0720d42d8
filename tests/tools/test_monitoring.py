"""sys.monitoring reports the calls that a graph would make itself."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import graphlet

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="nothing monitors")

TOOL = 3
X = np.arange(4.0)
NAMES = ("inner", "outer", "generated", "rows", "<genexpr>", "alone", "caught", "refuses", "refused")


def inner(x: Any) -> Any:
    return x * 2 + 1


def outer(x: Any) -> Any:
    return inner(x) + inner(x * 3)


def generated(x: Any) -> Any:
    def rows() -> Iterator[Any]:
        yield x + 1
        yield x * 2

    return sum(row for row in rows())


def alone(x: Any) -> Any:
    return x * 2 + 1


def caught(x: Any) -> Any:
    try:
        raise ValueError("q")
    except ValueError:
        return x + 1


def refuses(x: Any) -> Any:
    raise ValueError("q")


def refused(x: Any) -> Any:
    try:
        refuses(x)
    except ValueError:
        x = x + 1
    return x * 2


@contextmanager
def seeing(code: Any, *events: str) -> Iterator[list[tuple[str, str]]]:
    """What a tool is told, everywhere (``code`` None) or of one code object."""
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
    seen: list[tuple[str, str]] = []
    mask = 0
    monitoring.use_tool_id(TOOL, "graphlet tests")
    for event in events:
        number = getattr(monitoring.events, event)
        mask |= number

        def note(told: Any, *_: Any, event: str = event) -> None:
            if told.co_filename == __file__:
                seen.append((event, told.co_name))

        monitoring.register_callback(TOOL, number, note)

    def set_events(which: int) -> None:
        monitoring.set_events(TOOL, which) if code is None else monitoring.set_local_events(TOOL, code, which)

    set_events(mask)
    try:
        yield seen
    finally:
        set_events(0)
        monitoring.free_tool_id(TOOL)


def told(function: Callable[..., Any], code: Any, *events: str) -> list[tuple[str, str]]:
    with seeing(code, *events) as seen:
        function(X)
    return [(event, name) for event, name in seen if name in NAMES]


def learned(function: Any) -> Any:
    fast = graphlet.optimize(FunctionType(function.__code__.replace(), globals()))
    for _ in range(4):
        fast(X)
    assert fast.graphlet.stats()["hits"] > 0
    return fast


@pytest.mark.parametrize("events", [("PY_START",), ("PY_RETURN",), ("PY_START", "PY_YIELD", "PY_RESUME"), ("LINE",)])
@pytest.mark.parametrize("function", [outer, generated, alone])
def test_everywhere(function: Callable[..., Any], events: tuple[str, ...]) -> None:
    fast = learned(function)
    assert told(fast, None, *events) == told(function, None, *events) != []
    hits = fast.graphlet.stats()["hits"]
    fast(X)  # code objects are brought up to date when they start: callees in this call
    assert told(fast, None) == []
    assert fast.graphlet.stats()["hits"] > hits


def test_of_a_callee_alone() -> None:
    fast = learned(outer)
    for event in ("PY_START", "LINE", "CALL"):
        assert told(fast, inner.__code__, event) == told(outer, inner.__code__, event)
    assert told(fast, inner.__code__, "PY_RETURN") == 2 * [("PY_RETURN", "inner")]
    assert np.array_equal(fast(X), outer(X))


def test_what_calls_nothing_runs_natively_while_starts_are_told() -> None:
    fast = learned(alone)
    hits = fast.graphlet.stats()["hits"]
    assert told(fast, None, "PY_START") == [("PY_START", "alone")]
    assert fast.graphlet.stats()["hits"] == hits + 1


@pytest.mark.parametrize("event", ["RAISE", "EXCEPTION_HANDLED", "PY_UNWIND"])
@pytest.mark.parametrize("function", [caught, refused])
def test_exceptions_that_a_graph_would_not_raise(function: Any, event: str) -> None:
    """They are set for all code objects only, and none of these says so."""
    fast = learned(function)
    assert told(fast, None, event) == told(function, None, event)
    before = fast.graphlet.stats()["hits"]
    fast(X)
    assert fast.graphlet.stats()["hits"] > before


def test_a_thread_that_ends_under_its_tracer_leaves_graphs_alone() -> None:
    """CPython 3.12 goes on telling the tracer that is gone, and notes all tools for exceptions of some code."""

    def traced() -> None:
        sys.settrace(lambda *_: None)
        ready.set()
        leave.wait()

    ready, leave = threading.Event(), threading.Event()
    fast = learned(refused)
    thread = threading.Thread(target=traced)
    thread.start()
    ready.wait()
    for _ in range(4):
        refused(X)
        fast(X)
    leave.set()
    thread.join()
    for function in (learned(refused), fast):
        before = function.graphlet.stats()["hits"]
        for _ in range(4):
            function(X)
        assert function.graphlet.stats()["hits"] == before + 4
