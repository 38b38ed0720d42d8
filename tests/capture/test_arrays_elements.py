"""item and tolist."""

from typing import Any

import numpy as np

import graphlet
from tests.arrayops.cases import DTYPES, filled, layouts
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def listed(a: Any) -> Any:
    y = a + a
    return y.tolist(), (y * 2).item(0) if y.ndim == 1 else None, y


def test_lists_of_numbers() -> None:
    differential(listed, (X,), (X[:3],), (np.array(2.0),), (np.ones((2, 0)),), (np.ones(40),), native=0.5)
    for dtype in DTYPES:
        differential(listed, *[(array,) for array in layouts((2, 3), dtype)], (filled((4,), dtype),), rounds=2)
    assert not graphlet.explain(listed)(X).breaks


def single(a: Any) -> Any:
    return (a * 2).item(), a.sum().item(), a.item() + 1


def test_item_of_one_element() -> None:
    differential(single, (np.ones((1, 1)),), (np.ones(1),), (np.array(3.0),), (np.arange(3),), (np.array([[2 + 1j]]),))
    assert not graphlet.explain(single)(np.ones((1, 1))).breaks
