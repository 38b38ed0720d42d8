"""Functions that give as many results as an array has rows; other forms of NumPy's common functions."""

from typing import Any

import numpy as np
import pytest

from tests.capture.array_programs import whole
from tests.capture.playing import stopped
from tests.oracle.runner import differential

M = np.arange(12.0).reshape(4, 3) - 3
V, W = np.array([3.0, -1.5, 2.0, 0.5]), np.array([0.5, 2.0, -1.0, 4.0])
B = V > 1

EXPRESSIONS = [
    "np.unstack(M)", "np.unstack(M, axis=1)", "np.unstack(V)", "np.unstack(M[:1], axis=-2)",
    "np.histogramdd(M, bins=2)", "np.histogramdd((V, W), bins=(3, 4))", "np.histogramdd([V], bins=3, density=True)",
    "np.histogramdd(M, bins=(2, 2, 2), range=[(0, 1)] * 3)",
    "np.size(M, 0) + np.size(M, axis=-1)", "np.astype(M, 'f4')", "np.astype(M, float, copy=False)",
    "np.full(4, V)", "np.full((2, 4), V, dtype=int)", "np.concatenate([V, W, [1.0, 2.0]])",
    "np.vstack([V, [1, 2, 3, 4]])",
    "np.stack([V, [1, 2, 3, 4]], axis=1)", "np.hstack((V, [7]))", "np.column_stack([V, [1, 2, 3, 4]])",
    "np.reshape(V, (2, -1), order='F')", "M.reshape(3, 4, order='F')", "M.reshape(-1, 6, copy=False)",
    "np.array(V, ndmin=2)", "np.array(M, ndmin=4)", "np.array(V, ndmin=1)", "np.array(V[0])",
    "np.array(V[0], dtype='f4')",
    "np.asarray(M, dtype='f4', order='F')", "np.asarray(M, order='F')", "np.asarray(M, order='C')",
    "np.asarray(M.T, order='C')", "np.asarray(M, order='K')",
    "M.flat[[1, 2]]", "np.common_type(V, M).__name__", "np.asarray_chkfinite(V)",
    "np.asarray_chkfinite(M, dtype=float)", "np.asarray_chkfinite(V > 1)",
    "(np.iterable(V), np.iterable(V[0]), np.iterable([V]))",
]  # fmt: skip
STATEMENTS = [
    "T.flat = 7", "M.flat = 7.5", "T.flat[[1, 2]] = 3", "M.flat[[0, -1]] = 2", "np.putmask(V, B, W)",
    "np.place(V, B, [9.0, 8.0])", "np.putmask(V, B, [1, 2])",
]  # fmt: skip

WRONG = ["np.unstack(M, axis=3)", "np.unstack(V, W)", "np.size(M, 5)", "np.histogramdd(V)", "np.astype(V)"]


def program(text: str) -> Any:
    space: dict[str, Any] = {"np": np}
    lines = f"    {text}\n    R = T" if text in STATEMENTS else f"    R = {text}"
    exec(f"def function(M, V, W, B):\n    T = M * 2\n{lines}\n    return R, T + 1", space)
    return space["function"]


def calls(text: str) -> list[tuple[Any, ...]]:
    changed = [(M[::-1], V[::-1], W, B), (M[:, ::-1], W, V, B), (np.asfortranarray(M), V, V, ~B)]
    others = [(kind(M), kind(V), kind(W), B) for kind in (np.float32, np.int8, np.complex64, np.bool_, np.longdouble)]
    sizes = [(M + 1, V[:2], W[:2], B[:2]), (M[:0], V[:0], W[:0], B[:0]), (M[:1], V[:1], W[:1], B[:1])]
    sizes += [(M[:, :2], V, W, B), (M, M[0, :2], W, B[:3])]
    return [(M, V, W, B), *changed, *others, *sizes, (M, V, W, B)]


@pytest.mark.parametrize("text", [*EXPRESSIONS, *STATEMENTS])
def test_same_as_numpy(text: str) -> None:
    differential(program(text), *calls(text))


@pytest.mark.parametrize("text", [*EXPRESSIONS, *STATEMENTS])
def test_one_graph(text: str) -> None:
    if "order='F'" in text and text.startswith(("np.reshape", "M.reshape")):
        differential(program(text), (M, V, W, B), native=0.9)
    else:
        whole(program(text), M, V, W, B)


@pytest.mark.parametrize("text", WRONG)
def test_errors(text: str) -> None:
    differential(program(text), (M, V, W, B))


def test_what_is_not_finite_is_refused() -> None:
    bad = V.copy()
    bad[1] = np.nan
    function = program("np.asarray_chkfinite(V)")
    differential(function, (M, V, W, B), (M, bad, W, B), (M, V, W, B), (M, bad * np.inf, W, B))


def doubled(t: Any) -> Any:
    return t * 2 if t > 0 else t


@pytest.mark.parametrize("call", [np.vectorize(doubled), np.frompyfunc(doubled, 1, 1)])
def test_what_calls_python_for_each_element_says_so(call: Any) -> None:
    def function(x: Any, called: Any) -> Any:
        return called(x * 2) * 2

    differential(function, (V, call), (W, call))
    found = stopped(function, V, call, code="GL102").break_
    assert found is not None and "`called`" not in found.detail
    assert found.detail.startswith("called(...): it calls a Python function for each element")


def test_tiles_of_nothing_are_views():
    def tiled(a):
        np.absolute(a, out=a)
        return np.tile(a[:-1], 2), np.tile(a, (2, 1)), np.tile(A=a, reps=2), np.tile(2.0, 3)

    differential(tiled, *(lambda n=n: (np.arange(-6.0, 0.0).reshape(2, 3)[:n],) for n in (1, 2, 0)))


def test_grids_of_nothing_are_views():
    def grid(a):
        np.absolute(a, out=a)
        return np.meshgrid(a[0:1].ravel(), copy=False), a

    differential(grid, *(lambda n=n: (np.arange(-6.0, 0.0).reshape(2, 3)[:n],) for n in (2, 1, 0)))
