"""Bands: units that run on some rows at a time give the bits of NumPy, and only what goes by rows is one."""

import tracemalloc

import numpy as np
import pytest

import graphlet
from graphlet.arrayops import catalogue
from graphlet.backends.block import block, plan_of
from graphlet.backends.block_bands import Band, in_bands, is_view_of_rows
from graphlet.backends.llvm_host import can_compile
from graphlet.ir.build import Builder
from graphlet.ir.groups import units
from graphlet.ir.types import ArrayType, Sym
from graphlet.runtime.plan import Bands
from tests.backends.bits import anew, layouts, outcome, specials
from tests.backends.test_llvm_reduce import layernorm, softmax

D = np.dtype("d")


class Plane:
    """A graph over an array of rows."""

    def __init__(self):
        self.builder = Builder()
        self.m, self.n = Sym("m", 9), Sym("n", 7)
        self.x = self.builder.placeholder("x", ArrayType(D, (self.m, self.n)))

    def op(self, fn, *args, **kwargs):
        row = catalogue.operator(fn) if isinstance(fn, str) else catalogue.lookup(fn)
        return self.builder.call(row, args, kwargs)

    def bands(self, *outputs):
        return [step for step in plan_of(self.builder.finish(outputs)).steps if isinstance(step, Bands)]

    def softmax(self):
        e = self.op(np.exp, self.op("-", self.x, self.op(np.max, self.x, axis=1, keepdims=True)))
        return self.op("/", e, self.op(np.sum, e, axis=1, keepdims=True))


def test_a_softmax_is_one_band_of_one_array():
    p = Plane()
    (step,) = p.bands(p.softmax())
    assert len(step.steps) == 3
    assert (len(step.by_rows), len(step.outputs)) == (1, 1)
    assert step.writes == (step.outputs[0].slot,)


def test_what_looks_at_other_rows_ends_a_band():
    p = Plane()
    s = p.softmax()
    (step,) = p.bands(p.op("-", s, p.op(np.max, s, axis=0)))  # columns are reduced where the quotients are made
    assert len(step.steps) == 2


def test_one_unit_alone_or_two_that_share_nothing_are_none():
    p = Plane()
    assert not p.bands(p.op("+", p.op("*", p.x, p.x), 1.0))
    p = Plane()
    y = p.builder.placeholder("y", ArrayType(D, (p.m, Sym("k", 5))))
    assert not p.bands(p.op(np.max, p.x, axis=1), p.op(np.max, y, axis=1))


def test_an_array_known_by_rows_and_as_a_whole_is_not_in_one_band():
    p = Plane()
    row = p.op(np.max, p.x, axis=1)
    square = p.builder.placeholder("y", ArrayType(D, (p.m, p.m)))
    assert not p.bands(p.op("-", square, row), p.op(np.sum, p.x, axis=1))


def test_views_of_all_rows():
    p = Plane()
    most = p.op(np.max, p.x, axis=1)
    column = p.op("[]", most, (slice(None), None))
    assert is_view_of_rows(column)
    (step,) = p.bands(p.op("-", p.x, column))
    assert len(step.steps) == 3
    p = Plane()
    most = p.op(np.max, p.x, axis=1)
    column = p.op("[]", most, (slice(None), None))
    assert not p.bands(p.op("-", p.x, column), column)  # the view is used outside
    assert not is_view_of_rows(p.op("[]", p.x, (slice(1, None), None)))


def test_units_that_are_no_band_keep_their_order():
    p = Plane()
    graph = p.builder.finish([p.softmax(), p.op(np.max, p.x, axis=0)])
    found = list(units(graph))
    flat = [unit for part in in_bands(found) for unit in (part.units if isinstance(part, Band) else [part])]
    assert sorted(map(id, flat)) == sorted(map(id, found))


def test_a_flag_in_the_last_rows_declines_and_a_second_run_goes_on():
    p = Plane()
    kernel = block(p.builder.finish([p.softmax()]), ())
    x = np.random.default_rng(1).random((3000, 200))
    expected = softmax(x, x)
    with np.errstate(all="raise"):
        assert kernel(x)[0].tobytes() == expected.tobytes()
        x[-1, -1] = np.inf
        assert kernel(x) is None
        assert "subtract" in kernel.last_decline
        x[-1, -1] = 0.5
        assert kernel(x)[0].tobytes() == softmax(x, x).tobytes()


def test_what_numpy_has_to_do_itself_it_does_for_all_rows():
    p = Plane()
    kernel = block(p.builder.finish([p.softmax()]), ())
    x = np.random.default_rng(1).random((3000, 200))
    x[1500, 7] = np.nan
    for array in (x, np.asfortranarray(x), x[:, ::-1], x[::2]):
        with np.errstate(all="ignore"):
            (result,) = kernel(array)
            expected = softmax(array, array)
        assert (result.tobytes(), result.strides) == (expected.tobytes(), expected.strides)


