"""Sizes and counts that are others in each call: the graph stays the same, and asks for them when it runs."""

from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X, I = np.linspace(0.0, 1.0, 9), np.arange(9)  # noqa: E741
COUNTED = """
np.tile(x, n) | np.tile(x, (n, 2)) | np.tile(1.5, (n, 2)) | np.tile(2, n) | np.tile([1.0, 2.0], n)
np.tile(x[:1], (2, n)) | np.log(n) | np.resize(x, n) | np.resize(x, (n, 2)) | np.tri(n) | np.indices((n, 3))
np.pad(x, n) | np.pad(x, (n, 1), mode="edge") | np.bincount(I, minlength=n) | np.bincount(I, None, n)
np.histogram(x, bins=n) | np.histogram(x, n)[0] | np.append(x, n) | np.partition(x, n) | np.argpartition(x, n)[:n]
np.insert(x, n, 1.0) | np.delete(x, n) | np.diag(x, n) | np.take(x, n) | np.fft.fftfreq(n) | np.fft.fftfreq(n, 0.1)
np.percentile(x, [n, 50]) | np.unravel_index(n, (5, 9)) | np.vander(x, n) | np.hanning(n) | np.geomspace(1, 10, n)
np.logspace(0, 1, n) | np.full((n, 2), x[:2]) | np.full(3, n) | np.full((n, 2), n)
np.lib.stride_tricks.sliding_window_view(x, n) | np.digitize(x, [0, n]) | np.isin(I, [n]) | np.trapezoid(x, dx=n)
np.polyval([1, n], x) | np.array([n, 2.0]) | np.array([[n, 1], [2, n]]) | np.array([x[0], n]) | np.append(I, [n, n])
np.triu_indices(n) | np.diag_indices(n) | np.diagflat(x, n) | np.nan_to_num(x, nan=n) | np.sqrt(n) * x
np.exp(-n) * x | np.cbrt(n) | np.sin(n) + x | np.trace(np.outer(x, x), n)
"""
ROWS = [row.strip() for line in COUNTED.strip().splitlines() for row in line.split("|")]
ODD = (0, 1, -1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, True, 3.0, np.int32(4), 5)
HUGE_IS_FINE = ("np.full(3", "np.array", "np.append", "np.isin", "np.digitize", "np.poly", "np.nan", "np.trap")
OF_NUMBERS = ("np.sqrt", "np.exp", "np.log", "np.sin", "np.cbrt", "np.take", "np.tile(2", "np.unravel", "np.trace")


def of(row: str) -> Any:
    names = {"np": np}
    exec(f"def f(x, I, n):\n    y = x * 2\n    return y + 1, {row}\n", names)
    return names["f"]


def arguments(n: Any) -> Any:
    return lambda: (X.copy(), I.copy(), n)


@pytest.mark.parametrize("row", ROWS)
def test_no_break(row: str) -> None:
    f, before = graphlet.optimize(of(row)), graphlet.counters()["breaks"]
    for n in (2, 3, 4, 5, 6, 7, 8):
        f(X, I, n)
    assert graphlet.counters()["breaks"] == before
    differential(of(row), *map(arguments, (2, 3, 4, 5, 6, 7, 8, 4)), native=0.75)


@pytest.mark.parametrize("row", [row for row in ROWS if row.startswith((*HUGE_IS_FINE, *OF_NUMBERS))])
def test_same_for_odd_numbers(row: str) -> None:
    differential(of(row), *map(arguments, (2, 3, 4, 5, *ODD, 2, 3)))
