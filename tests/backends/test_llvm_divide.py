"""Divisions by a number that stands still: NumPy's bits and flags, whatever is divided by whatever."""

import ctypes
import ctypes.util
import sys
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

import graphlet
from graphlet.arrayops import catalogue
from graphlet.backends import llvm_divide
from graphlet.backends.llvm import llvm
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_spec import Op
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, ScalarType, Sym
from graphlet.runtime._block import BlockKernel

pytestmark = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
Floats = npt.NDArray[np.float64]
FLOAT = np.dtype(float)
INFO = np.finfo(float)
ODD = (0.0, -0.0, np.inf, -np.inf, np.nan, INFO.tiny, INFO.smallest_subnormal, INFO.max)
UPWARD, DOWNWARD, TO_ZERO = (0x800, 0x400, 0xC00) if sys.platform == "linux" else (0, 0, 0)


@pytest.fixture(autouse=True)
def compiled_at_once() -> Iterator[None]:
    with graphlet.config.patch(compile="at once"):
        yield


def kernel_of(rows: bool) -> BlockKernel:
    """``x / d`` and ``(x / d).sum()`` (of rows: the last axis), as compiled functions; d is a number, or one a row."""
    b = Builder()
    n, m = Sym("n", 8), Sym("m", 8)
    x = b.placeholder("x", ArrayType(FLOAT, (n, m) if rows else (n,)))
    d = b.placeholder("d", ArrayType(FLOAT, (n, 1)) if rows else ScalarType(np.float64, FLOAT))
    quotients = b.call(catalogue.lookup(np.divide), (x, d))
    total = b.call(catalogue.method("sum"), (b.call(catalogue.lookup(np.divide), (x, d)),), {"axis": -1})
    return llvm(b.finish([b.call(catalogue.lookup(np.negative), (quotients,)), total]), ())


def plain(x: Floats, d: Floats | np.float64) -> list[bytes]:
    return [np.negative(x / d).tobytes(), (x / d).sum(axis=-1).tobytes()]


def check(kernel: BlockKernel, x: Floats, d: Floats | np.float64) -> None:
    for mode in ("ignore", "raise"):
        try:
            with np.errstate(all=mode):
                wanted = plain(x, d)
        except FloatingPointError:
            wanted = None
        with np.errstate(all=mode):
            got = kernel(x, d)
        made = None if got is None else [np.asarray(a).tobytes() for a in got]
        assert made == wanted, (mode, d, kernel.last_decline)


def fractions(rng: np.random.Generator, n: int) -> Floats:
    return rng.integers(1 << 52, 1 << 53, n).astype(float)


def hard_pairs(rng: np.random.Generator, n: int, d: int) -> Floats:
    """Integers whose quotients by d, which is odd, lie as close to the middle of two numbers as they can."""
    found = []
    inverse = pow(d, -1, 1 << 54)
    for rest in range(1, 40 * n, 2):
        for r in (rest, -rest):
            halfway = r * inverse % (1 << 54)
            if halfway >> 53 and (halfway * d - r) >> 54 < 1 << 53:
                found.append(float((halfway * d - r) >> 54))
        if len(found) >= n:
            break
    return rng.permutation(np.array(found))


@pytest.mark.parametrize("seed", range(4))
def test_quotients_of_all_fractions(seed: int) -> None:
    rng, kernel = np.random.default_rng(seed), kernel_of(rows=False)
    for i in range(150):
        odd = int([fractions(rng, 1)[0], (1 << 52) + rng.integers(0, 50), (1 << 53) - rng.integers(1, 50)][i % 3]) | 1
        d = float(odd)
        x = np.concatenate([fractions(rng, 300), hard_pairs(rng, 100, odd), d * np.arange(1.0, 100.0)])
        x = np.ldexp(rng.permutation(x), rng.integers(-30, 30, len(x))) * rng.choice([-1, 1], len(x))
        check(kernel, x[: rng.integers(1, len(x))], np.float64(np.ldexp(d * (-1) ** i, rng.integers(-70, 20))))
    assert kernel.n_compiled > kernel.n_interpreted


