"""The block machine against its slow twin, the graph run node by node."""

import operator

import numpy as np
import pytest

import graphlet
from graphlet.backends.block import block
from graphlet.ir.build import Builder
from graphlet.ir.op import Op
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Sym, type_of

F8 = np.dtype("f8")


def row(fn, type_, kind="opaque", **traits):
    return Op(getattr(fn, "__name__", "fn"), fn, lambda args, kwargs: type_, kind, **traits)


def vector(name="n", hint=8, dtype=F8):
    return ArrayType(np.dtype(dtype), (Sym(name, hint),))


def assert_same(left, right):
    assert len(left) == len(right)
    for x, y in zip(left, right, strict=True):
        assert type(x) is type(y)
        if isinstance(x, np.ndarray):
            assert (x.dtype, x.shape, x.strides) == (y.dtype, y.shape, y.strides)
            assert x.tobytes() == y.tobytes()
        else:
            assert repr(x) == repr(y)


def test_calls_with_literals_keywords_and_containers():
    b = Builder()
    t = vector()
    x, n = b.placeholder("x", t), b.placeholder("n", ScalarType(int))
    part = b.call(row(operator.getitem, ArrayType(F8, (Sym("m", 3),)), "view", alias="view"), (x, slice(n, None, 2)))
    both = b.call(row(np.concatenate, ArrayType(F8, (Sym("k", 8),))), ([x, part],), {"axis": 0})
    pair = b.call(row(np.divmod, ObjectType(tuple, (t, t))), (x, 3.0))
    b_ = b.call(row(operator.getitem, t, "scalar"), (pair, 1))
    graph = b.finish([both, b_, x, 5])
    kernel = block(graph, ())
    for x in (np.arange(8.0), np.arange(11.0)):
        assert_same(kernel(x, 2), graph.forward(x, 2))


def test_a_flag_or_an_exception_declines_and_escapes_nowhere(recwarn):
    b = Builder()
    t = vector()
    x = b.placeholder("x", t)
    kernel = block(b.finish([b.call(row(np.log, t, "elementwise"), (x,))]), ())
    assert kernel(np.ones(3)) is not None
    assert kernel(-np.ones(3)) is None
    assert "log" in kernel.last_decline
    with np.errstate(all="ignore"):
        assert np.isnan(kernel(-np.ones(3))[0]).all()
    with np.errstate(invalid="call"):
        assert kernel(-np.ones(3)) is None
    assert np.geterr()["invalid"] == "warn"
    assert not recwarn.list


def test_shapes_that_are_not_related_mismatch():
    b = Builder()
    t = vector()
    x, y = b.placeholder("x", t), b.placeholder("y", t)
    kernel = block(b.finish([b.call(row(np.add, t, "elementwise"), (x, y))]), ())
    assert kernel(np.ones(3), np.ones(3)) is not None
    assert kernel(np.ones(3), np.ones(1)) is None
    assert kernel.status == 2


def test_a_result_that_is_not_as_inferred_declines():
    b = Builder()
    x = b.placeholder("x", vector())
    kernel = block(b.finish([b.call(row(np.sum, ScalarType(np.float32, np.dtype("f4")), "reduction"), (x,))]), ())
    assert kernel(np.ones(3)) is None
    assert "sum" in kernel.last_decline


def test_reductions_of_nothing_decline():
    b = Builder()
    x = b.placeholder("x", vector())
    kernel = block(b.finish([b.call(row(np.sum, ScalarType(np.float64, F8), "reduction"), (x,))]), ())
    assert kernel(np.ones(0)) is None
    assert_same(kernel(np.ones(3)), (np.float64(3.0),))


def test_other_warnings_decline(recwarn):
    b = Builder()
    x = b.placeholder("x", vector())
    mean = row(np.nanmean, ScalarType(np.float64, F8), may_raise=True)
    kernel = block(b.finish([b.call(mean, (x,))]), ())
    assert_same(kernel(np.ones(3)), (np.float64(1.0),))
    assert kernel(np.full(3, np.nan)) is None
    assert not recwarn.list
    with pytest.warns(RuntimeWarning):
        np.nanmean(np.full(3, np.nan))


def test_writes_run_in_program_order():
    b = Builder()
    t = vector()
    x = b.placeholder("x", t)
    store = row(operator.setitem, t, mutates=0, pure=False)
    copy = b.call(row(np.copy, t), (x,))
    before = b.call(row(np.negative, t, "elementwise"), (copy,))
    written = b.call(store, (copy, 0, 7.0))
    graph = b.finish([before, written])
    kernel = block(graph, ())
    x = np.arange(4.0)
    assert_same(kernel(x), graph.forward(x))
    assert_same((x,), (np.arange(4.0),))


def test_constants_and_unused_outputs():
    b = Builder()
    t = type_of(np.arange(3.0))
    c = b.constant(np.arange(3.0))
    graph = b.finish([c, (c, 2), None])
    assert t.shape == (3,)
    outputs = block(graph, ())()
    assert outputs[0] is graph.forward()[0] and outputs[2] is None


def test_a_handler_that_raises_inside_a_call_is_not_lost():
    def from_elsewhere(x):
        raise KeyboardInterrupt("from a handler")

    b = Builder()
    t = vector()
    kernel = block(b.finish([b.call(row(from_elsewhere, t), (b.placeholder("x", t),))]), ())
    with pytest.raises(KeyboardInterrupt, match="from a handler"):
        assert kernel(np.ones(3)) is None
        for _ in range(10):
            pass


@pytest.mark.parametrize("chars", ["qlq", "lql", "QLQ"])
def test_long_and_long_long_stay_what_they_are(chars):
    def program(x):
        return x * x + 1, np.negative(x) - np.abs(x), (x + 1).sum(axis=0)

    fast = graphlet.optimize(program)
    for char in chars:
        x = np.arange(8, dtype=char)
        for _ in range(3):
            assert [part.dtype.char for part in fast(x)] == [char] * 3
    assert fast.graphlet.stats()["declines"] == 0
