"""NumPy computes in place on large operands that only the stack holds; the layout and which of two NaNs tell."""

import types

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

NAN, OTHER = (np.array(bits, np.uint64).view("f8")[()] for bits in (0x7FF8000000000001, 0xFFF8000000000002))


@graphlet.disable
def in_fortran_order(b):
    return np.asfortranarray(b.copy()) * 2.0


@graphlet.disable
def with_left_over_strides(b):
    return np.asfortranarray(b).sum(axis=1, keepdims=True)


class Holder:
    def __init__(self, array):
        self.array = array


@graphlet.disable
def held(b):
    return Holder(in_fortran_order(b)), [in_fortran_order(b)]


def on_the_stack(a, b):
    return a + in_fortran_order(b), (in_fortran_order(b) - a) * 2, b * 3


def out_of_an_object_that_is_gone(a, b):
    return held(b)[0].array * a, held(b)[1][0] + a, b * 3


def with_axes_of_one_element(a, b):
    return with_left_over_strides(b) * 2, with_left_over_strides(b) + b[:, :1].copy(), b * 3


@pytest.mark.parametrize(
    "function, native", [(on_the_stack, 0.5), (out_of_an_object_that_is_gone, 0.3), (with_axes_of_one_element, 0.3)]
)
def test_temporaries_from_before_the_region(function: types.FunctionType, native: float) -> None:
    for shape in ((10, 12), (300, 280), (40_000, 3)):
        a, b = np.ones(shape), np.full(shape, 2.0)
        graphlet.reset()
        report = differential(function, *[(a, b)] * 6)
        assert report.last_share.native > (native if shape == (10, 12) else 0.1)


def nans(shape, dtype, *places):
    """Ones, with NaNs where they are asked for: their payload tells them apart."""
    array = np.ones(shape, dtype)
    for place, nan in places:
        array.reshape(-1)[place] = nan
    return array


def sums(a, b):
    return a + np.negative(b), a * np.abs(b), 1.0 + (b * 2), a - np.negative(b), (a + b) + np.negative(b)


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "g", "c16", "c8"])
@pytest.mark.parametrize("shape", [(7,), (300_000,), (500, 500)])
def test_two_nans_of_which_one_is_in_a_temporary(dtype: str, shape: tuple[int, ...]) -> None:
    a, b = nans(shape, dtype, (2, NAN), (5, NAN)), nans(shape, dtype, (2, OTHER), (6, OTHER))
    plain = np.ones(shape, dtype)
    graphlet.reset()
    with np.errstate(all="ignore"):
        assert differential(sums, (plain, plain.copy())).share.native == 1
        differential(sums, (a, b), (b, a), (a, a), (plain, b), (b, plain))


def in_place(a, b):
    v, w, u = a[1:] * 1, a[1:] * 1, a[1:] * 1
    v += b[1:]
    w *= b[1:]
    np.fmax(u, b[1:], out=u)
    return v, w, u


@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_two_nans_in_place_where_one_element_is_left(dtype: str) -> None:
    calls = [(np.full(n, x, dtype), np.full(n, y, dtype)) for n in (4, 2, 3) for x, y in
             ((1, 2), (NAN, OTHER), (OTHER, NAN), (NAN, 1), (1, NAN))]  # fmt: skip
    assert differential(in_place, *calls).share.native > 0.5


def test_a_copy_in_fortran_order_may_be_reused():
    """``np.asfortranarray`` of an array in C order is a copy, which only the stack holds here."""

    def function(a):
        return np.asfortranarray(a) + a, a * np.asfortranarray(a), np.asfortranarray(a)

    for n in (4, 200):
        a = np.arange(float(n * n)).reshape(n, n)
        differential(function, (a,), (np.asfortranarray(a),), (a[:, :1],), (a[:1],), (a,))


def test_large_temporaries_of_truth_values_stay_truth_values():
    """NumPy computes in place, and has no loop for that; small ones, and those with a name, it squares and shifts."""

    def squared(a, k):
        return pow(np.less(a, 0.5), 2), (a > 0.2) ** k

    def shifted(a, k):
        return np.logical_not(a) << True

    def divided(a, k):
        return (a > 0.5) // (a > -1.0), (a > 0.2) >> k

    def by_numpys(a, k):
        return (a > 0.5) >> np.bool_(False)

    def named(a, k):
        mask = a > 0.2
        return mask**2, mask**k, (a > 0.1) ** 1, mask << True, (a > 0.5) << 2, mask >> mask, (a > 0.1) * True

    for function in (squared, shifted, divided, by_numpys, named):
        for n in (10, 300_000):
            differential(function, *(lambda k=k, n=n: (np.linspace(0.0, 1.0, n), k) for k in (2, 1, 3, True, 2.0)))
