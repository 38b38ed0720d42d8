"""Which calls need care, and that the others raise no flag and issue no warning, whatever the values."""

import warnings
from typing import Any

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.arrayops.indexing import SETITEM
from graphlet.arrayops.reuse import REUSE
from graphlet.backends.block_signals import FLAGLESS, may_cast_stored, may_warn, needs_errstate
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


def test_stores_that_cast_need_care() -> None:
    b = Builder()
    arrays = {dtype: vector(b, dtype) for dtype in "?bldfegD"}
    v, n = b.placeholder("v", ScalarType(float)), b.placeholder("n", ScalarType(int))
    copy = catalogue.method("copy")

    def stored(dtype: str, value: Any, place: Any = slice(None)) -> Any:
        target = b.call(copy, (arrays[dtype],))
        return b.call(SETITEM, (target, place, arrays[value] if isinstance(value, str) else value))

    quiet = [("d", v), ("d", n), ("d", 1.5), ("d", "d"), ("d", "l"), ("l", 1), ("l", n), ("b", "l"), ("f", 2)]
    quiet += [("?", "b")]
    loud = [("f", v), ("f", "d"), ("l", v), ("b", "d"), ("e", 1), ("e", "e"), ("d", "g"), ("D", "d")]
    loud += [("d", np.float32(1))]
    assert not any(needs_errstate(stored(*pair)) for pair in quiet)
    assert all(needs_errstate(stored(*pair)) for pair in loud)
    assert not any(may_warn(stored("d", 1.5, place)) for place in (0, (n,), slice(n, None), ...))
    assert all(may_warn(stored("d", 1.5, place)) for place in (arrays["l"], arrays["?"], (arrays["l"],)))


STORED = [1, -1, True, 2.5, np.nan, np.inf, 1e300, np.float64(1e300), np.int64(2**62), np.uint64(2**63)]


@pytest.mark.parametrize("dtype", "?bBhHiIlLqQfdgFDG")
def test_stores_that_need_no_care_raise_no_flag_and_do_not_warn(dtype: str) -> None:
    values = [*STORED, *(np.array([1e300, -np.inf, np.nan, 0.5]), np.arange(4), np.arange(4) > 2, np.full(4, 2**62))]
    n_quiet = 0
    for value in values:
        if may_cast_stored(np.dtype(dtype), ArrayType(value.dtype, (4,)) if isinstance(value, np.ndarray) else value):
            continue
        array = np.zeros(4, dtype)
        with np.errstate(all="raise"), warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                array[:] = value
            except OverflowError:
                continue
        n_quiet += 1
    assert n_quiet > 3


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
