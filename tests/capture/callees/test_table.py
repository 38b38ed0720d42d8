"""The table of callables."""

import builtins
import functools
import random
import time
from typing import Any

import numpy as np
import pytest

from graphlet.capture.callees import table
from tests.capture.playing import ops, stopped
from tests.capture.programs import same

X = np.linspace(0.1, 1.0, 5)


def test_no_callable_is_both_known_and_an_effect() -> None:
    assert not table.CALLEES.keys() & table.EFFECTS.keys()


@pytest.mark.parametrize("name", ["print", "input", "open", "eval", "exec", "locals"])
def test_effects(name: str) -> None:
    namespace = {"fn": getattr(builtins, name)}
    exec("def function(x):\n    y = x + 1\n    fn('a')\n    return y", namespace)
    outcome = stopped(namespace["function"], X, code="GL101")
    assert ops(outcome) == ["add"] and "fn" in outcome.break_.detail


@functools.lru_cache
def remembered(k: float) -> float:
    return k * 2


@pytest.mark.parametrize(
    ("fn", "told"),
    [
        (time.perf_counter, "reads the clock"),
        (time.monotonic, "reads the clock"),
        (random.random, "draws random numbers"),
        (remembered, "counts its calls and keeps what it returned (functools.lru_cache)"),
    ],
)
def test_effects_are_told_in_a_sentence(fn: Any, told: str) -> None:
    def function(x: Any, fn: Any) -> Any:
        y = x + 1
        fn(*([2.0] if fn is remembered else []))
        return y * 2

    outcome = stopped(function, X, fn, code="GL101")
    assert ops(outcome) == ["add"] and outcome.break_.detail.startswith("fn(...): " + told)


def test_what_is_remembered_is_counted_as_without_graphs() -> None:
    source = (
        "import functools\n@functools.lru_cache(maxsize=2)\ndef k(n): return n * 2.0\nargs = (X,)\n"
        "def f(x):\n    y = x * k(2) + 1\n    z = y * k(len(x)) - k(3)\n    return z, k.cache_info()"
    )
    same(source)
    same(source, "k.cache_clear()")


@pytest.mark.parametrize("name", ["id", "compile", "memoryview"])
def test_unknown_builtins(name: str) -> None:
    namespace = {"fn": getattr(builtins, name)}
    exec("def function(x):\n    y = x + 1\n    fn('a')\n    return y", namespace)
    assert stopped(namespace["function"], X, code="GL102").break_.variable == "fn"
