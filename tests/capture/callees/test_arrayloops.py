"""``np.ndindex``, ``np.ndenumerate``, ``np.fromfunction`` beside NumPy."""

from typing import Any

import numpy as np
import pytest

from tests.capture.array_programs import whole
from tests.oracle.runner import differential

M = np.arange(6.0).reshape(2, 3)


def indexed(m: Any) -> Any:
    r = np.zeros((2, 3))
    for i, j in np.ndindex(2, 3):
        r[i, j] = m[i, j] * 2 + i
    for index in np.ndindex(m.shape):
        r[index] += 1
    return r * 2


def enumerated(m: Any) -> Any:
    r, total = m * 0, 0.0
    for (i, j), value in np.ndenumerate(m):
        r[i, j] = value * j
        total = total + value
    return r, total, list(np.ndindex(2)), next(np.ndenumerate(m))


def made(m: Any) -> Any:
    a = np.fromfunction(lambda i, j: i * 2 + j, (2, 3))
    return a + m, np.fromfunction(lambda i: i + 0.5, (3,), dtype=int), np.fromfunction(np.add, (2, 2))


def written_while_it_runs(m: Any) -> Any:
    r = m * 1.0
    for index, value in np.ndenumerate(r):
        r[::-1, ::-1][index] += value
    return r


@pytest.mark.parametrize("function", [indexed, enumerated, made, written_while_it_runs])
def test_same_as_numpy(function: Any) -> None:
    differential(function, (M,), (M[::-1].copy(),), (M.astype("i2"),))
    whole(function, M)


def test_other_shapes() -> None:
    differential(enumerated, (M,), (np.ones((30, 30)),), (np.ones((0, 3)),), (np.asfortranarray(M),))
    differential(lambda v: [(i, x * 2) for i, x in np.ndenumerate(v)], (M[0],), (np.array(3.0),), ([1, 2],))


def test_errors() -> None:
    def odd(m: Any, shape: Any) -> Any:
        return m * 2, list(np.ndindex(shape))

    def odder(m: Any, shape: Any) -> Any:
        return m * 2, np.fromfunction(lambda *a: a[0] * 1, shape)

    for function in (odd, odder):
        for shape in ((2, 2), (-1,), "ab", 3, [2, 2], (2.5,), (True,), (np.int64(2), 2), ()):
            differential(function, (M, shape))


# Calls with an array x, which get Python functions; and whether those of the first arguments are one graph.
X = np.linspace(0.0, 4.0, 9)
CALLING = [
    "np.piecewise(x * 2, [x < 1, x >= 3], [lambda v: v * 2, lambda v: v + 1, -1]) + x",
    "np.piecewise(x, x < 2, [noted, 3.0], 2.5, b=1) + x", "np.piecewise(x, [x < 1], [np.sin, np.cos])",
    "np.piecewise(x, [x < 1, x < 2], [1, np.exp])", "np.piecewise(x, [x < 9], [lambda v: v[::-1]])",
    "np.piecewise(x.astype(int), [x < 2], [lambda v: v / 2.0, 7.9])",
    "np.apply_along_axis(lambda v: v.max() - v.min(), 1, m).sum() + x",
    "np.apply_along_axis(lambda v, k, b=0: v[:2] * k + b, 0, m, 3, b=x[0])", "np.apply_along_axis(np.sort, -1, m)",
    "np.apply_along_axis(np.sum, 0, x)", "np.apply_along_axis(lambda v: 3, 0, m)",
    "np.apply_along_axis(lambda v: np.outer(v, v), 0, m)", "np.apply_along_axis(noted, 1, m)",
    "np.apply_along_axis(np.ptp, 1, x[: len(x) // 2 * 2].reshape(2, -1))",
    "np.apply_along_axis(np.ptp, 0, x[: len(x) // 2 * 2].reshape(2, -1))",
    "np.apply_over_axes(np.sum, m, [0, 1])", "np.apply_over_axes(np.max, m, -1)",
    "np.apply_over_axes(lambda a, k: a.mean(k), m, (1,))",
]  # fmt: skip
LEFT = [
    "np.piecewise(x, [x < 1, x < 2], [np.sin])", "np.piecewise(x, [], [np.sin])",
    "np.piecewise(x, m[:, :1] < 2, [np.sin])",
    "np.piecewise(x, [True], [np.sin])", "np.piecewise(x, [x < 1], [lambda v: v[:1], 0])",
    "np.piecewise(x, [x < 1], [lambda v: v[:2], 0])", "np.piecewise(x, [[True] * len(x)], [np.cos, 0])",
    "np.piecewise(x, [x < 9], [lambda v: print(len(v)) or 1.5])",
    "np.apply_along_axis(np.sum, 2, x[x > 1][:, None] * x[x < 9][:, None, None])",
    "np.apply_along_axis(np.sum, 2, m)", "np.apply_along_axis(lambda v: v[:int(v[0])], 1, m)",
    "np.apply_along_axis(func1d=np.sum, axis=0, arr=m)", "np.apply_along_axis(lambda v: print(v), 1, m)",
    "np.apply_along_axis(lambda v: v / 0, 1, m)", "np.apply_over_axes(lambda a, k: a[0, 0], m, 0)",
    "np.apply_over_axes(np.sum, m, 5)",
]  # fmt: skip


def calling(text: str) -> Any:
    space: dict[str, Any] = {"np": np}
    lines = ["seen = []", "def noted(v, k=1.0, b=0):", "    seen.append(v.size)", "    return np.exp(v) * k + b"]
    exec("def function(x, m):\n    " + "\n    ".join((*lines, "x = x + 0", f"return {text}, seen, x + 1")), space)
    return space["function"]


@pytest.mark.parametrize("text", [*CALLING, *LEFT])
def test_functions_that_are_called(text: str) -> None:
    calls = [(X, M), (X[::-1] + 2, np.asfortranarray(M) - 3), (X[:1] - 9, M[:, :1]), (X, np.ones((3, 30)))]
    calls += [(X.astype("f4"), M.astype("i2")), (X[:0], M[:0]), (X, M), (M, X), (X.astype(complex), M * 1j)]
    differential(calling(text), *calls)


@pytest.mark.parametrize("text", CALLING)
def test_called_in_one_graph(text: str) -> None:
    whole(calling(text), X, M)
    report = differential(calling(text), (X, M), (X + 0.1, M * 2))
    assert report.last_share.native == 1.0, report.last_share


def test_polynomials_that_were_there_before() -> None:
    def function(p: Any, x: Any) -> Any:
        return p(x * 2) + 1, p.order, p.coeffs * 2, p.coeffs, p(2.0), p.variable

    made = np.poly1d([1.0, 2.0, 3.0]), np.poly1d([2.0]), np.poly1d([1, 0, 1, 5]), np.poly1d([1j, 2.0], variable="z")
    differential(function, *((p, X) for p in made), (made[0], X), (made[1].deriv(), X))
    whole(lambda p, x: (p(x * 2) + 1, p.coeffs * 2), made[0], X)

    def changed(p: Any, x: Any) -> Any:
        p.coeffs[0] = x[1]
        return p(x)

    differential(changed, (made[0], X), (made[2], X), (made[3], X))
    differential(lambda p, q, x: (p(q), p(x) + q(x), p * q, -p), (made[0], made[2], X), (made[0], made[0], X))
