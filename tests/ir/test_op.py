"""Rows of the catalogue: told apart by identity, and what inference says when it fails."""

import pytest

from graphlet.ir.op import InferenceError, Op
from tests.ir.rows import ADD


def test_rows_are_told_apart_by_identity() -> None:
    assert Op("add", ADD.fn, ADD.infer, "elementwise", commutative=True) != ADD
    assert repr(ADD) == "<op add>"


def test_inference_says_why_not() -> None:
    with pytest.raises(InferenceError, match="no array"):
        ADD.infer((1.0, 2.0), {})
