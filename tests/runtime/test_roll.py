"""np.roll along one axis is two copies a row, without NumPy's Python code."""

import itertools

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

SHAPES = [(5,), (1,), (0,), (3, 4), (2, 3, 4), (4, 1, 3), (3, 0), (200, 70)]
SHIFTS = [0, 1, -1, 2, 7, -9, 10**6, -(10**12), 2**70, np.int64(1), np.uint8(3), True]


def rolled(x, shift, axis):
    y = np.roll(x, shift, axis)
    z = np.roll(x, shift, axis=axis) + 1
    y[...] = y + 0
    return y, z, np.roll(a=x, shift=shift, axis=axis)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["f8", ">i4", "?", "c8", "M8[s]", "V3", "O"])
def test_same_as_numpy(shape, dtype):
    plain = np.arange(np.prod(shape)).reshape(shape) % 100
    x = np.zeros(shape, dtype) if dtype == "V3" else plain.astype(dtype)
    program = only_rolled if dtype in ("M8[s]", "V3") else rolled
    calls = [(x, shift, axis) for shift, axis in itertools.product((1, -3), range(-x.ndim, x.ndim))]
    differential(program, *calls)


def only_rolled(x, shift, axis):
    return np.roll(x, shift, axis), np.roll(x, -shift, axis=axis)


@pytest.mark.parametrize("shift", SHIFTS, ids=repr)
def test_shifts(shift):
    x = np.arange(35.0).reshape(5, 7)
    differential(rolled, (x, shift, 0), (x, shift, 1), (x, shift, -1))


def in_a_row(x, shift):
    y = np.roll(x, shift)
    return y, np.roll(x, shift=-shift) + x, np.roll(x, 2 * shift, None), np.roll(np.roll(x, shift), 1).sum()


@pytest.mark.parametrize("shape", SHAPES)
def test_without_an_axis_all_roll_in_a_row(shape):
    x = np.arange(np.prod(shape)).reshape(shape) * 1.5
    differential(in_a_row, *((part, shift) for shift in (0, 1, -3, 1000) for part in (x, x[::-1], x.T, x[1:])))


@pytest.mark.parametrize("axis", [2, -3, None, (0, 1), 1.0])
def test_what_is_left_to_numpy(axis):
    x = np.arange(35.0).reshape(5, 7)
    differential(rolled, (x, 1, axis), (x, 1, axis))


def test_layouts():
    x = np.arange(60.0).reshape(3, 4, 5)
    still = np.broadcast_to(x[:1], (3, 4, 5))
    layouts = [np.asfortranarray(x), x[:, ::2], x[::-1], x.transpose(1, 0, 2), still, x[:, :, :1]]
    for axis in range(3):
        differential(rolled, *[(layout, 2, axis) for layout in layouts])


def test_large_results_come_from_the_pool():
    x = np.arange(10_000.0)
    fast = graphlet.optimize(lambda x: np.roll(x, 3, 0))
    assert fast(x).tobytes() == np.roll(x, 3).tobytes() and fast(x).base is None
    assert np._core.multiarray.get_handler_name(fast(x)) == "graphlet_pool"
