"""Arithmetic of single numbers inside graphs: NumPy's bits, types, warnings and refusals."""

import math
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

VALUES = [
    0.0, -0.0, 1.0, -1.5, 2.0, 0.1, 1e16, 1e-300, -1e300, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
    math.inf, -math.inf, math.nan, -math.nan,
]  # fmt: skip
OTHERS = [*map(np.float64, VALUES), *VALUES, 0, 3, -2, 2**53 + 1, -(2**70), True, np.float32(0.1), np.int64(7), 1j]
TWO = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a**b,
    lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b, lambda a, b: a >= b, lambda a, b: a == b,
    lambda a, b: a != b,
]  # fmt: skip
ONE = [lambda a, b: -a, lambda a, b: abs(a), lambda a, b: np.sqrt(a), lambda a, b: np.sqrt(b)]
X = np.arange(1.0, 4.0)


def around(fn: Any) -> Any:
    """A graph with an array in it, so that single numbers are computed there."""

    def program(x: Any, i: Any, b: Any) -> Any:
        a = x[i]
        return x * 2, fn(a, b), fn(b, a) if not isinstance(b, bool) else None

    return program


@pytest.mark.parametrize("fn", [*TWO, *ONE])
@pytest.mark.parametrize("mode", ["ignore", "warn", "raise"])
def test_every_pair(fn: Any, mode: Any) -> None:
    x = np.array(VALUES)
    with np.errstate(all=mode):
        for other in OTHERS:
            with graphlet.config.patch(cost_model=0):
                differential(around(fn), *((x, i, other) for i in range(len(VALUES))))


def test_powers_of_many_numbers() -> None:
    def powers(x: Any, k: Any) -> Any:
        return [x[0] ** k, x[1] ** 0.5, x[2] ** -1, x[0] ** x[1], x[1] ** 3, x[2] ** 2.5, np.sqrt(x[0])], x + 1

    random = np.random.default_rng(0)
    rows = np.exp(random.standard_normal((200, 3)) * 3)
    differential(powers, *((row, k) for row in rows for k in (2, -3, 1.7)))


def test_no_error_state_is_entered() -> None:
    """What would need one is left to NumPy: here nothing is."""

    def step(r: Any, p: Any) -> Any:
        alpha = (r @ r) / (p @ p)
        return p * alpha, np.sqrt(alpha) - 1.0, -alpha, alpha < 1e-3, abs(alpha), 2 * alpha

    whole(step, X, X * 3)
    differential(step, (X, X * 3), (X * 0, X), (X, X * 0), (X * 1e200, X), (X * np.nan, X))


ARRAYS = [
    lambda a, b: np.array([a, b, a * b]), lambda a, b: np.array((a, 0.5, 1)), lambda a, b: np.array([[a, -b], [b, a]]),
    lambda a, b: np.array([[a, 1.0], (b, 2)]), lambda a, b: np.array(([a], [b])),
    lambda a, b: np.array([[a, b], [1.0]]),
    lambda a, b: np.array([a, 2**70]), lambda a, b: np.array([a, True]), lambda a, b: np.array([[[a]], [[b]]]),
    lambda a, b: np.array([a, [b]]), lambda a, b: np.array([a, b], dtype="f4"),
    lambda a, b: np.array([a]) @ np.array([b]),
    lambda a, b: np.array([a, np.float32(2)]), lambda a, b: np.array([a, None]), lambda a, b: np.array([[], []]) * a,
    lambda a, b: np.array([a, np.array(2.0)]), lambda a, b: np.array([a, b]).flags.owndata,
]  # fmt: skip


@pytest.mark.parametrize("fn", ARRAYS)
def test_arrays_of_numbers(fn: Any) -> None:
    x = np.array(VALUES)
    differential(around(fn), *((x, i, other) for i in range(len(VALUES)) for other in [*OTHERS[::3], 2**70, None]))


def is_of_numbers(fn: Any) -> bool:
    return isinstance(fn, np.ufunc) and fn.signature is None and fn.nout == 1 and fn.nin < 3


UFUNCS = sorted({fn for fn in vars(np).values() if is_of_numbers(fn)}, key=lambda fn: fn.__name__)


@pytest.mark.parametrize("ufunc", UFUNCS)
@pytest.mark.parametrize("mode", ["ignore", "warn", "raise"])
def test_functions_of_single_numbers(ufunc: Any, mode: Any) -> None:
    def of_one(a: Any, b: Any) -> Any:
        return ufunc(a)

    def of_two(a: Any, b: Any) -> Any:
        return ufunc(a, b), ufunc(b, a)

    x = np.array(VALUES)
    others = [*OTHERS[: len(VALUES) : 3], *OTHERS[len(VALUES) :: 2]] if ufunc.nin == 2 else OTHERS[:1]
    with np.errstate(all=mode), graphlet.config.patch(cost_model=0):
        for other in others:
            differential(around(of_one if ufunc.nin == 1 else of_two), *((x, i, other) for i in range(len(VALUES))))
        if ufunc.nin == 1:
            differential(around(lambda a, b: ufunc(b)), *((x, 0, other) for other in OTHERS))


def test_functions_of_many_numbers() -> None:
    """The same bits, whatever NumPy's loops do for one element."""
    ones = (np.sin, np.cos, np.tan, np.exp, np.expm1, np.log1p, np.tanh, np.cbrt, np.arctan, np.sinh, np.exp2)
    twos = (np.arctan2, np.hypot, np.power, np.logaddexp, np.fmod, np.remainder, np.copysign, np.maximum)

    def of_numbers(x: Any) -> Any:
        return x * 2, [fn(x[0]) for fn in ones], [fn(x[0], x[1]) for fn in twos], [fn(x[1], 2.5) for fn in twos]

    rows = np.random.default_rng(0).standard_normal((300, 2)) * 3
    whole(of_numbers, abs(rows[0]))
    with np.errstate(all="ignore"):
        differential(of_numbers, *((row,) for row in (*rows, *rows * 1e3)), native=0.9)
