"""Backends that raise: eager instead, and whose mistake it was."""

import numpy as np
import pytest

import graphlet
from graphlet.backends import block
from graphlet.core.totals import totals

X = np.linspace(0.0, 1.0, 9)


def doubled(x):
    return x * 2.0 + 1.0


@pytest.mark.provokes_failures
def test_one_of_our_own_that_raises_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(block, "Lowering", fails)
    before = totals["failures"]
    with pytest.warns(graphlet.PerformanceWarning, match="GL203 backend 'block' raised ZeroDivisionError: ours"):
        found = graphlet.optimize(doubled, backend="block")(X)
    assert found.tobytes() == doubled(X).tobytes()
    assert totals["failures"] == before + 1


def test_a_users_is_not() -> None:
    def broken(graph, example_inputs):
        raise RuntimeError("no")

    before = totals["failures"]
    with pytest.warns(graphlet.PerformanceWarning, match="GL203 backend 'broken' raised RuntimeError: no"):
        graphlet.optimize(doubled, backend=broken)(X)
    assert totals["failures"] == before
