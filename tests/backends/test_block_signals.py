"""Which calls need care, and that the others raise no flag and issue no warning, whatever the values."""

import warnings
from typing import Any

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.arrayops.reuse import REUSE
from graphlet.backends.block_signals import FLAGLESS, may_warn, needs_errstate
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, ScalarType, Sym

N = Sym("n", 4)
D = np.dtype("d")


def vector(b: Builder, dtype: str = "d") -> Any:
    return b.placeholder("x", ArrayType(np.dtype(dtype), (N,)))


def test_which_calls_need_care():
    b = Builder()
    x, k = vector(b), b.placeholder("k", ScalarType(int))
    views = b.call(catalogue.operator("[]"), (x, slice(1, None)))
    numbers = b.call(catalogue.scalar_operator("+"), (k, 1))
    spread = b.call(catalogue.method("var"), (x,))
    made = b.call(catalogue.lookup(np.zeros), (3,))
    assert [needs_errstate(node) for node in (views, numbers, spread, made)] == [False, False, True, False]
    assert [may_warn(node) for node in (views, numbers, spread, made)] == [False, False, True, False]


def test_what_only_looks_where_arrays_lie_needs_no_care():
    b = Builder()
    x = vector(b)
    node = b.call(REUSE, (8, 1, x, x))
    assert not needs_errstate(node)
    assert not may_warn(node)


def test_numbers_that_are_cast_need_care() -> None:
    b = Builder()
    joined, found = catalogue.lookup(np.concatenate), catalogue.lookup(np.searchsorted)
    x, y, k, h, r = (vector(b, dtype) for dtype in "dfiee")
    n, v = b.placeholder("n", ScalarType(int)), b.placeholder("v", ScalarType(float))
    assert not any(needs_errstate(b.call(joined, (pair,))) for pair in ((x, x), (x, k), (k, k), (y, y)))
    assert all(needs_errstate(b.call(joined, (pair,))) for pair in ((x, y), (k, y), (h, k), (h, r)))
    assert not any(needs_errstate(b.call(found, pair)) for pair in ((x, v), (x, n), (x, 1.5), (k, 2)))
    assert all(needs_errstate(b.call(found, pair)) for pair in ((y, v), (y, 1.5), (y, np.float64(1))))


def flagless() -> dict[str, Any]:
    """Calls of all functions that are said to raise no flag, over what raises most."""
    one = {name: (lambda fn: lambda x: fn(x))(getattr(np, name)) for name in ONE_ARRAY}
    return {
        **one,
        "flatten": lambda x: x.flatten(), "repeat": lambda x: np.repeat(x, 3), "tile": lambda x: np.tile(x, (2, 2)),
        "roll": lambda x: np.roll(x, 1), "reshape": lambda x: x[::-1].reshape(2, -1),
        "append": lambda x: np.append(x, x),
        "concatenate": lambda x: np.concatenate([x, x[::-1]]), "stack": lambda x: np.stack([x, x], 1),
        "hstack": lambda x: np.hstack([x, x]), "vstack": lambda x: np.vstack([x, x]), "take": lambda x: x.take([0, 2]),
        "dstack": lambda x: np.dstack([x, x]), "column_stack": lambda x: np.column_stack([x, x]),
        "getitem_fancy": lambda x: (x[[1, 0]], x[x == x]), "compress": lambda x: np.compress([True, False], x),
        "extract": lambda x: np.extract(np.ones(len(x), bool), x), "rot90": lambda x: np.rot90(x.reshape(2, -1)),
        "take_along_axis": lambda x: np.take_along_axis(x, np.array([1, 0]), 0), "lexsort": lambda x: np.lexsort((x,)),
        "partition": lambda x: np.partition(x, 2), "argpartition": lambda x: np.argpartition(x, 2),
        "where": lambda x: (np.where(x), np.where(x == x, x, x[::-1])),
        "searchsorted": lambda x: np.searchsorted(np.sort(x), x), "count_nonzero": lambda x: np.count_nonzero(x),
    }  # fmt: skip


ONE_ARRAY = ("copy", "ravel", "diag", "tril", "triu", "sort", "argsort", "nonzero", "flatnonzero", "argwhere")


def test_each_of_them_is_tried() -> None:
    assert set(flagless()) == FLAGLESS


@pytest.mark.parametrize("name", sorted(FLAGLESS))
@pytest.mark.parametrize("dtype", "?bBhHiIlLqQfdgFDG")
def test_they_raise_no_flag_and_do_not_warn(name: str, dtype: str) -> None:
    with np.errstate(all="ignore"):
        extremes = np.array([1e300, -1e300, np.inf, -np.inf, np.nan, 1e-320, 0.0, -1.0]).astype(dtype)
    if dtype in "fF":
        extremes[5] = np.finfo(np.float32).smallest_subnormal
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        flagless()[name](extremes)
        flagless()[name](extremes[::-1])
