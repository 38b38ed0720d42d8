"""pytest's assertion rewriting: what it says of a failing assert over optimised code is what it says without."""

import os
import re
import subprocess
import sys
from pathlib import Path

TESTS = '''
import numpy as np
import pytest

import graphlet


@graphlet.optimize
def doubled(x):
    assert x.ndim == 1, f"{x.ndim} dimensions"
    return x * 2 + 1


def checked(x, limit):
    y = x * 3
    assert (y < limit).all() and y.sum() > 0, "too large"
    return y


X = np.arange(4.0)


@pytest.fixture(autouse=True)
def learnt():
    for _ in range(4):
        doubled(X)
        checked(X + 1, 100)
        overlapping(X)


def overlapping(x):
    y = x[1:] * 2
    assert len(y) == len(x) - 1
    return y


@pytest.mark.parametrize("turn", range(3))
def test_value(turn):
    y = doubled(X) * 1
    assert y.tolist() == [1.0, 3.0, 5.0, 8.0]


@pytest.mark.parametrize("turn", range(3))
def test_in_the_assert(turn):
    x = X * 2 + turn
    assert doubled(x).sum() + (x * 2).max() == x.sum() - 1


def test_of_arrays():
    assert np.allclose(doubled(X), X * 2)


def test_truth_of_an_array():
    assert doubled(X) == doubled(X)


def test_inside():
    checked(X, 5.0)


def test_message_inside():
    doubled(X.reshape(2, 2))


def test_raises():
    with pytest.raises(ValueError, match="nothing like it"):
        doubled(X) + X[:2]


def test_passes():
    for i in range(5):
        y = X * i
        assert y.sum() == 6 * i and (y >= 0).all(), y


def test_these_tests_ran_in_graphs():
    assert graphlet.counters()["hits"] > 0 or graphlet.config.enabled == "0"


def test_warns():
    with pytest.warns(RuntimeWarning, match="divide"):
        1 / (X * 1)
'''
CONFTEST = "import graphlet, pytest\n\n\ndef pytest_sessionstart():\n    graphlet.enable(include='test_*')\n"


def reported(graphlet: str, folder: Path) -> str:
    """What pytest says, without the times."""
    root = Path(__file__).parents[2]
    env = {**os.environ, "GRAPHLET": graphlet, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-vv", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-rA"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 1, done.stdout + done.stderr
    return re.sub(r"in [0-9.]+s", "in a while", re.sub("0x[0-9a-f]+", "0x", done.stdout))


def test_same_report(tmp_path: Path) -> None:
    (tmp_path / "test_arrays.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    plain = reported("0", tmp_path)
    assert "11 failed, 3 passed" in plain, plain
    assert reported("1", tmp_path) == plain
