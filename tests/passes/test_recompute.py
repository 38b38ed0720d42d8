"""What is made again: only what is cheap, large, and used again behind a reduction; with the same bits and flags."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.arrayops import catalogue
from graphlet.backends.block import plan_of
from graphlet.ir.build import Builder
from graphlet.ir.graph import Graph
from graphlet.ir.types import ArrayType, Sym
from graphlet.passes import recompute
from graphlet.runtime.plan import Fused
from tests.ir.rows import SET
from tests.oracle.runner import differential
from tests.passes.semantics import assert_same

F8 = np.dtype("d")


def pairs(n: int = 200, symbol: str = "-", late: str = "*", written: bool = False, leaves: bool = False) -> Graph:
    """Differences of all pairs, their sums, and something of both."""
    b = Builder()
    size = Sym("n", n)
    row, column = b.placeholder("r", ArrayType(F8, (1, size))), b.placeholder("c", ArrayType(F8, (size, 1)))
    apart = b.call(catalogue.operator(symbol), (row, column))
    total = b.call(catalogue.lookup(np.sum), (apart,), {"axis": 1, "keepdims": True})
    if late == "@":
        last = b.call(catalogue.lookup(np.matmul), (apart, total))
    else:
        last = b.call(catalogue.operator(late), (apart, total))
    if written:
        b.call(SET, (last, slice(0, 2), 1.0))
        last = b.current(last)
    return b.finish([last, apart] if leaves else [last])


def n_made(graph: Graph) -> int:
    """How often the differences are made afterwards."""
    after = graph.copy()
    recompute.run(after)
    n = after.nodes[0].type.shape[1].hint
    rng = np.random.default_rng(1)
    assert_same(graph, after, rng.random((1, n)), rng.random((n, 1)))
    return sum(node.target is graph.nodes[2].target for node in after.nodes)


def test_differences_used_behind_their_sum_are_made_again() -> None:
    assert n_made(pairs()) == 2


@pytest.mark.parametrize("given", [{"n": 20}, {"symbol": "/"}, {"late": "@"}, {"leaves": True}])
def test_what_is_small_or_dear_or_needed_anyway_is_made_once(given: dict[str, Any]) -> None:
    assert n_made(pairs(**given)) == 1


def test_not_where_something_is_written() -> None:
    graph = pairs(written=True)
    n = len(graph.nodes)
    recompute.run(graph)
    assert len(graph.nodes) == n


def test_what_only_reads_element_by_element_shares() -> None:
    b = Builder()
    size = Sym("n", 200)
    row, column = b.placeholder("r", ArrayType(F8, (1, size))), b.placeholder("c", ArrayType(F8, (size, 1)))
    apart = b.call(catalogue.operator("-"), (row, column))
    square = b.call(catalogue.operator("*"), (apart, apart))
    graph = b.finish([b.call(catalogue.operator("+"), (square, apart))])
    recompute.run(graph)
    assert sum(node.target is apart.target for node in graph.nodes) == 1


def test_nothing_of_that_size_is_stored() -> None:
    graph = pairs()
    recompute.run(graph)
    first, second = [step for step in plan_of(graph).steps if isinstance(step, Fused)]
    assert not first.outputs and len(second.outputs) == 1


def bodies(x: Any, v: Any, mass: Any) -> Any:
    for _ in range(3):
        apart = x[None, :, :] - x[:, None, :]
        square = (apart * apart).sum(axis=2) + 0.01
        pull = mass[None, :] / (square * np.sqrt(square))
        v = v + 0.01 * (apart * pull[:, :, None]).sum(axis=1)
        x = x + 0.01 * v
    return x, v


def centred(x: Any, y: Any, z: Any) -> Any:
    table = x[:, :1] * y.ravel()
    table = table * 1.0 if z is None else table
    return table - table.mean(axis=1)[:, None], table.max(axis=0)


@pytest.mark.parametrize("backend", ["block", "llvm"])
@pytest.mark.parametrize("fn", [bodies, centred])
def test_programs(fn: Callable[..., Any], backend: str) -> None:
    rng = np.random.default_rng(5)
    calls = []
    for n in (90, 200, 3, 130):
        x, v, mass = rng.normal(size=(n, 3)), rng.normal(size=(n, 3)), rng.random(n)
        nan, huge = x.copy(), x.copy()
        nan[n // 2], huge[0] = np.nan, 1e200
        calls += [(x, v, mass), (nan, v, mass), (x[::-1], v, mass), (huge, v, mass), (np.asfortranarray(x), v, mass)]
    with graphlet.config.patch(compile="at once", cost_model=0):
        differential(fn, *calls, optimizer=graphlet.optimize(backend=backend))
