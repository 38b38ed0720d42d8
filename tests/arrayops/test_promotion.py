"""Dtypes asked of NumPy, and tiny probes."""

import math

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.arrayops.promotion import (
    check_dtype,
    dtype_literal,
    kind_of,
    operand,
    probe,
    resolve,
    sample,
    why_unsupported,
)
from graphlet.ir.op import InferenceError
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Sym

F4 = ArrayType(np.dtype("f"), (Sym("n", 10**9), 1))


def test_why_unsupported():
    assert why_unsupported(np.dtype("d")) is None
    assert why_unsupported(np.dtype(">f8")) is None and why_unsupported(np.dtype("M8[s]")) is None
    assert "metadata" in why_unsupported(np.dtype("d", metadata={"a": 1}))
    assert "left to NumPy" in why_unsupported(np.dtype("O"))
    with pytest.raises(InferenceError):
        check_dtype(np.dtype("S3"))


def test_dtype_literal_runs_no_code_of_the_user():
    class Hostile:
        @property
        def dtype(self):
            raise AssertionError

    assert dtype_literal("f4") == dtype_literal(np.float32) == np.dtype("f")
    for bad in (Hostile, Hostile(), "nonsense", ("f4", 2), 3):
        with pytest.raises(InferenceError):
            dtype_literal(bad)


def test_operands():
    assert operand(F4) == np.dtype("f")
    assert operand(2.5) is float and operand(ScalarType(int)) is int
    assert operand(True) == operand(ScalarType(bool)) == np.dtype(bool)
    assert operand(np.int8(1)) == operand(ScalarType(np.int8, np.dtype("b"))) == np.dtype("b")
    for bad in ("a", [1], None, ObjectType(tuple)):
        with pytest.raises(InferenceError):
            operand(bad)


def test_resolve():
    assert resolve(np.add, (F4, 1.5)) == (np.dtype("f"),) * 3
    assert resolve(np.add, (F4, F4), np.dtype("d"))[-1] == np.dtype("d")
    for bad in ((F4, 10**400), (2**70, 1), (ScalarType(int), 1)):
        if bad[0] is not F4:
            with pytest.raises(InferenceError):
                resolve(np.add, bad)


def test_equal_dtypes_that_are_not_the_same_keep_their_loops():
    for chars in ("qlq", "LQL"):
        for char in chars:
            assert [dtype.char for dtype in resolve(np.add, (ArrayType(np.dtype(char), (2,)), 1))] == [char] * 3


def test_probes_are_tiny():
    assert sample(F4).shape == (2, 2)
    assert sample([F4, 2.5])[1] == 2.5
    assert probe(np.sum, (F4,), {}) == ScalarType(np.float32, np.dtype("f"))
    assert kind_of(np.modf(1.5)).items is not None
    with pytest.raises(InferenceError):
        probe(np.linalg.inv, (3,), {})
    with pytest.raises(InferenceError):
        sample(ArrayType(np.dtype("d"), (1,) * 20))


def test_probes_do_not_reach_the_users_error_handler():
    seen = []
    with np.errstate(all="call", call=lambda *args: seen.append(args)):
        probe(np.divide, (F4, 0), {})
    assert not seen


def test_complex_numbers_are_not_made_real():
    z, number = ArrayType(np.dtype("D"), (Sym("n", 3),)), ScalarType(np.complex64, np.dtype("F"))
    calls = [
        (np.sum, (z,), {"dtype": "d"}),
        (np.full, (3, 1j), {"dtype": "f"}),
        (np.full_like, (F4, 1j), {}),
        (np.linspace, (0, 1j), {"dtype": "d"}),
        (np.arange, (1j,), {"dtype": "d"}),
        (np.array, ([1j],), {"dtype": "d"}),
        (float, (number,), {}),
        (int, (number,), {}),
        (math.sqrt, (number,), {}),
        (np.float32, (number,), {}),
    ]
    for fn, args, kwargs in calls:
        with pytest.raises(InferenceError):
            catalogue.lookup(fn).infer(args, kwargs)
    with pytest.raises(InferenceError):
        catalogue.method("astype").infer((z, "d"), {})
    assert catalogue.method("astype").infer((z, "?"), {}).dtype == np.bool_


@pytest.mark.parametrize("ufunc", [v for v in vars(np).values() if isinstance(v, np.ufunc)], ids=lambda u: u.__name__)
def test_every_ufunc_of_an_integer_known_at_run_time(ufunc: np.ufunc) -> None:
    """NumPy's own tests: np.isnat has no loop for integers, and capture failed on it."""
    try:
        found = resolve(ufunc, (ScalarType(int),) * ufunc.nin)
    except InferenceError:
        return
    assert len(found) == ufunc.nin + ufunc.nout
