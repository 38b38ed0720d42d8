"""Functions of NumPy's written in Python are what stands behind them: choices, masks, comparisons that fuse."""

import contextlib
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

X = np.array([1.0, -2.0, 0.0, 3.0, -1.0, 0.5, -0.0, np.nan])
Y = np.array([-1.0, 2.0, 1.0, -3.0, 0.0, 0.5, 1.0, np.inf])
FUSED = [
    lambda x, y: np.select([x > 0, y > 0], [x, y]), lambda x, y: np.select([x > 0, y > 0], [x * 2, y], 5.5),
    lambda x, y: np.select((x > 0, y > 0), (1, 2.5), 3), lambda x, y: np.select([x > 0, x < 0], [True, y]),
    lambda x, y: np.select([x > 0, y > 0, True], [x, y, 3.0]),
    lambda x, y: np.select([x > 0, y > 0, True], [[x, x * 2], [y, y], 3.0]),
    lambda x, y: np.select([x > 0, False, y > 0], [x, 2, 3], np.ones((2, 1))),
    lambda x, y: np.select([x[:, None] > y, x[:, None] < y], [x[:, None], y]),
    lambda x, y: np.select([x[:1] > 0, y > 0], [x[:1], y[:1]], default=x[0]),
    lambda x, y: np.select([x > 0, y > 0], [x.astype("f4"), y], 2**40),
    lambda x, y: (np.extract(x > 0, x), np.extract(y > 0, x) * 2, np.extract(x[:, None] > y, x[:, None] * y)),
]  # fmt: skip
OTHERS = [
    lambda x, y: np.select([x > 0, True, y > 0], [x, y, 3]),
    lambda x, y: np.select([x > 0, True, y > 0], [x, 2, 3]),
    lambda x, y: np.select([x > 0, y > 0], [y, 300]), lambda x, y: np.select([x, y], [x, y]),
    lambda x, y: np.select([x > 0, y > 0], [x]), lambda x, y: np.select([x[0] > 0, y[0] > 0], [x[0], y[0]]),
    lambda x, y: np.select([True, y > 0], [x, y]), lambda x, y: np.select([x > 0, True], [y, 2], np.ones((2, 1))),
    lambda x, y: np.select([x > 0, np.True_], [y, x]), lambda x, y: np.select([x > 0, 1], [y, x]),
    lambda x, y: np.select([], []), lambda x, y: np.select([x > 0], [[1, 2]]), lambda x, y: np.select([x > 0], ["a"]),
    lambda x, y: np.extract(x, y), lambda x, y: np.extract(x[1:] > 0, y), lambda x, y: np.extract(x[None] > 0, y),
    lambda x, y: np.extract([True], y), lambda x, y: np.extract(x[0] > 0, y[:1]),
]  # fmt: skip


@pytest.mark.parametrize("fn", FUSED)
def test_no_node_of_its_own(fn: Any) -> None:
    graph = graphlet.capture(fn)(X[:6], Y[:6])
    assert not any(node.row.name in ("select", "extract") for node in graph.nodes if node.row is not None)
    whole(fn, X[:6], Y[:6])


@pytest.mark.parametrize("fn", [*FUSED, *OTHERS])
@pytest.mark.parametrize("dtypes", ["dd", "fd", "id", "bB", "?b", "Df", "eh", "Qq", "gQ", "Od"])
def test_same_as_numpy(fn: Any, dtypes: str) -> None:
    with np.errstate(all="ignore"):
        x, y = X.astype(dtypes[0]), Y.astype(dtypes[1])
    differential(fn, (x, y), (x[::2], y[::2]), (x[:0], y[:0]), (x[::-1], y), (x[2:3], y[2:3]))


@pytest.mark.parametrize("fn", FUSED[:4])
def test_layouts(fn: Any) -> None:
    m = np.asfortranarray(X.reshape(2, 4))
    differential(fn, (m, m), (m, m.copy()), (m.copy(), m * 2), (m[:, ::2], m[:, ::2]), (m[::-1], m[:1]))


CHOSEN = [
    lambda x, y, n: np.select([x > 0, y > 0], [x, n]), lambda x, y, n: np.select([x > 0, y > 0], [x, y], n),
    lambda x, y, n: np.select([x > 0, True], [n, y]), lambda x, y, n: np.select([x > 0, y > 0], [x, 10**30], n),
    lambda x, y, n: np.select([x > 0, True], [x, 0]) * n,
]  # fmt: skip
NUMBERS = [(0, 70_000, 2**63, -(2**63) - 1, 10**30), (0.5, 1e300, np.nan), (1j, 1e300j), (True, 2), (np.float32(2), 3)]


@pytest.mark.parametrize("fn", CHOSEN)
@pytest.mark.parametrize("dtype", "dfebFqQ")
def test_numbers_that_only_the_call_knows(fn: Any, dtype: str) -> None:
    """NumPy makes arrays of numbers: it refuses integers beyond 64 bits (seed 486560), and any for unsigned ones."""
    with np.errstate(all="ignore"):
        x, y = X.astype(dtype), Y.astype(dtype)
    for numbers in NUMBERS:
        differential(fn, *[(x, y, number) for number in numbers])


