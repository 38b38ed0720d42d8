"""Places of extremes among roots, found among their squares: wherever roots are rounded to the same number, too."""

import numpy as np
import pytest

import graphlet
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_roots import without_roots
from graphlet.backends.llvm_spec import Op, Reduction, Spec
from graphlet.runtime import _block
from tests.backends.test_llvm_columns import function
from tests.oracle.runner import differential

pytestmark = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
PLACES = {"arg_min": np.argmin, "arg_max": np.argmax}
CODES = {"f": "f32", "d": "f64"}


def spec_of(kind, char):
    code = CODES[char]
    return Spec((code,), (Op("sqrt", (0,), (code, code)),), (), (Reduction(kind, 1),), columns=True)


def places(kind, char, x):
    """What the function for squares finds, and whether it is in doubt."""
    spec = without_roots(spec_of(kind, char))
    assert not spec.ops and spec.reductions == (Reduction(f"{kind}_root", 0),)
    result = np.zeros(x.shape[1], np.intp)
    start = np.full(x.shape[1], np.inf if kind == "arg_min" else -np.inf, char)
    return result, function(spec, "d")([x], [result], [start])


def near(rng, char, rows, columns):
    """Numbers a few units in the last place apart, of any size."""
    whole = {"f": np.int32, "d": np.int64}[char]
    base = np.abs(rng.standard_normal(columns)) * 10.0 ** rng.integers(-30, 30, columns)
    base[:: columns // 7] = 0, 1, 4, np.finfo(char).tiny, np.finfo(char).max / 2, np.nextafter(char_type(char)(0), 1), 2
    bits = base.astype(char).view(whole) + rng.integers(0, 12, (rows, columns), whole)
    return bits.view(char)


def char_type(char):
    return np.dtype(char).type


@pytest.mark.parametrize("char", "fd")
@pytest.mark.parametrize("kind", PLACES)
def test_roots_that_are_the_same_number(char, kind):
    rng, same = np.random.default_rng(8), 0
    for rows in (1, 2, 3, 9, 40):
        x = near(rng, char, rows, 7 * 300)
        roots = np.sqrt(x)
        found, doubt = places(kind, char, x)
        assert doubt == 0
        assert np.array_equal(found, PLACES[kind](roots, axis=0))
        same += np.count_nonzero(found != PLACES[kind](x, axis=0))
    assert same > 100  # among the squares alone the place is another one


@pytest.mark.parametrize("char", "fd")
@pytest.mark.parametrize("kind", PLACES)
def test_infinity_and_zeros(char, kind):
    x = np.array([[0, -0.0, np.inf, 1, np.inf, 0, 3, 3], [-0.0, 0, np.inf, np.inf, 1, 5, 0, 3]] * 3, char)
    found, doubt = places(kind, char, x)
    assert doubt == 0
    assert np.array_equal(found, PLACES[kind](np.sqrt(x), axis=0))


@pytest.mark.parametrize("value", [np.nan, -1.0, -np.inf, -5e-324])
@pytest.mark.parametrize("kind", PLACES)
def test_what_has_no_root_is_in_doubt(kind, value):
    for row in range(3):
        x = np.full((3, 9), 2.0)
        x[row, 4] = value
        assert places(kind, "d", x)[1] != 0


def test_roots_that_are_used_stay():
    f64 = "f64"
    root, twice = Op("sqrt", (0,), (f64, f64)), Op("add", (1, 1), (f64,) * 3)
    for ops, outputs, reductions in (
        ((root, twice), (2,), (Reduction("arg_min", 1),)),
        ((root,), (1,), (Reduction("arg_min", 1),)),
        ((root,), (), (Reduction("arg_min", 1), Reduction("sum", 1))),
        ((root,), (), (Reduction("minimum", 1),)),
        ((root, twice), (), (Reduction("arg_max", 2),)),
    ):
        spec = Spec((f64,), ops, outputs, reductions, columns=True)
        assert without_roots(spec) is spec


def test_later_values_have_other_numbers():
    f64 = "f64"
    ops = (Op("sqrt", (1,), (f64, f64)), Op("add", (0, 1), (f64,) * 3), Op("sqrt", (3,), (f64, f64)))
    spec = without_roots(Spec((f64, f64), ops, (), (Reduction("arg_min", 2), Reduction("arg_max", 4)), columns=True))
    assert spec.ops == (Op("add", (0, 1), (f64,) * 3),)
    assert spec.reductions == (Reduction("arg_min_root", 1), Reduction("arg_max_root", 2))


def farthest(x, y):
    return np.sqrt((x - y) ** 2).argmax(axis=0)


def nearest(x, y):
    return np.argmin(np.sqrt(np.abs(x - y)), axis=0)


def unrooted(x, y):
    d = x - y
    return np.argmin(np.sqrt(d), axis=0), d + 1


@pytest.mark.parametrize("fn", [farthest, nearest, unrooted])
@pytest.mark.parametrize("threads", [1, 2])
def test_whole_programs(fn, threads):
    """With doubts in between, after which operations run for themselves for a while, and rows of all lengths."""
    rng = np.random.default_rng(4)
    calls = []
    for rows, columns in ((2, 20_000), (5, 3000), (300, 40), (70, 8192)):
        x, y = np.round(rng.random((rows, columns)), 2), np.round(rng.random((rows, columns)), 2)
        nan = x.copy()
        nan[rows // 2, columns // 3] = np.nan
        calls += [(x, y), (nan, y), (x, y), (x[::-1], y), (x, y[:1]), (x, y), (x, y)]
    with graphlet.config.patch(compile="at once", cost_model=0, num_threads=threads), np.errstate(all="ignore"):
        differential(fn, *calls, optimizer=graphlet.optimize(backend="llvm"))


def test_they_run_in_generated_code():
    rng = np.random.default_rng(0)
    x, y = rng.random((3, 20_000)), rng.random((3, 20_000))
    with graphlet.config.patch(compile="at once", cost_model=0):
        fast = graphlet.optimize(nearest, backend="llvm")
        for _ in range(4):
            fast(x, y)
        before = _block.work()
        fast(x, y)
    after = _block.work()
    assert after[0] - before[0] >= 3 * x.size and after[1] == before[1]
