"""Outer products are elementwise work: the left array gets axes, nothing is made that the fused loop need not make."""

import numpy as np
import pytest

import graphlet
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

U, V = np.arange(5.0) - 2, np.arange(4.0) / 3
ALIKE = [
    lambda u, v: np.outer(u, v), lambda u, v: np.outer(u, v) + np.outer(v[:1], v)[0], lambda u, v: np.outer(u[::-2], v),
    lambda u, v: np.add.outer(u, v), lambda u, v: np.hypot.outer(v, u[::-1]), lambda u, v: np.less.outer(u, v),
    lambda u, v: np.subtract.outer(u.reshape(5, 1), v), lambda u, v: np.minimum.outer(v.reshape(2, 2).T, u),
    lambda u, v: np.outer(u[:0], v), lambda u, v: np.outer(u[1:2], v[1:2]), lambda u, v: np.outer(u, u),
]  # fmt: skip
OTHERS = [
    lambda u, v: np.outer(u.reshape(1, 5), v) + v, lambda u, v: np.outer(u, 2.0) * 2,
    lambda u, v: np.add.outer(u, 2) + 1,
    lambda u, v: np.outer(u, v, np.empty((5, 4))) + 1, lambda u, v: np.outer(u, [1.0, 2.0]) + 1,
    lambda u, v: np.add.outer(u, v, dtype="f4") + 1, lambda u, v: np.add.outer(u, v, out=np.empty((5, 4))) + 1,
    lambda u, v: np.outer(u) + v, lambda u, v: np.outer(u, v, None) * 2, lambda u, v: np.add.outer(u) + v,
    lambda u, v: np.multiply.outer(u[0], v) + v, lambda u, v: np.divmod.outer(u, v)[0] + 1,
    lambda u, v: np.sqrt.outer(u, v) + 1, lambda u, v: np.matmul.outer(u, v) + 1,
]  # fmt: skip


@pytest.mark.parametrize("fn", ALIKE)
def test_no_node_of_its_own(fn):
    graph = graphlet.capture(fn)(U, V)
    assert not any("outer" in node.row.name for node in graph.nodes if node.row is not None)
    whole(fn, U, V)


@pytest.mark.parametrize("fn", [*ALIKE, *OTHERS])
@pytest.mark.parametrize("dtype", "?bHilefdgFDO")
def test_same_as_numpy(fn, dtype):
    u, v = U.astype(dtype), V.astype(dtype)
    differential(fn, (u, v), (u[::-1], v), (np.broadcast_to(u[:1], (5,)), v[::-1]), (u, V))


def test_what_overflows_warns_at_its_line():
    def program(u, v):
        w = u + 1
        return np.outer(w, v)

    differential(program, (U, V), (U * 1e300, V * 1e300))
