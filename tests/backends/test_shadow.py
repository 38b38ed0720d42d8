"""Checked kernels: NumPy beside the compiled graph, and an error with a script where they differ."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.backends.shadow import difference
from graphlet.runtime import streams

X = np.linspace(0.5, 2.0, 12).reshape(4, 3)


def program(x: Any, k: float) -> Any:
    y = np.exp(x * k) + 1
    return y.sum(axis=0), y[::2]


def nearly(graph: Any, example_inputs: Any) -> Any:
    """A backend whose first result is off by the last bit in one element."""

    def run(*inputs: Any) -> Any:
        first, *others = graph.forward(*inputs)
        first[1] = np.nextafter(first[1], np.inf)
        return (first, *others)

    return run


@pytest.fixture(autouse=True)
def default_stance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield
    graphlet.set_stance("default")


def test_a_right_kernel_runs() -> None:
    fast = graphlet.optimize(program)
    with graphlet.set_stance("check"):
        for _ in range(3):
            for result, expected in zip(fast(X, 2.0), program(X, 2.0), strict=True):
                np.testing.assert_array_equal(result, expected)
        assert fast.graphlet.stats()["hits"] == 3
        assert fast.graphlet.specializations[0].backend == "llvm"


def test_the_last_bit_is_noticed_and_shown_again() -> None:
    fast = graphlet.optimize(program, backend=nearly)
    with (
        graphlet.set_stance("check"),
        pytest.raises(graphlet.MismatchError, match=r"nearly and NumPy differ: output 0 .* element \(1,\)") as caught,
    ):
        for _ in range(3):
            fast(X, 2.0)
    script = Path(caught.value.repro)
    text = script.read_text(encoding="utf-8").replace("backend='nearly'", "backend=nearly")
    assert "np.exp" in text
    assert "import what registers it" in text
    helper = "def nearly(graph, example_inputs):\n    return lambda *i: tuple(a + 1 for a in graph.forward(*i))\n"
    script.write_text(helper + text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert "MismatchError" in done.stderr
    script.write_text(text.replace("backend=nearly", "backend='block'"), encoding="utf-8")
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "no difference\n"), done.stderr


def test_what_numpy_would_raise_is_a_difference() -> None:
    def careless(graph: Any, example_inputs: Any) -> Any:
        def run(*inputs: Any) -> Any:
            with np.errstate(all="ignore"):
                return graph.forward(*inputs)

        return run

    fast = graphlet.optimize(lambda x: 1 / x + 1, backend=careless)
    with graphlet.set_stance("check"):
        fast(np.ones(3))
        with pytest.raises(graphlet.MismatchError, match="NumPy raises FloatingPointError: divide by zero"):
            fast(np.zeros(3))


def unwritten(x: Any) -> Any:
    out = np.empty_like(x)
    half = out[::2]
    half[...] = x[::2]
    scaled = out * 2
    return out, out.real, scaled, scaled.max(), np.add(x, 1, where=x > 1), np.empty(3, complex)


def test_what_was_never_written_is_no_difference() -> None:
    fast = graphlet.optimize(unwritten, backend="block")
    with graphlet.set_stance("check"), np.errstate(all="ignore"):
        for number in range(6):
            scrap = [np.full(X.shape, np.inf if number % 2 else 7.0) for _ in range(5)]
            del scrap
            np.testing.assert_array_equal(fast(X)[0][::2], X[::2])
        assert fast.graphlet.stats()["hits"] > 3


def test_what_was_written_beside_it_is_one() -> None:
    def off(graph: Any, example_inputs: Any) -> Any:
        def run(*inputs: Any) -> Any:
            first, *others = graph.forward(*inputs)
            first[2] += 1
            return (first, *others)

        return run

    def half(x: Any) -> Any:
        out = np.empty_like(x)
        out[::2] = x[::2]
        return out

    fast = graphlet.optimize(half, backend=off)
    with graphlet.set_stance("check"), pytest.raises(graphlet.MismatchError):
        for _ in range(3):
            fast(X)


@pytest.mark.parametrize("kind", [np.random.default_rng, np.random.RandomState])
def test_a_generator_of_the_graphs_own_is_given_back_as_it_was_left(kind: Any) -> None:
    def draws(x: Any) -> Any:
        r = kind(2)
        return x + r.normal(size=3), r

    fast = graphlet.optimize(draws)
    x, plain = np.ones(3), draws(np.ones(3))[1].normal()
    with graphlet.set_stance("check"):
        for _ in range(3):
            assert fast(x)[1].normal() == plain
        assert fast.graphlet.stats()["hits"] == 3


@pytest.mark.parametrize("further", [True, False])
def test_a_difference_where_a_generator_is_drawn_from(further: bool) -> None:
    def other(graph: Any, example_inputs: Any) -> Any:
        def run(*inputs: Any) -> Any:
            results = graph.forward(*inputs)
            if further:
                streams.draw("random", next(x for x in inputs if isinstance(x, np.random.Generator)))
                return results
            return (results[0] + 1,)

        return run

    fast = graphlet.optimize(lambda x, r: x + r.random(3), backend=other)
    with (
        graphlet.set_stance("check"),
        pytest.raises(graphlet.MismatchError, match="NumPy leaves elsewhere" if further else "element"),
    ):
        for _ in range(3):
            fast(np.ones(3), np.random.default_rng(1))


def test_without_the_stance_nothing_is_checked() -> None:
    fast = graphlet.optimize(program, backend=nearly)
    with graphlet.set_stance("check"):
        pass
    assert fast(X, 2.0)[0][1] != program(X, 2.0)[0][1]


def test_stances() -> None:
    fast = graphlet.optimize(program)
    with graphlet.set_stance("force_eager"):
        fast(X, 2.0)
        assert fast.graphlet.stats()["hits"] == 0
    with graphlet.set_stance("eager_on_recompile"):
        fast(X, 2.0)
        assert fast.graphlet.stats()["graphs"] == 0
    fast(X, 2.0)
    assert fast.graphlet.stats()["hits"] >= 1
    with pytest.raises(graphlet.GraphletError, match="no stance 'nonsense'; there are: default"):
        graphlet.set_stance("nonsense")


def test_switched_on_by_the_environment() -> None:
    lines = (
        "import graphlet, numpy as np",
        "f = graphlet.optimize(lambda x: x * 2 + 1)",
        "f(np.ones(3)), f(np.ones(3))",
        "print(f.graphlet.specializations[0].specialization.kernel)",
    )
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "GRAPHLET": "check"}
    command = [sys.executable, "-c", "\n".join(lines)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "PyKernel" in done.stdout


@pytest.mark.parametrize(
    ("result", "wanted", "text"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), None),
        (np.array([0.0]), np.array([-0.0]), "element (0,)"),
        (np.array([1 + 0j]), np.array([complex(1, -0.0)]), "element (0,)"),
        (np.array([1]), np.array([1.0]), "dtype int64"),
        (np.ones((2, 3)), np.ones((3, 2)), "shape (2, 3)"),
        (np.ones((2, 3)), np.ones((3, 2)).T, "strides"),
        (np.float64(1), 1.0, "a float64"),
        (np.float64(2), np.float64(3), "element ()"),
        ((1, 2), (1, 3), "2, NumPy gives 3"),
        ((1,), (1, 3), "length"),
        (1.0, 1.0, None),
    ],
)
def test_differences(result: Any, wanted: Any, text: str | None) -> None:
    found = difference(result, wanted)
    assert (found is None) == (text is None)
    assert text is None or text in str(found)
