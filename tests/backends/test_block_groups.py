"""Groups of the block machine against NumPy node by node: values, dtypes, strides, warnings, for random graphs."""

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.backends.block import block
from graphlet.backends.block_groups import axes_in
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, ScalarType, Sym
from graphlet.runtime.plan import Fused
from tests.backends.block_cases import SIZES, Case, bits, describe, sizes_for

pytestmark = pytest.mark.filterwarnings("error")
SETS = {
    "any": {},
    "floats": {"dtypes": "fd", "n_ops": 10},
    "half": {"dtypes": "e"},
    "complex": {"dtypes": "FD"},
    "long double": {"dtypes": "gd"},
    "small": {"dtypes": "?bB", "n_ops": 8},
    "long chains": {"dtypes": "dlf", "n_ops": 60, "ndim": 3},
    "planes": {"dtypes": "fd", "n_ops": 8, "ndim": 2},
    "reductions": {"dtypes": "dfl", "n_ops": 8, "reductions": 0.3},
    "reductions of planes": {"dtypes": "d", "n_ops": 8, "reductions": 0.3, "ndim": 2},
}


def forward(case, inputs):
    """What NumPy gives node by node, or None where it raises."""
    try:
        return case.graph.forward(*inputs)
    except (FloatingPointError, ValueError, OverflowError, RuntimeWarning):
        return None


def check(case, kernel, inputs, mode):
    """One run: the same bits, or a run that declines exactly where NumPy raises."""
    before = [bits(value) for value in inputs]
    with np.errstate(all=mode):
        expected, got = forward(case, inputs), kernel(*inputs)
    assert [bits(value) for value in inputs] == before
    if got is None and kernel.last_decline == "reduction of an empty array":
        return
    assert (expected is None) == (got is None), f"{kernel.last_decline}\n{describe(case)}"
    if expected is not None:
        assert [bits(value) for value in got] == [bits(value) for value in expected], describe(case)


@pytest.mark.parametrize("name", SETS)
def test_random_graphs_give_the_bits_of_numpy(name):
    for seed in range(40):
        case = Case(1000 + seed, **SETS[name])
        if not case.graph.outputs:
            continue
        kernel = block(case.graph, ())
        for total in case.random.sample(SIZES, 4):
            inputs = case.inputs(sizes_for(case, total))
            for mode in ("ignore", "raise"):
                check(case, kernel, inputs, mode)


def test_long_runs_release_the_interpreter_and_give_the_same_bits():
    for seed in range(6):
        case = Case(7000 + seed, dtypes="fdl", n_ops=8)
        inputs = case.inputs(sizes_for(case, 200_000))
        check(case, block(case.graph, ()), inputs, "ignore")


def test_most_of_a_chain_is_one_step():
    b = Builder()
    x, y = (b.placeholder(name, ArrayType(np.dtype("f8"), (Sym("n", 4),))) for name in "xy")
    node = b.call(catalogue.lookup(np.exp), (b.call(catalogue.operator("neg"), (x,)),))
    node = b.call(catalogue.operator("+"), (b.call(catalogue.operator("**"), (node, 2)), y))
    mask = b.call(catalogue.operator(">"), (node, 0.5))
    node = b.call(catalogue.lookup(np.where), (mask, node, 0))
    steps = block(b.finish([node]), ()).plan.steps
    assert [type(step) for step in steps] == [Fused]
    assert len(steps[0].ops) == 6
    assert max(steps[0].buffers) == 1


def test_a_group_beyond_the_limits_is_cut_into_several():
    case = Case(5, dtypes="d", n_ops=300, ndim=1, ufuncs=[np.add, np.multiply, np.tanh])
    kernel = block(case.graph, ())
    assert len(kernel.plan.steps) > 1
    check(case, kernel, case.inputs((1000,)), "ignore")


def test_axes_of_operands():
    n, m = Sym("n", 4), Sym("m", 5)
    f8 = np.dtype("f8")
    assert axes_in((n, m), ArrayType(f8, (n, m))) == (0, 1)
    assert axes_in((n, m), ArrayType(f8, (m,))) == (-1, 0)
    assert axes_in((n, m), ArrayType(f8, (n, 1))) == (0, -1)
    assert axes_in((n, 1), ArrayType(f8, (n, 1))) == (0, 1)
    assert axes_in((n, m), ArrayType(f8, ())) == (-1, -1)


def test_a_number_beyond_a_dtype_declines():
    b = Builder()
    x = b.placeholder("x", ArrayType(np.dtype("u1"), (Sym("n", 4),)))
    k = b.placeholder("k", ScalarType(int))
    kernel = block(b.finish([b.call(catalogue.operator("+"), (x, k))]), ())
    assert bits(kernel(np.arange(4, dtype="u1"), 250)[0]) == bits(np.arange(4, dtype="u1") + 250)
    assert kernel(np.arange(4, dtype="u1"), 300) is None
    assert "OverflowError" in kernel.last_decline


def test_masks_have_long_blocks_and_numbers_short_ones():
    b = Builder()
    x, y, z = (b.placeholder(name, ArrayType(np.dtype("f8"), (Sym("n", 4),))) for name in "xyz")
    below, above = b.call(catalogue.operator("<"), (x, 0.5)), b.call(catalogue.operator(">"), (y, 0.5))
    both = b.call(catalogue.operator("&"), (below, above))
    masks = b.finish([b.call(catalogue.operator("|"), (both, b.call(catalogue.operator("<"), (z, 0.25))))])
    b = Builder()
    x, y, z = (b.placeholder(name, ArrayType(np.dtype("f8"), (Sym("n", 4),))) for name in "xyz")
    sums = b.finish([b.call(catalogue.operator("+"), (b.call(catalogue.operator("*"), (x, y)), z))])
    kernels = [block(graph, ()) for graph in (masks, sums)]
    assert [kernel.plan.steps[0].block for kernel in kernels] == [8192, 1024]
    arrays = [np.random.default_rng(i).random(30_001) for i in range(3)]
    for kernel, graph in zip(kernels, (masks, sums), strict=True):
        assert [bits(value) for value in kernel(*arrays)] == [bits(value) for value in graph.forward(*arrays)]
