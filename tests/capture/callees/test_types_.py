"""Types, attributes and conversions."""

import collections.abc
import numbers
import operator
from abc import ABCMeta
from typing import Any

import numpy as np

import graphlet
from tests.capture.playing import ops, stopped, whole
from tests.oracle.runner import differential

X = np.linspace(0.1, 1.0, 5)


class Meta(type):
    def __instancecheck__(cls, instance):
        raise AssertionError("user code ran")


class Odd(metaclass=Meta):
    pass


class Thing:
    pass


def test_isinstance() -> None:
    def function(x, n, o, t):
        flags = (
            isinstance(x, np.ndarray),
            isinstance(n, (int, float)),
            isinstance(n, (str, (bytes, list))),
            isinstance(o, Thing),
            isinstance(t, tuple),
            isinstance(n, numbers.Number),
            isinstance(t, collections.abc.Sequence),
            issubclass(bool, int),
            isinstance(True, int),
            isinstance(None, type(None)),
        )
        return flags, x + 1

    whole(function, X, 3, Thing(), (1,))
    whole(function, X, np.float64(3), 3.5, [1])


def test_a_class_that_decides_itself_is_not_asked() -> None:
    def function(x, o):
        y = x + 1
        return y, isinstance(o, Odd)

    assert ops(stopped(function, X, 3, code="GL110")) == ["add"]


def test_type() -> None:
    def function(x, o):
        return type(x) is np.ndarray, type(o) is Thing, int is int, type(o).__name__, x + 1

    whole(function, X, Thing())


def test_getattr_and_hasattr() -> None:
    def function(x):
        return getattr(x, "T") + getattr(x, "nothing", 1), hasattr(x, "sum"), hasattr(3, "sum")  # noqa: B009

    whole(function, X)


def test_conversions_of_constants() -> None:
    def function(x):
        return int("12") + int(3.7), float("1e3"), complex(1, 2), bool([]), str(3), repr("a"), ord("a"), x + 1

    whole(function, X)


def test_conversions_of_run_time_numbers() -> None:
    def function(x, n, s):
        return x * float(n), int(s), abs(n), x + 1

    whole(function, X, 3, 2.5)


def test_arithmetic_builtins() -> None:
    def function(x):
        return x * abs(-3), divmod(7, 2), round(2.567, 1), pow(2, 5), callable(len), callable(3)

    whole(function, X)


def test_functions_of_operator() -> None:
    def function(x, p):
        return operator.add(x, 1) * operator.neg(x), operator.getitem(p, 0), operator.lt(1, 2), operator.is_(x, x)

    whole(function, X, (X, 1))


def test_abs_of_an_array() -> None:
    def function(x):
        return abs(-x)

    assert ops(whole(function, X)) == ["negative", "absolute"]


def told_apart(x: Any) -> Any:
    y = x + 1
    if isinstance(..., collections.abc.Awaitable):
        y = y * 2
    return y * 3, isinstance(3, numbers.Number), isinstance(x.shape, collections.abc.Sequence)


class Asked(ABCMeta):
    def __instancecheck__(cls, instance: Any) -> bool:
        print("asked")
        return True


class Impostor(metaclass=Asked):
    __module__ = "numbers"


def asks_impostor(x: Any) -> Any:
    return (x + 1) * (2 if isinstance(3.5, Impostor) else 3)


def test_types_registered_later_are_seen() -> None:
    fast = graphlet.optimize(told_apart)
    for _ in range(4):
        assert repr(fast(X)) == repr(told_apart(X))
    collections.abc.Awaitable.register(type(...))
    assert repr(fast(X)) == repr(told_apart(X)) and np.array_equal(fast(X)[0], (X + 1) * 6)
    assert fast.graphlet.stats()["hits"]


def test_a_class_that_bears_the_name_of_a_module_decides_itself() -> None:
    differential(asks_impostor, (X,), rounds=4)
