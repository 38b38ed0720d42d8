"""Rows reduced in generated code, against NumPy: every length, both signs of zero, doubts, what is stored beside."""

import ctypes

import numpy as np
import pytest

from graphlet.backends.llvm_compile import compiled, piece_of
from graphlet.backends.llvm_host import can_compile, vector_bytes
from graphlet.backends.llvm_module import emit
from graphlet.backends.llvm_spec import Op, Reduction, Spec
from tests.backends.bits import FLOATS, INTEGERS, same_bits

pytestmark = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
LENGTHS = [*range(1, 20), 63, 64, 65, 100, *range(120, 140), 250, *range(255, 275), 511, 512, 513, 1000, 2049, 5003]
NUMPY = {"sum": np.add, "maximum": np.maximum, "minimum": np.minimum, "any": np.logical_or, "all": np.logical_and}


def function(spec, kinds):
    """A spec as a Python function of operands, results and a number of elements a row; its steps are whole rows."""
    piece = piece_of(compiled(emit(spec, kinds, vector_bytes())))
    types = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)
    fn = ctypes.CFUNCTYPE(ctypes.c_int64, *types)(piece.address)

    def call(operands, results):
        pointers = np.array([a.ctypes.data for a in (*operands, *results)], np.uintp)
        strides = np.array([a.strides[1] for a in operands], np.intp)
        steps = np.array([a.strides[0] for a in operands], np.intp)
        rows, n = operands[0].shape
        return fn(pointers.ctypes.data, strides.ctypes.data, n, rows, steps.ctypes.data) if piece else None

    return call


@pytest.mark.parametrize("char", "fd")
def test_sums_and_extremes_of_floats_of_every_length(char):
    code = f"f{8 * np.dtype(char).itemsize}"
    kinds = ("sum", "maximum", "minimum")
    reduce = function(Spec((code,), (), (), tuple(Reduction(kind, 0) for kind in kinds)), "d")
    rng = np.random.default_rng(3)
    for n in LENGTHS:
        x = (rng.random((3, n)) - 0.5).astype(char) * np.array([[1], [1e5], [1e-30]], char)
        results = [np.full(4, 7, char) for _ in kinds]
        assert reduce([x], results) == 0
        for kind, result in zip(kinds, results, strict=True):
            expected = NUMPY[kind].reduce(x, axis=1)
            assert (result[:3] + 0 if kind == "sum" else result[:3]).tobytes() == expected.tobytes(), (kind, n)
            assert result[3] == 7


@pytest.mark.parametrize("char", "bBhHiIlL")
def test_sums_and_extremes_of_integers(char):
    dtype = np.dtype(char)
    code, kinds = f"{dtype.kind}{8 * dtype.itemsize}", ("sum", "maximum", "minimum")
    reduce = function(Spec((code,), (), (), tuple(Reduction(kind, 0) for kind in kinds)), "d")
    info, rng = np.iinfo(dtype), np.random.default_rng(3)
    for n in LENGTHS[::3]:
        x = rng.integers(info.min, info.max, (2, n), dtype, endpoint=True)
        results = [np.zeros(2, dtype) for _ in kinds]
        assert reduce([x], results) == 0
        for kind, result in zip(kinds, results, strict=True):
            assert result.tobytes() == NUMPY[kind].reduce(x, axis=1, dtype=dtype).tobytes()


def test_truths():
    kinds = ("any", "all")
    reduce = function(Spec(("b8",), (), (), tuple(Reduction(kind, 0) for kind in kinds)), "d")
    for n in (1, 7, 8, 9, 130, 300):
        for value in (False, True):
            x = np.full((n, n), value)
            np.fill_diagonal(x, not value)
            x[-1] = value
            results = [np.zeros(n, bool) for _ in kinds]
            assert reduce([x], results) == 0
            for kind, result in zip(kinds, results, strict=True):
                assert result.tobytes() == NUMPY[kind].reduce(x, axis=1).tobytes()


def test_negative_zeros_add_up_to_one():
    reduce = function(Spec(("f64",), (), (), (Reduction("sum", 0),)), "d")
    for n in (1, 7, 8, 100, 129, 1000):
        result = np.ones(1)
        assert reduce([np.full((1, n), -0.0)], [result]) == 0
        assert np.signbit(result[0])


@pytest.mark.parametrize("kind", ["sum", "maximum", "minimum"])
def test_doubts(kind):
    reduce = function(Spec(("f64",), (), (), (Reduction(kind, 0),)), "d")
    sign = -1 if kind == "maximum" else 1
    for n in (1, 5, 8, 21, 128, 200, 1000):
        for place in {0, n // 2, n - 1}:
            x = np.full((2, n), sign * 2.0)
            assert reduce([x], [np.zeros(2)]) == 0
            x[1, place] = np.nan
            assert reduce([x], [np.zeros(2)]) != 0
            x[1, place] = -0.0  # an extreme of zero: its sign is for NumPy to say
            assert (reduce([x], [np.zeros(2)]) != 0) == (kind != "sum")


@pytest.mark.parametrize("kinds", ["dd", "d0", "sd", "rd", "ds"])
def test_what_is_reduced_may_be_stored_too(kinds):
    f64 = "f64"
    ops = (Op("subtract", (0, 1), (f64,) * 3), Op("square", (2,), (f64, f64)))
    stage = function(Spec((f64, f64), ops, (2,), (Reduction("sum", 3), Reduction("maximum", 2))), kinds)
    rng = np.random.default_rng(5)
    for n in (1, 7, 8, 30, 129, 500):
        x, y = rng.random((2, 4, n))
        where = {"d": slice(None), "s": slice(None, None, 3), "r": slice(None, None, -1), "0": slice(None)}
        big = rng.random((2, 4, 3 * n))
        x, y = ((big[i] if kind == "s" else big[i, :, :n])[:, where[kind]] for i, kind in enumerate(kinds))
        if kinds[1] == "0":
            y = np.broadcast_to(rng.random((4, 1)), (4, n))
        out, sums, most = np.zeros((4, n)), np.zeros(4), np.zeros(4)
        assert stage([x, y], [out, sums, most]) == 0
        assert out.tobytes() == (x - y).tobytes()
        assert sums.tobytes() == ((x - y) ** 2).sum(axis=1).tobytes()
        assert most.tobytes() == (x - y).max(axis=1).tobytes()


def softmax(x, y):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def layernorm(x, y):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + 1e-5) * y[0] + y[-1]


def norms(x, y):
    return np.sqrt((x * x).sum(axis=1)), np.abs(x - y).max(axis=1), (x * y + 1).min(axis=1)


def counts(x, y):
    return (x > y).any(axis=1), (x > y - 1).all(), (x > y).sum(axis=1), ((x - y) ** 2).sum(), (x * y).max()


def integers(x, y):
    i = (x * 100).astype(np.int64)
    return (i * 3 + 1).sum(axis=1), (i - (y * 10).astype(np.int64)[:1]).max(axis=1), i.min(), (i & 7).sum()


def both(x, y):
    centred = x - x.mean(axis=1)[:, None]
    return centred, centred.sum(axis=1), np.maximum(centred, 0.0).max(axis=1), x.argmax(axis=1), (x - y).argmin()


@pytest.mark.parametrize("fn", [softmax, layernorm, norms, counts, integers, both], ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("char", "fd")
def test_programs_over_rows_give_the_bits_of_numpy(fn, char):
    shapes = [(3, 5), (30, 2), (2000, 3), (4, 33), (70, 64), (5, 300), (3, 1000), (2, 5000), (300, 33)]
    same_bits(fn, char, shapes, INTEGERS if fn is integers else FLOATS)
