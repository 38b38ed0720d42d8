"""An image pipeline: bytes to linear light, a blur, a vignette, and back to bytes."""

from typing import Any

import numpy as np


def to_linear(image: np.ndarray, gamma: float) -> np.ndarray:
    """Bytes to linear light between 0 and 1."""
    return (image.astype(np.float32) / 255) ** np.float32(gamma)


def blur(x: np.ndarray) -> np.ndarray:
    """Weights 1 2 1 in both directions; the border stays as it is."""
    out = x.copy()
    rows = (x[:-2] + 2 * x[1:-1] + x[2:]) / 4
    out[1:-1, 1:-1] = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
    return out


def develop(image: np.ndarray, gamma: float, strength: float) -> np.ndarray:
    """The processed image, as bytes."""
    linear = to_linear(image, gamma)
    soft = blur(linear)
    sharp = linear + strength * (linear - soft)
    height, width = image.shape[:2]
    yy = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    xx = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    shade = 1 - 0.3 * (xx * xx + yy * yy)
    sharp *= shade[:, :, None] if image.ndim == 3 else shade
    bright = np.clip(sharp, 0, 1) ** np.float32(1 / gamma)
    return (bright * 255 + 0.5).astype(np.uint8)


def make_inputs(n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """A grey image of about ``n`` pixels."""
    side = max(int(n**0.5), 4)
    return rng.integers(0, 256, (side, side), dtype=np.uint8), 2.2, 0.8


PROGRAM = develop
