"""Plans: slots, constants, what is freed where, which calls need care."""

import numpy as np

from graphlet.arrayops import catalogue
from graphlet.backends.block import block
from graphlet.backends.block_lower import is_ragged
from graphlet.ir.build import Builder
from graphlet.ir.groups import Group
from graphlet.ir.types import ArrayType, Sym
from graphlet.runtime.plan import Build, Call, Fused

N, M = Sym("n", 4), Sym("m", 5)
D = np.dtype("d")


def vector(b, name="x"):
    return b.placeholder(name, ArrayType(D, (N,)))


def test_slots_are_inputs_constants_values():
    b = Builder()
    x = vector(b)
    joined = b.call(catalogue.lookup(np.concatenate), ((x, x),))
    plan = block(b.finish([b.call(catalogue.method("cumsum"), (joined,)), x]), ()).plan
    assert [type(step) for step in plan.steps] == [Build, Call, Call]
    assert plan.steps[0].args == (0, 0)
    assert (plan.steps[1].args, plan.steps[1].frees) == ((1,), (1,))
    assert (plan.steps[2].args, plan.steps[2].frees) == ((2,), (2,))
    assert plan.outputs == (3, 0)
    assert plan.n_slots == 4


def test_equal_constants_share_a_slot_if_they_are_one_object():
    b = Builder()
    x = vector(b)
    y = b.call(catalogue.method("cumsum"), (x,), {"axis": 0})
    plan = block(b.finish([b.call(catalogue.method("cumsum"), (y,), {"axis": 0})]), ()).plan
    assert plan.constants == (0,)
    assert [step.kwnames for step in plan.steps] == [("axis",), ("axis",)]


def test_the_fallback_frees_what_only_it_makes():
    b = Builder()
    x = vector(b)
    y = b.call(catalogue.lookup(np.exp), (b.call(catalogue.operator("neg"), (x,)),))
    (step,) = block(b.finish([y]), ()).plan.steps
    assert isinstance(step, Fused)
    assert [call.frees for call in step.fallback] == [(), (step.fallback[0].out,)]
    assert step.frees == ()


def test_unused_nodes_still_run():
    b = Builder()
    x = vector(b)
    b.call(catalogue.lookup(np.log), (x,))
    kernel = block(b.finish([x]), ())
    assert len(kernel.plan.steps) == 1
    assert kernel(np.ones(3)) is not None
    assert kernel(-np.ones(3)) is None


def test_tails_of_another_walk_read_the_array():
    b = Builder()
    x = b.placeholder("x", ArrayType(D, (N, M)))
    y = b.call(catalogue.operator("*"), (x, x))
    sums = [b.call(catalogue.method("sum"), (y,), {"axis": axis}) for axis in (0, 1, None, 0)]
    graph = b.finish(sums)
    kernel = block(graph, ())
    assert [step.walk for step in kernel.plan.steps] == ["columns", "rows", "whole"]
    assert [len(step.tails) for step in kernel.plan.steps] == [2, 1, 1]
    data = np.random.default_rng(0).standard_normal((70, 50))
    for got, expected in zip(kernel(data), graph.forward(data), strict=True):
        assert got.tobytes() == expected.tobytes()


def test_ragged_groups():
    b = Builder()
    full, row = b.placeholder("x", ArrayType(D, (N, M))), b.placeholder("y", ArrayType(D, (M,)))
    sliced = b.placeholder("z", ArrayType(D, (N, M), "K"))
    add = catalogue.operator("+")
    assert not is_ragged(Group((N, M), [b.call(add, (full, full))]))
    assert is_ragged(Group((N, M), [b.call(add, (full, row))]))
    assert is_ragged(Group((N, M), [b.call(add, (full, sliced))]))
