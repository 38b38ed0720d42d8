"""NumPy's functions of arrays, called with numbers."""

from typing import Any

import numpy as np

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)
NUMBERS = (2.5, 3, True, 1j, np.float32(2), np.int8(5), np.bool_(True), -0.0, float("nan"), 2**62, 2**63, 2**70)


def likes(x: Any, n: Any) -> Any:
    s = (x + 1).sum()
    return (
        x * 2, np.zeros_like(n), np.ones_like(n), np.full_like(n, 1), np.empty_like(n).shape, np.zeros_like(s),
        np.ones_like(n, dtype=np.int8), np.shape(n), np.ndim(n), np.zeros_like(x), np.ones_like(2.5),
    )  # fmt: skip


def clipped(x: Any, n: Any) -> Any:
    return np.clip(n, 0, 2), np.clip(n, 0.5, 1.5), np.clip((x + 1).sum(), 0, 10), x * 2, np.clip(3.5, 0, 1)


def test_arrays_like_numbers() -> None:
    for number in NUMBERS:
        differential(likes, (X, number), rounds=2)
    differential(likes, (X, 2.5), (X, 3.5), (X[:2], np.float32(2)), native=0.7)
    assert not graphlet.explain(likes)(X, 2.5).breaks


def test_clip() -> None:
    for number in NUMBERS:
        differential(clipped, (X, number), rounds=2)
    assert not graphlet.explain(clipped)(X, 2.5).breaks
