"""One step of k-means: assign points to the nearest mean, move the means."""

from typing import Any

import numpy as np

CLUSTERS = 4


def kmeans_step(points: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """New means, the label of each point, and the mean squared distance to the nearest mean."""
    x, y = points[:, 0], points[:, 1]
    dx = x - means[:, 0, None]
    dy = y - means[:, 1, None]
    dist = dx * dx + dy * dy
    labels = np.argmin(dist, axis=0)
    member = labels == np.arange(means.shape[0])[:, None]
    weight = np.maximum(member.sum(axis=1), 1)
    new = np.stack(((member * x).sum(axis=1) / weight, (member * y).sum(axis=1) / weight), axis=1)
    return new, labels, dist.min(axis=0).mean()


def make_inputs(n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """Points in the plane around four centres, with about ``n`` distances between points and means."""
    count = max(n // CLUSTERS, CLUSTERS)
    centres = rng.uniform(-5, 5, (CLUSTERS, 2))
    points = centres[rng.integers(0, CLUSTERS, count)] + rng.normal(size=(count, 2))
    return points, points[:CLUSTERS].copy()


PROGRAM = kmeans_step
