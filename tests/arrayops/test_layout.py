"""Memory order of results. The rules are compared with NumPy in the tests of the operations."""

import numpy as np

from graphlet.arrayops.layout import contiguous, elementwise_order, n_moving, order_argument, sorting, transposed
from graphlet.ir.types import ArrayType, Sym

N, M = Sym("n", 3), Sym("m", 4)


def array(shape, order="C", axes=""):
    return ArrayType(np.dtype("d"), shape, order, axes)


def test_axes_of_size_one_do_not_count():
    assert n_moving((N, 1, 1)) == 1
    assert contiguous((N, 1), "F") == "C" and contiguous((N, M), "F") == "F"
    assert sorting(array((N, 1), "K")) == "C" and sorting(array((N, M), "K")) == ""


def test_votes():
    shape = (N, M)
    c, f, k, row, sliced = (
        array(shape),
        array(shape, "F"),
        array(shape, "K"),
        array((M,)),
        array(shape, "K", "C"),
    )
    assert elementwise_order(shape, (c, f)) == elementwise_order(shape, (f, c, k)) == "C"
    assert elementwise_order(shape, (f, row)) == elementwise_order(shape, (f,)) == "F"
    assert elementwise_order(shape, (f, k)) == elementwise_order(shape, (k,)) == "K"
    assert elementwise_order(shape, (sliced, row)) == elementwise_order(shape, (row, array((N, 1)))) == "C"


def test_transposed():
    assert transposed(array((N, M)), (1, 0)).order == "F"
    assert transposed(array((N, M), "F"), (1, 0)).order == "C"
    assert transposed(array((N, 1)), (1, 0)).order == "C"
    cube = array((N, M, Sym("k", 2)))
    assert (transposed(cube, (1, 0, 2)).order, transposed(cube, (2, 1, 0)).order) == ("K", "F")
    assert transposed(array((N, M), "K", "C"), (1, 0)).axes == "F"


def test_order_arguments():
    assert [order_argument(o, array((N, M), "F")) for o in ("C", "F", "A", "K", None)] == ["C", "F", "F", "F", "C"]
    assert [order_argument(o, array((N, M), "K")) for o in ("C", "F", "A", "K")] == ["C", "F", "K", "K"]
