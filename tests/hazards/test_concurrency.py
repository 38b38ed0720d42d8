"""Threads, processes, interrupts and time: what happens at the same moment, again and again, or for very long."""

import asyncio
import concurrent.futures
import contextlib
import gc
import multiprocessing
import os
import pickle
import random
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.backends import llvm_service
from tests.threads import together

X = np.arange(6.0)
SECONDS = 1.0


def chain(x: Any, k: Any) -> Any:
    y = x * k + 1
    for i in range(3):
        y = np.sqrt(np.abs(y)) + i
    if k is None:
        y = y * 2
    return y.sum(), y


def fresh(fn: Callable[..., Any] = chain) -> Any:
    """The function with a code object of its own, so that nothing is known about it."""
    return FunctionType(fn.__code__.replace(), fn.__globals__)


def same(one: Any, other: Any) -> bool:
    first, second = np.asarray(one), np.asarray(other)
    return first.dtype == second.dtype and np.array_equal(first, second, equal_nan=True)


@pytest.mark.filterwarnings("ignore::graphlet.PerformanceWarning")
def test_threads_race_on_first_calls_with_shapes_of_their_own(hurried: None) -> None:
    for round_ in range(4):
        plain = fresh()
        fast = graphlet.optimize(plain)
        start = threading.Barrier(6)

        def work(number: int, plain: Any = plain, fast: Any = fast, start: Any = start, round_: int = round_) -> None:
            choose = random.Random(100 * round_ + number)
            start.wait()
            for _ in range(60):
                shape = choose.choice([(3,), (2, 3), (5, 1), (4, 4, 2), (0,), (100,)])
                x = np.full(shape, choose.randint(-3, 3)).astype(choose.choice("fdilD"))
                k = choose.choice([1, 2.5, np.float32(2), 3])
                assert all(map(same, fast(x, k), plain(x, k)))

        together(work, 6)
        assert fast.graphlet.stats()["hits"] > 0


def test_switched_on_and_off_under_load(hurried: None) -> None:
    end = time.monotonic() + SECONDS

    def toggle() -> None:
        choose = random.Random(1)
        while time.monotonic() < end:
            session = graphlet.enable()
            time.sleep(choose.random() / 500)
            session.close() if choose.random() < 0.5 else graphlet.disable()

    def work(number: int) -> None:
        if number == 0:
            toggle()
        while time.monotonic() < end:
            f = fresh()
            assert len({float(f(X, 2)[0]) for _ in range(4)}) == 1

    try:
        together(work, 4)
    finally:
        graphlet.disable()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_an_interrupt_at_any_moment() -> None:
    """Wherever it comes, in learning, in a graph or between, the next call is as ever."""
    expected = chain(X, 2)
    error_state = np.geterr()
    interrupts = 0
    choose = random.Random(2)
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            fast = graphlet.optimize(fresh())
            with contextlib.suppress(KeyboardInterrupt):
                try:
                    signal.setitimer(signal.ITIMER_REAL, choose.random() / 200 + 1e-5)
                    for _ in range(10_000):
                        fast(X, 2)
                except KeyboardInterrupt:
                    interrupts += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert np.geterr() == error_state
            assert all(map(same, fast(X, 2), expected))
            assert all(map(same, fast(X, 2), expected))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, before)
    assert interrupts > 5


def test_coroutines_share_an_optimised_function() -> None:
    fast = graphlet.optimize(fresh())

    async def step(k: int) -> float:
        total = 0.0
        for i in range(5):
            total += float(fast(X, k + i)[0])
            await asyncio.sleep(0)
        return total

    async def both() -> list[float]:
        return await asyncio.gather(*(step(k) for k in range(8)))

    assert asyncio.run(both()) == [sum(float(chain(X, k + i)[0]) for i in range(5)) for k in range(8)]


def test_a_finaliser_runs_optimised_code_in_the_middle_of_it() -> None:
    inner = graphlet.optimize(fresh())
    seen: list[float] = []

    class Last:
        def __del__(self) -> None:
            seen.append(float(inner(X, 3)[0]))

    def outer(x: Any, keep: Any) -> Any:
        y = x * 2 + 1
        keep.clear()
        return y.sum() + np.sin(y).sum()

    fast = graphlet.optimize(outer)
    for _ in range(4):
        assert fast(X, [Last()]) == outer(X, [Last()])
    assert len(seen) == 8
    assert len(set(seen)) == 1


@graphlet.optimize
def increased(x: Any) -> Any:
    return x * 2 + 1


METHODS = [method for method in ("fork", "spawn", "forkserver") if method in multiprocessing.get_all_start_methods()]


def call_increased(x: Any) -> Any:
    """For child processes: they import this module."""
    return increased(x), increased.graphlet.stats()["graphs"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_in_child_processes(method: str) -> None:
    increased(X)
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        for result, graphs in pool.map(call_increased, [X, X + 1]):
            assert graphs == 1
            assert result.dtype == X.dtype
        assert pickle.loads(pickle.dumps(increased)) is increased
        assert next(pool.map(increased, [X])).tolist() == (X * 2 + 1).tolist()


def resident() -> int:
    """Bytes of memory in use."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory in use cannot be told")
def test_many_calls_leave_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphlet.config, "compile", "at once")  # nobody else makes objects meanwhile
    llvm_service.wait()  # for what the tests before wished for
    fast = graphlet.optimize(fresh())
    for _ in range(2000):
        fast(X, 2.0)
    gc.collect()
    n_objects, n_bytes = len(gc.get_objects()), resident()
    for _ in range(200_000):
        fast(X, 2.0)
    gc.collect()
    assert len(gc.get_objects()) - n_objects < 100
    assert resident() - n_bytes < 2_000_000


def test_a_dropped_function_leaves_nothing() -> None:
    def once() -> list[weakref.ref[Any]]:
        plain = fresh()
        fast = graphlet.optimize(plain)
        for _ in range(3):
            fast(X, 2)
        return [weakref.ref(thing) for thing in (plain, plain.__code__, fast, fast.__code__)]

    once()
    gc.collect()
    refs = [ref for _ in range(20) for ref in once()]
    gc.collect()
    assert [ref for ref in refs if ref() is not None] == []


def deep(x: Any, n: int) -> Any:
    return x + 1 if n == 0 else deep(x, n - 1) * 1.0


def deepest(fn: Callable[..., Any]) -> int:
    """The depth at which Python says stop."""
    for n in range(400, sys.getrecursionlimit() + 50):
        try:
            fn(X, n)
        except RecursionError:
            return n
    raise AssertionError("there is no limit")


def test_recursion_goes_as_deep_as_without(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = deepest(deep)
    fast = graphlet.optimize(deep)
    monkeypatch.setitem(globals(), "deep", fast)
    assert abs(deepest(fast) - expected) <= 2


@pytest.mark.filterwarnings("ignore::graphlet.PerformanceWarning")
def test_after_hundreds_of_kinds_calls_still_run_in_graphs() -> None:
    fast = graphlet.optimize(fresh())
    for n in range(1, 600):
        fast(np.ones(n), 2)
    assert fast.graphlet.stats()["graphs"] <= 4
    for n_dims in range(1, 12):
        for dtype in "bhilfdFD":
            fast(np.ones((2,) * n_dims, dtype), 2)
    before = fast.graphlet.stats()
    for _ in range(500):
        assert fast(X, 2)[0] == chain(X, 2)[0]
    after = fast.graphlet.stats()
    assert after["hits"] - before["hits"] >= 400
    assert after["misses"] - before["misses"] <= 20
