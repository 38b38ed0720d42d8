"""Types of grids and joined arrays."""

import numpy as np
import pytest

from graphlet.arrayops import indextricks
from graphlet.ir.types import ScalarType
from tests.arrayops.cases import check, filled, infer, run_time


@pytest.mark.parametrize("row", [indextricks.DENSE, indextricks.SPARSE])
def test_grids(row):
    for key in ((slice(3), slice(1, 5)), (slice(0, 1, 5j), slice(2)), (slice(0.0, 2.0, 0.5),), (slice(1), slice(0))):
        assert check(row, key)
        assert infer(row, key) is not None
    assert check(row, (slice(0, 3), slice(0, 4)), view=run_time)
    assert infer(row, (slice(0, ScalarType(float)),), view=lambda args: args) is None
    assert infer(row, (3,)) is None


def test_large_grids_are_not_laid_out():
    assert infer(indextricks.DENSE, (slice(10**6), slice(10**6))) is None


@pytest.mark.parametrize("dtype", "?bilfdFD")
def test_joined(dtype):
    a, b = filled((4,), dtype), filled((1,), "d")
    for parts in ((a, b), (a, 1, 2.5), (a, slice(0, 3)), (filled((2, 3), dtype), filled((1, 3)))):
        assert check(indextricks.JOINED, parts)
    assert check(indextricks.COLUMNS, (a, filled((4,), "h")))
    assert check(indextricks.COLUMNS, (filled((2, 3), dtype), filled((2, 1))))
    assert infer(indextricks.JOINED, ("0,2", a)) is None


def test_a_line_through_a_grid():
    assert check(indextricks.DENSE_LINE, (slice(0, 5),))
    assert check(indextricks.DENSE_LINE, (slice(0, 5),), view=run_time)
    assert np.array_equal(indextricks.dense_line(slice(3)), [0, 1, 2])
