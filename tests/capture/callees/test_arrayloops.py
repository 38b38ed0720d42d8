"""``np.ndindex``, ``np.ndenumerate``, ``np.fromfunction`` beside NumPy."""

from typing import Any

import numpy as np
import pytest

from tests.capture.array_programs import whole
from tests.oracle.runner import differential

M = np.arange(6.0).reshape(2, 3)


def indexed(m: Any) -> Any:
    r = np.zeros((2, 3))
    for i, j in np.ndindex(2, 3):
        r[i, j] = m[i, j] * 2 + i
    for index in np.ndindex(m.shape):
        r[index] += 1
    return r * 2


def enumerated(m: Any) -> Any:
    r, total = m * 0, 0.0
    for (i, j), value in np.ndenumerate(m):
        r[i, j] = value * j
        total = total + value
    return r, total, list(np.ndindex(2)), next(np.ndenumerate(m))


def made(m: Any) -> Any:
    a = np.fromfunction(lambda i, j: i * 2 + j, (2, 3))
    return a + m, np.fromfunction(lambda i: i + 0.5, (3,), dtype=int), np.fromfunction(np.add, (2, 2))


def written_while_it_runs(m: Any) -> Any:
    r = m * 1.0
    for index, value in np.ndenumerate(r):
        r[::-1, ::-1][index] += value
    return r


@pytest.mark.parametrize("function", [indexed, enumerated, made, written_while_it_runs])
def test_same_as_numpy(function: Any) -> None:
    differential(function, (M,), (M[::-1].copy(),), (M.astype("i2"),))
    whole(function, M)


def test_other_shapes() -> None:
    differential(enumerated, (M,), (np.ones((30, 30)),), (np.ones((0, 3)),), (np.asfortranarray(M),))
    differential(lambda v: [(i, x * 2) for i, x in np.ndenumerate(v)], (M[0],), (np.array(3.0),), ([1, 2],))


def test_errors() -> None:
    def odd(m: Any, shape: Any) -> Any:
        return m * 2, list(np.ndindex(shape))

    def odder(m: Any, shape: Any) -> Any:
        return m * 2, np.fromfunction(lambda *a: a[0] * 1, shape)

    for function in (odd, odder):
        for shape in ((2, 2), (-1,), "ab", 3, [2, 2], (2.5,), (True,), (np.int64(2), 2), ()):
            differential(function, (M, shape))
