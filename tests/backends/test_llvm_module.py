"""Which way of writing a spec gets."""

import pytest

from graphlet.backends.llvm_module import emit
from graphlet.backends.llvm_spec import Op, Reduction, Spec

SQUARE = (Op("square", (0,), ("f64", "f64")),)
SUM = (Reduction("sum", 1),)


@pytest.mark.parametrize(
    ("spec", "has_tree", "has_columns"),
    [
        (Spec(("f64",), SQUARE, (1,)), False, False),
        (Spec(("f64",), SQUARE, (), SUM), True, False),
        (Spec(("f64",), SQUARE, (), SUM, columns=True), False, True),
    ],
    ids=["elements", "rows", "columns"],
)
def test_a_spec_is_written_as_what_it_reduces(spec, has_tree, has_columns):
    text = emit(spec, "d", 64)
    assert ("@tree" in text, "@columns8" in text) == (has_tree, has_columns)
    assert text.count("define i64 @stage") == 1
