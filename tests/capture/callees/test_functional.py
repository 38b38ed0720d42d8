"""functools.partial and super."""

import functools

import numpy as np

from tests.capture.playing import whole

X = np.linspace(0.1, 1.0, 5)


def helper(a, b=2, *, c=3):
    return a * b + c


PART = functools.partial(helper, b=9)


class Base:
    def apply(self, x):
        return x + 1


class Child(Base):
    def apply(self, x):
        return super(Child, self).apply(x) * 2  # noqa: UP008


def test_partial_made_here() -> None:
    def function(x):
        f = functools.partial(helper, c=5)
        return f(x) + functools.partial(f, x)(b=1)

    whole(function, X)


def test_existing_partial() -> None:
    def function(x):
        return PART(x) + PART(x, c=1)

    whole(function, X)


def test_super_with_arguments() -> None:
    def function(o, x):
        return o.apply(x)

    whole(function, Child(), X)
