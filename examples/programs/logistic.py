"""One gradient step of logistic regression with weight decay."""

from typing import Any

import numpy as np

FEATURES = 10


def sigmoid(z: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return 1.0 / (1.0 + np.exp(-z))


def logistic_step(
    data: np.ndarray, labels: np.ndarray, weights: np.ndarray, bias: float, rate: float = 0.1, decay: float = 1e-4
) -> tuple[np.ndarray, float, float]:
    """New weights, new bias, and the loss before the step."""
    rows = data.shape[0]
    score = data @ weights + bias
    p = sigmoid(score)
    loss = np.mean(np.logaddexp(0, score) - labels * score) + 0.5 * decay * (weights**2).sum()
    error = p - labels
    grad = data.T @ error / rows + decay * weights
    weights = weights - rate * grad
    bias = bias - rate * error.mean()
    return weights, bias, loss


def make_inputs(n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """About ``n`` numbers in rows of ten features, with labels of a noisy linear rule."""
    rows = max(n // FEATURES, 1)
    data = rng.normal(size=(rows, FEATURES))
    truth = rng.normal(size=FEATURES)
    labels = (data @ truth + rng.normal(size=rows) > 0).astype(float)
    return data, labels, np.zeros(FEATURES), 0.0


PROGRAM = logistic_step
