"""How arguments reach callees, and making functions."""

import numpy as np

from tests.capture.playing import ops, stopped, whole

X = np.linspace(0.1, 1.0, 5)


def helper(a, b=2, *, c=3, **rest):
    return a * b + c + len(rest)


def varargs(*values, **named):
    total = values[0]
    for v in values[1:]:
        total = total + v
    for v in named.values():
        total = total * v
    return total


def test_positional_named_and_default_arguments() -> None:
    def function(x):
        return helper(x) + helper(x, b=4, c=1) + helper(x, 5) + helper(b=1, a=x, z=9)

    whole(function, X)


def test_star_arguments() -> None:
    def function(x, more):
        args = (x, 2)
        named = {"c": 7}
        return helper(*args, **named) + varargs(x, *args, k=3, **named) + helper(*more, q=1)

    whole(function, X, (X, 3))


def test_positional_only() -> None:
    def function(x):
        def inner(a, /, b, *, c):
            return a + b + c

        return inner(x, 2, c=3)

    whole(function, X)


def test_functions_with_defaults_made_here() -> None:
    def function(x, n):
        def inner(a, b=n, *, c=n + 1):
            return a * b - c

        return inner(x) + (lambda v, k=2: v * k)(x)

    whole(function, X, 3)


def test_wrong_arguments_are_left_to_python() -> None:
    def function(x):
        y = x + 1
        return helper(y, 1, 2, 3)

    assert ops(stopped(function, X, code="GL111")) == ["add"]


def test_unary_plus() -> None:
    def function(x, n):
        return +x, +n, +3

    whole(function, X, 5)


def test_a_function_made_here_does_not_leave_the_region() -> None:
    def function(x):
        y = x + 1

        def later(v):
            return v + y

        return later

    stopped(function, X, code="GL118")


def test_keyword_arguments_twice() -> None:
    def function(x, d):
        y = x + 1
        return helper(y, **d, **d)

    stopped(function, X, {"c": 1}, code="GL111")
