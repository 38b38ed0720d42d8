"""Products of vectors go straight to the function of their dtype: the same bits, flags and refusals as NumPy's."""

import warnings
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

PRODUCTS = [
    lambda x, y: x @ y, lambda x, y: np.dot(x, y), lambda x, y: x.dot(y), lambda x, y: np.inner(x, y),
    lambda x, y: np.vdot(x, y), lambda x, y: np.matmul(x, y),
]  # fmt: skip
SIZES = [0, 1, 2, 3, 7, 16, 33, 100, 1000, 2047, 2048, 5001]


def vectors(size: int, dtype: str) -> tuple[Any, Any]:
    random = np.random.default_rng(size)
    pair = random.standard_normal((2, size)) * 100
    return pair[0].astype(dtype), pair[1].astype(dtype)


@pytest.mark.parametrize("fn", PRODUCTS)
@pytest.mark.parametrize("dtype", "?bBhHiIlLqQefdgFDG")
def test_sizes_and_dtypes(fn: Any, dtype: str) -> None:
    differential(fn, *(vectors(size, dtype) for size in SIZES))


@pytest.mark.parametrize("fn", PRODUCTS)
@pytest.mark.parametrize("dtype", "fdil")
def test_layouts(fn: Any, dtype: str) -> None:
    x, y = vectors(60, dtype)
    odd = np.zeros(60 * x.itemsize, np.uint8)[1 : 1 + 50 * x.itemsize].view(dtype)
    still = np.broadcast_to(x[:1], (60,))
    swapped = x.astype(x.dtype.newbyteorder())
    differential(fn, (x, y), (x[::2], y[::2]), (x[::-1], y), (x, y[::-1]), (still, y), (still, still), (x[:50], odd))
    differential(fn, (x, y), (swapped, y), (x, x), (x[:1], y[:1]), (x[:1] * 0, -y[:1]), (x.reshape(6, 10).T[0], y[:6]))
    differential(fn, (x, y), (x, y[:50]), (x, x[:1]), (x, y.reshape(60, 1)), (x.reshape(1, 60), y), (x, y.astype("D")))


@pytest.mark.parametrize("fn", PRODUCTS)
@pytest.mark.parametrize("mode", ["ignore", "warn", "raise"])
@pytest.mark.parametrize("dtype", "fd")
def test_flags(fn: Any, mode: Any, dtype: str) -> None:
    """NumPy warns of what overflows and of what is no number."""
    huge = np.full(5, np.finfo(dtype).max)
    bad = np.array([np.inf, -np.inf, 1, 0, np.nan], dtype)
    tiny = np.full(5, np.finfo(dtype).smallest_subnormal)
    fine = np.ones(5, dtype)

    def under(x: Any, y: Any) -> Any:
        with np.errstate(all=mode):
            return fn(x, y), fn(y, y)

    def around(x: Any, y: Any) -> Any:
        return fn(x, y) * 2

    with np.errstate(all=mode):
        for program in (under, around):
            differential(program, (fine, fine), (huge, huge), (bad, fine), (tiny, tiny), (bad, bad), (fine, huge))


@pytest.mark.parametrize("fn", PRODUCTS)
def test_no_call_of_numpy_is_left(fn: Any) -> None:
    x, y = vectors(50, "d")
    whole(fn, x, y)
    fast = graphlet.optimize(fn)
    with graphlet.config.patch(cost_model=0), warnings.catch_warnings():
        warnings.simplefilter("error")
        for size in (50, 5, 3000, 1, 0):
            x, y = vectors(size, "d")
            assert fast(x, y) == fn(x, y) and type(fast(x, y)) is np.float64


def test_in_a_loop() -> None:
    def conjugate_gradients(a: Any, b: Any) -> Any:
        x = np.zeros_like(b)
        r = b - a @ x
        p = r.copy()
        rs = r @ r
        for _ in range(20):
            ap = a @ p
            alpha = rs / (p @ ap)
            x += alpha * p
            r -= alpha * ap
            new = np.dot(r, r)
            if np.sqrt(new) < 1e-12:
                break
            p = r + (new / rs) * p
            rs = new
        return x, rs

    random = np.random.default_rng(3)
    systems = []
    for n in (5, 12, 40):
        m = random.standard_normal((n, n))
        systems.append((m @ m.T + n * np.eye(n), random.standard_normal(n)))
    differential(conjugate_gradients, *systems)
