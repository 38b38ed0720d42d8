"""The operator module."""

import operator
from operator import attrgetter, itemgetter, methodcaller
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def getters(x: Any) -> Any:
    d = {"k": x + 1, "l": x * 2}
    first, pair = itemgetter("k"), itemgetter(0, 1)
    rows = sorted([("b", 1), ("a", 2)], key=itemgetter(0))
    return (
        first(d) * 2, pair([x, x + 1]), itemgetter("k", "l")(d), rows, max(rows, key=itemgetter(1)),
        attrgetter("shape")(x + 1), attrgetter("T.shape", "ndim")(x), methodcaller("sum")(x + 1),
        methodcaller("reshape", -1, order="C")(x * 2), methodcaller("mean", axis=0)(x[None] + 1),
        list(map(itemgetter(1), [(1, x), (2, x * 3)])), itemgetter(slice(2))(x),
    )  # fmt: skip


def functions(x: Any) -> Any:
    items = [1, 2, 1]
    operator.setitem(items, 0, 5)
    operator.delitem(items, 2)
    y = x + 0
    z = operator.iadd(y, 1)
    return (
        operator.truth(1), operator.not_(items), operator.contains(items, 2), operator.concat([1], [2]), z is y, y,
        operator.index(True), operator.is_not(x, None), operator.is_(x, x), operator.call(np.sin, x), operator.inv(3),
        operator.countOf([1, 1], 1), operator.indexOf([1, 2], 2), items, operator.imul(2, 3), operator.iconcat, -x,
    )  # fmt: skip


@pytest.mark.parametrize("fn", [getters, functions])
def test_operators(fn: Any) -> None:
    differential(fn, (X,), (X[:4],), native=0.9)
    assert not graphlet.explain(fn)(X).breaks


def kept(x: Any) -> Any:
    get = itemgetter(0)
    return get, get(x * 2), type(get) is itemgetter, isinstance(get, itemgetter), callable(get)


def wrong(x: Any) -> Any:
    try:
        return itemgetter()
    except TypeError:
        pass
    try:
        return attrgetter(1)
    except TypeError:
        pass
    try:
        return itemgetter("k")({"a": x})
    except KeyError as error:
        return str(error), x * 2


def test_odd_uses() -> None:
    differential(lambda x: kept(x)[1:], (X,))
    differential(wrong, (X,))
