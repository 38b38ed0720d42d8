"""Fusion groups: what they hold, and that they can run in the order given."""

import itertools
import random

import numpy as np
import pytest

from graphlet.ir.alias import must_precede
from graphlet.ir.graph import Graph, Node
from graphlet.ir.groups import Group, groups, is_elementwise, is_reduction, units
from tests.ir.rows import ADD, COPY, GET, INV, LESS, MUL, SET, SQRT, SUM, matrix, with_vectors
from tests.ir.test_graph import looped


def names(found: list[Group]) -> list[list[str]]:
    return [[node.name for node in group.nodes] for group in found]


def assert_can_run(g: Graph, fits: object = is_elementwise) -> None:
    """Every node once; run unit by unit, everything a node needs has run before, outside its own unit."""
    order = must_precede(g)
    done: set[Node] = set()
    for unit in units(g, fits):
        members = unit.nodes if isinstance(unit, Group) else [unit]
        assert members == sorted(members, key=g.nodes.index)
        for node in members:
            assert {*node.inputs, *order[node]} <= done | set(members), node
        done.update(members)
    assert done == set(g.nodes)


def test_a_chain_is_one_group_with_its_reduction() -> None:
    b, x, y = with_vectors("x", "y")
    s = b.call(ADD, (x, y))
    p = b.call(MUL, (s, 2.0))
    total = b.call(SUM, (p,))
    g = b.finish((total, s))
    (group,) = groups(g)
    assert names([group]) == [["add", "multiply", "sum_1"]]
    assert group.reductions == [total]
    assert group.inputs == (x, y)
    assert group.outputs == (s, total)
    assert_can_run(g)


def test_using_a_reduction_begins_another_group() -> None:
    """Softmax-like: what is divided by the sum cannot be in the loop that makes the sum."""
    b, x = with_vectors("x")
    m = b.placeholder("m", matrix("m"))
    squared = b.call(MUL, (m, m))
    total = b.call(SUM, (squared,))
    b.call(ADD, (total, x))
    again = b.call(MUL, (squared, squared))
    g = b.finish((b.call(LESS, (total, x)), again))
    assert names(groups(g)) == [["multiply", "sum_1", "multiply_1"], ["add", "less"]]
    assert_can_run(g)


def test_no_path_leaves_a_group_and_comes_back() -> None:
    b, x = with_vectors("x")
    a = b.call(ADD, (x, 1.0))
    outside = b.call(INV, (a,))
    back = b.call(MUL, (a, outside))
    g = b.finish((back,))
    assert names(groups(g)) == [["add"], ["multiply"]]
    assert_can_run(g)


def test_two_groups_never_need_each_other() -> None:
    """Each group alone would be convex; together they could not be ordered."""
    b, x, y = with_vectors("x", "y")
    n = b.placeholder("n", matrix("n"))
    first, other = b.call(ADD, (x, 1.0)), b.call(ADD, (n, 1.0))
    to_other, to_first = b.call(INV, (other,)), b.call(INV, (first,))
    b.call(SUM, (other,))
    one = b.call(MUL, (first, b.call(SUM, (to_other,))))
    two = b.call(MUL, (other, b.call(MUL, (other, 2.0))))
    g = b.finish((one, two, to_first, y))
    assert_can_run(g)


def test_readers_of_the_same_array_are_one_group() -> None:
    b, x = with_vectors("x")
    g = b.finish((b.call(SQRT, (x,)), b.call(MUL, (x, 2.0))))
    assert names(groups(g)) == [["sqrt", "multiply"]]


def test_groups_that_meet_become_one() -> None:
    b, x, y = with_vectors("x", "y")
    y = b.placeholder("z", x.type)
    left, right = b.call(LESS, (x, 1.0)), b.call(LESS, (y, 2.0))
    total = b.call(SUM, (b.call(MUL, (y, y)),))
    g = b.finish((b.call(MUL, (left, right)), total))
    assert names(groups(g)) == [["less", "less_1", "multiply", "sum_1", "multiply_1"]]
    assert_can_run(g)


