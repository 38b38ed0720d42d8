"""Methods of NumPy's scalars."""

import numpy as np
import pytest

from graphlet.arrayops.generic import METHODS
from tests.oracle.runner import differential

ARGUMENTS = {"reshape": "-1", "repeat": "1", "take": "0", "clip": "0, 1", "round": "0"}


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "u1", "?", "F"])
@pytest.mark.parametrize("name", METHODS)
def test_same_as_numpy(name: str, dtype: str) -> None:
    space: dict = {}
    exec(f"def function(x):\n    s = x.max()\n    return s.{name}({ARGUMENTS.get(name, '')}), s.T, x * 1", space)
    differential(space["function"], (np.arange(3).astype(dtype),), (np.arange(4)[1:].astype(dtype),))


def test_they_are_in_the_graph() -> None:
    def function(x, y):
        s = x.sum()
        return s.max() + y.mean().reshape(-1) * s.round(1), s.T

    x = np.arange(4.0)
    assert differential(function, (x, x)).last_share.native == 1.0


def test_arguments_of_the_moment_are_left_to_numpy() -> None:
    def function(x, n):
        return x.sum().clip(n, x.max()) + 1

    x = np.arange(4.0)
    differential(function, (x, 1), (x, 2.5))
