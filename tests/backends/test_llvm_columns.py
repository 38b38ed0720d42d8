"""Columns reduced in generated code, against NumPy: every length, special values, what is stored beside, places."""

import ctypes

import numpy as np
import pytest

from graphlet.backends.llvm_compile import compiled, piece_of
from graphlet.backends.llvm_host import can_compile, vector_bytes
from graphlet.backends.llvm_module import emit
from graphlet.backends.llvm_spec import Op, Reduction, Spec, neutral
from tests.backends.bits import FLOATS, INTEGERS, same_bits

pytestmark = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
LENGTHS = [*range(2, 20), 31, 32, 33, 63, 64, 65, 100, 130]
NUMPY = {"sum": np.add, "product": np.multiply, "maximum": np.maximum, "minimum": np.minimum}
PLACES = {"arg_max": np.argmax, "arg_min": np.argmin}

SHAPES = [(4, 2), (30, 3), (2000, 3), (1, 9), (70, 65), (300, 33), (5, 300), (3, 1000), (6, 9001), (900, 130)]


def function(spec, kinds):
    """A spec as a Python function of operands, results, the best values and the number of the first row."""
    piece = piece_of(compiled(emit(spec, kinds, vector_bytes())))
    types = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)
    fn = ctypes.CFUNCTYPE(ctypes.c_int64, *types)(piece.address)

    def call(operands, results, best=(), first=0, together=1 << 40):
        pointers = np.array([a.ctypes.data for a in (*operands, *results, *best)], np.uintp)
        strides = np.array([a.strides[1] for a in operands], np.intp)
        steps = np.array([*(a.strides[0] for a in operands), first, together], np.intp)
        rows, n = operands[0].shape
        return fn(pointers.ctypes.data, strides.ctypes.data, n, rows, steps.ctypes.data) if piece else None

    return call


def code_of(char):
    dtype = np.dtype(char)
    return f"{dtype.kind}{8 * dtype.itemsize}"


@pytest.mark.parametrize("char", "fdbBhHiIlL")
def test_results_go_on_from_what_is_there(char):
    dtype, code, rng = np.dtype(char), code_of(char), np.random.default_rng(3)
    reduce = function(Spec((code,), (), (), tuple(Reduction(kind, 0) for kind in NUMPY), columns=True), "d")
    for n in LENGTHS:
        for rows in (1, 2, 7):
            x = ((rng.random((rows, n)) - 0.4) * 100).astype(dtype)
            results = [np.full(n + 1, neutral(kind, code), dtype) for kind in NUMPY]
            assert reduce([x[:1]], results) == 0
            assert rows == 1 or reduce([x[1:]], results) == 0
            for (kind, ufunc), result in zip(NUMPY.items(), results, strict=True):
                expected = x[0].copy()
                for row in x[1:]:
                    ufunc(expected, row, out=expected)
                assert result[:n].tobytes() == expected.tobytes(), (kind, n, rows)
                assert result[n] == dtype.type(neutral(kind, code))


@pytest.mark.parametrize("char", "fdbBiL")
def test_places_of_extremes(char):
    dtype, code, rng = np.dtype(char), code_of(char), np.random.default_rng(4)
    reduce = function(Spec((code,), (), (), tuple(Reduction(kind, 0) for kind in PLACES), columns=True), "d")
    for n in LENGTHS:
        x = rng.integers(0, 4, (9, n)).astype(dtype)
        places = [np.zeros(n + 1, np.int64) for _ in PLACES]
        best = [np.full(n, neutral(kind, code), dtype) for kind in PLACES]
        assert reduce([x[:4]], places, best) == 0
        assert reduce([x[4:]], places, best, 4) == 0
        for place, of in zip(places, PLACES.values(), strict=True):
            assert (place[:n] == of(x, axis=0)).all()
            assert place[n] == 0


@pytest.mark.parametrize("kind", [*NUMPY, *PLACES])
def test_nans_are_doubts(kind):
    reduce = function(Spec(("f64",), (), (), (Reduction(kind, 0),), columns=True), "d")
    for n in (2, 3, 4, 5, 8, 21):
        for place in {0, n // 2, n - 1}:
            x = np.full((3, n), 2.0)
            state = [np.zeros(n)], [np.full(n, neutral(kind, "f64"))]
            assert reduce([x], *state) == 0
            x[1, place] = np.nan
            assert reduce([x], *state) != 0


@pytest.mark.parametrize("kinds", ["dd", "d0", "sd", "rd", "ds"])
def test_what_is_reduced_may_be_stored_too(kinds):
    f64 = "f64"
    ops = (Op("subtract", (0, 1), (f64,) * 3), Op("square", (2,), (f64, f64)))
    spec = Spec((f64, f64), ops, (2,), (Reduction("sum", 3), Reduction("arg_max", 2)), columns=True)
    stage, rng = function(spec, kinds), np.random.default_rng(5)
    where = {"d": slice(None), "s": slice(None, None, 3), "r": slice(None, None, -1), "0": slice(None)}
    for n in (2, 3, 7, 8, 30, 129):
        big = rng.random((2, 4, 3 * n))
        x, y = ((big[i] if kind == "s" else big[i, :, :n])[:, where[kind]] for i, kind in enumerate(kinds))
        if kinds[1] == "0":
            y = np.broadcast_to(rng.random((4, 1)), (4, n))
        out, sums, places = np.zeros((4, n)), np.zeros(n), np.zeros(n, np.int64)
        assert stage([x, y], [out, sums, places], [np.zeros(0), np.full(n, -np.inf)]) == 0
        assert out.tobytes() == (x - y).tobytes()
        assert sums.tobytes() == ((x - y) ** 2).sum(axis=0).tobytes()
        assert (places == (x - y).argmax(axis=0)).all()


def columns(x, y):
    return x.sum(axis=0), (x * y - 1).mean(axis=0), (x * x).max(axis=0), (x - y).min(axis=0, keepdims=True)


def products(x, y):
    i = (y * 10).astype(np.int64)
    return (x + 0.5).prod(axis=0), x.prod(axis=0), (i + 1).prod(axis=0), (i + 1).prod(axis=1), (i - 3).prod(), y.prod()


def places(x, y):
    return (x - y).argmin(axis=0), x.argmax(axis=0), np.exp(x).sum(axis=0), (x > y).any(axis=0), (x > y).sum(axis=0)


def spread(x, y):
    centred = x - x.mean(axis=0)
    return centred, (centred * centred).mean(axis=0), x.std(axis=0), centred.sum(axis=0), (centred * y[:1]).sum(axis=0)


def deeper(x, y):
    pairs = x[:7, None, :3] - y[None, :5, :3]
    n = x.shape[1]
    cube = x.reshape(-1, 2, n) if x.shape[0] % 2 == 0 else x.reshape(-1, 1, n)
    return (
        (pairs * pairs).sum(axis=1), pairs.max(axis=(0, 1)), (cube * 2.0).sum(axis=(1, 2)), cube.mean(axis=(1, 0)),
        cube.sum(axis=1, dtype=x.dtype), (cube + 1).prod(axis=-2, keepdims=True), (cube + 1).min(axis=(0, 1, 2)),
        (cube - 1).argmax(axis=1), (cube * 2).sum(axis=(0, 2)),
    )  # fmt: skip


@pytest.mark.parametrize("fn", [columns, products, places, spread, deeper], ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("char", "fd")
def test_programs_over_columns_give_the_bits_of_numpy(fn, char):
    same_bits(fn, char, SHAPES, INTEGERS if fn is products else FLOATS)
