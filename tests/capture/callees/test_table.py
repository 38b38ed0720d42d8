"""The table of callables."""

import builtins

import numpy as np
import pytest

from graphlet.capture.callees import table
from tests.capture.playing import ops, stopped

X = np.linspace(0.1, 1.0, 5)


def test_no_callable_is_both_known_and_an_effect() -> None:
    assert not table.CALLEES.keys() & table.EFFECTS.keys()


@pytest.mark.parametrize("name", ["print", "input", "open", "eval", "exec", "locals", "vars"])
def test_effects(name: str) -> None:
    namespace = {"fn": getattr(builtins, name)}
    exec("def function(x):\n    y = x + 1\n    fn('a')\n    return y", namespace)
    outcome = stopped(namespace["function"], X, code="GL101")
    assert ops(outcome) == ["add"] and "fn" in outcome.break_.detail


@pytest.mark.parametrize("name", ["id", "compile", "memoryview"])
def test_unknown_builtins(name: str) -> None:
    namespace = {"fn": getattr(builtins, name)}
    exec("def function(x):\n    y = x + 1\n    fn('a')\n    return y", namespace)
    assert stopped(namespace["function"], X, code="GL102").break_.variable == "fn"
