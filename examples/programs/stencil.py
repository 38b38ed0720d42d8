"""Heat flow on a plate: sweeps of a five-point stencil."""

from typing import Any

import numpy as np


def heat(plate: np.ndarray, alpha: float, sweeps: int) -> tuple[np.ndarray, float]:
    """The plate after a number of sweeps (``plate`` itself is changed) and the last largest change."""
    change = 0.0
    for _ in range(sweeps):
        inner = plate[1:-1, 1:-1]
        around = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
        step = alpha * (around - 4.0 * inner)
        change = np.abs(step).max()
        inner += step
    return plate, change


def make_inputs(n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """A square plate of about ``n`` points, hot at one edge."""
    side = max(int(n**0.5), 4)
    plate = rng.uniform(0, 1, (side, side))
    plate[0] = 100.0
    return plate, 0.2, 10


PROGRAM = heat
