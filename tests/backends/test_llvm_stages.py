"""Which operations become one function: levels, order, casts that stay calls."""

import functools
import itertools

import numpy as np
import pytest

import graphlet
from graphlet.arrayops import catalogue
from graphlet.backends.block import plan_of
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_spec import Op
from graphlet.backends.llvm_stages import arrange
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, Sym
from graphlet.runtime import _block
from graphlet.runtime._block import BlockKernel
from graphlet.runtime._code import MAX_OPERANDS, Code


class Drawing:
    """A graph of doubles, and the specs of its stages."""

    def __init__(self, dtype="d"):
        self.builder = Builder()
        self.n = Sym("n", 8)
        self.x, self.y = self.array("x", dtype), self.array("y", dtype)
        self.specs = []

    def array(self, name, dtype, dims=None):
        return self.builder.placeholder(name, ArrayType(np.dtype(dtype), dims or (self.n,)))

    def op(self, ufunc, *args):
        return self.builder.call(catalogue.lookup(ufunc), args)

    def plan(self, *outputs):
        return plan_of(self.builder.finish(outputs), lambda draft, needed: arrange(draft, needed, self.code))

    def code(self, spec):
        self.specs.append(spec)
        return Code(spec, 0)


def formulas(spec):
    return [op.formula for op in spec.ops]


def test_what_calls_wait_for_comes_before_them_and_the_rest_behind():
    d = Drawing()
    inner = d.op(np.negative, d.op(np.multiply, d.x, d.x))
    late = d.op(np.multiply, d.x, d.y)
    d.plan(d.op(np.add, d.op(np.exp, inner), d.op(np.subtract, late, d.op(np.tanh, d.y))))
    assert [formulas(spec) for spec in d.specs] == [["multiply", "negative"], ["multiply", "subtract", "add"]]


def test_values_are_numbered_inputs_first():
    d = Drawing()
    d.plan(d.op(np.subtract, d.op(np.add, d.x, d.y), d.x))
    (spec,) = d.specs
    assert spec.inputs == ("f64", "f64")
    assert spec.ops == (Op("add", (0, 1), ("f64",) * 3), Op("subtract", (2, 0), ("f64",) * 3))
    assert spec.outputs == (3,)


def test_one_operation_alone_stays_a_call():
    d = Drawing()
    (step,) = d.plan(d.op(np.add, d.x, d.y)).steps
    assert step.stages == ()


def test_what_a_stage_reads_keeps_its_buffer_until_the_end():
    d = Drawing()
    e, t = d.op(np.exp, d.x), d.op(np.tanh, d.x)
    first = d.op(np.add, e, 1.0)
    second = d.op(np.multiply, t, first)
    (step,) = d.plan(d.op(np.log, second), d.op(np.log, first)).steps
    (stage,) = step.stages
    base = len(step.arrays) + len(step.constants)
    own = [step.buffers[reg - base] for reg in stage.outputs]
    read = [step.buffers[reg - base] for reg in stage.inputs if reg >= base]
    assert len({*own, *read}) == len(own) + len(read) == 4


def test_a_cast_for_a_call_is_made_by_the_block_machine():
    d = Drawing("i4")
    wide = d.array("w", "d")
    shared = d.op(np.add, d.x, wide)
    d.plan(d.op(np.power, shared, 3.0), d.op(np.hypot, d.x, wide), d.op(np.subtract, shared, d.y))
    assert all("cast" not in formulas(spec) or "subtract" in formulas(spec) for spec in d.specs)


def test_results_are_the_same_in_the_new_order():
    d = Drawing()
    late = d.op(np.multiply, d.x, d.y)
    out = d.op(np.add, d.op(np.exp, d.op(np.negative, d.op(np.square, d.x))), late)
    x, y = np.linspace(-2, 2, 500), np.linspace(3, 4, 500)
    (got,) = BlockKernel(d.plan(out))(x, y)
    assert got.tobytes() == (np.exp(-np.square(x)) + x * y).tobytes()


@pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
def test_a_cast_that_is_only_reduced_is_part_of_the_function():
    def counts(x, y):
        inside = x > y
        return inside.sum(), (inside * x).sum(), inside.mean()

    with graphlet.config.patch(compile="at once"):
        fast = graphlet.optimize(counts)
        for n in (5, 100, 5000):
            x, y = np.random.default_rng(n).random((2, n))
            for _ in range(3):
                before = _block.work()
                assert fast(x, y) == counts(x, y)
            assert _block.work()[1] == before[1]


@pytest.mark.parametrize("n_arrays", [23, 24, 60])
def test_what_reads_more_than_a_function_may_is_several_functions(n_arrays):
    d = Drawing()
    arrays = [d.array(f"a{i}", "d") for i in range(n_arrays)]
    sums = [d.op(np.add, d.op(np.multiply, left, 2.5), right) for left, right in itertools.pairwise(arrays)]
    total = functools.reduce(lambda left, right: d.op(np.subtract, left, right), sums)
    d.plan(total, sums[0])
    assert sum(len(spec.ops) for spec in d.specs) >= 3 * (n_arrays - 1) - 2  # one alone stays a call
    assert all(len(spec.inputs) <= MAX_OPERANDS for spec in d.specs)
    assert (len(d.specs) > 1) is (n_arrays + 1 > MAX_OPERANDS)  # and the constant


def test_several_functions_give_what_one_would():
    def program(*arrays):
        products = [left * right - 0.5 for left, right in itertools.pairwise(arrays)]
        return sum(products), products[3] + products[-1]

    arrays = np.random.default_rng(0).random((31, 3000))
    with graphlet.config.patch(compile="at once"):
        fast = graphlet.optimize(program)
        for _ in range(3):
            mine, plain = fast(*arrays), program(*arrays)
            assert [x.tobytes() for x in mine] == [x.tobytes() for x in plain]
