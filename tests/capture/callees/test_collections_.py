"""deque and defaultdict."""

from collections import defaultdict, deque
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def deques(x: Any) -> Any:
    d = deque([x, x + 1], 3)
    d.append(x * 2)
    d.append(x * 3)
    d.appendleft(x * 4)
    e = deque(range(5))
    e.rotate(2)
    e.extendleft([7, 8])
    e.extend("ab")
    last, first = e.pop(), e.popleft()
    f = e.copy()
    f.reverse()
    e[0] = 100
    total = d[0] + d[-1] + sum(d)
    return total, d, len(d), list(e), f, last, first, 3 in e, e == f, e != [1], deque(), bool(deque()), [*e], e.count(3)


def windows(x: Any) -> Any:
    window: deque[Any] = deque(maxlen=2)
    out = []
    for i in range(5):
        window.append(x * i)
        out.append(sum(window))
    return out, window


def counted(x: Any) -> Any:
    d = defaultdict(list)
    for i in range(4):
        d[i % 2].append(x + i)
    n = defaultdict(int, a=3)
    n["a"] += 1
    n["b"] += 2
    made = defaultdict(lambda: x * 7)
    return sum(d[0]) + sum(d[1]), len(d), dict(n), n, d, "c" in n, n.get("c"), made["q"], list(made), [*n.items()]


@pytest.mark.parametrize("fn", [deques, windows, counted])
def test_they_stay_in_graphs(fn: Any) -> None:
    differential(fn, (X,), (X[:3],), native=0.9)
    assert not graphlet.explain(fn)(X).breaks or fn is counted  # the lambda leaves with its dict


def odd(x: Any) -> Any:
    d: Any = deque([x])
    found = [type(d) is deque, isinstance(d, deque), d.maxlen, d[0] * 2]
    try:
        d[0:1]
    except TypeError as error:
        found.append(str(error))
    try:
        deque().pop()
    except IndexError as error:
        found.append(str(error))
    try:
        defaultdict(None)["a"]
    except KeyError as error:
        found.append(str(error))
    try:
        defaultdict(3)
    except TypeError as error:
        found.append(str(error))
    try:
        for value in d:
            d.append(value)
    except RuntimeError as error:
        found.append(str(error))
    return found, np.array(deque([1, 2])), x + 1, d + deque([1]), defaultdict(int) == {}


def existing(x: Any, d: Any, n: Any) -> Any:
    d.append(x * 2)
    n["k"] += 1
    return d[0] + 1, n, len(d), n["z"]


def test_odd_uses() -> None:
    differential(odd, (X,))
    differential(existing, lambda: (X, deque([X], 2), defaultdict(int)), rounds=4)


def identical(x: Any) -> Any:
    d = deque([x + 1])
    return d, [d], d[0]


def test_one_object_stays_one() -> None:
    fast = graphlet.optimize(identical)
    for _ in range(5):
        d, (same,), item = fast(X)
        assert d is same and d[0] is item and d.maxlen is None
