"""Nothing is kept: what is done again leaves no more references to anything than there were.

Counted are the references to all objects there are, and the blocks of memory. A debug build of CPython has a total of
its own (``sys.gettotalrefcount``), which also sees objects the collector does not; it means something only where NumPy
is a debug build as well. docs/conformance.md says how to run this there.

All objects are counted again and again, so this runs in a process of its own, which has no more of them than it needs.
"""

import ctypes
import gc
import os
import subprocess
import sys
import threading
import warnings
from array import array
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.opcodes.flow import analyse
from graphlet.rewrite.testmode import with_stubs
from graphlet.rewrite.verify import verify

OWN_PROCESS = "GRAPHLET_REFERENCES"
counting = pytest.mark.skipif(OWN_PROCESS not in os.environ, reason="runs in a process of its own, see the first test")
Action = Callable[[], object]
X = np.arange(6.0) + 1
M = np.ones((3, 4))
ROUNDS = 6
SETTLING = 3  # rounds before that, which fill caches
LEARNING = 4  # calls until a new function knows what its arguments teach
HAS_TOTAL = hasattr(sys, "gettotalrefcount") and "d-" in np._core._multiarray_umath.__file__.rpartition("cpython-")[2]


def references() -> int:
    """To objects the collector knows, and to what those refer to."""
    objects = gc.get_objects()
    known = {id(one): one for one in (*gc.get_referents(*objects), *objects)}
    return sum(map(sys.getrefcount, known.values())) - 2 * len(objects)


def total() -> int:
    """Of all references, as a debug build counts them; 0 elsewhere."""
    return sys.gettotalrefcount() if HAS_TOTAL else 0  # type: ignore[attr-defined]


MEASURES = (references, total, sys.getallocatedblocks)


# Types remember where they found a name, and keep the string it was asked for with.
forget_names: Callable[[], None] = getattr(sys, "_clear_internal_caches", None) or sys._clear_type_cache


def grown(action: Action, times: int) -> list[list[int]]:
    """For each measure what each round of calls leaves."""
    found = [array("q", [0]) * (ROUNDS + 1) for _ in MEASURES]  # made before anything is counted
    for number in range(-SETTLING, ROUNDS + 1):
        for _ in range(times):
            action()
        forget_names()
        gc.collect()
        for numbers, measure in zip(found, MEASURES, strict=True):
            numbers[max(number, 0)] = measure()
    return [[after - before for before, after in pairwise(numbers)] for numbers in found]


