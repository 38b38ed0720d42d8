"""Distances between all pairs of points, and for each point the nearest other one."""

from typing import Any

import numpy as np

DIMENSIONS = 3


def pairwise(a: np.ndarray, b: np.ndarray, cutoff: float) -> tuple[np.ndarray, np.ndarray, int]:
    """All distances between ``a`` and ``b``, the nearest ``b`` of each ``a``, the number of pairs within a cutoff."""
    diff = a[:, None, :] - b[None, :, :]
    dist = np.sqrt((diff**2).sum(axis=-1))
    nearest = dist.argmin(axis=1)
    close = np.count_nonzero(dist < cutoff)
    return dist, nearest, close


def make_inputs(n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """Two sets of points with about ``n`` coordinate differences."""
    side = max(int((n / DIMENSIONS) ** 0.5), 2)
    return rng.normal(size=(side, DIMENSIONS)), rng.normal(size=(side, DIMENSIONS)), 0.5


PROGRAM = pairwise
