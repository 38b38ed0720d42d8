"""Symbolic shapes."""

import pytest

from graphlet.arrayops.broadcasting import (
    UNKNOWN,
    assign_into,
    axes_literal,
    broadcast,
    broadcast_into,
    dim_of,
    dim_of_size,
    equal,
    flat_dim,
    fresh_sym,
    match,
    sum_dims,
    total_hint,
)
from graphlet.ir.op import InferenceError
from graphlet.ir.types import ScalarType, Sym, same_shape


def test_broadcast():
    n, m, k = Sym("n", 3), Sym("m", 4), Sym("k", 4)
    assert broadcast([(n, m), (k,), (1, 1), ()]) == (n, m)
    assert m.root() is k.root()
    assert broadcast([(1, 1), (1,)]) == (1, 1)


def test_conflicts_leave_everything_as_it_was():
    n, m, k, other = Sym("n", 3), Sym("m", 4), Sym("k", 3), Sym("o", 5)
    with pytest.raises(InferenceError):
        broadcast([(n, m), (k, other)])
    assert n.root() is n and k.root() is k
    with pytest.raises(InferenceError):
        broadcast([(Sym("one", 1),), (n,)])


def test_unknown_sizes_agree_with_anything():
    n, u = Sym("n", 3), fresh_sym()
    assert equal(u, n).hint == 3
    assert equal(fresh_sym(), fresh_sym()).hint == UNKNOWN


def test_fixed_and_run_time_sizes_do_not_mix():
    with pytest.raises(InferenceError):
        equal(Sym("n", 3), 3)
    with pytest.raises(InferenceError):
        equal(3, 4)
    assert equal(1, 1) == 1


def test_broadcast_into():
    n, m, k = Sym("n", 3), Sym("m", 4), Sym("k", 4)
    broadcast_into((1, k), (n, m))
    assert m.root() is k.root()
    for shape in ((m, 1, n), (n, n), (1, n, m), (Sym("x", 3), n, m)):
        with pytest.raises(InferenceError):
            broadcast_into(shape, (n, m))


def test_assignments_drop_leading_ones():
    n, m = Sym("n", 3), Sym("m", 3)
    assign_into((1, 1, n), (m,))
    assert m.root() is n.root()
    with pytest.raises(InferenceError):
        assign_into((Sym("k", 2), n), (m,))


def test_match():
    n, m = Sym("n", 3), Sym("m", 3)
    match((1, n), (1, m))
    assert m.root() is n.root()
    for shape in ((n,), (1, n, n), (1, 1)):
        with pytest.raises(InferenceError):
            match(shape, (1, m))


def test_sizes():
    assert dim_of_size(1) == 1 and dim_of_size(5).hint == 5 and dim_of(ScalarType(int)).hint == UNKNOWN
    for bad in (-1, 2.5, "a", ScalarType(float)):
        with pytest.raises(InferenceError):
            dim_of(bad)


def test_axes():
    assert axes_literal(None, 2) == (0, 1) and axes_literal(-1, 3) == (2,) and axes_literal((2, 0), 3) == (0, 2)
    for bad in (3, (0, -3), True, ScalarType(int), 1.0):
        with pytest.raises(InferenceError):
            axes_literal(bad, 3)


def test_totals():
    n, m = Sym("n", 3), Sym("m", 4)
    assert total_hint((n, m, 1)) == 12 and total_hint((fresh_sym(), n)) == UNKNOWN and total_hint((fresh_sym(), 0)) == 0
    assert flat_dim((1, n, 1)) is n and flat_dim((1, 1)) == 1 and flat_dim((n, m)).hint == 12
    assert sum_dims((n, m)).hint == 7 and sum_dims((1, 1)).hint == 2 and sum_dims((fresh_sym(), n)).hint == UNKNOWN
    assert same_shape((n, 1), (n, 1)) and not same_shape((n,), (m,))
