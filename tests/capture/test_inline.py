"""Which callees are followed, and what is guarded for it."""

import functools

import numpy as np

from graphlet.capture.options import Options
from graphlet.guards.kinds import IdentityIs
from graphlet.sources import FunctionSlot, Global
from tests.capture.playing import captured, ops, stopped, whole

X = np.linspace(0.1, 1.0, 5)


def square(v, *, times=1):
    return v * v * times


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def endless(v):
    return endless(v + 1)


async def asynchronous(v):
    yield v


def doubled(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs) * 2

    return wrapper


@doubled
def decorated(x, k=1):
    return x + k


def test_code_and_defaults_are_guarded() -> None:
    def function(x):
        return square(x)

    guards = [g for g in whole(function, X).guards if isinstance(g, IdentityIs)]
    assert any(g.source == FunctionSlot(Global("square"), "__code__") for g in guards)
    assert "__kwdefaults__" in str(whole(function, X).guards) + str(whole(function, X).inputs)


def test_recursion_with_known_numbers() -> None:
    def function(x):
        return x * fib(6)

    whole(function, X)


def test_recursion_has_an_end() -> None:
    def function(x):
        y = x + 1
        return endless(y)

    assert ops(stopped(function, X, code="GL115")) == ["add"]


def test_depth_is_an_option() -> None:
    def function(x):
        return (lambda v: (lambda w: w + 1)(v))(x)

    assert captured(function, X, options=Options(inline_depth=1)).break_.code == "GL115"
    assert captured(function, X, options=Options(inline_depth=2)).break_ is None


def test_asynchronous_generators_that_leave_are_left_to_python() -> None:
    def function(x):
        y = x + 1
        return y, asynchronous(y)

    assert ops(stopped(function, X, code="GL118")) == ["add"]


def test_decorated_functions() -> None:
    def function(x):
        return decorated(x, k=3)

    whole(function, X)


def test_functions_made_in_callees() -> None:
    def function(x):
        def outer(a):
            def inner(b):
                return b * a + k

            k = a + 1
            return inner

        return outer(2)(x)

    whole(function, X)


def test_mutually_nested_functions() -> None:
    def function(x):
        def first(v):
            return second(v) + 1

        def second(v):
            return v * 2

        return first(x)

    whole(function, X)


def test_the_original_of_an_optimised_callee_is_followed() -> None:
    def rewritten(v):
        print(v)

    def function(x):
        return rewritten(x)

    original = (lambda v: v * 3).__code__
    options = Options(original_code=lambda fn: original if fn is rewritten else fn.__code__)
    assert ops(captured(function, X, options=options)) == ["multiply"]


def test_functions_of_numpy_that_are_not_known_are_not_followed() -> None:
    def function(x):
        y = x + 1
        return np.array2string(y)

    outcome = stopped(function, X, code="GL102")
    assert ops(outcome) == ["add"]
