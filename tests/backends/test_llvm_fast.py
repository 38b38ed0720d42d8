"""Mode ``fast``: how far results may be from the exact ones, and what stays NumPy's."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.backends.llvm_fast import EXPONENTS, can_contract, contracted, name_of
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_spec import Op, Reduction, Spec

pytestmark = pytest.mark.skipif(not can_compile() or not can_contract(), reason="no code can be generated here")
has_wide = pytest.mark.skipif(np.finfo("g").nmant < 63, reason="no wider floating-point numbers here")
F3 = ("f64",) * 3
LIMIT_IN_UNITS = 1.0  # of sin and cos, in the last place


@pytest.fixture(autouse=True)
def compiled_at_once() -> Iterator[None]:
    with graphlet.config.patch(compile="at once"):
        yield


def fast(fn: Callable[..., Any], *args: Any) -> Any:
    """What generated code makes of a call."""
    optimised = graphlet.optimize(fn, mode="fast")
    for _ in range(3):
        made = optimised(*args)
    [record] = optimised.graphlet.specializations
    assert record.specialization.kernel.n_compiled > 0
    return made


# ---- contraction ----


def test_products_become_part_of_sums() -> None:
    ops = (Op("multiply", (0, 1), F3), Op("add", (3, 2), F3), Op("multiply", (4, 0), F3), Op("subtract", (1, 5), F3))
    spec = contracted(Spec(("f64",) * 3, ops, (6,)))
    assert [(op.formula, op.args) for op in spec.ops] == [("multiply_add", (0, 1, 2)), ("subtract_product", (3, 0, 1))]
    assert spec.outputs == (4,)


def test_what_others_need_stays() -> None:
    product, total = Op("multiply", (0, 1), F3), Op("add", (3, 2), F3)
    needed = Spec(("f64",) * 3, (product, total), (4, 3))
    assert contracted(needed) is needed
    reduced = Spec(("f64",) * 3, (product, total), (4,), (Reduction("sum", 3),))
    assert contracted(reduced) is reduced
    integers = Spec(("i64",) * 3, tuple(Op(op.formula, op.args, ("i64",) * 3) for op in (product, total)), (4,))
    assert contracted(integers) is integers


def rounded(values: list[Fraction]) -> Any:
    return np.array([float(value) for value in values])  # Python rounds once, and to even


@pytest.mark.parametrize("form", ["x * y + z", "z + x * y", "x * y - z", "z - x * y", "x * x + z", "z - np.square(x)"])
def test_sums_of_products_round_once(form: str) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal(2000), rng.standard_normal(2000)
    z = -x * y * rng.choice([1.0, -1.0, 1 + 1e-10, 1e-3], 2000)  # digits cancel
    exact = eval(f"lambda x, y, z: {form.replace('np.square(x)', 'x * x')}")
    expected = rounded([exact(*map(Fraction, row)) for row in zip(x, y, z, strict=True)])
    made = fast(eval(f"lambda x, y, z: ({form}) * 1.0", {"np": np}), x, y, z)
    assert np.array_equal(made, expected)
    assert not np.array_equal(made, eval(form))


# ---- functions ----


def units_off(made: Any, exact: Any) -> float:
    last_place = np.spacing(np.abs(exact.astype("d"))).astype("g")
    return float(np.max(np.abs(made.astype("g") - exact) / last_place))


@has_wide
@pytest.mark.parametrize("name", ["sin", "cos"])
def test_sine_and_cosine_are_within_their_bound(name: str) -> None:
    ufunc, rng = getattr(np, name), np.random.default_rng(4)
    spread = [rng.uniform(-scale, scale, 100_000) for scale in (1e-8, 1e-3, 1.0, 10.0, 1e3, 1e6, 9.9e7)]
    multiples = rng.integers(-60_000_000, 60_000_000, 100_000) * (np.pi / 2)
    near = [multiples, np.nextafter(multiples, np.inf), np.arange(-100, 101) * (np.pi / 4)]
    for x in (*spread, *near):
        made = fast(eval(f"lambda x: np.{name}(x) * 1.0", {"np": np}), x)
        assert units_off(made, ufunc(x.astype("g"))) < LIMIT_IN_UNITS


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_the_rest_is_numpys(name: str) -> None:
    """Beyond the range, and where there is a warning."""
    ufunc, plain = getattr(np, name), eval(f"lambda x: np.{name}(x) + 0.0", {"np": np})
    optimised = graphlet.optimize(plain, mode="fast")
    x = np.linspace(-1e9, 1e12, 3001)
    tiny = np.array([0.0, -0.0, 2.3e-308, 2.0**-28, -(2.0**-27)] * 50)
    with np.errstate(all="raise"):
        for _ in range(3):
            assert np.array_equal(optimised(x), plain(x))
            made = optimised(tiny)
            assert np.array_equal(made, ufunc(tiny)) and np.array_equal(np.signbit(made), np.signbit(ufunc(tiny) + 0.0))
    assert np.isnan(optimised(np.full(400, np.nan))).all()
    with np.errstate(under="ignore"):
        subnormal = np.array([5e-324, -1e-310] * 100)
        assert np.array_equal(optimised(subnormal), plain(subnormal))
    with pytest.warns(RuntimeWarning, match=f"invalid value encountered in {name}"):
        assert np.isnan(optimised(np.append(np.ones(400), np.inf))[-1])


@pytest.mark.parametrize("dtype", ["d", "f"])
@pytest.mark.parametrize("n", EXPONENTS)
def test_powers_are_within_their_bound(n: int, dtype: str) -> None:
    rng = np.random.default_rng(n)
    x = (rng.standard_normal(3000) * 10.0 ** rng.integers(-4, 4, 3000)).astype(dtype)
    made = fast(eval(f"lambda x: abs(x ** {n})"), x)
    unit, smallest = Fraction(1, 2 ** (53 if dtype == "d" else 24)), Fraction(float(np.finfo(dtype).smallest_subnormal))
    for value, result in zip(x.tolist(), made.tolist(), strict=True):
        exact = abs(Fraction(value) ** n)
        assert abs(Fraction(result) - exact) < (n - 1) * unit * exact + n * smallest * (exact < np.finfo(dtype).tiny)


def test_powers_of_special_values() -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, 1.0, -1.0] * 60)
    for n in EXPONENTS:
        cubed = eval(f"lambda x: x ** {n} * 1.0")
        made = fast(cubed, x)
        assert np.array_equal(made, x**n) and np.array_equal(np.signbit(made), np.signbit(x**n))
        assert np.isnan(graphlet.optimize(cubed, mode="fast")(x * np.nan)).all()
    cube = graphlet.optimize(lambda x: x**3 * 1.0, mode="fast")
    with pytest.warns(RuntimeWarning, match="overflow encountered in power"):
        for _ in range(3):
            cube(np.full(300, 1e200))


def test_what_has_no_fast_formula() -> None:
    assert name_of(np.sin, ("f32", "f32"), None) is None
    assert name_of(np.exp, ("f64", "f64"), None) is None
    assert name_of(np.power, F3, 2.5) is None
    assert name_of(np.power, F3, 9.0) is None
    assert name_of(np.power, F3, None) is None


def test_by_default_nothing_of_it_happens() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.standard_normal(5000), rng.standard_normal(5000)

    def work(x: Any, y: Any) -> Any:
        return np.sin(x) * y + x**3 - np.cos(y)

    for mode in ("default", "reduce-overhead"):
        optimised = graphlet.optimize(work, mode=mode)
        for _ in range(3):
            assert np.array_equal(optimised(x, y), work(x, y))
    assert not np.array_equal(fast(work, x, y), work(x, y))
