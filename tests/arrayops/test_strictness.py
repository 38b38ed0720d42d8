"""What is dropped when unused must be refused whenever NumPy raises or warns: nothing else would tell."""

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.ir.op import Op
from graphlet.ir.quiet import QUIET_UFUNCS
from tests.arrayops.cases import infer

# Attributes have rows too; nobody passes them arguments.
ATTRIBUTES = ("real", "imag", "size", "total_size", "item")
ROWS = [row for row in catalogue.rows() if (row.quiet or row.fn in QUIET_UFUNCS) and row.name not in ATTRIBUTES]

SHAPES: tuple[tuple[int, ...], ...] = ((), (4,), (1,), (2, 3), (1, 3), (2, 1, 3), (0, 3))
ARRAYS = [np.ones(shape, dtype) for shape in SHAPES for dtype in "di"] + [np.ones((2, 3), dtype) for dtype in "D?"]
ODD = [
    *(None, 0, 1, -1, 2, -2, 1.0, True, 1j, "a", "C", "i4", (), (0,), (0, 0), (0, 1), (-1, 0), [0], [0, 1]),
    *((2, 3), (6,), (-1,), (None,), slice(None), Ellipsis, np.int64(1), np.float64(1), np.dtype("f")),
]
NAMES = (
    *("axis", "axes", "axis1", "axis2", "shape", "order", "dtype", "copy", "offset", "subok", "keepdims"),
    *("source", "destination", "casting", "out", "where"),
)


def calls(array: np.ndarray) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    yield (array,), {}
    for odd in (*ODD, *ARRAYS):
        yield (array, odd), {}
    for odd, other in itertools.product(ODD, repeat=2):
        yield (array, odd, other), {}
    for name, odd in itertools.product(NAMES, ODD):
        yield (array,), {name: odd}
    for odd in ARRAYS:
        yield ([array, odd],), {}


def is_fine(row: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether NumPy neither raises nor warns."""
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        try:
            row.fn(*args, **kwargs)
        except Exception:
            return False
    return True


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_refuses_what_numpy_refuses(row: Op) -> None:
    refused = [(args, kwargs) for array in ARRAYS for args, kwargs in calls(array) if not is_fine(row, args, kwargs)]
    assert refused
    taken = [(args, kwargs) for args, kwargs in refused if infer(row, args, kwargs) is not None]
    assert not taken
