"""Views of memory that was written in part, stored in memory that was there before: ``p[:, 0] = p[:, 1]``."""

from typing import Any

import numpy as np
import pytest

from tests.capture.array_programs import whole
from tests.capture.playing import stopped
from tests.oracle.runner import differential

SIZES = [1, 2, 3, 5, 20, 40]
DTYPES = ["f8", "i8", "f4", "c16", "c8", "?", "M8[s]", ">f8", "f2", "g", "O"]


def square(n: int, dtype: str = "f8", order: str = "C") -> Any:
    random = np.random.default_rng(n)
    return np.asarray((random.random((n, n)) * 9).astype("i4").astype(dtype), order=order)


def relaxed(p: Any, b: Any) -> Any:
    q = p.copy()
    p[1:-1, 1:-1] = (q[1:-1, 2:] + q[1:-1, :-2] + q[2:, 1:-1] + q[:-2, 1:-1] - b[1:-1, 1:-1]) / 4
    p[:, -1] = p[:, -2]
    p[0, :] = p[1, :]
    p[:, 0] = p[:, 1]
    p[-1, :] = 0
    return p


def edges(p: Any) -> None:
    p[0] = p[-1]
    p[:, 0] = p[:, -1]
    p[1:] = p[:-1]
    p[:, ::-1] = p
    p[...] = p.T


def rolled(p: Any, q: Any) -> Any:
    p[0] = q[-1]
    q[0] = p[0]
    p[1] = q[0]
    q[1:] = p[:-1]
    return p is q, p[-1:]


def spread(p: Any) -> None:
    p[0] = 7
    p[:] = p[0]
    p[:, 0] = 3
    p[:, :] = p[:, :1]
    p[1] = p[1][::-1]


def test_a_step_with_borders_is_one_graph() -> None:
    whole(relaxed, square(6), square(6))
    differential(relaxed, *((square(n), square(n)) for n in SIZES[2:]), native=0.99)


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("program", [edges, spread])
def test_orders_of_writing(program: Any, order: str) -> None:
    squares = [square(n, "f8", order) for n in SIZES]
    differential(program, *((x,) for x in (*squares, *(x[::2, ::-1] for x in squares), *(x[1:, 1:] for x in squares))))


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype: str) -> None:
    differential(edges, *((square(n, dtype),) for n in SIZES))
    differential(rolled, *((square(n, dtype), square(n, dtype)[::-1]) for n in SIZES))


def test_arrays_that_share_memory() -> None:
    for n in SIZES:
        x = np.arange(float(n * n + n))
        pairs = [(x[: n * n], x[n:]), (x[n:], x[: n * n]), (x[: n * n], x[: n * n])]
        differential(rolled, *((p.reshape(n, n), q.reshape(n, n)) for p, q in pairs))


def test_what_is_too_large_for_one_piece() -> None:
    def moved(p: Any) -> None:
        p[0] = 1
        p[1:] = p[:-1]
        p[:-2] = p[2:]
        p[::2] = p[::-2]

    differential(moved, *((np.arange(float(n)),) for n in (8, 1000, 1026, 3000, 100_000)))
    differential(edges, (square(300),))


def test_a_region_that_fails_has_changed_nothing() -> None:
    def divided(p: Any, q: Any) -> Any:
        p[0] = p[1]
        p[1:] = p[:-1]
        q[...] = q / p
        p[2] = p[0]
        return q

    for mode in ("ignore", "warn", "raise"):
        with np.errstate(all=mode):
            differential(divided, *((np.array([a, b, 2.0]), np.ones(3)) for a in (0.0, 1.0) for b in (0.0, 3.0)))


def test_elements_of_the_target_that_share_memory() -> None:
    def windows(x: Any) -> Any:
        p = np.lib.stride_tricks.as_strided(x, (3, 3), (8, 8))
        p[0] = p[1]
        p[:, 0] = p[:, 1]
        p[:] = p[:, ::-1]
        return p

    differential(windows, (np.arange(5.0),))


def test_what_still_ends_a_region() -> None:
    def computed(p: Any) -> None:
        p[0] = p[1]
        p[1] = p[2] * 2

    def cast(p: Any, q: Any) -> None:
        p[0] = p[1]
        q[:] = p

    def of_new_memory(p: Any) -> Any:
        y = p * 2
        p[0] = p[1]
        y[0] = p[2]
        return y

    def by_index(p: Any) -> None:
        p[0] = p[1]
        p[[1, 2]] = p[:2]

    stopped(computed, square(4), code="GL105")
    stopped(cast, square(4), square(4, "f4"), code="GL105")
    stopped(of_new_memory, square(4), code="GL105")
    for program in (computed, of_new_memory, by_index):
        differential(program, *((square(n),) for n in SIZES))
    differential(cast, *((square(n), square(n, "f4")) for n in SIZES))


def test_a_value_that_does_not_fit() -> None:
    def wrong(p: Any, q: Any) -> None:
        p[0] = p[1]
        p[1:] = q

    differential(wrong, *((square(4), square(n)) for n in (3, 2, 4, 1)))
