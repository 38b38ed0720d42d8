"""Single elements read and stored in graphs, and parts that are filled or copied: NumPy's results and refusals."""

from typing import Any

import numpy as np
import pytest

import graphlet
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

DTYPES = ["f8", "i8", "q", "f4", ">f8", "?", "u8", "i4", "c16", "f2", "g"]
VECTOR = [0, -1, 2, 4, -5, slice(None), slice(1, 3), slice(3, 0, -1), slice(None, None, -2), slice(9, 2), Ellipsis]
VECTOR += [5, -6, 2**70, (1,), (), (0, 1), slice(None, None, 0), True, None, np.int64(1), (Ellipsis, 0)]
MATRIX = [(0, 1), (-1, -2), (0,), 1, (slice(None), 0), (0, slice(None)), (slice(1, None), slice(None, -1)), Ellipsis]
MATRIX += [(slice(None, None, -1), slice(None, None, 2)), (3, 0), (0, 4), (0, None), (slice(None), [0, 1]), (0, 0, 0)]
NUMBERS = [0, 1, -7, 2**53 + 1, 2**63, 2.5, -0.0, 1e300, np.inf, np.nan, True, np.float64(0.1), np.float32(0.1)]
NUMBERS += [np.int64(-3), np.uint64(2**63), np.int8(5), np.array(4.0), np.array(5), 1j]


def read(x: Any, place: Any) -> Any:
    y = x + x
    return y[place], y


def store(x: Any, place: Any, value: Any) -> Any:
    y = x + x
    y[place] = value
    return y, y * y


def arrays(dtype: str) -> list[Any]:
    """A vector of five and a matrix of three by four, in three layouts."""
    vector = np.arange(5).astype(dtype)
    matrix = np.arange(12).reshape(3, 4).astype(dtype)
    return [vector, vector[::-1], matrix, np.asfortranarray(matrix), matrix[:, ::-1]]


def places(x: Any) -> list[Any]:
    return VECTOR if x.ndim == 1 else MATRIX


@pytest.mark.parametrize("dtype", DTYPES)
def test_reads(dtype: str) -> None:
    for place in VECTOR:
        differential(read, *((x, place) for x in arrays(dtype) if x.ndim == 1))
    for place in MATRIX:
        differential(read, *((x, place) for x in arrays(dtype) if x.ndim == 2))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("value", NUMBERS, ids=str)
def test_numbers_are_stored(dtype: str, value: Any) -> None:
    for x in arrays(dtype)[:4:3]:
        for place in places(x):
            differential(store, (x, place, value), (x * 2, place, value))


@pytest.mark.parametrize("dtype", ["f8", "i8", "f4", "c16"])
def test_arrays_are_stored(dtype: str) -> None:
    for x in arrays(dtype):
        for place in places(x)[:11]:
            try:
                fits = x[place]
            except IndexError:
                continue
            values = [fits * 2, fits.real.astype("f8"), fits.real.astype("i8"), np.asfortranarray(fits)]
            differential(store, *((x, place, value) for value in (*values, fits[..., None], x)))


def test_an_array_that_is_stored_in_itself() -> None:
    def shifted(x: Any) -> Any:
        y = x * 2
        y[1:] = y[:-1]
        y[:2] = y[1::-1]
        return y

    def edges(x: Any) -> Any:
        y = x * 2
        y[0] = y[1]
        y[-1, :] = y[-2, :]
        y[:, 0] = y[:, 1]
        y[:, -1] = y[:, -2]
        y[1:] = y[:-1]
        return y

    differential(shifted, *((np.arange(1.0, size),) for size in (4, 9, 1500)), native=0.9)
    squares = [np.arange(float(size * size)).reshape(size, size) for size in (3, 10, 60)]
    differential(edges, *((x,) for x in (*squares, squares[1].T, squares[1].astype("f4"))), native=0.9)


def test_what_is_not_writeable_or_not_there() -> None:
    def spread(x: Any) -> Any:
        y = np.broadcast_to(x * 2, (3, len(x)))
        y[0] = 1.0
        return y

    differential(spread, (np.arange(4.0),))
    differential(store, (np.zeros(0), 0, 1.0), (np.zeros(0), slice(None), 1.0), (np.zeros((0, 3)), (0, 0), 1.0))
    differential(store, (np.zeros((2, 2, 2, 2, 2)), (0, 1), 1.0), (np.array(2.0), (), 3.0), (np.array(2.0), 0, 3.0))


def test_values_that_overflow_and_modes() -> None:
    for mode in ("ignore", "warn", "raise"):
        with np.errstate(all=mode):
            for value in (1e300, 1e-320, np.float64(1e300), np.nan, np.inf, np.full(2, 1e300)):
                for dtype in ("f4", "f2", "i8", "i4"):
                    differential(store, (np.arange(5).astype(dtype), slice(1, 3), value))


def rotated(angle: Any, v: Any) -> Any:
    turn = np.zeros((3, 3))
    turn[0, 0] = turn[1, 1] = np.cos(angle)
    turn[1, 0] = np.sin(angle)
    turn[0, 1] = -turn[1, 0]
    turn[2, 2] = 1.0
    return turn @ v, v[0] * v[1] - v[2]


def framed(u: Any, edge: Any) -> Any:
    v = u * 0.5
    v[0, :] = edge
    v[-1, :] = 0.0
    v[:, 0] = v[:, 1]
    return v


def test_programs_with_small_arrays_are_one_graph() -> None:
    whole(rotated, 0.3, np.arange(3.0))
    whole(framed, np.ones((4, 5)), 2.0)
    differential(rotated, (0.3, np.arange(3.0)), (np.inf, np.ones(3)), (3, np.ones(3)))
    differential(framed, (np.ones((4, 5)), 2.0), (np.ones((50, 60)), 3), (np.ones((4, 5), "f4"), 1e300))


def test_others_may_hold_an_index_meanwhile() -> None:
    """A tuple made in the graph is read and dropped."""
    fast = graphlet.optimize(store)
    for i in (0, 1, 2, 1):
        for j in (0, 3, -1):
            x = np.ones((3, 4))
            assert fast(x, (i, j), 9.0)[0].tobytes() == store(x, (i, j), 9.0)[0].tobytes()


def test_overlapping_lines_that_numpy_copies_in_an_order_that_shows() -> None:
    def lines(x: Any, k: Any) -> Any:
        y = x * 1
        n = len(y[::2])
        y[::2] = y[:n]
        y[-n:] = y[::2]
        y[::-2] = y[::-1][:n]
        return y

    lengths = (2, 5, 7, 8, 40, 1001)
    differential(lines, *((np.arange(n).astype(dtype), 0) for n in lengths for dtype in ("f8", "i8", "f4")))
