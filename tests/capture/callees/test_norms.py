"""Lengths of vectors along an axis: in steps, as NumPy's function takes them."""

import numpy as np
import pytest

import graphlet
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

M = np.arange(24.0).reshape(2, 3, 4) - 7


def nodes(fn, *args):
    return [node.row.name for node in graphlet.capture(fn)(*args).nodes if node.row is not None]


STEPS = [
    lambda x: np.linalg.norm(x, axis=-1), lambda x: np.linalg.norm(x, axis=0), lambda x: np.linalg.norm(x, 2, 1),
    lambda x: np.linalg.norm(x, axis=1, keepdims=True), lambda x: np.linalg.norm(x, None, -2, False),
    lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True), lambda x: np.linalg.norm(x - x.mean(axis=0), axis=1),
    lambda x: np.linalg.norm(x), lambda x: np.linalg.norm(x[1, 2]) * x, lambda x: np.linalg.norm(x[1, 2], ord=2),
    lambda x: np.linalg.norm(x[0] - x[1], axis=None),
]  # fmt: skip
ONE_NODE = [
    lambda x: np.linalg.norm(x[0, 0, ::2]), lambda x: np.linalg.norm(x, axis=(0, 1)), lambda x: np.linalg.norm(x[0], 2),
    lambda x: np.linalg.norm(x, keepdims=True), lambda x: np.linalg.norm(x.T), lambda x: np.linalg.norm(x.astype(int)),
    lambda x: np.linalg.norm(x, 1, -1),
    lambda x: np.linalg.norm(x, np.inf, 0), lambda x: np.linalg.norm(x, 3.0, axis=1),
    lambda x: np.linalg.norm(x[0], "fro"), lambda x: np.linalg.norm(x, 0, 1),
]  # fmt: skip


@pytest.mark.parametrize("fn", STEPS)
def test_in_steps(fn):
    assert "norm" not in nodes(fn, M)
    whole(fn, M)


@pytest.mark.parametrize("fn", ONE_NODE)
def test_other_norms_are_one_node(fn):
    assert "norm" in nodes(fn, M)


@pytest.mark.parametrize("fn", [*STEPS, *ONE_NODE])
@pytest.mark.parametrize("dtype", "?bBhHiIlLefdgFD")
def test_same_as_numpy(fn, dtype):
    x = M.astype(dtype)
    differential(fn, (x,), (np.asfortranarray(x),), (x[:, ::-1, ::2],), (np.broadcast_to(x[:1], (5, 3, 4)),))


@pytest.mark.parametrize("fn", [
    lambda x: np.linalg.norm(x, axis=3), lambda x: np.linalg.norm(x, axis=1.0), lambda x: np.linalg.norm(x, axis=-4),
    lambda x: np.linalg.norm(x, "no", 1), lambda x: np.linalg.norm(x, axis=1, keepdims=None),
    lambda x: np.linalg.norm(x, axis=True), lambda x: np.linalg.norm(axis=1), lambda x: np.linalg.norm(x, a=1),
    lambda x: np.linalg.norm([[1.0, 2.0], [3.0, 4.0]], axis=1) + x[0, 0, :2],
])  # fmt: skip
def test_other_arguments(fn):
    differential(fn, (M,), (M,))


def test_what_overflows_warns_at_its_line():
    def lengths(x):
        return np.linalg.norm(x, axis=1)

    large = np.full((3, 4), 1e200)
    differential(lengths, (large / 1e200,), (large,), (large * np.inf,), (large * np.nan,), (large,))
