"""Branches on numbers computed in the graph that a guard on one input decides."""

import operator

import numpy as np
import pytest

import graphlet
from tests.capture.playing import captured, whole
from tests.oracle.runner import differential

X = np.arange(5.0)


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge])
@pytest.mark.parametrize("bound", [3, np.int64(3), np.uint8(3), 2.5, np.float64(3)])
def test_input_and_offset_against_a_number(compare: object, bound: object) -> None:
    def function(x, n):
        if compare(n + 1, bound):
            return x * 2
        return x - n

    calls = [(X, n) for n in (-4, 1, 2, 3, 2**60)]
    differential(function, *calls, *calls[::-1])


def test_the_guard_holds_for_other_values_on_the_same_side() -> None:
    def function(x, n):
        m = n + 2 - 1
        return x * m if m < np.int64(5) else x

    fast = graphlet.optimize(function)
    for n in (0, 1, 3, -7):
        np.testing.assert_array_equal(fast(X, n), function(X, n))
    assert fast.graphlet.stats()["graphs"] == 1
    np.testing.assert_array_equal(fast(X, 4), X)


@pytest.mark.parametrize("n", [2**53 + 1, -(2**53) - 1, 2**2000])
def test_numbers_that_a_float_cannot_hold(n: int) -> None:
    def function(x, k):
        if k == np.int64(2**53):
            return x * 2
        return x + 1

    differential(function, (X, n), (X, 2**53), (X, 2.0**53), (X, float(2**53 + 2)))


def test_numpy_scalars_are_compared_now() -> None:
    def function(x, k):
        return x * 2 if k > 1 and np.float32(0.1) != 0.1 else x

    whole(function, X, np.float64(2))
    differential(function, (X, np.float64(2)), (X, np.float64(0)), (X, np.float32(2)), (X, 3))


def test_array_data_is_not_looked_at() -> None:
    def function(x):
        return x * 2 if x.sum() + 1 > 3 else x

    assert captured(function, X).break_.code == "GL112"