@pytest.mark.parametrize("n", range(1, 71))
def test_every_length_with_odd_numbers_among_others(n: int) -> None:
    rng, kernel = np.random.default_rng(n), kernel_of(rows=False)
    for i in range(40):
        x = fractions(rng, n) * 2.0**-52
        if i % 2:
            x[rng.integers(0, n, 2)] = rng.choice(ODD, 2)
        check(kernel, x, np.float64(rng.choice([3.7, -1e-3, 1e200, 1e-300, *ODD]) if i % 4 > 1 else 3.7))


@pytest.mark.parametrize("exponent", [-1074, -1022, -501, -500, -401, -400, 0, 399, 400, 401, 499, 500, 501, 1023])
def test_around_the_limits(exponent: int) -> None:
    rng, kernel = np.random.default_rng(exponent + 2000), kernel_of(rows=False)
    for around in (-1, 0, 1):
        edge = np.ldexp(1 + rng.random(), min(exponent + around, 1023))
        for x in (np.full(40, edge), np.where(np.arange(40) == 17, edge, 1.5)):
            for d in (3.0, edge, 2.0**-500, 2.0**400, 1 / 3):
                check(kernel, x, np.float64(d))
                check(kernel, -x, np.float64(d))


@pytest.mark.parametrize("exponent", [-1070, -1040, -1020, -1000, -980, -960, -600, 600, 980, 1000, 1020])
def test_beyond_the_limits(exponent: int) -> None:
    rng, kernel = np.random.default_rng(exponent + 2000), kernel_of(rows=False)
    for _ in range(20):
        odd = int(fractions(rng, 1)[0]) | 1
        x = np.ldexp(hard_pairs(rng, 64, odd), exponent - 52)
        for scale in (-52, -500, 300, exponent - 52):
            check(kernel, x, np.ldexp(np.float64(odd), scale))


@pytest.mark.parametrize("shape", [(7, 8), (5, 64), (3, 130), (40, 33), (2, 5000)])
def test_one_divisor_a_row(shape: tuple[int, int]) -> None:
    rng, kernel = np.random.default_rng(1), kernel_of(rows=True)
    for i in range(12):
        x, d = fractions(rng, shape[0] * shape[1]).reshape(shape), fractions(rng, shape[0])[:, None] * 2.0**-52
        if i % 3 == 1:
            d[rng.integers(0, shape[0])] = rng.choice(ODD)
        if i % 3 == 2:
            x[rng.integers(0, shape[0]), rng.integers(0, shape[1])] = rng.choice(ODD)
        check(kernel, x, d)
        check(kernel, x[:, ::-1], d)
        check(kernel, np.asfortranarray(x), d)


@pytest.mark.skipif(sys.platform != "linux", reason="fesetround and its numbers")
@pytest.mark.parametrize("way", [UPWARD, DOWNWARD, TO_ZERO])
def test_rounded_as_the_caller_says(way: int) -> None:
    libm = ctypes.CDLL(ctypes.util.find_library("m"))
    rng, kernel = np.random.default_rng(3), kernel_of(rows=False)
    d = np.float64(49.0)
    x = np.concatenate([fractions(rng, 500), 49 * rng.integers(1, 1 << 40, 500).astype(float)])
    nearest = plain(x, d)
    for _ in range(3):
        check(kernel, x, d)
    libm.fesetround(way)
    try:
        got, wanted = kernel(x, d), plain(x, d)
    finally:
        libm.fesetround(0)
    assert got is not None and [np.asarray(a).tobytes() for a in got] == wanted != nearest


def test_where_products_divide() -> None:
    f64, f32 = ("f64",) * 3, ("f32",) * 3
    assert llvm_divide.divisor_in(Op("multiply", (0, 1), f64)) is None
    assert llvm_divide.divisor_in(Op("divide", (0, 1), f32)) is None
    assert llvm_divide.divisor_in(Op("divide", (0, 1), f64)) in (1, None)
