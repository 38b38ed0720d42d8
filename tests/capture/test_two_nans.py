"""Which of two NaNs that meet is kept: NumPy's loops decide by length, layout and place."""

import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.backends.bits import anew
from tests.oracle.runner import differential

NAN, OTHER = (np.array(bits, np.uint64).view("f8")[()] for bits in (0x7FF8000000000001, 0xFFF8000000000002))


def fresh(a, b):
    return a * b, a + b, np.fmax(a, b), np.maximum(a, b), a - b


def fresh_and_reduced(a, b):
    return a * b, (a * b).sum(), (a + b).sum(axis=0), (a + b).max(axis=-1)


def multiplied(a, b):
    a *= b


def added(a, b):
    np.add(b, a, out=a)


def extreme(a, b):
    np.fmin(a, b, out=a)


def elsewhere(a, b):
    c = np.ones((*a.shape, 2))[..., 0]
    np.multiply(a, b, out=c)
    return c


def new_and_in_place(a, b):
    v = a[1:] * 1
    v += b[1:] if b.ndim else b
    return v


LAYOUTS: dict[str, Callable[[Any, Any], Any]] = {
    "number": lambda x, d: np.full((), x, d),
    "single": lambda x, d: np.full((1,), x, d),
    "dense": lambda x, d: np.full((37,), x, d),
    "stepped": lambda x, d: np.full((74,), x, d)[::2],
    "backwards": lambda x, d: np.full((37,), x, d)[::-1],
    "dense rows": lambda x, d: np.full((9, 37), x, d),
    "cut rows": lambda x, d: np.full((9, 40), x, d)[:, :37],
    "stepped rows": lambda x, d: np.full((9, 181), x, d)[:, :180:2],
    "short rows": lambda x, d: np.full((37, 9), x, d)[:, :5],
    "columns": lambda x, d: np.full((37, 9), x, d).T,
    "all backwards": lambda x, d: np.full((9, 37), x, d)[::-1, ::-1],
    "large": lambda x, d: np.full((300, 300), x, d)[:, ::2],
}
OPERANDS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "array": lambda a, layout, y: layout(y, a.dtype),
    "0-d": lambda a, layout, y: np.full((), y, a.dtype),
    "NumPy": lambda a, layout, y: np.full((), y, a.dtype)[()],
    "Python": lambda a, layout, y: complex(y, y) if a.dtype.kind == "c" else float(y),
    "row": lambda a, layout, y: np.full(a.shape[-1:], y, a.dtype),
    "column": lambda a, layout, y: np.full((*a.shape[:-1], 1)[: a.ndim], y, a.dtype),
}  # fmt: skip


SOME = ("number", "single", "dense", "stepped", "stepped rows", "all backwards")
ALL = [(dtype, layout) for dtype in ("f8", "c16") for layout in LAYOUTS]
ALL += [(dtype, layout) for dtype in ("f4", "f2", "g", "c8") for layout in SOME]


@pytest.mark.parametrize("dtype, layout", ALL)
def test_two_nans_in_any_layout(dtype: str, layout: str) -> None:
    make = LAYOUTS[layout]

    def arguments(operand: str, x: Any, y: Any) -> tuple[Any, Any]:
        array = make(x, dtype)
        return array, OPERANDS[operand](array, make, y)

    functions = (fresh, multiplied, added) if dtype[0] == "c" else (fresh, multiplied, added, extreme, elsewhere)
    with np.errstate(all="ignore"):
        for function in functions:
            if (dtype[0] == "c" and function is extreme) or (layout == "number" and function is elsewhere):
                continue
            for operand in OPERANDS:
                calls = [arguments(operand, *pair) for pair in ((NAN, OTHER), (OTHER, NAN), (1, OTHER))]
                differential(anew(function), *calls, rounds=2)


@pytest.mark.parametrize("function", [fresh_and_reduced, new_and_in_place])
@pytest.mark.parametrize("dtype", ["f8", "f4", "c16"])
def test_two_nans_on_the_way(function: types.FunctionType, dtype: str) -> None:
    with np.errstate(all="ignore"):
        for layout in ("stepped", "dense rows", "cut rows", "stepped rows", "short rows", "large"):
            make = LAYOUTS[layout]
            calls = [(make(x, dtype), make(y, dtype)) for x, y in ((NAN, OTHER), (OTHER, NAN), (1, 2))]
            differential(anew(function), *calls)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 9, 16, 17, 33, 100])
@pytest.mark.parametrize("dtype", ["f8", "f4", "c16", "c8"])
def test_two_nans_by_length(dtype: str, n: int) -> None:
    for function in (fresh, multiplied, added):
        for shape in ((n,), (3, n), (n, 2)):
            a = np.full(shape, NAN, dtype)
            with np.errstate(all="ignore"):
                differential(anew(function), (a, np.full(shape, OTHER, dtype)), (a, np.full((), OTHER, dtype)[()]))


@pytest.mark.parametrize("function", [fresh, multiplied, added, elsewhere, new_and_in_place])
def test_arrays_without_nans_stay_in_graphs(function: types.FunctionType) -> None:
    for layout in ("dense", "stepped", "dense rows", "cut rows", "stepped rows", "short rows"):
        make = LAYOUTS[layout]
        assert differential(anew(function), *[(make(1, "f8"), make(2, "f8"))] * 4).last_share.native == 1


def test_nans_that_meet_none_stay_in_graphs():
    def function(a, b):
        a *= b
        return a[:, 1:] + b[:, 1:]

    a, b = np.ones((9, 40))[:, :37], np.ones((9, 40))[:, :37]
    a[2, 5], b[3, 36] = NAN, OTHER
    assert differential(function, *[(a, b)] * 4).last_share.native == 1


def test_two_nans_where_numpy_runs_node_by_node():
    """Memory that is not aligned is not for the block machine."""

    def unaligned(x: Any) -> Any:
        return np.frombuffer(bytearray(b"x" + np.full(37, x).tobytes()), "f8", offset=1)

    for pair in ((NAN, OTHER), (OTHER, NAN)):
        for backwards in (1, -1):
            differential(anew(multiplied), *[tuple(unaligned(x)[::backwards] for x in pair)] * 3)


def test_a_constant_that_is_nan():
    def function(a):
        a *= np.nan
        a[:1] += np.nan
        return a

    differential(function, *[(np.full(n, OTHER),) for n in (1, 2, 9, 40)])
