"""Backends that raise: eager instead, and whose mistake it was."""

import warnings

import numpy as np
import pytest

import graphlet
from graphlet.backends import block
from graphlet.core.totals import totals

X = np.linspace(0.0, 1.0, 9)


def doubled(x):
    return x * 2.0 + 1.0


def made_anew(expression: str):
    """A function with code of its own, which nobody has compiled."""
    return eval(f"lambda x: {expression}")


@pytest.mark.provokes_failures
def test_one_of_our_own_that_raises_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(block, "Lowering", fails)
    before = totals["failures"]
    with pytest.warns(graphlet.PerformanceWarning, match="GL203 .*: backend 'block' raised ZeroDivisionError: ours"):
        found = graphlet.optimize(doubled, backend="block")(X)
    assert found.tobytes() == doubled(X).tobytes()
    assert totals["failures"] == before + 1


def test_a_users_is_not() -> None:
    def broken(graph, example_inputs):
        raise RuntimeError("no")

    before = totals["failures"]
    with pytest.warns(graphlet.PerformanceWarning, match="GL203 .*: backend 'broken' raised RuntimeError: no"):
        graphlet.optimize(doubled, backend=broken)(X)
    assert totals["failures"] == before


def test_each_function_is_told_at_its_own_line_and_counted() -> None:
    def broken(graph, example_inputs):
        raise RuntimeError("no")

    before = totals["fallbacks"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for fn in (lambda x: x * 2.0, lambda x: x * 3.0):
            fast = graphlet.optimize(fn, backend=broken)
            for _ in range(3):
                assert fast(X).tobytes() == fn(X).tobytes()
    assert [warning.filename for warning in caught] == [__file__, __file__]
    assert totals["fallbacks"] == before + 2
    assert graphlet.explain(fast)(X).fallbacks == ("GL203",)


def test_a_kernel_that_raises_where_numpy_does_not_is_given_up() -> None:
    calls = []

    def later(graph, example_inputs):
        def run(*inputs):
            calls.append(1)
            if len(calls) > 2:
                raise ValueError("mine")
            return graph.forward(*inputs)

        return run

    fast = graphlet.optimize(doubled, backend=later)
    fast(X), fast(X)
    with pytest.warns(graphlet.PerformanceWarning, match="backend 'later' raised ValueError: mine; .* 'eager'"):
        found = fast(X)
    assert found.tobytes() == doubled(X).tobytes()
    assert fast(X).tobytes() == doubled(X).tobytes()
    assert len(calls) == 3
    assert fast.graphlet.stats()["declines"] == 0


def test_a_kernel_that_raises_as_numpy_does_is_kept() -> None:
    fast = graphlet.optimize(lambda x: np.sqrt(x) + 1.0, backend=lambda graph, inputs: graph.forward)
    with warnings.catch_warnings():
        warnings.simplefilter("error", graphlet.PerformanceWarning)
        for _ in range(3):
            fast(X)
            with pytest.warns(RuntimeWarning, match="invalid value"):
                fast(-X - 1.0)


@pytest.mark.parametrize(("setting", "text"), [("backend", "no backend 'typo'"), ("disabled_passes", "no pass typo")])
def test_a_setting_that_names_nothing_is_ignored_and_said(setting: str, text: str) -> None:
    failures = totals["failures"]
    with graphlet.config.patch(**{setting: "typo"}):
        fast = graphlet.optimize(made_anew("x * 2.0"))
        with pytest.warns(UserWarning, match=f"{setting}='typo' .*GRAPHLET_{setting.upper()}.* is ignored: {text}"):
            fast(X)
        assert getattr(graphlet.config, setting) != "typo"
    assert fast.graphlet.stats()["graphs"] == 1
    assert totals["failures"] == failures
