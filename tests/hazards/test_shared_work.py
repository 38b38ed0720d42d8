"""Work that several threads share, while other things go on: other callers, forks, signals, the end of it all."""

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.runtime import _block
from tests.threads import together

SECONDS = 1.0
HERE = Path(__file__).resolve().parents[2]
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


@pytest.fixture(autouse=True)
def four_threads() -> Iterator[None]:
    with graphlet.config.patch(share_from=0, num_threads=4, compile="at once"):
        yield


def work(x: Any, y: Any) -> Any:
    d = np.exp(x) - x * y
    return d, (d * d).sum(), d.max()


def numbers(n: int, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.random(n), rng.random(n)


def same(one: Any, other: Any) -> bool:
    return all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in zip(one, other, strict=True))


def test_several_callers_at_once(hurried: None) -> None:
    fast = graphlet.optimize(work)
    fast(*numbers(50_000))
    before = _block.threads()
    end = time.monotonic() + SECONDS

    def call(number: int) -> None:
        x, y = numbers(20_000 + 1000 * number, number)
        expected = work(x, y)
        while time.monotonic() < end:
            assert same(fast(x, y), expected)

    together(call, 5)
    after = _block.threads()
    assert after[1] <= 3 and after[2] > before[2] + 100
    assert after[3] > before[3]


def test_a_call_in_the_middle_of_a_call() -> None:
    inner = graphlet.optimize(work)
    x, y = numbers(30_000)

    def outer(x: Any, y: Any) -> Any:
        a = x * y + 1
        b = np.apply_along_axis(lambda row: inner(row, row)[1], 0, a)
        return a - b, inner(a, b + y)[1]

    expected = outer(x, y)
    fast = graphlet.optimize(outer)
    for _ in range(4):
        assert same(fast(x, y), expected)


def test_helpers_go_and_come() -> None:
    fast = graphlet.optimize(work)
    x, y = numbers(50_000)
    expected = work(x, y)
    for _ in range(5):
        assert same(fast(x, y), expected)
        assert same(fast(x, y), expected)
        assert _block.threads()[1] == 3
        _block.stop_threads()
        assert _block.threads()[1] == 0


@needs_fork
def test_nobody_is_left_behind_a_fork() -> None:
    """CPython warns of forks of processes with several threads, and plain NumPy has none."""
    fast = graphlet.optimize(work)
    x, y = numbers(50_000)
    expected = work(x, y)
    for _ in range(5):
        assert same(fast(x, y), expected)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            child = os.fork()
        if child == 0:
            good = _block.threads()[1] == 0 and all(same(fast(x, y), expected) for _ in range(3))
            os._exit(0 if good and _block.threads()[1] == 3 else 1)
        assert os.waitpid(child, 0)[1] == 0


@needs_fork
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_fork_while_others_work() -> None:
    fast = graphlet.optimize(work)
    x, y = numbers(60_000)
    expected = work(x, y)
    fast(x, y)
    end = time.monotonic() + SECONDS

    def call(number: int) -> None:
        while time.monotonic() < end:
            assert same(fast(x, y), expected)
            if number == 0:
                child = os.fork()
                if child == 0:
                    os._exit(0 if all(same(fast(x, y), expected) for _ in range(3)) else 1)
                assert os.waitpid(child, 0)[1] == 0

    together(call, 3)


END = """
import threading, time
import numpy as np
import graphlet

@graphlet.optimize
def work(x):
    return np.exp(x) * x + 1

x = np.ones(100_000)
{before}
work(x); work(x)
"""
THREAD = """
def on():
    while True:
        work(x)
threading.Thread(target=on, daemon=True).start()
time.sleep(0.2)
"""


@pytest.mark.parametrize("before", ["", THREAD], ids=["at rest", "at work"])
def test_the_end_of_the_interpreter(before: str) -> None:
    environ = {**os.environ, "GRAPHLET_NUM_THREADS": "4", "GRAPHLET_SHARE_FROM": "0", "GRAPHLET_CACHE_DIR": "off"}
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", END.format(before=before)], env=environ, cwd=HERE, capture_output=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no signals here")
def test_signals_are_for_the_program() -> None:
    fast = graphlet.optimize(work)
    x, y = numbers(100_000)
    expected = work(x, y)
    seen: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: seen.append(threading.get_ident()))
    try:
        for _ in range(50):
            os.kill(os.getpid(), signal.SIGUSR1)
            assert same(fast(x, y), expected)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert set(seen) == {threading.main_thread().ident} and len(seen) > 10
