"""``np.r_``, ``np.c_``, ``np.s_``, ``np.mgrid``, ``np.ogrid``, ``np.ix_`` beside NumPy."""

from typing import Any

import numpy as np
import pytest

from tests.capture.array_programs import whole
from tests.oracle.runner import differential

V, M = np.array([3.0, -1.5, 2.0, 0.5]), np.arange(12.0).reshape(3, 4)
I = np.array([2, 0, 1])  # noqa: E741
B = np.array([True, False, True])

TEXTS = [
    "np.r_[V, V[:2]]", "np.r_[0.0, np.cumsum(V)]", "np.r_[0:4] * V", "np.r_[V, 1, 2:5, V[0]]", "np.r_[M, M]",
    "np.r_[I, V]", "np.r_[-1:1:5j]", "np.r_[V]", "np.c_[V, V * 2]", "np.c_[M, M]", "np.c_[I, B].sum(axis=0)",
    "V[np.s_[1:3]] * 2", "M[np.s_[::2, 1]] + 1", "M[np.index_exp[..., 0]] * 2", "M[np.index_exp[1]] * 2",
    "np.mgrid[0:3, 0:4] * M", "np.mgrid[0:2:0.5] * V", "np.mgrid[-1:1:4j] + V", "np.mgrid[0:4,] * V",
    "np.mgrid[:k, :k + 1] * 2", "np.mgrid[k:2 * k] + 1", "np.ogrid[0:3, 0:4]", "np.ogrid[:k, 0:4][0] * M[:k]",
    "np.ogrid[0:1:4j] * V", "np.mgrid[0:3, 0:0]", "np.mgrid[0:2, 0:3:1.5, 0:1]",
    "M[np.ix_([0, 2], [1, 3])] * 2", "M[np.ix_(I, [0, 1])] + 1", "M[np.ix_(B, I)] * 2", "M[np.ix_(I, I)] * M[:, :3]",
]  # fmt: skip


def program(text: str) -> Any:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(V, M, I, B, k):\n    V = V * 1.0\n    r = {text}\n    return r, V * 2", space)
    return space["function"]


@pytest.mark.parametrize("text", TEXTS)
def test_same_as_numpy(text: str) -> None:
    report = differential(program(text), (V, M, I, B, 3), (V[::-1], M + 1, I[::-1], ~B, 2))
    assert report.last_share.native > 0.6, report.last_share


@pytest.mark.parametrize("text", TEXTS)
def test_one_graph(text: str) -> None:
    whole(program(text), V, M, I, B, 3)


def test_grids_are_unpacked_and_written() -> None:
    def function(h: Any, w: Any) -> Any:
        y, x = np.mgrid[:h, :w]
        x *= 2
        b, a = np.ogrid[:h, :w]
        mask = (a - w / 2) ** 2 + (b - h / 2) ** 2 <= 4
        return y, x, mask, np.where(mask, x, y)

    assert differential(function, (5, 6), (7, 3), (1, 6)).share.native > 0.6


def test_a_mesh_looks_into_its_vectors() -> None:
    def function(i: Any) -> Any:
        j = i * 1
        a, b = np.ix_(j, j)
        j += 1
        return a, b, j

    differential(function, (I,))


@pytest.mark.parametrize("text", ["np.r_['0,2', V, V]", "np.r_[M, V]", "np.c_[V, I]", "np.mgrid[V]", "np.ix_(M)"])
def test_what_is_left_to_numpy(text: str) -> None:
    differential(program(text), (V, M, I, B, 3), (V[:2], M, I, B, 3))


def test_changed_objects() -> None:
    def function(v: Any, joined: Any) -> Any:
        return joined[v, v] * 2

    differential(function, (V, np.r_), (V, np.c_), (V, np.r_), (V, {}))
