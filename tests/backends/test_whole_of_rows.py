"""Reductions of everything where rows do not lie one behind the other: stages read the rows where they are."""

import itertools
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.backends import llvm_service
from graphlet.backends.llvm_host import can_compile
from graphlet.runtime import _block

pytestmark = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")


@pytest.fixture(autouse=True)
def at_once() -> Any:
    with graphlet.config.patch(compile="at once", cost_model=0):
        yield
    assert llvm_service.wishes.last_error is None


def extremes(a: Any, b: Any) -> Any:
    d = a * 0.5 - b
    return d, np.abs(d - a).max(), (d * b).min()


def only_extremes(a: Any, b: Any) -> Any:
    return (a - b).max(), (a * b).min(), (a > b).any(), (a < b + 9.0).all()


def squares(a: Any, b: Any) -> Any:
    d = (a + b) * 0.25
    return d, ((d - a) ** 2).sum()


def only_sums(a: Any, b: Any) -> Any:
    d = a - b
    return (d * d).sum(), np.abs(d).mean()


def what_is_stored(a: Any, b: Any) -> Any:
    d = a * b + 1.0
    return d, d.sum(), d.max(), (d > 0).sum()


def single(a: Any, b: Any) -> Any:
    d = a.astype(np.float32) - b.astype(np.float32)
    return (d * d).sum(), d.max(), d


def mixed(a: Any, b: Any) -> Any:
    d = a.astype(np.float32) * np.float32(0.3)
    return (d + b).sum(), d.sum(), (d.astype(np.int64) & 7).sum()


def with_calls(a: Any, b: Any) -> Any:
    d = np.exp(-(a * a)) * b
    return d, (d + a).sum(), d.min()


def scaled(a: Any, b: Any) -> Any:
    k = np.float32(3.0)
    return ((a - b[:1]) * k).sum(), (a * b[:, :1]).max()


def around(a: Any, b: Any) -> Any:
    """Enough arrays that what is added up is stored first."""
    new = (a[..., :-1, :-1] + a[..., 1:, 1:] + b[..., :-1, 1:] + b[..., 1:, :-1]) * 0.25
    return new, ((new - a[..., 1:, :-1]) ** 2).sum(), np.abs(new).mean(), new.sum(), new.max()


def around_single(a: Any, b: Any) -> Any:
    new = a[..., :-1, :-1] + a[..., 1:, 1:] + b[..., :-1, 1:] + b[..., 1:, :-1]
    narrow = new.astype(np.float32)
    return (narrow * narrow).sum(), new.sum(), (narrow > 0).any()


FUNCTIONS = (
    *(extremes, only_extremes, squares, only_sums, what_is_stored, single, mixed, with_calls, scaled),
    *(around, around_single),
)
SHAPES = (
    *((2, 8), (5, 7), (20, 20), (98, 98), (300, 9), (33, 512), (17, 700), (3, 5000)),
    *((6, 31, 40), (40, 3, 11), (2, 3, 4, 20)),
)
LAYOUTS = ("inner", "steps", "reversed", "half transposed")
PAIRS = [(x, y) for x, y in itertools.product(LAYOUTS, repeat=2) if "inner" in (x, y) or x == y]
VALUES = ("random", "zeros", "some nan", "one inf", "negative zeros")


def laid_out(shape: tuple[int, ...], layout: str, values: str, rng: np.random.Generator) -> Any:
    """An array of this shape that is part of a larger one."""
    *outer, rows, columns = shape
    if layout == "inner":
        array = rng.normal(size=(*outer, rows + 2, columns + 2))[..., 1:-1, 1:-1]
    elif layout == "steps":
        array = rng.normal(size=(*outer, rows * 2, columns * 3))[..., ::2, ::3]
    elif layout == "reversed":
        array = rng.normal(size=(*outer, rows, columns + 1))[..., ::-1, :0:-1]
    else:
        array = rng.normal(size=(*outer, columns, rows + 1))[..., 1:].swapaxes(-1, -2)
    assert array.shape == shape
    place = tuple(size // 2 for size in shape)
    if values == "zeros":
        array *= 0.0
    elif values == "negative zeros":
        array[...] = np.where(rng.random(shape) < 0.5, -0.0, 0.0)
    elif values == "some nan":
        array[place] = np.nan
        array[..., -1, -1] = -np.nan
    elif values == "one inf":
        array[place] = np.inf
    return array


def same(left: Any, right: Any) -> bool:
    """Bits, dtype and strides; NaNs with their signs and payloads."""
    left, right = np.asarray(left), np.asarray(right)
    return left.dtype == right.dtype and left.strides == right.strides and left.tobytes() == right.tobytes()


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("layouts", PAIRS)
def test_the_same_bits(function: Any, layouts: Any) -> None:
    rng = np.random.default_rng(len(function.__name__))
    with np.errstate(all="ignore"):
        fast = graphlet.optimize(function)
        for shape in SHAPES:
            graphlet.reset(fast)
            for values in (*VALUES, *VALUES):
                a, b = laid_out(shape, layouts[0], values, rng), laid_out(shape, layouts[1], "random", rng)
                results = zip(fast(a, b), function(a, b), strict=True)
                assert all(same(mine, plain) for mine, plain in results), (shape, values)


@pytest.mark.parametrize("function", [extremes, only_extremes, squares, only_sums, what_is_stored, around])
def test_generated_code_does_it(function: Any) -> None:
    fast = graphlet.optimize(function)
    a, b = np.random.default_rng(1).random((2, 100, 100))
    for _ in range(4):
        fast(a[1:-1, 1:-1], b[1:-1, 1:-1])
    compiled, looped = _block.work()
    fast(a[1:-1, 1:-1], b[1:-1, 1:-1])
    now_compiled, now_looped = _block.work()
    assert now_compiled - compiled > 97 * 97
    assert now_looped - looped < (now_compiled - compiled) / 2


@pytest.mark.parametrize("function", [extremes, squares, what_is_stored, around, around_single])
def test_the_same_bits_from_several_threads(function: Any) -> None:
    rng = np.random.default_rng(7)
    fast = graphlet.optimize(function)
    with graphlet.config.patch(num_threads=3, share_from=0), np.errstate(all="ignore"):
        for values in (*VALUES, *VALUES):
            a, b = laid_out((301, 203), "inner", values, rng), laid_out((301, 203), "inner", "random", rng)
            results = zip(fast(a, b), function(a, b), strict=True)
            assert all(same(mine, plain) for mine, plain in results), values
