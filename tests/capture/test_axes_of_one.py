"""Parts of an array that was written: copies of them have the strides that the array's own memory asks for.

Where an axis has one element, its stride says nothing of the order to arithmetic, but NumPy's copies look at it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.oracle.runner import differential

MADE: dict[str, Callable[[], Any]] = {
    "column": lambda: np.arange(4, dtype="u1").reshape(1, 4).T,
    "of a block": lambda: np.arange(24.0).reshape(2, 3, 4)[:, 1:2, ::2],
    "of Fortran's": lambda: np.asfortranarray(np.arange(6.0).reshape(3, 2))[:, :1],
}
READ = """
a[::-1].astype(complex) | a[2::-1, ::-1].astype(complex) | a[::-1].copy("K") | a[:2].astype("f4") | a.astype(complex)
np.zeros_like(a[::-1], dtype=complex) | np.full_like(a[1:], 2) | np.copy(a[::-1]) | np.array(a[::-1]) | a[::-1] * 2
a[..., ::-1].astype(complex) | a.T[::-1].astype(complex) | a[::-1].T.copy() | a[None, ::-1].astype(complex)
a[::-1].sum(axis=-1, keepdims=True) | np.sort(a[::-1]) | a[::-1].cumsum(axis=0) | np.nan_to_num(a[::-1])
np.fft.fft(a[::-1], axis=0) | np.where(a[::-1] > 1, a[::-1], 0) | a[::-1].repeat(2, axis=0) | np.roll(a, 1, axis=0)
np.concatenate([a[::-1], a]) | np.stack([a[::-1], a]) | np.diff(a, axis=0) | a[::-1].squeeze().astype(complex)
"""


@pytest.mark.parametrize("read", [read.strip() for line in READ.strip().splitlines() for read in line.split(" | ")])
@pytest.mark.parametrize("write", ["a *= 2", "np.multiply(a, 2, out=a)", "a[:] = a * 2", "a[0] = 1"])
@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_same_strides(made: Callable[[], Any], write: str, read: str) -> None:
    names: dict[str, Any] = {"np": np}
    exec(f"def f(a):\n    {write}\n    return {read}\n", names)
    differential(names["f"], lambda: (made(),))


IN_PLACE = [
    lambda a: np.cbrt(a, out=a), lambda a: np.cbrt(a, out=np.empty(5)), lambda a: np.cbrt(a, out=np.empty((1, 1))),
    lambda a: np.power(a, 0.3, out=a), lambda a: np.exp(a, out=a), lambda a: np.log1p(a, out=a), lambda a: np.cbrt(a),
    lambda a: np.arctan2(a, a, out=a), lambda a: np.cbrt(a[:, None], out=a[:, None]), lambda a: np.cbrt(a * 1, out=a),
]  # fmt: skip


@pytest.mark.parametrize("program", IN_PLACE)
def test_a_single_number_that_lies_backwards_in_place(program: Any) -> None:
    """NumPy's vector loops take it where it is written in place, those of the C library where an array is made."""
    numbers = np.random.default_rng(0).random(60) * 3
    differential(program, *((np.array([number])[::step],) for number in numbers for step in (-1, 1)))
