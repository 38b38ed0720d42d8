"""Functions that change shapes: sizes, layout, and whether the result is a view."""

import itertools

import numpy as np
import pytest

from graphlet.arrayops import catalogue, shaping
from graphlet.arrayops.shaping import ASCONTIGUOUS, IMAG, REAL, VIEW_OF_C
from graphlet.ir.types import ArrayType, Sym
from tests.arrayops.cases import DTYPES, check, every_array, filled, infer, layouts, run_time

FN = catalogue.lookup


def test_reshape():
    shapes = [(12,), (4, 3), (2, 6), (-1,), (2, -1), (3, 4), (1, 12), (12, 1), (-1, 1, 2), (2, 2, 3)]
    compared = 0
    for array in every_array(shapes=((12,), (3, 4), (2, 6, 1))):
        for shape in shapes:
            compared += check(catalogue.method("reshape"), (array, *shape))
            compared += check(catalogue.method("reshape"), (array, shape))
            compared += check(FN(np.reshape), (array, shape))
            compared += check(FN(np.reshape), (array, list(shape)))
            if array.flags.c_contiguous:
                assert check(VIEW_OF_C[FN(np.reshape)], (array, shape))
    assert compared > 500
    for bad in ((5,), (-1, -1), (7, -1), (-2, 6)):
        assert infer(FN(np.reshape), (filled((3, 4)), bad)) is None
    assert infer(FN(np.reshape), (filled((3, 4)), 12), {"order": "F"}) is None


def test_reshape_with_sizes_known_at_run_time():
    array = filled((3, 4))
    assert check(FN(np.reshape), (array, (4, -1)), view=run_time)
    assert check(catalogue.method("reshape"), (array, 4, 3), view=run_time)


def test_reshape_keeps_the_symbol_of_a_column():
    n = Sym("n", 5)
    assert FN(np.reshape).infer((ArrayType(np.dtype("d"), (n,)), (-1, 1)), {}).shape == (n, 1)
    assert FN(np.ravel).infer((ArrayType(np.dtype("d"), (n, 1)),), {}).shape == (n,)


@pytest.mark.parametrize("name", ["ravel", "flatten"])
def test_flat(name):
    row = catalogue.method(name)
    for array in every_array():
        assert check(row, (array,))
    if name == "ravel":
        for array in every_array():
            assert check(FN(np.ravel), (array,))
            if array.flags.c_contiguous:
                assert check(VIEW_OF_C[row], (array,))


def test_permutations():
    for array in every_array():
        assert check(catalogue.method("transpose"), (array,))
        assert check(FN(np.transpose), (array,))
        for axes in itertools.permutations(range(array.ndim)):
            assert check(FN(np.transpose), (array, axes))
            if array.ndim > 1:
                assert check(catalogue.method("transpose"), (array, *axes))
        for one, two in itertools.product(range(array.ndim), repeat=2):
            assert check(FN(np.swapaxes), (array, one, two))
            assert check(catalogue.method("swapaxes"), (array, one, -two))
            assert check(FN(np.moveaxis), (array, one, two))
    cube = filled((2, 3, 4))
    assert check(FN(np.moveaxis), (cube, (0, 1), (2, 0)))
    assert check(FN(np.moveaxis), (cube, [0, 2], [1, 0]))
    assert infer(FN(np.transpose), (cube, (0, 0, 1))) is None
    assert infer(FN(np.moveaxis), (cube, (0, 0), (1, 2))) is None


def test_axes_of_size_one():
    for array in every_array():
        for axis in range(-array.ndim - 1, array.ndim + 1):
            assert check(FN(np.expand_dims), (array, axis))
        if array.ndim:
            assert check(FN(np.expand_dims), (array, (0, 2)))
        for axis, n in enumerate(array.shape):
            assert check(FN(np.squeeze), (array, axis)) == (n == 1)
            assert check(catalogue.method("squeeze"), (array,), {"axis": axis}) == (n == 1)
        for fn, ndim in ((np.atleast_1d, 1), (np.atleast_2d, 2), (np.atleast_3d, 3)):
            assert check(FN(fn), (array,)) == (array.ndim < ndim)
    assert check(FN(np.squeeze), (filled((1, 1)),))
    assert check(FN(np.squeeze), (filled((1, 3)),))
    assert infer(FN(np.squeeze), (filled((1, 3)), 1)) is None


def test_broadcast_to():
    for array in every_array(shapes=((), (4,), (1,), (3, 4), (3, 1), (1, 4))):
        assert check(FN(np.broadcast_to), (array, (2, 3, 4)))
    assert infer(FN(np.broadcast_to), (filled((3,)), (2, 4))) is None
    assert infer(FN(np.broadcast_to), (filled((2, 3)), (3,))) is None


def test_joining():
    arrays = list(every_array(shapes=((3, 4), (1, 4), (3, 1))))
    compared = 0
    for left, right in itertools.product(arrays, repeat=2):
        for axis in (0, 1, -1, None):
            compared += check(FN(np.concatenate), ([left, right],), {"axis": axis})
        compared += check(FN(np.vstack), ((left, right),)) + check(FN(np.hstack), ((left, right),))
        compared += check(FN(np.dstack), ((left, right),)) + check(FN(np.column_stack), ((left, right),))
    assert compared > 1500
    for left, right in itertools.product(layouts((3, 4)), repeat=2):
        assert all(check(FN(np.stack), ([left, right],), {"axis": axis}) for axis in (0, 1, 2, -1))
    for left, right in itertools.product(layouts((4,)), repeat=2):
        for fn in (np.stack, np.concatenate, np.vstack, np.hstack, np.dstack, np.column_stack):
            assert check(FN(fn), ([left, right],))
    for left, right in itertools.product(DTYPES, repeat=2):
        assert check(FN(np.concatenate), ([filled((3,), left), filled((3,), right)],))
    assert check(FN(np.stack), ([filled(()), filled(())],))
    assert infer(FN(np.concatenate), ([filled((3,)), filled((3, 4))],)) is None
    assert infer(FN(np.concatenate), ([filled((3, 4)), filled((3, 5))],)) is None


def test_repetition():
    for array in every_array(shapes=((4,), (3, 4), (1, 3))):
        for axis in (None, 0, -1):
            assert check(FN(np.repeat), (array, 3), {"axis": axis})
            assert check(catalogue.method("repeat"), (array, 3, axis), view=run_time) == (axis is None)
        for reps in (2, (2,), (2, 1), (1, 3), (2, 1, 2)):
            assert check(FN(np.tile), (array, reps))
        assert check(FN(np.roll), (array, 1))
        assert check(FN(np.roll), (array, 1, 0))
        assert check(FN(np.round), (array, 2))
        if array.ndim == 2:
            assert check(FN(np.tril), (array,)) and check(FN(np.triu), (array, 1))
        for axis in (None, 0, -1, (0,)):
            assert check(FN(np.flip), (array, axis))


def test_parts_of_complex_arrays():
    for array in every_array("D"):
        assert check(REAL, (array,)) and check(IMAG, (array,))
    assert infer(REAL, (filled((3,)),)) is None


def test_contiguous_copies():
    for array in every_array():
        assert check(ASCONTIGUOUS, (array,)) == (array.ndim > 0)


def test_views_are_views():
    assert {row.alias for row in shaping.VIEW_OF_C.values()} == {"view"}
