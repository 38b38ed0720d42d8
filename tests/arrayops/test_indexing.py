"""Basic indices, index arrays, masks and stores."""

import itertools

import numpy as np
import pytest

from graphlet.arrayops.broadcasting import UNKNOWN
from graphlet.arrayops.indexing import FANCY, GETITEM, ITEM, SETITEM, SIZE, TOTAL_SIZE, is_fancy
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Sym
from tests.arrayops.cases import DTYPES, abstract, check, every_array, filled, infer, run_time

PARTS = (0, -1, np.int64(1), slice(None), slice(1, None), slice(None, -1), slice(None, None, 2), slice(None, None, -1))
OTHERS = (slice(0, None), slice(1, 2), slice(5, 1), slice(None, 100), slice(-3, None, 1), None, Ellipsis)


def indices(ndim):
    yield ()
    yield from (*PARTS, *OTHERS)
    for n in range(1, ndim + 1):
        yield from itertools.product(PARTS, repeat=n)
        yield from itertools.product((0, slice(1, None), None, Ellipsis, slice(2, 0, -1)), repeat=n)
    yield (None, Ellipsis, None)
    yield (Ellipsis, *(0,) * ndim)


def works(array, index):
    try:
        array[index]
    except IndexError:
        return False
    return True


@pytest.mark.parametrize("shape", [(), (4,), (3, 4), (3, 1), (1, 4), (2, 3, 4)], ids=str)
def test_basic(shape):
    compared = 0
    for array in every_array(shapes=(shape,)):
        for index in indices(array.ndim):
            possible = works(array, index)
            assert check(GETITEM, (array, index)) == possible or not possible, (shape, index)
            compared += possible
    assert compared >= (5 if not shape else 40)


def test_bounds_known_at_run_time():
    for array in every_array(shapes=((4,), (3, 4))):
        slices = (slice(1, 3), slice(None, None, 2), slice(None, -1), slice(0, 2, 1), (slice(1, None), None))
        for index in (2, (None, 1), *slices):
            assert check(GETITEM, (array, index), view=run_time)
    assert infer(GETITEM, (filled((4,)), slice(1, 3)), view=run_time).shape[0].hint == UNKNOWN


def test_what_is_refused():
    array = filled((3, 4))
    for index in (True, 1.5, "a", (0, 0, 0), (Ellipsis, Ellipsis), 3, -4, (0, 4), slice(1.0, 2), slice(None, None, 0)):
        assert infer(GETITEM, (array, index)) is None
    assert infer(GETITEM, (filled((3,), "U1"), 0)) is None


def test_slices_say_how_axes_are_sorted():
    array = ArrayType(np.dtype("d"), (Sym("a", 5), Sym("b", 4)))
    sliced = GETITEM.infer((array, (slice(1, -1), slice(1, -1))), {})
    assert (sliced.order, sliced.axes) == ("K", "C")
    assert GETITEM.infer((array, (slice(1, -1),)), {}).order == "C"
    assert GETITEM.infer((sliced, slice(1, None)), {}).axes == "C"


def test_index_arrays():
    rows, columns = np.array([0, 2, 1]), np.array([[1], [0]])
    compared = 0
    for array in every_array(shapes=((4,), (3, 4), (3, 4, 2))):
        choices = [rows, columns, [0, 1], rows.astype("b"), (rows, slice(None)), (slice(None), [0])]
        choices += [(0, [1]), (Ellipsis, [0, 1]), (None, rows), (rows, Ellipsis), (rows, None, [0, 1, 1])]
        choices += [(rows, rows), (columns, rows), (slice(None), slice(None), [0, 1]), (0, slice(None), [1, 0])]
        choices += [(rows[:1], 0), ([0, 1], slice(None), [1, 0]), (slice(1, None), [1, 0], 0), ([1, 0], None, 0)]
        for index in choices:
            if works(array, index):
                assert is_fancy(abstract(index))
                assert check(FANCY, (array, index)), index
                compared += 1
    assert compared > 150
    for bad in ([0.5], [], [True], np.array([0.5]), np.array(1), ([0], "a")):
        assert infer(FANCY, (filled((3, 4)), bad)) is None


def test_masks():
    for array in every_array(shapes=((4,), (3, 4), (2, 3, 4))):
        for ndim in range(1, array.ndim + 1):
            assert check(FANCY, (array, filled(array.shape[:ndim], "?")))
    assert infer(FANCY, (filled((3, 4)), filled((4,), "?"))) is None
    assert check(FANCY, (filled((3, 4)), (filled((3,), "?"), [0])))
    assert check(FANCY, (filled((3, 4, 2)), (slice(None), filled((4,), "?"), 1)))
    assert check(FANCY, (filled((3, 4, 2)), (filled((3, 4), "?"), 1)))


def test_stores():
    values = (1.5, 2, True, np.float32(2), filled((4,)), filled((3, 1)), filled((3, 4), "b"), filled(()))
    compared = 0
    for dtype, value in itertools.product(DTYPES, values):
        for index in (Ellipsis, slice(None), (), (slice(None), slice(None)), filled((3, 4), "?") > 5):
            compared += check(SETITEM, (filled((3, 4), dtype), index, value))
    assert compared > 400
    for index in (0, slice(1, 3), (0, 1), (slice(None), 2), [0, 2], (None, 0), (slice(1, 3), slice(None, None, 2))):
        assert check(SETITEM, (filled((3, 4)), index, 1.0))
        assert check(SETITEM, (filled((3, 4)), index, 1.0), view=run_time)


def test_stores_that_numpy_refuses():
    stores = ((0, filled((3,))), (Ellipsis, filled((2, 4))), ((0, 0), filled((1,))), (Ellipsis, 1j), (0, "a"))
    for index, value in stores:
        assert infer(SETITEM, (filled((3, 4)), index, value)) is None
    assert infer(SETITEM, (filled((3, 4)), Ellipsis, filled((2, 3, 4)))) is None


def test_sizes_and_parts():
    array = filled((3, 4))
    assert check(SIZE, (array, 1)) and check(TOTAL_SIZE, (array,))
    parts = ObjectType(tuple, (ScalarType(int), ScalarType(float)))
    assert ITEM.infer((parts, 1), {}) == ScalarType(float)
    assert infer(ITEM, (array, 0)) is None