CLOSE = [
    lambda x, y: np.isclose(x, y), lambda x, y: np.allclose(x, y), lambda x, y: np.isclose(x, y, 1e-3, atol=1),
    lambda x, y: np.isclose(x, y, equal_nan=True) & (x > 0), lambda x, y: np.isclose(x[:, None], y)[1:],
    lambda x, y: (np.allclose(x, y, equal_nan=True), np.isclose(x, x).sum()), lambda x, y: np.isclose(a=x, b=y, rtol=0),
]  # fmt: skip
NOT_CLOSE = [
    lambda x, y: np.isclose(x, 1.0), lambda x, y: np.isclose(x[0], y[0]), lambda x, y: np.allclose(x, 0),
    lambda x, y: np.isclose(x, y, rtol=np.nan), lambda x, y: np.isclose(x, y, x[0]), lambda x, y: np.isclose(x),
    lambda x, y: np.allclose(x, y[:3]), lambda x, y: np.isclose(x, [1.0] * len(x)), lambda x, y: np.isclose(x, y, "a"),
]  # fmt: skip
ENDS = np.array([1.0, -2.0, 0.0, 3e-9, -1.0, 0.5, -0.0, np.nan, np.inf, -np.inf, 1e308])
NEAR = np.array([1.00001, -2.0, 1e-9, 3.0, -1.0, 0.5, 0.0, np.nan, np.inf, np.inf, -1e308])


@pytest.mark.parametrize("fn", [*CLOSE, *NOT_CLOSE])
@pytest.mark.parametrize("dtypes", ["dd", "fd", "df", "id", "di", "bb", "?d", "ee", "gd", "Dd", "qQ", "Od", "mm"])
def test_closeness(fn: Any, dtypes: str) -> None:
    with np.errstate(all="ignore"):
        x, y = ENDS.astype(dtypes[0]), NEAR.astype(dtypes[1])
    differential(fn, (x, y), (x[::2], y[::2]), (x[:7], y[:7]), (x[:7], x[:7]), (x[:1], y), (x[:0], y[:0]))


@pytest.mark.parametrize("fn", CLOSE[:2])
@pytest.mark.parametrize("mode", ["raise", "warn", "ignore"])
def test_closeness_in_every_error_state(fn: Any, mode: Any) -> None:
    def within(x: Any, y: Any) -> Any:
        with np.errstate(all=mode):
            return fn(x, y)

    differential(within, (ENDS, NEAR), (ENDS[:7], NEAR[:7]), (ENDS[:-1], NEAR[:-1]))


VECTORS = np.random.default_rng(0).normal(size=(6, 3)) * 9
CROSSED = [
    lambda v, w: np.cross(v, w), lambda v, w: np.cross(v[0], w), lambda v, w: np.cross(v[:, None], w[None]),
    lambda v, w: np.cross(v, w) + 1, lambda v, w: np.cross(v * 2, w + 1)[0], lambda v, w: np.cross(v[::-1], w[:, ::-1]),
    lambda v, w: np.linalg.norm(np.cross(v, w), axis=1), lambda v, w: np.cross(v[:0], w[:0]),
    lambda v, w: np.cross(v[0], w[0]), lambda v, w: np.cross(v[0] - w[0], v[0]) / np.linalg.norm(w[0]),
]  # fmt: skip
NOT_CROSSED = [
    lambda v, w: np.cross(v.T, w.T, axis=0), lambda v, w: np.cross(v, w, axisc=0),
    lambda v, w: np.cross(v[0, :2], w[0]), lambda v, w: np.cross(v, w[:, :2]),
    lambda v, w: np.cross(v, [1.0, 0, 0]), lambda v, w: np.cross(v[:2], w),
    lambda v, w: np.cross(v[np.abs(v).sum(axis=1) > 0], w), lambda v, w: np.cross(v[0, 0], w),
]  # fmt: skip


@pytest.mark.parametrize("fn", [*CROSSED, *NOT_CROSSED])
@pytest.mark.parametrize("dtypes", ["dd", "fd", "df", "id", "ii", "gd", "Dd", "ee", "Od", "bB"])
def test_cross(fn: Any, dtypes: str) -> None:
    v, w = VECTORS.astype(dtypes[0]), VECTORS[::-1].astype(dtypes[1])
    differential(fn, (v, w), (v[::2], w[::2]), (v[:1], w[:1]), (np.asfortranarray(v), w), (v[:, :2], w))


@pytest.mark.parametrize("mode", ["ignore", "warn", "raise"])
def test_single_vectors_that_are_not_finite(mode: Any) -> None:
    """Which of two NaNs is kept, and what is warned of, is left to NumPy."""
    odd = [np.nan, -np.nan, np.inf, -np.inf, 1e200, 1e-200, -0.0, 2.0]
    triples = np.array([[a, b, c] for a in odd for b in odd for c in odd[::3]])

    def crossed(v: Any, w: Any) -> Any:
        with np.errstate(all=mode):
            return np.cross(v, w)

    fine = np.array([1.0, 2.0, 3.0])
    for triple in triples[::5]:
        differential(crossed, (fine, fine), (triple, fine), (fine, triple), (triple, triple[::-1]))
        differential(crossed, (triple, fine))


@pytest.mark.parametrize("fn", [*OTHERS, *NOT_CLOSE, *NOT_CROSSED])
def test_what_is_not_followed_is_left_as_it_was(fn: Any) -> None:
    """A rule that gives up in the middle of what it follows leaves nothing of it behind."""
    before = graphlet.counters()["failures"]
    x, y = (VECTORS, VECTORS[::-1]) if fn in NOT_CROSSED else (X, Y)
    optimised = graphlet.optimize(fn)
    for _ in range(3):
        with contextlib.suppress(ValueError, TypeError, IndexError):
            optimised(x, y)
    assert graphlet.counters()["failures"] == before
