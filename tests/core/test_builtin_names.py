"""Builtins that a program replaced for everybody."""

import builtins

import numpy as np
import pytest

import graphlet
from graphlet.core.builtin_names import replaced


def double(x):
    return x + x


def test_all_are_pythons_and_tools_may_replace_print_and_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "print", print_nothing := lambda *_: None)
    assert builtins.print is print_nothing
    assert replaced() == ""


def test_nothing_is_learnt_while_one_is_replaced_and_the_replacement_is_not_called() -> None:
    fast = graphlet.optimize(double)
    graphlet.reset(fast)
    x = np.arange(4.0)
    called = []
    own = builtins.len
    try:
        builtins.len = lambda value: called.append(value)  # type: ignore[assignment, return-value]
        assert replaced() == "len"
        first = fast(x)
    finally:
        builtins.len = own
    n_called, failures = len(called), graphlet.counters()["failures"]
    assert (n_called, fast.graphlet.stats()["hits"]) == (0, 0)
    assert np.array_equal(first, fast(x))
    assert fast.graphlet.stats()["hits"] == 1
    assert graphlet.counters()["failures"] == failures
