"""Optimised code that CPython calls unasked in the middle of optimised code, and at the end of everything."""

import gc
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import timeit
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import graphlet

X = np.arange(6.0) + 1


def chain(x: Any, k: Any) -> Any:
    y = x * k + 1
    for i in range(3):
        y = np.sqrt(np.abs(y)) + i
    made = [y, {"y": y}]
    made.append(made)
    return y.sum()


def writes(x: Any, k: Any) -> Any:
    x += k
    y = x[1:] * 2
    x[:-1] = y
    return x.sum()


def fresh(fn: Callable[..., Any] = chain) -> Any:
    return graphlet.optimize(FunctionType(fn.__code__.replace(), fn.__globals__))


@pytest.fixture(autouse=True)
def nothing_unraisable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    seen: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", seen.append)
    failures = graphlet.counters()["failures"]
    yield
    assert [one.exc_value for one in seen] == []
    assert graphlet.counters()["failures"] <= failures  # a reset sets it to zero


class Checked:
    """Calls optimised functions when it is called itself, and notes what is wrong."""

    def __init__(self, *functions: Any) -> None:
        self.functions = functions
        self.expected = [plain(fn)(X.copy(), 3.0) for fn in functions]
        self.wrong: list[Any] = []
        self.calls = 0
        self.inside = False

    def __call__(self, *_: Any) -> None:
        if self.inside:
            return
        self.inside = True
        for fn, expected in zip(self.functions, self.expected, strict=True):
            result = fn(X.copy(), 3.0)
            if result != expected:
                self.wrong.append((result, expected))
        self.calls += 1
        self.inside = False


def plain(fn: Any) -> Any:
    return fn.__wrapped__


@pytest.mark.parametrize("known", [True, False])
def test_collections_in_the_middle_of_everything(known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphlet.config, "compile", "at once")  # a thread that compiles collects, too, and for long
    for _ in range(10):
        one, other = fresh(), fresh(writes)
        check = Checked(one, other)
        before = gc.get_threshold()
        gc.callbacks.append(check)
        gc.set_threshold(5)
        try:
            for k in (2, 2, 2.5, 2.5, np.float32(3), 2):
                assert one(X, k) == chain(X, k)
                assert other(X.copy(), k) == writes(X.copy(), k)
        finally:
            gc.set_threshold(*before)
            gc.callbacks.remove(check)
        assert check.calls > 0
        assert not check.wrong


def test_weak_references_that_call_back() -> None:
    one, other = fresh(), fresh(writes)
    check = Checked(one, other)

    class Last:
        pass

    def drops(x: Any, keep: Any) -> Any:
        y = x * 2 + 1
        keep.clear()
        z = y - x
        keep = None
        return (y * z).sum()

    fast = graphlet.optimize(drops)
    references = []
    for _ in range(6):
        last = Last()
        references.append(weakref.ref(last, check))
        keep = [last]
        del last
        assert fast(X, keep) == drops(X, [])
    array = X * 2
    references.append(weakref.ref(array, check))
    assert fast(array, []) == drops(X * 2, [])
    del array
    assert check.calls == 7
    assert not check.wrong


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_signal_handlers_that_call_the_same_functions() -> None:
    end = time.monotonic() + 1
    calls = 0
    before = signal.getsignal(signal.SIGALRM)
    try:
        while time.monotonic() < end:
            one, other = fresh(), fresh(writes)
            check = Checked(one, other)
            signal.signal(signal.SIGALRM, check)
            signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0005)
            for k in [2, 2.5, 3, np.float32(2)] * 20:
                assert one(X, k) == chain(X, k)
                assert other(X.copy(), k) == writes(X.copy(), k)
            signal.setitimer(signal.ITIMER_REAL, 0)
            calls += check.calls
            assert not check.wrong
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert calls > 10


def test_functions_that_change_each_other_in_the_middle() -> None:
    """A callee that resets, replaces or frees the function that is running."""

    def caller(x: Any, meddle: Any) -> Any:
        y = x * 2
        meddle()
        return (y + x).sum()

    for name in ("reset", "code", "forget", "collect", "disable"):
        fast = graphlet.optimize(FunctionType(caller.__code__.replace(), caller.__globals__))
        ways: dict[str, Callable[[], Any]] = {
            "reset": fast.graphlet.reset,
            "code": lambda fast=fast: setattr(fast, "__code__", caller.__code__),  # type: ignore[misc]
            "forget": graphlet.reset,
            "collect": gc.collect,
            "disable": graphlet.disable,
        }
        for _ in range(5):
            assert fast(X, ways[name]) == caller(X, int)


