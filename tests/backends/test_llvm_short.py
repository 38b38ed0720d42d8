"""Rows of fewer than eight elements, eight side by side: against NumPy, in every layout, with doubts in any lane."""

import itertools

import numpy as np
import pytest

import graphlet
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_known import LENGTHS
from graphlet.backends.llvm_spec import Op, Reduction, Spec
from graphlet.runtime import _block
from tests.backends.test_llvm_reduce import NUMPY, function
from tests.oracle.runner import differential

pytestmark = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
F64 = "f64"
ROWS = (1, 7, 8, 9, 15, 16, 17, 100)
LAYOUTS = {"d": slice(None), "s": slice(None, None, 3), "r": slice(None, None, -1)}


@pytest.mark.parametrize("length", [0, *LENGTHS])
@pytest.mark.parametrize("char", "fdbBhHiIlL")
def test_every_length_and_number_of_rows(char, length):
    dtype, kinds = np.dtype(char), ("sum", "maximum", "minimum")
    code = f"{dtype.kind}{8 * dtype.itemsize}"
    reduce = function(Spec((code,), (), (), tuple(Reduction(kind, 0) for kind in kinds), length=length), "d")
    rng = np.random.default_rng(3)
    for rows, n in itertools.product(ROWS, range(1, 9)):
        x = (rng.random((rows, n)) * 200 - (100 if dtype.kind != "u" else 0)).astype(dtype)
        x[x == 0] = 1
        results = [np.full(rows + 1, 7, dtype) for _ in kinds]
        assert reduce([x], results) == 0
        for kind, result in zip(kinds, results, strict=True):
            assert result[:-1].tobytes() == NUMPY[kind].reduce(x, axis=1, dtype=dtype).tobytes(), (kind, rows, n)
            assert result[-1] == 7


@pytest.mark.parametrize("length", [0, *LENGTHS])
def test_truths(length):
    reduce = function(Spec(("b8",), (), (), (Reduction("any", 0), Reduction("all", 0)), length=length), "d")
    for rows, n in itertools.product(ROWS, range(1, 8)):
        x = np.random.default_rng(rows * n).random((rows, n)) > 0.5
        some, every = np.zeros(rows, bool), np.zeros(rows, bool)
        assert reduce([x], [some, every]) == 0
        assert np.array_equal(some, x.any(axis=1)) and np.array_equal(every, x.all(axis=1))


@pytest.mark.parametrize("length", [0, *LENGTHS])
@pytest.mark.parametrize("kinds", ["".join(pair) for pair in itertools.product("dsr0", repeat=2)])
def test_every_layout(kinds, length):
    """Distances: rows of one operand may be the same for all rows, or a number each."""
    ops = (Op("subtract", (0, 1), (F64,) * 3), Op("multiply", (2, 2), (F64,) * 3))
    stage = function(Spec((F64, F64), ops, (), (Reduction("sum", 3),), length=length), kinds)
    rng = np.random.default_rng(5)
    for rows, n, is_same in itertools.product((8, 13), (1, 2, 3, 4, 7), (False, True)):
        operands = []
        for kind in kinds:
            if kind == "0":
                operands.append(np.broadcast_to(rng.random((rows, 1)), (rows, n)))
                continue
            whole = rng.random((rows, n if kind != "s" else 3 * n))[:, LAYOUTS[kind]]
            operands.append(np.broadcast_to(whole[:1], (rows, n)) if is_same else whole)
        result = np.zeros(rows)
        assert stage(operands, [result]) == 0
        assert result.tobytes() == ((operands[0] - operands[1]) ** 2).sum(axis=1).tobytes()


@pytest.mark.parametrize("length", [0, 2, 3])
@pytest.mark.parametrize("kind", ["sum", "maximum", "minimum"])
def test_doubts_in_any_lane(kind, length):
    reduce = function(Spec((F64,), (), (), (Reduction(kind, 0),), length=length), "d")
    sign = -1 if kind == "maximum" else 1
    for rows, n in ((8, 2), (11, 3)):
        for row, column in itertools.product(range(rows), range(n)):
            x = np.full((rows, n), sign * 2.0)
            assert reduce([x], [np.zeros(rows)]) == 0
            x[row, column] = np.nan
            assert reduce([x], [np.zeros(rows)]) != 0
            x[row, column] = -0.0
            assert (reduce([x], [np.zeros(rows)]) != 0) == (kind != "sum")


def nearest(points, means):
    return np.argmin(np.linalg.norm(points - means[:, None], axis=2), axis=0)


def squares(points, means):
    return ((points - means[:, None]) ** 2).sum(axis=2)


@pytest.mark.parametrize("fn", [nearest, squares])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 8])
def test_whole_programs(fn, n):
    """Rows of points against rows of means, also where a block of rows crosses from one mean to the next."""
    rng = np.random.default_rng(n)
    for count in (5, 700, 3001):
        points, means = rng.normal(size=(count, n)), rng.normal(size=(3, n))
        arguments = [(points, means), (points[::-1], means), (np.asfortranarray(points), means)]
        arguments += [(points, means.astype("f")), (points.astype("f"), means.astype("i"))]
        with graphlet.config.patch(compile="at once", cost_model=0):
            differential(fn, *arguments, optimizer=graphlet.optimize(backend="llvm"))


def test_short_rows_run_in_generated_code():
    rng = np.random.default_rng(0)
    points, means = rng.normal(size=(4000, 2)), rng.normal(size=(3, 2))
    with graphlet.config.patch(compile="at once", cost_model=0):
        fast = graphlet.optimize(squares, backend="llvm")
        for _ in range(4):
            fast(points, means)
        compiled, interpreted = _block.work()
        fast(points, means)
    after = _block.work()
    assert after[0] - compiled >= 2 * 3 * points.size and after[1] == interpreted


def test_code_for_a_known_length_is_for_others_as_well():
    """The number of elements may be another one in each call."""
    rng = np.random.default_rng(1)
    calls = [(rng.normal(size=(900, n)), rng.normal(size=(3, n))) for n in (2, 3, 2, 4, 9, 1, 2)]
    with graphlet.config.patch(compile="at once", cost_model=0):
        differential(squares, *calls, optimizer=graphlet.optimize(backend="llvm"))


def test_flags_of_any_lane_make_numpy_warn():
    points = np.full((64, 2), 2.0)
    for row in (0, 7, 8, 63):
        large = points.copy()
        large[row, 1] = 1e300
        differential(squares, (points, points[:2]), (large, points[:2]), (points, points[:2]))
