"""Equal work is done once, where nobody can tell."""

import math

import numpy as np
import pytest

import graphlet
from graphlet.arrayops.indexing import GETITEM
from graphlet.ir.build import Builder
from graphlet.ir.graph import Graph
from graphlet.ir.types import ScalarType
from graphlet.passes import common_subexpressions
from graphlet.passes.common_subexpressions import key_of_value, sharing
from tests.ir.rows import (
    ADD,
    COPY,
    EFFECT,
    GET,
    I8,
    INV,
    MUL,
    PLUS,
    RANDOM,
    RAVEL,
    SET,
    SUM,
    matrix,
    vector,
    with_vectors,
)
from tests.ir.test_graph import looped
from tests.oracle.runner import differential
from tests.passes.semantics import assert_same

X = np.array([1.0, -2.0, 0.0, 5.0])


def merged(graph: Graph, *inputs: object) -> int:
    """How many nodes merging takes away; checks that nothing else changes."""
    better = graph.copy()
    common_subexpressions.run(better)
    assert_same(graph, better, *inputs)
    return len(graph) - len(better)


def test_equal_work_is_done_once_also_in_chains() -> None:
    b, x = with_vectors("x")
    left = b.call(MUL, (b.call(ADD, (x, 1.0)), 2.0))
    right = b.call(MUL, (b.call(ADD, (x, 1.0)), 2.0))
    assert merged(b.finish((b.call(MUL, (left, right)),)), X) == 2


def test_one_of_two_may_leave_the_graph() -> None:
    b, x = with_vectors("x")
    left, right = b.call(ADD, (x, 1.0)), b.call(ADD, (x, 1.0))
    assert merged(b.finish((left, b.call(SUM, (right,)))), X) == 1


def test_two_arrays_that_are_returned_stay_two() -> None:
    b, x = with_vectors("x")
    assert merged(b.finish((b.call(ADD, (x, 1.0)), b.call(ADD, (x, 1.0)))), X) == 0


def test_nested_outputs_are_outputs() -> None:
    b, x = with_vectors("x")
    g = b.finish(((b.call(ADD, (x, 1.0)),), [b.call(ADD, (x, 1.0))]))
    better = g.copy()
    common_subexpressions.run(better)
    assert str(better) == str(g)


def test_arrays_that_leave_through_views_stay_two() -> None:
    b, x = with_vectors("x")
    left, right = b.call(ADD, (x, 1.0)), b.call(ADD, (x, 1.0))
    views = b.call(GET, (left, slice(0, 2))), b.call(RAVEL, (b.call(GET, (right, slice(2, 4))),))
    assert merged(b.finish(views), X) == 0


def test_an_array_that_is_written_to_is_not_shared() -> None:
    b, x = with_vectors("x")
    left, right = b.call(COPY, (x,)), b.call(COPY, (x,))
    b.call(SET, (b.call(GET, (right, slice(0, 2))), slice(None), 9.0))
    assert merged(b.finish((b.call(ADD, (left, right)),)), X) == 0


def test_reading_behind_a_write_is_another_value() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    view = b.call(GET, (fresh, slice(0, 2)))
    before = b.call(MUL, (fresh, 2.0))
    b.call(SET, (view, slice(None), 9.0))
    behind = b.call(MUL, (fresh, 2.0))
    assert merged(b.finish((b.call(ADD, (before, behind)),)), X) == 0


def test_views_merge_but_two_view_objects_stay_two() -> None:
    b, x = with_vectors("x")
    left, right = b.call(GET, (x, slice(1, 3))), b.call(GET, (x, slice(1, 3)))
    assert merged(b.finish((b.call(ADD, (left, right)),)), X) == 1
    b, x = with_vectors("x")
    assert merged(b.finish((b.call(GET, (x, slice(1, 3))), b.call(GET, (x, slice(1, 3))))), X) == 0


@pytest.mark.parametrize("view", ["a[i]", "a[i][::-1]", "a[i].reshape(1, -1)", "(a + 1)[i]", "a.T"])
@pytest.mark.parametrize("given", ["{}.squeeze()", "np.asarray({})", "{}.real", "{}.conj()", "np.atleast_1d({})", "{}"])
def test_what_may_be_handed_on_as_it_is_stays_two(view: str, given: str) -> None:
    namespace = {"np": np}
    result = given.format(view)
    exec(f"def f(a, i):\n    return {result}, {result}, {view}, [{result} for _ in range(2)]", namespace)
    differential(namespace["f"], (np.arange(6.0).reshape(2, 3), 1), (np.arange(3.0).reshape(1, 3), 0), native=0.5)


def test_view_objects_that_leave_through_writes_stay_two() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    left, right = b.call(GET, (fresh, slice(1, 3))), b.call(GET, (fresh, slice(1, 3)))
    b.call(SET, (left, slice(None), 9.0))
    assert merged(b.finish((b.current(left), b.current(right))), X) == 0


def test_views_that_are_written_through_merge_when_one_leaves() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    left, right = b.call(GET, (fresh, slice(1, 3))), b.call(GET, (fresh, slice(1, 3)))
    b.call(SET, (left, slice(None), 9.0))
    assert merged(b.finish((b.call(ADD, (right, 1.0)), b.current(left))), X) == 1


