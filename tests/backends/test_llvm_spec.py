"""Type codes and values of specs."""

import numpy as np
import pytest

from graphlet.backends.llvm_spec import Op, Spec, bits_of, neutral, type_code


@pytest.mark.parametrize(("dtype", "code"), [("?", "b8"), ("i2", "i16"), ("u8", "u64"), ("f4", "f32"), ("f8", "f64")])
def test_codes_of_what_is_generated(dtype, code):
    assert type_code(np.dtype(dtype)) == code
    assert bits_of(code) == 8 * np.dtype(dtype).itemsize


@pytest.mark.parametrize("dtype", ["e", "g", "F", "D", "O", "M8[s]", ">f8"])
def test_everything_else_has_none(dtype):
    assert type_code(np.dtype(dtype)) is None


def test_values_count_through_inputs_and_operations():
    spec = Spec(("f64", "i32"), (Op("less", (0, 0), ("f64", "f64", "b8")), Op("cast", (1,), ("i32", "f64"))), (2, 3))
    assert [spec.type_of(i) for i in range(4)] == ["f64", "i32", "b8", "f64"]


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i8", "u8", "f4", "f8"])
def test_what_changes_nothing_in_a_reduction(dtype):
    ufuncs = {"sum": np.add, "product": np.multiply, "maximum": np.maximum, "minimum": np.minimum}
    if dtype == "?":
        ufuncs = {"any": np.logical_or, "all": np.logical_and}
    values = np.array([0, 1, 3, 100], dtype)
    for kind, ufunc in ufuncs.items():
        assert ufunc(np.array(neutral(kind, type_code(np.dtype(dtype))), dtype), values).tobytes() == values.tobytes()