def rows_and_columns(x, y):
    most = x.max(axis=1)
    shifted = x - most[:, None]
    total = np.exp(shifted).sum(axis=1)
    return shifted, most + np.log(total), shifted.sum(axis=0), shifted.argmax(axis=1)


@pytest.mark.parametrize("backend", ["block", "llvm"])
@pytest.mark.parametrize("fn", [softmax, layernorm, rows_and_columns], ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("char", "fd")
def test_programs_give_the_bits_of_numpy(fn, char, backend):
    rng = np.random.default_rng(8)
    fast = graphlet.optimize(anew(fn), backend=backend)
    for shape in [(3000, 70), (1000, 301), (70, 5000), (5, 40_000), (50_000, 8), (300_000, 1)]:
        x, y = rng.random((2, *shape)).astype(char)
        for kind in ("plain", "plain", "nan", "zero", "inf"):
            left, right = specials(kind, x), y
            if kind == "nan":  # of one kind: NumPy adds in place, operands swapped, where one is a large temporary
                left[0, 0] = np.nan
            for mode in ("ignore", "raise"):
                with np.errstate(all=mode):
                    assert outcome(fast, left, right) == outcome(fn, left, right), (shape, kind)
        for left, right in zip(layouts(x), layouts(y), strict=True):
            assert outcome(fast, left, right) == outcome(fn, left, right), (shape, left.strides)
    assert fast.graphlet.stats()["hits"] > 0


def result_and_peak(fn, backend, *args):
    """The result of a call that follows others, and how much memory was had at a time."""
    with graphlet.config.patch(compile="at once"):
        fast = graphlet.optimize(anew(fn), backend=backend)
        for _ in range(3):
            fast(*args)
        tracemalloc.start()
        result = fast(*args)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return result, peak


def test_peak_memory_has_no_array_in_between():
    x = np.ones((2000, 500))
    result, peak = result_and_peak(softmax, "block", x, x)
    assert result.nbytes == x.nbytes
    assert peak < 1.5 * x.nbytes


def labels(points, means):
    return np.argmin(np.linalg.norm(points - means[:, None], axis=2), axis=0)


def spread(points, means):
    distances = np.abs(points[:, None] - means).sum(axis=2)
    return distances.max(axis=1), (distances * distances).sum(axis=1)


def nearest_of_columns(points, means):
    squares = ((points[None] - means[:, None]) ** 2).sum(axis=-1)
    return squares.min(axis=0), squares.argmin(axis=0), squares.sum(axis=0)


def bands_of_labels(with_distances):
    b = Builder()
    n, k = Sym("n", 9), Sym("k", 3)
    points, means = b.placeholder("p", ArrayType(D, (n, 2))), b.placeholder("m", ArrayType(D, (k, 1, 2)))
    difference = b.call(catalogue.operator("-"), (points, means))
    squares = b.call(catalogue.operator("*"), (difference, difference))
    distances = b.call(catalogue.lookup(np.sum), (squares,), {"axis": 2})
    found = b.call(catalogue.lookup(np.argmin), (distances,), {"axis": 0})
    graph = b.finish([found, distances] if with_distances else [found])
    return [step for step in plan_of(graph).steps if isinstance(step, Bands)]


def test_a_band_may_go_along_a_middle_axis():
    (step,) = bands_of_labels(with_distances=False)
    assert (len(step.steps), len(step.by_rows), len(step.outputs), len(step.between)) == (2, 1, 1, 1)


def test_what_leaves_a_band_has_its_axis_first():
    assert not bands_of_labels(with_distances=True)


@pytest.mark.parametrize("backend", ["block", "llvm"])
@pytest.mark.parametrize("fn", [labels, spread, nearest_of_columns], ids=lambda fn: fn.__name__)
@pytest.mark.parametrize("n", [2, 3, 5])
def test_pairs_of_points_give_the_bits_of_numpy(fn, n, backend):
    rng = np.random.default_rng(8)
    fast = graphlet.optimize(anew(fn), backend=backend)
    for count, k in ((60_000, 2), (60_000, 5), (9, 5), (200_000, 1), (1, 3), (30_001, 9)):
        points, means = np.round(rng.random((count, n)), 2), np.round(rng.random((k, n)), 2)
        for kind in ("plain", "plain", "nan", "inf", "plain"):
            given = specials(kind, points)
            for mode in ("ignore", "raise"):
                with np.errstate(all=mode):
                    assert outcome(fast, given, means) == outcome(fn, given, means), (count, k, kind)
        for given in layouts(points):
            assert outcome(fast, given, means) == outcome(fn, given, means), (count, k, given.strides)
    assert fast.graphlet.stats()["hits"] > 0


@pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
def test_peak_memory_of_labels_has_no_distances():
    rng = np.random.default_rng(8)
    result, peak = result_and_peak(labels, "llvm", rng.random((200_000, 2)), rng.random((4, 2)))
    assert peak < 1.5 * result.nbytes