def test_random_and_effects_stay() -> None:
    b, x = with_vectors("x")
    g = b.finish((b.call(RANDOM), b.call(RANDOM), b.call(EFFECT, (x,)), b.call(EFFECT, (x,))))
    common_subexpressions.run(g)
    assert len(g) == 6


def test_what_an_effect_gets_to_see_stays_two() -> None:
    b, x = with_vectors("x")
    b.call(EFFECT, (b.call(ADD, (x, 1.0)),))
    b.call(EFFECT, (b.call(ADD, (x, 1.0)),))
    assert merged(b.finish(()), X) == 0


def test_nodes_that_may_raise_merge() -> None:
    b = Builder()
    m = b.placeholder("m", matrix("m"))
    g = b.finish((b.call(SUM, (b.call(ADD, (b.call(INV, (m,)), b.call(INV, (m,)))),)),))
    assert merged(g, np.eye(3)) == 1


@pytest.mark.parametrize(("left", "right"), [(1, 1.0), (1, True), (0.0, -0.0), (1.0, np.float64(1.0)), (1.0, 1 + 0j)])
def test_equal_literals_of_other_type_or_bits_are_other_values(left: object, right: object) -> None:
    assert key_of_value(left) != key_of_value(right)
    assert key_of_value([slice(left), {"k": (left,)}]) != key_of_value([slice(right), {"k": (right,)}])
    assert key_of_value((left, 2)) == key_of_value((left, 2))


def test_literals_without_a_value_go_by_identity() -> None:
    thing, other = object(), object()
    assert key_of_value(thing) == key_of_value(thing)
    assert key_of_value(thing) != key_of_value(other)
    assert key_of_value(math.nan) == key_of_value(float("nan"))
    assert key_of_value(np.dtype("f8")) == key_of_value(np.dtype(float))


def test_swapped_operands_merge_for_whole_numbers_only() -> None:
    for dtype, gone in ((I8, 1), (np.dtype(float), 0)):
        b = Builder()
        x, y = (b.placeholder(name, vector(name, dtype=dtype)) for name in "xy")
        g = b.finish((b.call(SUM, (b.call(MUL, (b.call(ADD, (x, y)), b.call(ADD, (y, x)))),)),))
        assert merged(g, np.arange(4, dtype=dtype), np.arange(4, dtype=dtype)) == gone


def test_sizes_of_merged_results_become_one() -> None:
    b, x = with_vectors("x")
    left, right = (b.call(GETITEM, (x, slice(1, None))) for _ in range(2))
    users = [b.call(ADD, (left, 1.0)), b.call(MUL, (right, 2.0))]
    assert merged(b.finish(users), X) == 1
    sizes = [node.type.shape[0].root() for node in users]
    assert sizes[0] is sizes[1]


def test_numbers_merge_unless_both_objects_are_returned() -> None:
    b = Builder()
    k = b.placeholder("k", ScalarType(float))
    left, right = b.call(PLUS, (k, 1.0)), b.call(PLUS, (k, 1.0))
    assert merged(b.finish((b.call(PLUS, (left, right)), left)), 1.5) == 1
    b = Builder()
    k = b.placeholder("k", ScalarType(float))
    assert merged(b.finish((b.call(PLUS, (k, 1.0)), b.call(PLUS, (k, 1.0)))), 1.5) == 0


def test_constants_merge_by_value_and_arrays_by_identity() -> None:
    b, x = with_vectors("x")
    table = np.ones(4)
    values = [b.constant(value) for value in (2.0, 2.0, table, table, table.copy())]
    total = x
    for value in values:
        total = b.call(MUL, (total, value))
    assert merged(b.finish((total,)), X) == 2


def test_nodes_with_sub_graphs_are_left_alone() -> None:
    assert merged(looped(), X) == 0


def test_sharing_follows_views_and_writes() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    view = b.call(GET, (fresh, slice(0, 2)))
    write = b.call(SET, (view, slice(None), 1.0))
    b.call(MUL, (write, 2.0))
    assert set(sharing(fresh)) == {fresh, view, write}


@pytest.mark.parametrize("program", [
    lambda x: (x - x.mean(axis=0)).T.dot(x - x.mean(axis=0)), lambda x: (x * 2).T @ (x * 2),
    lambda x: np.dot((x + 1).T, x + 1),
    lambda x: np.einsum("ij,ik->jk", x * 2, x * 2), lambda x: np.tensordot(x * 2, x * 2, (0, 0)),
    lambda x: np.inner((x * 2).T, (x * 2).T), lambda x: x.copy().T @ x,
    lambda x: np.linalg.multi_dot([(x + 1).T, x + 1]),
])  # fmt: skip
def test_a_matrix_is_not_multiplied_by_its_own_transpose_where_it_was_by_a_copy(program):
    x = np.random.default_rng(0).normal(size=(1797, 6))
    differential(program, (x,), (x,))


def test_work_that_a_product_needs_twice_is_still_shared() -> None:
    graph = graphlet.capture(lambda x: (x - x.mean(axis=0)).T @ (x - x.mean(axis=0)))(np.ones((4, 3)))
    common_subexpressions.run(graph)
    assert [node.row.name for node in graph.nodes if node.row is not None].count("mean") == 1
