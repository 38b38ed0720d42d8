"""Functions that make arrays."""

import itertools

import numpy as np

from graphlet.arrayops import catalogue
from graphlet.ir.types import ArrayType
from tests.arrayops.cases import DTYPES, NUMBERS, check, every_array, filled, infer, layouts, run_time

FN = catalogue.lookup


def test_new_arrays():
    shapes = (3, (3,), (3, 4), [2, 1], (), (1, 1), (0, 2), np.int32(2))
    for fn, shape in itertools.product((np.zeros, np.ones, np.empty), shapes):
        assert check(FN(fn), (shape,))
        for dtype in (*DTYPES, "f4", int, np.float32, None):
            assert check(FN(fn), (shape, dtype))
            assert check(FN(fn), (shape,), {"dtype": dtype, "order": "F"})
        assert check(FN(fn), (shape,), view=run_time)
        for bad in (-1, 1.5, "a", (2, -1)):
            assert infer(FN(fn), (bad,)) is None
    assert infer(FN(np.zeros), (3, "O")) is None


def test_full():
    for fill in (*NUMBERS, *(dtype.type(1) for dtype in DTYPES)):
        assert check(FN(np.full), ((2, 3), fill))
        assert check(FN(np.full), ((2, 3), fill), {"dtype": "D"})
        check(FN(np.full), ((2, 3), fill), view=run_time)
    assert infer(FN(np.full), (3, 2), view=run_time) is None
    assert infer(FN(np.full), (3, 2**63)) is None
    assert infer(FN(np.full), (3, filled((3,)))) is None


def test_like():
    for array in every_array():
        for fn in (np.zeros_like, np.ones_like, np.empty_like):
            assert check(FN(fn), (array,))
            assert check(FN(fn), (array, "f"))
            for order in "CFAK":
                assert check(FN(fn), (array,), {"order": order})
        assert check(FN(np.full_like), (array, 2))
        assert check(FN(np.full_like), (array, 2.5, "f"))
    assert infer(FN(np.zeros_like), (filled((3,)),), {"shape": (4,)}) is None
    assert infer(FN(np.full_like), (filled((3,)), filled((3,)))) is None


def test_ranges():
    bounds = [(5,), (1, 5), (1, 5, 2), (5, 1, -1), (5, 1)]
    bounds += [(0.5, 3.0), (0.0, 1.0, 0.1), (np.float32(3),), (np.int8(3),), (1, 2.5)]
    for args in bounds:
        assert check(FN(np.arange), args)
        assert check(FN(np.arange), args, view=run_time)
        for dtype in ("f", "d", "l", np.int32):
            assert check(FN(np.arange), args, {"dtype": dtype})
    assert infer(FN(np.arange), (1, 5, 0)) is None
    assert infer(FN(np.arange), (2**70,)) is None
    for args in ((0, 1), (0.0, 1.0, 7), (1, 2, 1), (np.float32(0), np.float32(1), 4), (0, 1j, 3)):
        assert check(FN(np.linspace), args)
        assert check(FN(np.linspace), args, {"endpoint": False})
        assert check(FN(np.linspace), args, view=run_time)
    assert infer(FN(np.linspace), (0, filled((3,)))) is None


def test_identities():
    for args in ((3,), (3, 4), (1,), (2, None, 1)):
        assert check(FN(np.eye), args)
        assert check(FN(np.eye), args, {"dtype": "f"})
    assert check(FN(np.identity), (3,)) and check(FN(np.identity), (3, "f"))


def test_arrays_of_numbers():
    items = ([1, 2, 3], [1.0, 2], [[1, 2], [3, 4]], (1, 2), [True], [1j, 2], [[1.0], [2.0]])
    for item in (*items, [np.float32(1), np.float32(2)]):
        assert check(FN(np.array), (item,))
        assert check(FN(np.array), (item,), {"dtype": "D"})
    assert check(FN(np.array), ([1.0, 2.0],), view=run_time)
    assert infer(FN(np.array), ([1, 2],), view=run_time) is None
    assert check(FN(np.array), ([1, 2], "d"), view=lambda v: run_time(v) if v != "d" else v)
    for bad in ([[1], [1, 2]], ["a"], [None], [[filled((3,))]], [filled((3,)), 1.0], [2**70]):
        assert infer(FN(np.array), (bad,)) is None


def test_arrays_of_arrays():
    for left, right in itertools.product(layouts((4, 5)), repeat=2):
        assert check(FN(np.array), ([left, right],))
        assert check(FN(np.array), ((left, right.astype("f")),), {"dtype": "F"})
    assert check(FN(np.array), ([filled(()), filled(())],))
    assert infer(FN(np.array), ([filled((3,)), filled((1, 3))],)) is None
    assert infer(FN(np.array), ([filled((3,)) * 1j],), {"dtype": "f"}) is None


def test_only_one_is_a_static_size():
    shape = FN(np.zeros).infer(((1, 5),), {}).shape
    assert shape[0] == 1 and not isinstance(shape[1], int)
    assert isinstance(FN(np.zeros).infer(((1, 5),), {}), ArrayType)
