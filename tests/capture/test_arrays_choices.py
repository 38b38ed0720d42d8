"""np.select and np.extract are what stands behind them: choices that fuse, and elements that a mask picks."""

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
