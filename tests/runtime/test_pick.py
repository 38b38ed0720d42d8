"""Elements picked by a mask of the array's own shape are packed without NumPy's run by run."""

from typing import Any

import numpy as np
import pytest

import graphlet
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

SIZES = [0, 1, 2, 7, 8, 9, 31, 32, 33, 64, 100, 1000, 4099]
DENSITIES = [0.0, 0.01, 0.05, 0.3, 0.5, 0.97, 1.0]
DTYPES = ["?", "i1", "f2", ">i4", "f4", "f8", "c8", "c16", "g", "M8[s]", "V3", "S5"]


def picked(x: Any, mask: Any) -> Any:
    return x[mask]


def used(x: Any, mask: Any) -> Any:
    y = x[mask] * 2
    y[:1] = 1
    return y, x[~mask].sum(), len(x[mask])


def masks(size: int, seed: int = 0) -> list[Any]:
    random = np.random.default_rng(seed)
    return [random.random(size) < density for density in DENSITIES] + [np.arange(size) % 40 < 20]


@pytest.mark.parametrize("size", SIZES)
def test_densities(size: int) -> None:
    x = np.arange(size) * 1.5
    differential(picked, *((x, mask) for mask in masks(size)))
    differential(used, *((part, mask) for mask in masks(size) for part in (x[::-1], np.repeat(x, 2)[::2])))


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype: str) -> None:
    x = np.zeros(100, dtype) if dtype in ("V3", "S5") else (np.arange(100) % 50).astype(dtype)
    differential(picked, *((x, mask) for mask in masks(100)), *((x[::-3], mask) for mask in masks(34)))


def test_layouts() -> None:
    x = np.arange(60.0).reshape(5, 12)
    mask = x % 7 > 2
    pairs = [(x, mask), (x.T, mask.T), (x[:, ::2], mask[:, ::2]), (np.asfortranarray(x), mask), (x, mask[:, ::-1])]
    pairs += [(x, mask[:, 0]), (x[0], mask[1, ::-1]), (x.reshape(3, 4, 5), mask.reshape(3, 4, 5)), (x[:1], mask[:1])]
    differential(picked, *pairs)
    differential(used, *pairs)


def test_masks_that_do_not_fit_and_bytes_that_are_no_truth_values() -> None:
    x = np.arange(40.0)
    odd = (np.arange(40, dtype="u1") % 3).view("?")
    differential(picked, (x, x > 3), (x, x[:-1] > 3), (x[:, None], x > 3), (x, np.True_), (x, (x > 3)[None]))
    f = graphlet.optimize(picked)
    for _ in range(3):
        assert f(x, odd).tobytes() == x[odd].tobytes()


def test_nothing_is_left_to_python() -> None:
    whole(picked, np.arange(40.0), np.arange(40) % 3 > 0)
    differential(used, *((np.arange(100.0), mask) for mask in masks(100)), native=0.8)


def test_what_is_large() -> None:
    x = np.arange(300_000.0)
    differential(used, *((x, mask) for mask in masks(len(x))))
