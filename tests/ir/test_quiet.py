"""Operations said to be quiet neither warn nor raise, on all edge values."""

import itertools
import math
import operator
import warnings

import numpy as np
import pytest

from graphlet.ir.build import Builder
from graphlet.ir.op import Op
from graphlet.ir.quiet import QUIET_OPERATORS, QUIET_UFUNCS, why_it_stays
from graphlet.ir.types import ArrayType, ScalarType, type_of
from tests.ir.rows import ADD, COPY, DIV, GET, INV, LESS, MUL, RANDOM, SQRT, TIMES, vector, with_vectors
from tests.ir.test_graph import looped

EDGES = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 5e-324, 1.7e308, 6e4, -3.5]
CODES = "?bBhHiIlLqQefdgFD"


def edge_values(dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.array([info.min, info.max, 0, 1, info.max // 2 + 1], dtype)
    with np.errstate(all="ignore"):
        values = np.array(EDGES, dtype)
        return values if dtype.kind == "f" else np.array([complex(a, b) for a in EDGES for b in EDGES], dtype)


def calls(ufunc: np.ufunc, kinds: frozenset[str]) -> list[tuple[np.dtype, ...]]:
    dtypes = [np.dtype(code) for code in CODES if np.dtype(code).kind in kinds]
    return list(itertools.product(dtypes, repeat=ufunc.nin))


@pytest.mark.parametrize("ufunc", QUIET_UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_quiet_ufuncs_are_quiet_on_all_edge_values(ufunc: np.ufunc) -> None:
    tried = 0
    for dtypes in calls(ufunc, QUIET_UFUNCS[ufunc]):
        operands = np.meshgrid(*map(edge_values, dtypes), indexing="ij")
        assert [operand.dtype for operand in operands] == list(dtypes)
        try:
            ufunc.resolve_dtypes((*dtypes, None))
        except TypeError:
            continue  # inference refuses this
        with np.errstate(all="raise"), warnings.catch_warnings():
            warnings.simplefilter("error")
            for repeated in (1, 37):
                ufunc(*(np.repeat(operand.ravel(), repeated) for operand in operands))
        tried += 1
    assert tried > 3


NUMBERS = {
    bool: [False, True],
    int: [0, -1, 2**63, -(10**40)],
    float: EDGES,
    complex: [complex(a, b) for a in EDGES for b in EDGES],
}
QUIET_CASES = [(fn, family) for fn, families in QUIET_OPERATORS.items() for family in families]


@pytest.mark.parametrize(("fn", "family"), QUIET_CASES, ids=str)
def test_quiet_operators_are_quiet_on_all_edge_values(fn: object, family: tuple[type, ...]) -> None:
    values = [value for kind in family for value in NUMBERS[kind]]
    n_operands = 1 if fn in (operator.neg, operator.pos, operator.abs, operator.not_, abs) else 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = [fn(*operands) for operands in itertools.product(values, repeat=n_operands)]
    assert len(results) == len(values) ** n_operands


def test_what_may_warn_or_raise_stays() -> None:
    b, x = with_vectors("x")
    k = b.placeholder("k", ScalarType(float))
    whole = b.placeholder("whole", ScalarType(int))
    reasons = {
        b.call(DIV, (x, x)): "it may warn",
        b.call(ADD, (x, x)): "it may warn",
        b.call(SQRT, (x,)): "it may warn",
        b.call(GET, (x, slice(1, None, k))): "it may raise",
        b.call(GET, (x, slice(None, None, 0))): "it may raise",
        b.call(GET, (x, 5)): "it may raise",
        b.call(GET, (x, slice(0, 1))): "it may raise",
        b.call(GET, (x, slice(-1, None))): "it may raise",
        b.call(INV, (x,)): "it may raise",
        b.call(RANDOM): "it draws random numbers",
        b.call(LESS, (x, whole)): "it may warn",
        b.call(TIMES, (k, whole)): "it may warn",
        x: "it belongs to the graph's form",
        looped().nodes[1]: "its sub-graphs may do something",
    }
    assert {node: why_it_stays(node) for node in reasons} == reasons


def test_what_is_quiet_may_go() -> None:
    b, x = with_vectors("x")
    whole = b.placeholder("whole", vector("whole", dtype=np.int16))
    k = b.placeholder("k", ScalarType(float))
    whole_number = b.placeholder("whole_number", ScalarType(int))
    nodes = [
        b.call(LESS, (x, 0.5)),
        b.call(LESS, (x, x)),
        b.call(MUL, (whole, 3)),
        b.call(TIMES, (k, k)),
        b.call(COPY, (x,)),
        b.call(GET, (x, slice(1, whole_number, -1))),
        b.call(GET, (x, ...)),
        b.call(GET, (x, slice(0, 2))),
        b.constant(5),
    ]
    assert [why_it_stays(node) for node in nodes] == [None] * len(nodes)


def test_an_operation_that_checks_sizes_stays() -> None:
    b, x, y = with_vectors("x", "y")
    assert why_it_stays(b.call(LESS, (x, y))) == "it may warn"


@pytest.mark.parametrize("literal", [-1, 1000, 10**30, math.nan, 1e300])
def test_a_literal_that_may_not_fit_stays(literal: object) -> None:
    b = Builder()
    x = b.placeholder("x", vector("x", dtype=np.int8))
    row = Op("less", np.less, lambda args, kwargs: ArrayType(np.dtype(bool), args[0].shape), "elementwise")
    assert why_it_stays(b.call(row, (x, literal))) == "it may warn"


def test_a_write_through_out_is_not_called_quiet() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    row = Op("negative", np.negative, lambda args, kwargs: type_of(np.zeros(1)), "elementwise", mutates=0)
    assert why_it_stays(b.call(row, (fresh,))) == "it may warn"
