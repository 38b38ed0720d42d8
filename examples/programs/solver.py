"""A damped Newton solver for x**3 + a*x = b, with progress on the screen and branches on the data."""

from typing import Any

import numpy as np

BREAKS = True  # print and branches on array values end graphs on purpose


def solve(a: np.ndarray, b: np.ndarray, tolerance: float, limit: int = 50) -> tuple[np.ndarray, int]:
    """The solutions and how many steps they took."""
    x = np.zeros_like(b)
    damping = 1.0
    previous = np.inf
    steps = 0
    for steps in range(1, limit + 1):
        residual = x * x * x + a * x - b
        slope = 3.0 * x * x + a
        worst = np.abs(residual).max()
        if worst < tolerance:
            print(f"converged after {steps} steps")
            break
        if worst > previous:
            damping *= 0.5
            print("worse than before: smaller steps")
        previous = worst
        x = x - damping * residual / slope
        if steps % 5 == 0:
            print("step", steps, "residual", float(worst))
    return x, steps


def make_inputs(n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """``n`` equations."""
    return rng.uniform(0.5, 2, n), rng.normal(0, 10, n), 1e-9


PROGRAM = solve