def test_groups_with_something_between_them_stay_apart_where_they_meet() -> None:
    b, x = with_vectors("x")
    y = b.placeholder("z", x.type)
    first = b.call(MUL, (x, 2.0))
    between = b.call(COPY, (first,))
    second = b.call(ADD, (between, y))
    g = b.finish((b.call(MUL, (first, second)),))
    assert names(groups(g)) == [["multiply"], ["add", "multiply_1"]]
    assert_can_run(g)


def test_unrelated_arrays_are_not_forced_together() -> None:
    b, x, y = with_vectors("x", "y")
    g = b.finish((b.call(SQRT, (x,)), b.call(SQRT, (y,))))
    assert names(groups(g)) == [["sqrt"], ["sqrt_1"]]


def test_a_write_between_two_readers_parts_them() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    early = b.call(MUL, (fresh, x))
    b.call(SET, (b.call(GET, (fresh, slice(1, 2))), slice(None), 9.0))
    late = b.call(ADD, (fresh, early))
    g = b.finish((late,))
    assert names(groups(g)) == [["multiply"], ["add"]]
    assert_can_run(g)


def test_the_caller_says_what_fits() -> None:
    b, x = with_vectors("x")
    root = b.call(SQRT, (x,))
    g = b.finish((b.call(SUM, (b.call(MUL, (root, 2.0)),)),))
    assert names(groups(g, lambda node: is_elementwise(node) and node.target is not np.sqrt)) == [["multiply", "sum_1"]]
    assert names(groups(g, reduces=lambda node: False)) == [["sqrt", "multiply"]]
    assert [is_reduction(node) for node in g.nodes] == [False, False, False, True, False]


def test_nodes_with_sub_graphs_stand_alone() -> None:
    g = looped()
    assert names(groups(g)) == [["add"]]
    assert_can_run(g)


def test_an_older_group_that_grew_leads_back() -> None:
    """The second group may not take what needs the first one, which took something of the second."""
    b, x, y = with_vectors("x", "y")
    first = b.call(MUL, (x, 2.0))
    between = b.call(COPY, (first,))
    second = b.call(MUL, (y, 3.0))
    grown = b.call(ADD, (second, first))
    g = b.finish((grown, b.call(ADD, (between, second))))
    assert names(groups(g)) == [["multiply", "multiply_1", "add"], ["add_1"]]
    assert_can_run(g)


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_can_run(seed: int) -> None:
    rng = random.Random(seed)
    b, x, y = with_vectors("x", "y")
    pool, fresh = [x, y, b.placeholder("m", matrix("m")), b.placeholder("n", matrix("n"))], []
    for _ in range(40):
        node, other = rng.choice(pool), rng.choice(pool)
        kind = rng.choice(["add", "mul", "sqrt", "sum", "inv", "copy", "set"])
        if kind in ("add", "mul") and node.type.ndim == other.type.ndim:
            pool.append(b.call(ADD if kind == "add" else MUL, (node, other)))
        elif kind == "sqrt":
            pool.append(b.call(SQRT, (node,)))
        elif kind == "inv":
            pool.append(b.call(INV, (node,)))
        elif kind == "sum" and node.type.ndim > 1:
            pool.append(b.call(SUM, (node,)))
        elif kind == "copy":
            fresh.append(b.call(COPY, (node,)))
            pool.append(fresh[-1])
        elif fresh:
            b.call(SET, (rng.choice(fresh), slice(1, 2), 1.0))
    g = b.finish(b.current(node) for node in pool[-3:])
    g.lint()
    assert_can_run(g)
    limit = rng.randrange(1, 4)
    picked = {node for node, keep in zip(g.nodes, itertools.cycle(range(4)), strict=False) if keep < limit}
    assert_can_run(g, lambda node: is_elementwise(node) and node in picked)
