"""What is said to own its memory does, whatever it is given; and what does not is not said to."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.arrayops.owners import owns
from graphlet.ir.op import Op
from tests.arrayops.cases import infer
from tests.arrayops.test_strictness import calls

ARRAYS = [np.ones(shape, dtype) for shape in ((4,), (3, 4), (4, 4), (2, 3, 4), (1, 3)) for dtype in "dD"]
ARRAYS += [np.asfortranarray(np.ones((3, 4))), np.ones((6, 8))[::2, ::2], np.ones((3, 4))[::-1]]
ROWS = [row for row in catalogue.rows() if owns(row) and row.kind not in ("elementwise", "scalar")]
KEYWORDS: tuple[dict[str, Any], ...] = ({"axis": 0}, {"axis": -1, "keepdims": True})


def arguments() -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    for array in ARRAYS:
        yield from (((array, other), {}) for other in (*ARRAYS, 1, 2, "f4", [0, 1]))
        yield from (((array,), keywords) for keywords in KEYWORDS)
        yield ([array, array],), {}
        yield (array > 0, array, 0.0), {}
    for array in ARRAYS[:4]:
        yield from calls(array)
    yield (ARRAYS[0], ARRAYS[0], ARRAYS[0]), {}
    yield from (((3,), {}), (((2, 3),), {}), (((2, 3), 1.0), {}), ((0, 5, 2), {}))


def made(row: Op) -> Iterator[np.ndarray]:
    """The arrays a row makes of all arguments that it takes."""
    for args, kwargs in arguments():
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                if infer(row, args, kwargs) is None:
                    continue
            except AssertionError:  # it warns, which ends a graph
                continue
            try:
                result = row.fn(*args, **kwargs)
            except Exception:
                continue
        yield from (item for item in (result if isinstance(result, tuple) else (result,)) if type(item) is np.ndarray)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_owners(row: Op) -> None:
    arrays = list(made(row))
    assert arrays
    assert all(array.base is None and array.flags.owndata for array in arrays)


def test_views_of_new_arrays() -> None:
    roll = catalogue.lookup(np.roll)
    assert roll is not None and not owns(roll)
    assert any(array.base is not None for array in made(roll))
