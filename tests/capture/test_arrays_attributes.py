"""Attributes of arrays and numbers."""

import numpy as np

from tests.arrayops.cases import DTYPES, filled, layouts
from tests.capture.array_programs import whole
from tests.capture.playing import stopped


def attributes(a):
    return a.shape, a.ndim, a.dtype, a.itemsize, a.size, a.nbytes, a.T, len(a.shape), a.real


def test_arrays():
    for dtype in DTYPES:
        for array in layouts((4, 5), dtype):
            whole(attributes, array)
    whole(attributes, filled(()))
    whole(attributes, filled((1, 1)))
    whole(attributes, filled((1, 4)))


def test_arrays_made_in_the_region():
    whole(lambda a: attributes(a * 2) and ((a * 2).shape, (a[1:] * 2).size, (a > 1).nbytes, (a * 2).T), filled((4, 5)))


def test_complex_parts_are_views():
    for array in layouts((4, 5)):
        whole(lambda a: (a.real, a.imag, a.T.real), array + 1j)


def test_matrix_transpose():
    whole(lambda a: (a.mT, a.mT.shape), filled((2, 3, 4)))


def test_numbers():
    def f(a, x):
        s = a.sum()
        return s.dtype, s.shape, s.ndim, s.size, s.nbytes, s.itemsize, s.real, x.real, x.imag

    whole(f, filled((3,)), 2.5)


def test_what_is_left_to_numpy():
    for read in (lambda a: (a * 2).ctypes, lambda a: (a * 2).data):
        stopped(read, np.ones(3), code="GL110")
    for read in (lambda a: a[::2].flags.c_contiguous, lambda a: a[::2].strides, lambda a: a[1:].base):
        stopped(read, np.ones(6), code="GL107")
