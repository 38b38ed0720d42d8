"""Plans: slots, constants, what is freed where, which calls need care."""

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.backends.block import block
from graphlet.backends.block_lower import is_ragged
from graphlet.ir.build import Builder
from graphlet.ir.groups import Group
from graphlet.ir.types import ArrayType, Sym
from graphlet.runtime.plan import Build, Call, Fused
from tests.oracle.runner import differential

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


WRAPPERS = [
    lambda x: np.argpartition(x, 2), lambda x: np.argpartition(x, kth=1, axis=0, kind="introselect"),
    lambda x: np.argsort(x), lambda x: np.argsort(x, 0), lambda x: np.argsort(x, axis=None, kind="stable"),
    lambda x: np.cumprod(x), lambda x: np.cumprod(x, 1, "f4"), lambda x: np.cumsum(x, axis=0, dtype=np.float32),
    lambda x: np.dot(x, x.T), lambda x: np.dot(x[0], b=x[1]), lambda x: np.nonzero(x), lambda x: np.repeat(x, 2),
    lambda x: np.repeat(x, [1, 0, 2], axis=0), lambda x: np.searchsorted(x[0], x), lambda x: np.trace(x),
    lambda x: np.searchsorted(x[0], 1.5, side="right"), lambda x: np.searchsorted(x[0], v=x, sorter=np.arange(4)),
    lambda x: np.take(x, [1, 5]), lambda x: np.take(x, np.array([0, 2]), 0), lambda x: np.take(x, [9], mode="clip"),
    lambda x: np.take(x, 1, axis=-1), lambda x: np.trace(x, 1, axis1=1, axis2=0), lambda x: np.trace(x, dtype="f4"),
]  # fmt: skip


@pytest.mark.parametrize("fn", WRAPPERS)
def test_methods_that_stand_for_functions(fn):
    x = np.array([[1.0, 3.0, 2.0, 0.0], [0.0, -1.0, 5.0, 4.0], [2.0, 2.0, -3.0, 1.0]])
    differential(fn, (x,), (x * 2,), (x.T.copy(),), (x[:, ::-1],), (x[:1],), (x[:0],), (x.astype(int),), (x + 1j,))


def test_such_methods_need_no_frame():
    b = Builder()
    kernel = block(b.finish([b.call(catalogue.lookup(np.argsort), (vector(b),))]), ())
    assert [step.fn for step in kernel.plan.steps] == [np.ndarray.argsort] and kernel.is_c
