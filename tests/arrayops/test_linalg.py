"""Products, numpy.linalg, numpy.fft, sorting and searching."""

import itertools

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.arrayops.linalg import MATMUL, NONZERO
from tests.arrayops.cases import DTYPES, check, every_array, filled, infer, layouts

FN = catalogue.lookup
VECTORS = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4))]
PAIRS = [*VECTORS, ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((1, 2, 3), (5, 3, 4)), ((3, 1), (1, 3))]


@pytest.mark.parametrize("left, right", PAIRS, ids=str)
def test_products(left, right):
    for one, two in itertools.product(layouts(left), layouts(right)):
        assert check(MATMUL, (one, two))
        check(FN(np.dot), (one, two))
        check(catalogue.method("dot"), (one, two))


def test_products_of_other_kinds():
    for one, two in itertools.product(layouts((3,)), repeat=2):
        for fn in (np.inner, np.outer, np.vdot, np.dot):
            assert check(FN(fn), (one, two))
    assert check(FN(np.inner), (filled((2, 3)), filled((4, 3))))
    for axes in (1, 2, ((0, 1), (0, 1)), ([1], [1]), (1, 1), 0):
        assert check(FN(np.tensordot), (filled((3, 3)), filled((3, 3)), axes))
    for subscripts in ("ij,jk->ik", "ij,jk", "ij,ij->", "ij,kj->ki", "i j,jk->i"):
        assert check(FN(np.einsum), (subscripts, filled((3, 3)), filled((3, 3))))


@pytest.mark.parametrize("fn", [np.matmul, np.dot, np.inner, np.outer, np.vdot], ids=lambda fn: fn.__name__)
def test_dtypes(fn):
    for one, two in itertools.product(DTYPES, repeat=2):
        check(FN(fn), (filled((3,), one), filled((3,), two)))
    assert check(FN(fn), (filled((3,), "f"), filled((3,), "d")))


def test_products_that_numpy_refuses():
    assert infer(MATMUL, (filled((2, 3)), filled((2, 3)))) is None
    assert infer(MATMUL, (filled(()), filled((3,)))) is None
    assert infer(MATMUL, (filled((2, 3)), 2.0)) is None
    assert infer(FN(np.dot), (filled((3,)), filled((4,)))) is None
    assert infer(FN(np.einsum), ("ii->i", filled((3, 3)))) is None
    assert infer(FN(np.einsum), ("ij->...", filled((3, 3)))) is None


def test_matrices():
    regular = np.array([[2.0, 1.0], [0.5, 3.0]])
    spd = regular @ regular.T
    for dtype in "fdFDlb":
        for fn in (np.linalg.inv, np.linalg.det, np.linalg.eigvalsh, np.linalg.cholesky):
            assert check(FN(fn), (spd.astype(dtype) if dtype not in "lb" else np.eye(2, dtype=dtype),))
        for right in (filled((2,)), filled((2, 3))):
            assert check(FN(np.linalg.solve), (regular.astype("f"), right.astype(dtype)))
    assert check(FN(np.linalg.inv), (np.stack([regular, spd]),))
    assert infer(FN(np.linalg.inv), (filled((2, 3)),)) is None
    assert infer(FN(np.linalg.solve), (filled((2, 2)), filled((3,)))) is None


def test_norm():
    for array in every_array(shapes=((4,), (3, 4))):
        assert check(FN(np.linalg.norm), (array,))
        for axis in (0, -1):
            assert check(FN(np.linalg.norm), (array,), {"axis": axis})
            assert check(FN(np.linalg.norm), (array, 1), {"axis": axis, "keepdims": True})
    for dtype in DTYPES:
        check(FN(np.linalg.norm), (filled((3,), dtype),))


@pytest.mark.parametrize("fn", [np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft], ids=lambda fn: fn.__name__)
def test_fourier(fn):
    for array in every_array(shapes=((4,), (3, 4), (5, 6))):
        assert check(FN(fn), (array,))
        assert check(FN(fn), (array, 8))
        assert check(FN(fn), (array,), {"axis": 0, "norm": "ortho"})
    for dtype in DTYPES:
        check(FN(fn), (filled((4,), dtype),))


def test_fourier_in_several_dimensions():
    for fn in (np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn):
        for array in every_array(shapes=((3, 4), (2, 3, 4))):
            assert check(FN(fn), (array,))
    assert infer(FN(np.fft.fft2), (filled((4,)),)) is None


def test_sorting():
    for array in every_array(shapes=((4,), (3, 4), (2, 3, 4))):
        for axis in range(-1, array.ndim):
            for row in (FN(np.sort), FN(np.argsort), catalogue.method("argsort")):
                assert check(row, (array, axis))
        assert check(FN(np.sort), (array,))
        assert check(FN(np.diff), (array,))
        assert check(FN(np.diff), (array, 2, 0))
        assert check(NONZERO, (array,))
    for dtype in DTYPES:
        check(FN(np.sort), (filled((4,), dtype),))
        check(FN(np.diff), (filled((4,), dtype),))
    assert infer(FN(np.sort), (filled((3, 4)), None)) is None


def test_searching():
    array, places = filled((3, 4)), np.array([[0, 1], [2, 0]])
    for axis in (0, 1):
        assert check(FN(np.take), (array, places, axis)) and check(catalogue.method("take"), (array, places, axis))
    assert infer(FN(np.take), (array, places)) is None
    for value in (1.5, 2, places, filled((3,))):
        assert check(FN(np.searchsorted), (np.arange(5.0), value))
        assert check(catalogue.method("searchsorted"), (np.arange(5.0), value, "right"))
    for dtype in DTYPES:
        for row in (FN(np.trace), catalogue.method("trace")):
            assert check(row, (filled((3, 3), dtype),))
