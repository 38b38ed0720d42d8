"""Reductions of the block machine against NumPy's, bit for bit: every length, every way through an array."""

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.arrayops.reduction import REDUCED_BY
from graphlet.backends.block import block
from graphlet.backends.block_tails import COLUMNS, ROWS, WHOLE, axes_of, walk_of
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, Sym
from graphlet.runtime.plan import Call, Fused
from tests.backends.block_cases import LAYOUTS, bits, laid_out, values

REDUCTIONS = ("sum", "mean", "prod", "max", "min", "argmin", "argmax")
EDGES = (1, 2, 3, 7, 8, 9, 15, 16, 17, 127, 128, 129, 255, 256, 257, 511, 512, 1023, 1024, 1025, 1032, 2047, 2048, 2056)


def reduced(name, dtype, ndim, produce=None, **options):
    """A kernel that reduces an array, or what ``produce`` makes of it, and the graph."""
    b = Builder()
    x = b.placeholder("x", ArrayType(np.dtype(dtype), tuple(Sym(f"n{i}", 8) for i in range(ndim)), "K"))
    node = x
    for symbol, operand in produce or ():
        node = b.call(catalogue.operator(symbol), (node, node if operand is None else operand))
    graph = b.finish([b.call(catalogue.method(name), (node,), options)])
    return block(graph, ()), graph


def is_native(kernel):
    return not any(isinstance(step, Call) for step in kernel.plan.steps)


def check(kernel, graph, x):
    with np.errstate(all="ignore"):
        assert [bits(v) for v in kernel(x)] == [bits(v) for v in graph.forward(x)], (x.shape, x.strides)


@pytest.mark.parametrize("dtype", "fdg")
@pytest.mark.parametrize("name", REDUCTIONS)
def test_every_length(name, dtype):
    rng = np.random.default_rng(1)
    data = (rng.standard_normal(3000) + (name == "prod")).astype(dtype)
    direct, plain = reduced(name, dtype, 1)
    fused, squares = reduced(name, dtype, 1, [("*", None)])
    is_left = name.startswith("arg") and dtype == "g"
    assert is_left or (is_native(direct) and is_native(fused) and len(fused.plan.steps) == 1)
    for n in range(1, 3001):
        check(direct, plain, data[:n])
        check(fused, squares, data[:n])


@pytest.mark.parametrize("dtype", "?bBhHiIlLfdg")
@pytest.mark.parametrize("name", (*REDUCTIONS, "any", "all"))
def test_every_dtype_with_special_values(name, dtype):
    rng = np.random.default_rng(2)
    for options in ({}, {"axis": 0}, {"axis": -1}):
        kernels = [reduced(name, dtype, 2, **options)]
        if dtype != "?":
            kernels.append(reduced(name, dtype, 2, [("*", 3)], **options))
        for shape in ((1, 1), (3, 5), (5, 3), (1, 300), (300, 1), (7, 1030), (1030, 7), (2, 2500)):
            x = values(rng, dtype, shape[0] * shape[1]).reshape(shape)
            for kernel, graph in kernels:
                check(kernel, graph, x)


@pytest.mark.parametrize("dtype", "fd")
@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("axis", (None, 0, -1))
@pytest.mark.parametrize("keepdims", (False, True))
def test_every_edge_along_an_axis(name, dtype, axis, keepdims):
    rng = np.random.default_rng(3)
    kernels = [
        reduced(name, dtype, 2, produce, axis=axis, keepdims=keepdims)
        for produce in (None, [("*", None), ("-", 0.25)])
    ]
    for n in EDGES:
        for shape in ((3, n), (n, 3), (n, 1), (1, n)):
            x = rng.standard_normal(shape).astype(dtype)
            for kernel, graph in kernels:
                check(kernel, graph, x)


@pytest.mark.parametrize("dtype", "?bHid")
@pytest.mark.parametrize("name", REDUCED_BY)
@pytest.mark.parametrize("options", ({}, {"axis": 1}, {"axis": None}, {"axis": (0, 1), "keepdims": True}))
def test_methods_of_ufuncs(name, dtype, options):
    b = Builder()
    x = b.placeholder("x", ArrayType(np.dtype(dtype), (Sym("n", 8), Sym("m", 8)), "K"))
    source = x if dtype == "?" else b.call(catalogue.operator("+"), (x, x))
    row = catalogue.ufunc_method(REDUCED_BY[name], "reduce")
    graph = b.finish([b.call(row, (source,), options)])
    kernel = block(graph, ())
    is_logical = name in ("any", "all")
    if is_logical == (dtype == "?") and options.get("axis") != (0, 1):
        assert is_native(kernel)
    rng = np.random.default_rng(7)
    for shape in ((1, 1), (3, 5), (300, 2), (7, 1030)):
        check(kernel, graph, values(rng, dtype, shape[0] * shape[1]).reshape(shape))


