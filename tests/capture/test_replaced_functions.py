"""A program, or a test of it, puts functions of its own in the place of NumPy's: only who reads the name sees them."""

import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

import graphlet

X = np.array([2.0, 4.0, 8.0])


def root(x):
    return x**0.5


def spread(x):
    return x.std() * 2.0


def norms(x):
    return np.linalg.norm(x[:, None] * 2.0, axis=1) + x


def chosen(x):
    return np.where(x > 3, x, 0.0)


def median(x):
    return np.flip(x) + np.outer(x, x).sum()


REPLACED = [
    *((fn, "sqrt", np.cbrt) for fn in (root, spread, norms)),
    *((fn, "multiply", np.add) for fn in (root, spread, norms)),
    (chosen, "where", lambda *args, where=np.where: where(*args)),
    (chosen, "where", lambda *args, where=np.where: -where(*args)),
    (median, "outer", lambda *args, outer=np.outer: outer(*args)),
    (median, "flip", lambda x: x),
]


@pytest.mark.parametrize(("fn", "name", "replacement"), REPLACED)
def test_the_results_are_those_of_plain_numpy(fn, name: str, replacement, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = graphlet.counters()["failures"]
    before, fast = fn(X), graphlet.optimize(fn)
    graphlet.reset(fast)
    monkeypatch.setattr(np, name, replacement)
    expected = fn(X)
    for _ in range(4):
        assert fast(X).tobytes() == expected.tobytes()
    monkeypatch.undo()
    for _ in range(4):
        assert fast(X).tobytes() == before.tobytes()
    assert graphlet.counters()["failures"] == failures
    assert fast.graphlet.stats()["graphs"] >= 1


def test_a_mock_is_called_by_the_program_alone() -> None:
    fast = graphlet.optimize(lambda x: x**0.5 + x.std())
    with mock.patch("numpy.sqrt") as called, mock.patch("time.perf_counter", side_effect=[1.0, 3.5]):
        began = time.perf_counter()
        fast(X), fast(X)
        assert time.perf_counter() - began == 2.5
    assert called.call_count == 0


def test_what_is_replaced_before_the_first_use() -> None:
    text = """if True:
        import numpy as np, graphlet
        old = np.conjugate
        np.conjugate = lambda *args: old(*args)
        fast = graphlet.optimize(lambda x: np.conjugate(x) + np.abs(x) * 2.0)
        for _ in range(3):
            print(fast(np.ones(2)), graphlet.counters()["failures"])
    """
    folder = Path(graphlet.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, cwd=folder, check=False)
    assert (done.stdout, done.stderr) == ("[3. 3.] 0\n" * 3, "")
