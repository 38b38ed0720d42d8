"""Nodes that nobody uses go; what may warn, raise or be seen stays."""

import numpy as np

from graphlet.ir.graph import Graph
from graphlet.ir.types import ScalarType
from graphlet.passes import dead_code
from tests.ir.rows import ADD, COPY, DIV, EFFECT, GET, INV, LESS, MUL, RANDOM, SET, SQRT, STORE, with_vectors
from tests.passes.semantics import assert_same


def after(graph: Graph, *inputs: object) -> list[str]:
    """Names of the nodes that are left between inputs and output; checks that the meaning is."""
    better = graph.copy()
    dead_code.run(better)
    if inputs:
        assert_same(graph, better, *inputs)
    better.lint()
    return [node.name for node in better.nodes if node not in better.inputs and node is not better.output]


def test_unused_quiet_nodes_go_with_what_only_they_used() -> None:
    b, x = with_vectors("x")
    mask = b.call(LESS, (x, 0.5))
    b.call(COPY, (mask,))
    kept = b.call(MUL, (x, 2.0))
    assert after(b.finish((kept,)), np.arange(4.0)) == ["multiply"]


def test_what_may_warn_or_raise_stays_with_its_arguments() -> None:
    b, x = with_vectors("x")
    b.call(DIV, (x, x))
    b.call(INV, (b.call(COPY, (x,)),))
    assert after(b.finish((x,))) == ["divide", "copy", "inv"]


def test_effects_stay() -> None:
    b, x = with_vectors("x")
    b.call(RANDOM)
    b.call(EFFECT, (x,))
    assert after(b.finish(())) == ["random", "effect"]


def test_inputs_stay_used_or_not() -> None:
    b, x, _y = with_vectors("x", "y")
    b.placeholder("k", ScalarType(int))
    better = b.finish((x,))
    dead_code.run(better)
    assert [node.name for node in better.inputs] == ["x", "y", "k"]


def test_a_write_nobody_sees_goes_and_so_does_its_array() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    b.call(SET, (fresh, slice(None), 0.0))
    assert after(b.finish((b.call(SQRT, (x,)),)), np.arange(4.0)) == ["sqrt"]


def test_a_write_behind_the_last_look_goes() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    b.call(SET, (fresh, slice(0, 1), 5.0))
    seen = b.call(MUL, (fresh, 2.0))
    b.call(SET, (fresh, slice(None), 0.0))
    assert after(b.finish((seen,)), np.arange(4.0)) == ["copy", "setitem", "multiply"]


def test_a_write_through_one_view_is_seen_through_another() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    left, right = b.call(GET, (fresh, slice(0, 2))), b.call(GET, (fresh, slice(1, 3)))
    b.call(SET, (left, slice(None), 5.0))
    names = after(b.finish((b.call(ADD, (right, right)),)), np.arange(4.0))
    assert "setitem" in names


def test_a_write_that_may_raise_stays() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    b.call(STORE, (fresh, slice(None), 0.0))
    assert after(b.finish((x,))) == ["copy", "store"]
