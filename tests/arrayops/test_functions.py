"""NumPy's other functions."""

import itertools

import numpy as np
import pytest

from graphlet.arrayops import catalogue, functions
from graphlet.ir.types import ArrayType, Sym
from tests.arrayops.cases import DTYPES, check, every_array, filled, infer
from tests.oracle.runner import differential

FN = catalogue.lookup
VECTOR, MATRIX = filled((5,)), filled((3, 4))


@pytest.mark.parametrize("fn", [np.isclose, np.allclose], ids=lambda fn: fn.__name__)
def test_comparisons(fn):
    for left, right in itertools.product(every_array(shapes=((), (4,), (3, 4))), repeat=2):
        assert check(FN(fn), (left, right))
    for left, right in itertools.product(DTYPES, repeat=2):
        check(FN(fn), (filled((3,), left), filled((3,), right)))
    assert check(FN(fn), (MATRIX, 1.0), {"rtol": 0.1})


def test_equality_declares_nothing_about_sizes():
    row = FN(np.array_equal)
    assert check(row, (MATRIX, MATRIX)) and check(row, (MATRIX, VECTOR))
    n, k = Sym("n", 3), Sym("k", 3)
    row.infer((ArrayType(np.dtype("d"), (n,)), ArrayType(np.dtype("d"), (k,))), {})
    assert n.root() is not k.root()


@pytest.mark.parametrize("name", ["nan_to_num", "sinc", "angle", "unique", "flatnonzero", "argwhere", "average"])
def test_one_array(name):
    row = FN(getattr(np, name))
    for array in every_array(shapes=((4,), (3, 4), (1, 4))):
        assert check(row, (array,))
    for dtype in DTYPES:
        check(row, (filled((3,), dtype),))


def test_along_axes():
    order = np.argsort(MATRIX, axis=1)
    assert check(FN(np.take_along_axis), (MATRIX, order, 1))
    assert check(FN(np.average), (MATRIX, 0))
    assert infer(FN(np.average), (MATRIX, None, MATRIX)) is None
    assert check(FN(np.trapezoid), (MATRIX,)) and check(FN(np.trapezoid), (MATRIX,), {"axis": 0})
    assert check(FN(np.trapezoid), (VECTOR, VECTOR))
    assert check(FN(np.partition), (MATRIX, 1)) and check(FN(np.argpartition), (VECTOR, 1))


def test_vectors():
    ascending = np.arange(5.0)
    assert check(FN(np.interp), (VECTOR, ascending, VECTOR)) and check(FN(np.interp), (1.5, ascending, VECTOR))
    assert check(FN(np.interp), (MATRIX, ascending, VECTOR))
    for mode in ("full", "same", "valid"):
        assert check(FN(np.convolve), (VECTOR, filled((3,)), mode))
    for mode in ((), ("full",), ("same",), ("valid",)):
        assert check(FN(np.correlate), (VECTOR, filled((3,)), *mode))
        assert check(FN(np.correlate), (filled((3,), np.dtype("D")), VECTOR, *mode))
    for x in (VECTOR, MATRIX, filled((4,), np.dtype("i4"))):
        assert check(FN(np.digitize), (x, ascending)) and check(FN(np.digitize), (x, ascending[::-1], True))
    for dtype in "dfeilBFD":
        assert check(FN(np.gradient), (filled((6,), np.dtype(dtype)),))
    assert check(FN(np.gradient), (VECTOR, 0.5)) and infer(FN(np.gradient), (VECTOR, VECTOR)) is None
    assert check(FN(np.kron), (VECTOR, VECTOR)) and infer(FN(np.kron), (VECTOR, MATRIX)) is None
    counts = np.array([0, 1, 1, 3])
    assert check(FN(np.bincount), (counts,)) and check(FN(np.bincount), (counts, np.ones(4)))
    assert check(FN(np.bincount), (counts,), {"minlength": 10})
    assert check(FN(np.extract), (VECTOR > 1, VECTOR))


def test_matrices_and_diagonals():
    assert check(FN(np.kron), (MATRIX, MATRIX)) and check(FN(np.kron), (MATRIX.T, filled((1, 2), np.dtype("i2"))))
    assert check(FN(np.linalg.pinv), (MATRIX,)) and check(FN(np.linalg.pinv), (MATRIX.astype("F"),))
    for k in (0, 1, -2):
        assert check(FN(np.diag), (VECTOR, k))
    assert infer(FN(np.diag), (MATRIX,)) is None
    for array in every_array(shapes=((3, 4), (4, 4), (1, 4))):
        assert check(functions.DIAGONAL, (array,))
    assert infer(functions.DIAGONAL, (VECTOR,)) is None


def test_several_results():
    for vectors in itertools.product((VECTOR, filled((3,), "f"), filled((1,))), repeat=2):
        for indexing in ("xy", "ij"):
            assert check(FN(np.meshgrid), vectors, {"indexing": indexing})
    assert check(FN(np.meshgrid), (VECTOR,)) and check(FN(np.meshgrid), (VECTOR, VECTOR, filled((2,))))
    assert check(FN(np.histogram), (MATRIX,)) and check(FN(np.histogram), (VECTOR, 4, (0, 2)))
    assert infer(FN(np.histogram), (MATRIX, [0, 1, 2])) is None


def test_pad():
    for array in every_array(shapes=((4,), (3, 4))):
        for width in (1, (1, 2), 0):
            for mode in ("constant", "edge", "reflect", "wrap"):
                assert check(FN(np.pad), (array, width), {"mode": mode})
    assert check(FN(np.pad), (MATRIX, ((1, 1), (0, 2)))) and check(FN(np.pad), (MATRIX, 1), {"constant_values": 5})
    assert infer(FN(np.pad), (MATRIX, ((1, 1), (0, 2), (1, 1)))) is None
    assert infer(FN(np.pad), (MATRIX, 1), {"mode": "mean"}) is None


def test_other_diagonals():
    for array in every_array(shapes=((3, 4), (4, 4), (1, 4), (3, 1), (0, 4))):
        for offset in (-2, -1, 0, 1, 5):
            assert check(functions.DIAGONAL, (array, offset))
            assert check(functions.DIAGONAL, (array,), {"offset": offset})
    assert infer(functions.DIAGONAL, (filled((3, 4)), 0, 1, 0)) is None
    assert infer(functions.DIAGONAL, (filled((2, 3, 4)),)) is None

    def function(m, k):
        a = m * 1.0
        d, e = np.diagonal(a, k), a.diagonal(offset=-k)
        a += 1
        return d, d * 2, e, np.diag(a, k), a.diagonal(k, 0)

    m = filled((3, 4))
    differential(function, (m, 1), (m, 2), (m, 0), (m, 9), (m[:1], 0), (filled((3,)), 0))
