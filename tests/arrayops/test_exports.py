"""Bytes and lists: the method itself runs, and each result is an object of its own."""

import numpy as np
import pytest

from graphlet.arrayops.exports import DUMPS, TO_BYTES, TO_LIST
from graphlet.ir.op import InferenceError
from graphlet.ir.types import ArrayType, ObjectType, ScalarType

A = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize("row", [TO_BYTES, DUMPS, TO_LIST])
def test_rows(row):
    made = row.fn(A)
    assert row.infer((ArrayType(A.dtype, A.shape),), {}) == ObjectType(type(made))
    assert made == getattr(A, row.name)()
    assert not row.pure and row.mutates is None  # never merged: two calls make two objects
    with pytest.raises(InferenceError):
        row.infer((ScalarType(int),), {})
