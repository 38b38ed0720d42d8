"""Builtins that make, measure or go over containers."""

import functools
import itertools
import operator

import numpy as np

from tests.capture.playing import ops, stopped, whole

X = np.linspace(0.1, 1.0, 5)
Y = np.arange(15.0).reshape(3, 5)


def test_len_range_and_constructors() -> None:
    def function(x, d):
        r = range(1, 8, 2)
        return x * len(r) + len(x), tuple(r), list("ab"), dict([("k", 1)], j=x), dict(d), len(d), slice(2), bool(r)

    whole(function, X, {"a": 1})


def test_length_of_an_array_is_a_run_time_number() -> None:
    def function(x):
        return x / len(x)

    outcome = whole(function, X)
    assert [str(source) for source in outcome.inputs if "shape" in str(source)] == ["x.shape[0]"]


def test_zip_enumerate_reversed() -> None:
    def function(x):
        out = []
        for i, (a, b) in enumerate(zip((x, 1), reversed((2, x)))):  # noqa: B905
            out.append((a * b, i))
        return out

    whole(function, X)


def test_zip_of_different_lengths() -> None:
    def function(x):
        y = x + 1
        return y, list(zip((1, 2), (3,), strict=True))

    assert ops(stopped(function, X, code="GL111")) == ["add"]


def test_map_filter_reduce_sum() -> None:
    def function(x):
        a = list(map(lambda v: v * 2, (x, x + 1)))  # noqa: C417
        b = list(map(operator.add, (1, 2), (3, 4)))
        c = list(filter(None, (0, 1, 2))) + list(filter(lambda v: v > 1, (0, 1, 2)))
        d = functools.reduce(operator.add, [x, x, x]) + functools.reduce(lambda p, q: p * q, [2, 3], x)
        e = sum([x, x + 1]), sum((1, 2, 3)), sum((), 5), sum([x], 1), sum((0.1, 0.2, 0.3))
        return a, b, c, d, e

    whole(function, X)


def test_any_and_all_stop_early() -> None:
    def function(x):
        seen = []

        def look(v):
            seen.append(v)
            return v > 1

        found = any(look(v) for v in (1, 2, 3)), all(look(v) for v in (2, 1, 3))
        return found, seen, x + 1

    whole(function, X)


def test_min_and_max() -> None:
    def function(x, n):
        return x * min(n, 2) + max(1, 5, 4), min([3, 1, 2], key=lambda v: -v), max((), default=7), max("b", "a")

    whole(function, X, 3)
    whole(function, X, 1)


def test_sorted() -> None:
    def function(x):
        return sorted([3, 1, 2]), sorted("ab", reverse=True), sorted([(1, x), (0, 2)], key=lambda p: p[0]), x + 1

    whole(function, X)


def test_sorted_of_a_set() -> None:
    def function(x):
        return sorted({3, 1, 2}), x + 1

    whole(function, X)


def test_iterators_of_itertools() -> None:
    def function(x):
        pairs = list(itertools.product((0, 1), (x, 2)))
        return list(itertools.chain((x,), [1])), pairs, list(itertools.starmap(operator.mul, ((x, 2), (3, 4))))

    whole(function, X)


def test_nothing_to_take() -> None:
    def function(x):
        y = x + 1
        return y, next(iter(()))

    stopped(function, X, code="GL111")


def test_long_containers_are_left_to_python() -> None:
    def function(x, xs):
        y = x + 1
        return y, sum(xs)

    stopped(function, X, list(range(1000)), code="GL108")
