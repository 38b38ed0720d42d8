"""What is known beforehand of results that go straight into their place: which step comes last, whose memory it is."""


import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.backends.block import block
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, Sym
from graphlet.ir.write import Write
from graphlet.runtime._block import BlockKernel
from graphlet.runtime.plan import Call, Fused

N = Sym("n", 9)
ADD, MUL, GETITEM, SUM = (
    catalogue.operator("+"), catalogue.operator("*"), catalogue.operator("[]"), catalogue.method("sum"),
)  # fmt: skip


class Program:
    """A graph of two operands and a target."""

    def __init__(self, dtype="d"):
        self.b = Builder()
        self.x, self.y, self.out = (self.b.placeholder(n, ArrayType(np.dtype(dtype), (N,))) for n in ("x", "y", "out"))

    def call(self, row, *args):
        return self.b.call(row, args)

    def plan(self, target, value, *more, is_result=False):
        graph = self.b.finish([target, value, *more])
        graph.writes = (Write(0, 1, is_result),)
        return block(graph, ()).plan


def test_floats_only_where_no_flag_is_reported():
    for dtype, is_result, always in (("d", False, False), ("d", True, True), ("l", False, True), ("l", True, True)):
        p = Program(dtype)
        placed = p.plan(p.out, p.call(ADD, p.x, p.y), is_result=is_result).placed
        assert (placed.root, placed.target, placed.always) == (2, 2, always)


def test_a_chain_raises_before_it_stores():
    p = Program()
    assert not p.plan(p.out, p.call(ADD, p.call(MUL, p.x, p.y), p.y), is_result=True).placed.always


def test_no_write_placed_needs_a_write():
    p = Program()
    graph = p.b.finish([p.out, p.call(ADD, p.x, p.y)])
    assert block(graph, ()).plan.placed is None


def test_the_group_comes_behind_the_view_it_writes():
    p = Program()
    value = p.call(ADD, p.x, p.y)
    view = p.call(GETITEM, p.out, slice(None, None))
    plan = p.plan(view, value)
    assert [type(step) for step in plan.steps] == [Call, Fused]
    assert plan.placed.root == 2 and plan.placed.target == plan.steps[0].out


@pytest.mark.parametrize("reader", ["sum", "operand", "other view"])
def test_a_target_that_is_read(reader):
    p = Program()
    if reader == "sum":
        more, value = [p.call(SUM, p.out)], p.call(ADD, p.x, p.y)
    elif reader == "operand":
        more, value = [], p.call(ADD, p.x, p.out)
    else:
        more, value = [p.call(GETITEM, p.out, slice(1, None))], p.call(ADD, p.x, p.y)
    view = p.call(GETITEM, p.out, slice(None, None))
    assert p.plan(view, value, *more).placed is None


def test_a_value_that_others_get():
    p = Program()
    value = p.call(ADD, p.x, p.y)
    assert p.plan(p.out, value, value).placed is None
    p = Program()
    value = p.call(ADD, p.x, p.y)
    assert p.plan(p.out, value, p.call(catalogue.method("cumsum"), value)).placed is None


def test_what_may_fail_comes_first_or_nothing_is_placed():
    p = Program()
    value = p.call(ADD, p.x, p.y)
    assert p.plan(p.out, value, p.call(catalogue.method("cumsum"), p.x)).placed is None


def test_a_plan_that_is_wrong_is_refused():
    p = Program()
    plan = p.plan(p.out, p.call(ADD, p.x, p.y))
    for wrong in ({"steps": ()}, {"outputs": (2, 3, 3)}):
        with pytest.raises(ValueError):
            BlockKernel(type(plan)(**{name: getattr(plan, name) for name in plan.__slots__} | wrong))
