"""The Python forms of builtins do what the builtins do."""

import functools
import itertools
import operator

import pytest

from graphlet.capture import polyfills

CASES = [
    (polyfills.any_, any, ([0, 1, 2],)),
    (polyfills.any_, any, ([],)),
    (polyfills.all_, all, ([1, 0],)),
    (polyfills.all_, all, ([],)),
    (polyfills.map_, map, (abs, [-1, 2])),
    (polyfills.map_rows, map, (operator.add, [1, 2], [3, 4, 5])),
    (polyfills.filter_, filter, (None, [0, 1, 2])),
    (polyfills.filter_, filter, ((1).__lt__, [0, 1, 2])),
    (polyfills.starmap_, itertools.starmap, (pow, [(2, 3), (3, 2)])),
    (polyfills.enumerate_, enumerate, ("ab", 2)),
    (polyfills.zip_, zip, ([1, 2, 3], "ab")),
    (polyfills.zip_, zip, ([1], "ab", (3, 4))),
    (polyfills.chain_, itertools.chain, ([1, 2], "ab")),
    (polyfills.sum_, lambda first, *rest: sum((first, *rest[0]), rest[1]), (1, [2, 3], 4)),
    (polyfills.reduce_, functools.reduce, (operator.sub, [1, 2, 3])),
    (polyfills.reduce_from, functools.reduce, (operator.sub, [1, 2, 3], 10)),
]


def plain(value: object) -> object:
    return list(value) if hasattr(value, "__next__") else value


@pytest.mark.parametrize(("ours", "theirs", "args"), CASES)
def test_same_as_the_builtin(ours, theirs, args: tuple) -> None:
    assert plain(ours(*args)) == plain(theirs(*args))


def test_stops_early() -> None:
    items = iter([0, 1, 2])
    assert polyfills.any_(items) and next(items) == 2