ENDINGS = {
    "atexit": "import atexit; atexit.register(lambda: fast(X)); fast(X)",
    "atexit, first call": "import atexit; atexit.register(lambda: print(fast(X)))",
    "finaliser of a global": "class Last:\n    def __del__(self): fast(X)\nfast(X); last = Last()",
    "finaliser in a cycle": "class Last:\n    def __del__(self, fast=fast, X=X): fast(X)\n"
    "last = Last(); last.me = last",
    "daemon threads": "import threading\ndef work():\n    while True: fast(X)\n"
    "for _ in range(3): threading.Thread(target=work, daemon=True).start()\nimport time; time.sleep(0.1)",
    "daemon threads that learn": "import threading\ndef work():\n    while True:\n        f = fresh(); f(X); f(X)\n"
    "for _ in range(3): threading.Thread(target=work, daemon=True).start()\nimport time; time.sleep(0.2)",
    "threads that go on": "import threading, time\ndef work():\n    time.sleep(0.1)\n    for _ in range(50): fast(X)\n"
    "threading.Thread(target=work).start()",
    "exit in the middle": "def out(x):\n    y = x * 2\n    sys.exit(0)\n    return y\ngraphlet.optimize(out)(X)",
    "exit at once": "import os\nfast(X); sys.stdout.flush(); os._exit(0)",
    "generator left over": "def gen(x):\n    try:\n        yield x * 2\n    finally:\n        fast(X)\n"
    "g = graphlet.optimize(gen)(X); next(g)",
    "weak reference": "import weakref\nclass C: pass\nc = C(); r = weakref.finalize(c, fast, X)",
    "excepthook": "sys.excepthook = lambda *a: fast(X)\nfast(X)\nsys.exitcode = 0",
    "session left open": "session = graphlet.enable()\ndef g(x): return x * 2 + 1\nfor _ in range(3): g(X)",
    "module emptied": "fast(X); f = fast; fast = None; sys.modules[__name__].__dict__['np'] = None; f(X)",
    "numpy gone": "keep = fast; fast(X); del sys.modules['numpy']; fast(X)",
}
START = """
import sys
from types import FunctionType
import numpy as np
import graphlet
X = np.arange(6.0) + 1
def chain(x):
    y = x * 2 + 1
    return np.sqrt(y).sum() if np is not None else None
def fresh(): return graphlet.optimize(FunctionType(chain.__code__.replace(), globals()))
fast = fresh()
"""


@pytest.mark.parametrize("name", ENDINGS)
def test_at_the_end_of_the_interpreter(name: str) -> None:
    root = Path(__file__).parents[2]
    texts = []
    for setting in ("0", "1"):
        env = {**os.environ, "GRAPHLET": setting, "PYTHONPATH": str(root)}
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(START + ENDINGS[name])],
            env=env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        texts.append((done.returncode, done.stdout, re.sub("0x[0-9a-f]+", "0x", done.stderr)))
    assert texts[0] == texts[1]


KINDS: dict[str, Callable[[int], tuple[Any, ...]]] = {
    "shapes": lambda i: (np.ones(i + 1), 2.0),
    "shapes of two axes": lambda i: (np.ones((i % 25 + 1, i // 25 + 1)), 2.0),
    "numbers": lambda i: (X, i + 0.5),
    "texts": lambda i: (X, f"text {i}"),
    "objects": lambda i: (X, SimpleNamespace(**{f"name{i}": i})),
    "classes": lambda i: (X, type(f"Kind{i}", (), {})()),
    "functions": lambda i: (X, eval("lambda x: x")),
    "lists": lambda i: (X, [1] * i),
    "dictionaries": lambda i: (X, {str(i): i}),
    "dtypes": lambda i: (X.astype("bBhHiIlLefdFD"[i % 13]), i // 13 * 1.0),
    "strides": lambda i: (np.ones(1300)[:: i // 30 + 1][: i % 30 + 2], 1.0),
}


def asks(x: Any, k: Any) -> Any:
    y = x * 2 + 1
    if k == "text 5":
        y = y * 3
    if isinstance(k, dict) and "5" in k:
        y = y - 1
    if callable(k):
        y = k(y)
    for _ in range(len(k) if isinstance(k, list) else 1):
        y = y + 0.5
    return y


@pytest.mark.filterwarnings("ignore::graphlet.PerformanceWarning")
@pytest.mark.parametrize("name", KINDS)
def test_a_call_is_still_quick_after_600_kinds(name: str) -> None:
    fast = fresh(asks)
    given = [KINDS[name](i) for i in range(600)]
    for values in given:
        assert np.array_equal(fast(*values), asks(*values))

    def seconds(fn: Any, values: list[Any]) -> float:
        return min(timeit.repeat(lambda: [fn(*one) for one in values], number=1, repeat=5))

    newest = given[-50:] * 2
    assert seconds(fast, newest) < 10 * seconds(asks, newest)
    stats = fast.graphlet.stats()
    assert stats["graphs"] <= graphlet.config.recompile_limit * stats["entries"]