@pytest.mark.parametrize("name", ("sum", "mean", "max", "any", "argmin"))
def test_every_layout(name):
    rng = np.random.default_rng(4)
    for ndim in (1, 2, 3):
        for axis in (None, 0, -1):
            dtype = "?" if name == "any" else "d"
            produce = [("|", False)] if name == "any" else [("*", 0.5), ("+", None)]
            kernels = [reduced(name, dtype, ndim, axis=axis), reduced(name, dtype, ndim, produce, axis=axis)]
            for layout in dict.fromkeys(LAYOUTS):
                for total in (5, 300, 4000):
                    shape = {1: (total,), 2: (5, total // 5), 3: (total // 5, 1, 5)}[ndim]
                    x = laid_out(rng, values(rng, dtype, total).reshape(shape), layout)
                    for kernel, graph in kernels:
                        check(kernel, graph, x)


def test_broadcast_operands_before_a_row_sum():
    b = Builder()
    n, m = Sym("n", 4), Sym("m", 4)
    d = np.dtype("d")
    x, row = b.placeholder("x", ArrayType(d, (n, m))), b.placeholder("row", ArrayType(d, (m,)))
    column = b.placeholder("column", ArrayType(d, (n, 1)))
    product = b.call(catalogue.operator("*"), (b.call(catalogue.operator("-"), (x, column)), row))
    outputs = [
        product,
        b.call(catalogue.method("sum"), (product,), {"axis": 1}),
        b.call(catalogue.method("max"), (product,), {"axis": 1, "keepdims": True}),
        b.call(catalogue.method("mean"), (product,), {}),
    ]
    graph = b.finish(outputs)
    kernel = block(graph, ())
    assert [type(step) for step in kernel.plan.steps] == [Fused, Fused]
    rng = np.random.default_rng(5)
    for shape in ((1, 1), (3, 4), (200, 3), (3, 200), (2, 5000), (5000, 2), (33, 1024)):
        args = rng.standard_normal(shape), rng.standard_normal(shape[1]), rng.standard_normal((shape[0], 1))
        assert [bits(v) for v in kernel(*args)] == [bits(v) for v in graph.forward(*args)]
        assert kernel.n_nodewise == 0


def test_empty_and_overflowing_reductions_decline():
    kernel, _ = reduced("sum", "d", 1, [("*", 2.0)])
    assert kernel(np.ones(0)) is None
    assert kernel(np.full(2000, 1e308)) is None
    kernel, graph = reduced("mean", "f", 1)
    assert kernel(np.full(2000, 3e38, "f")) is None
    with np.errstate(all="ignore"):
        check(kernel, graph, np.full(2000, 3e38, "f"))


def test_long_means_of_integers_are_left_to_numpy():
    kernel, graph = reduced("mean", "i", 1)
    for n in (1000, (1 << 21) + 1):
        x = np.arange(n, dtype="i")
        check(kernel, graph, x)
    assert kernel.n_nodewise == 1
    assert not is_native(reduced("mean", "l", 1)[0])


def test_ways_through_an_array():
    cases = {None: (0, 3), 0: (0, 1), -1: (2, 3), (2,): (2, 3), np.int64(-3): (0, 1), 1: (1, 2)}
    cases |= {(0, 1): (0, 2), (-1, 1): (1, 3), (2, 0, 1): (0, 3)}
    cases |= dict.fromkeys([(0, 2), (1, 1), (), 3, "x"])
    assert {axis: axes_of(axis, 3) for axis in cases} == cases
    assert axes_of(-1, 1) == (0, 1)
    assert [walk_of(axes, 3) for axes in ((0, 3), (1, 3), (0, 1), (1, 2), (0, 2))] == [WHOLE, ROWS, *[COLUMNS] * 3]


@pytest.mark.parametrize("dtype", "fd")
@pytest.mark.parametrize("name", ("sum", "mean", "prod", "max", "min"))
def test_nans_with_bits_of_their_own_in_rows(name, dtype):
    """Which of several NaNs a row keeps is NumPy's choice, however many rows there are."""
    whole = {"f": np.uint32, "d": np.uint64}[dtype]
    rng = np.random.default_rng(9)
    for length in (2, 3, 8, 9, 127, 129, 700, 9000):
        x = rng.standard_normal((40_000 // length + 3, length)).astype(dtype)
        bits_of_x = x.view(whole)
        for _ in range(2):
            places = rng.random(x.shape) < 0.3 / length + 0.001
            quiet = np.full(1, np.nan, dtype).view(whole)[0] | rng.integers(0, 1000, places.sum()).astype(whole)
            bits_of_x[places] = quiet
            check(*reduced(name, dtype, 2, axis=1), x)
            check(*reduced(name, dtype, 2, [("+", 1.0)], axis=1), x)