def assert_nothing_stays(action: Action, times: int) -> None:
    """Whatever leaks does so in every round; what one round leaves and another does not is a cache's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = grown(action, times)
    for measure, left in zip(MEASURES, found, strict=True):
        assert min(left) <= 0, (measure.__name__, left)


@pytest.mark.skipif(OWN_PROCESS in os.environ, reason="this is it")
def test_in_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    environment = {**os.environ, OWN_PROCESS: "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment["GRAPHLET_COMPILE"] = "at once"  # nobody else makes objects meanwhile
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


class Thing:
    """Known to the collector, as nearly all is that a program can reach."""


@counting
@pytest.mark.parametrize("thing", [Thing(), np.zeros(3)], ids=["object", "array"])
def test_a_leak_is_noticed(thing: object) -> None:
    leak = ctypes.pythonapi.Py_IncRef
    with pytest.raises(AssertionError, match="references"):
        assert_nothing_stays(lambda: leak(ctypes.py_object(thing)), 3)


@counting
@pytest.mark.skipif(sys.getallocatedblocks() == 0, reason="memory comes from malloc, which counts no blocks")
def test_a_block_that_stays_is_noticed() -> None:
    allocate = ctypes.pythonapi.PyMem_Malloc
    allocate.restype = ctypes.c_void_p
    with pytest.raises(AssertionError, match="getallocatedblocks"):
        assert_nothing_stays(lambda: allocate(40), 3)


class Manager:
    def __enter__(self) -> float:
        return 2.0

    def __exit__(self, *told: object) -> bool:
        return told[0] is KeyError


def plain(x: Any, k: Any) -> Any:
    return x * k + 1.0


def several(x: Any, k: Any) -> Any:
    y = x * k
    parts = [y.sum(), {"k": k, "y": y[1:]}, (x, y > 2)]
    z = np.where(x > 2, x, y).reshape(2, 3)
    return parts, z.T, np.sort(y), y.shape, float(y.max())


def divides(x: Any, k: Any) -> Any:
    return x / (k - k)


def mismatched(x: Any, k: Any) -> Any:
    return (x * k) + x[1:]


def writes(x: Any, k: Any) -> Any:
    y = x.copy()
    y[1:3] = k
    y += x
    np.add(y, 1, out=y)
    return y


def loops(x: Any, k: Any) -> Any:
    total = x * 0
    for i in range(3):
        if x[i] > 1:
            total = total + x * i
        else:
            total = total - k
    while total.sum() < 100:
        total = total + x
    return total


def blocks(x: Any, k: Any) -> Any:
    with Manager() as m:
        x = x * m
        if k:
            raise KeyError(k)
    return x + 1


def yields(x: Any, k: Any) -> Iterator[Any]:
    for i in range(3):
        x = x * k + i
        yield x


def closes(x: Any, k: Any) -> Any:
    def inner(y: Any) -> Any:
        nonlocal k
        k = k + 1.0
        return y * k

    return inner(x) + inner(x), k


def called(function: Callable[..., Any], *args: Any) -> Action:
    def action() -> None:
        try:
            result = function(*args)
            if isinstance(result, Iterator):
                list(result)
        except (ValueError, KeyError):
            pass

    return action


FUNCTIONS = (plain, several, divides, mismatched, writes, loops, blocks, yields, closes)


@counting
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_calls(function: Callable[..., Any]) -> None:
    assert_nothing_stays(called(graphlet.optimize(function), X, 2.0), 500)


@counting
def test_calls_of_other_kinds() -> None:
    """They miss, and after a while are not learnt any more."""
    fast = graphlet.optimize(plain)
    kinds = (X, X[::2], M, M.T, X.astype("f4"), X.astype("i8"), 2.5, np.float32(2), M[:0], X.astype("g"))
    for _ in range(20):
        for x in kinds:
            called(fast, x, 2.0)()
    assert_nothing_stays(lambda: [called(fast, x, k)() for x in kinds for k in (2.0, 3, X[:1], M[0])], 20)


def fresh(function: Callable[..., Any]) -> Any:
    """The function with code that nothing is known of."""
    return type(function)(function.__code__.replace(), globals(), "fresh", None, function.__closure__)  # type: ignore[call-arg]


@counting
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_learning(function: Callable[..., Any]) -> None:
    def action() -> None:
        fast = graphlet.optimize(fresh(function))
        for _ in range(LEARNING):
            called(fast, X, 2.0)()

    assert_nothing_stays(action, 4)


@counting
def test_learning_anew() -> None:
    fast = graphlet.optimize(several)

    def action() -> None:
        fast.graphlet.reset()
        for _ in range(LEARNING):
            fast(X, 2.0)

    assert_nothing_stays(action, 5)


@counting
def test_switching_on_and_off() -> None:
    def action() -> None:
        new = fresh(plain)
        with graphlet.enable(include=[__name__]):
            for _ in range(LEARNING):
                new(X, 2.0)

    assert_nothing_stays(action, 5)


@counting
def test_switched_on() -> None:
    with graphlet.enable(include=[__name__]):
        assert_nothing_stays(called(plain, X, 2.0), 500)


@counting
def test_explaining() -> None:
    assert_nothing_stays(lambda: str(graphlet.explain(several)(X, 2.0)), 3)


@counting
def test_rewriting() -> None:
    """Stubs that decline, at every place, put in and called."""

    def action() -> None:
        code = with_stubs(blocks.__code__, lambda name: lambda *given: None, 1.0, 1)
        verify(blocks.__code__, code)
        analyse(code)
        changed = type(blocks)(code, globals(), "changed")
        for k in (0, 1):
            called(changed, X, k)()

    assert_nothing_stays(action, 5)


@counting
def test_threads() -> None:
    fast = graphlet.optimize(plain)

    def work() -> None:
        for _ in range(20):
            fast(X, 2.0)

    def action() -> None:
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert_nothing_stays(action, 5)
