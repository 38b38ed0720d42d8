"""The passes one after the other: each can be left out, all keep the meaning."""

import numpy as np
import pytest

from graphlet.core.errors import ConfigError, GraphError
from graphlet.ir.graph import Graph
from graphlet.passes import pipeline
from tests.ir.rows import ADD, COPY, LESS, MUL, with_vectors
from tests.ir.test_graph import looped
from tests.passes.semantics import assert_same, random_graph


def wasteful() -> Graph:
    b, x, y = with_vectors("x", "y")
    left, right = b.call(ADD, (x, y)), b.call(ADD, (x, y))
    b.call(LESS, (x, 0.5))
    return b.finish((b.call(MUL, (left, right)),))


def test_run_gives_another_graph_and_leaves_the_given_one_alone() -> None:
    g = wasteful()
    text = str(g)
    better = pipeline.run(g, verify=True)
    assert str(g) == text
    assert [node.name for node in better] == ["x", "y", "add", "multiply", "output"]
    assert_same(g, better, np.arange(4.0), np.ones(4))


@pytest.mark.parametrize("name", pipeline.PASSES)
def test_each_pass_can_be_left_out(name: str) -> None:
    others = set(pipeline.PASSES) - {name}
    assert str(pipeline.run(wasteful(), disabled=tuple(pipeline.PASSES))) == str(wasteful())
    with_one = pipeline.run(wasteful(), disabled=tuple(others))
    assert (len(with_one) < len(wasteful())) == (name in ("common_subexpressions", "dead_code"))


def test_unknown_passes_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="no pass fusion; there are: constant_folding"):
        pipeline.run(wasteful(), disabled=("fusion",))


def test_verify_names_the_pass_that_broke_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(graph: Graph) -> None:
        graph.nodes.pop(2)

    monkeypatch.setitem(pipeline.PASSES, "common_subexpressions", breaks)
    with pytest.raises(GraphError, match="not sound after common_subexpressions"):
        pipeline.run(wasteful(), verify=True)


def test_sub_graphs_are_improved_too() -> None:
    g = looped()
    body = g.nodes[1].graphs[0]
    b, v = with_vectors("v")
    b.call(COPY, (v,))
    longer = b.finish((b.call(MUL, (v, 2.0)),))
    g.nodes[1].graphs = (longer,)
    better = pipeline.run(g, verify=True)
    assert str(better.nodes[1].graphs[0]) == str(body)
    assert_same(g, better, np.arange(4.0))


@pytest.mark.parametrize("seed", range(300))
def test_random_graphs_keep_their_meaning(seed: int) -> None:
    graph, inputs = random_graph(seed)
    better = pipeline.run(graph, verify=True)
    assert_same(graph, better, *inputs)
    assert len(better) <= len(graph)


def test_random_graphs_do_get_smaller() -> None:
    before = after = 0
    for seed in range(300):
        graph, _ = random_graph(seed)
        before += len(graph)
        after += len(pipeline.run(graph))
    assert after < 0.9 * before
