"""Row-wise softmax and the cross-entropy of the true classes."""

from typing import Any

import numpy as np

CLASSES = 20


def softmax_loss(logits: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, float]:
    """Class probabilities per row and the mean loss; ``targets`` is one-hot."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    exps = np.exp(shifted)
    total = exps.sum(axis=1, keepdims=True)
    probabilities = exps / total
    log_likelihood = shifted - np.log(total)
    loss = -(targets * log_likelihood).sum() / len(logits)
    return probabilities, loss


def make_inputs(n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """About ``n`` logits in rows of twenty classes."""
    rows = max(n // CLASSES, 1)
    targets = np.zeros((rows, CLASSES))
    targets[np.arange(rows), rng.integers(0, CLASSES, rows)] = 1.0
    return rng.normal(0, 3, (rows, CLASSES)), targets


PROGRAM = softmax_loss
