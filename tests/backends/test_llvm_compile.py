"""Text to functions that can be called."""

import ctypes

import numpy as np
import pytest

from graphlet.backends.llvm_compile import compiled, piece_of, text_of
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_spec import Op, Spec

pytestmark = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
SPEC = Spec(("f64", "f64"), (Op("add", (0, 1), ("f64",) * 3), Op("reciprocal", (2,), ("f64",) * 2)), (3,))


def call(piece, arrays, strides):
    """The result of the function; the last array is written."""
    types = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)
    fn = ctypes.CFUNCTYPE(ctypes.c_int64, *types)(piece.address)
    pointers, steps = np.array([a.ctypes.data for a in arrays], np.uintp), np.array(strides, np.intp)
    return fn(pointers.ctypes.data, steps.ctypes.data, len(arrays[-1]), 1, steps.ctypes.data)


@pytest.mark.parametrize("kinds", ["dd", "0d", "ds", "ss", "00", "rd", "rs"])
def test_a_function_does_what_its_spec_says_and_nothing_beyond_its_end(kinds):
    piece = piece_of(compiled(text_of(SPEC, kinds)))
    step = {"0": 0, "d": 1, "s": -3, "r": -1}
    for n in (1, 2, 7, 8, 9, 100):
        inputs, starts = [], []
        for k, kind in enumerate(kinds):
            data = np.arange(1.0, 3 * n + 2) + k
            start = 3 * n if kind in "sr" else 0
            starts.append(data[start:])
            inputs.append(data[np.arange(n) * step[kind] + start])
        out = np.full(n + 4, -1.0)
        assert call(piece, [*starts, out[:n]], [8 * step[kind] for kind in kinds] + [8]) == 0
        assert out[:n].tobytes() == np.reciprocal(inputs[0] + inputs[1]).tobytes()
        assert out[n:].tolist() == [-1.0] * 4


def test_a_nan_is_reported_wherever_it_is():
    piece = piece_of(compiled(text_of(SPEC, "dd")))
    for n in (3, 8, 21):
        for place in range(n):
            x, y, out = np.ones(n), np.ones(n), np.empty(n)
            x[place] = np.nan
            assert call(piece, [x, y, out], [8, 8, 8]) != 0
            x[place] = 1.0
            assert call(piece, [x, y, out], [8, 8, 8]) == 0


def test_text_that_makes_no_sense_is_an_error():
    with pytest.raises(RuntimeError):
        compiled("define nonsense")
