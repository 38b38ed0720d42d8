"""``OrderedDict`` made in a region, and ``groupby``."""

import itertools
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def moved(x: Any) -> Any:
    d = OrderedDict(a=x + 1, b=x * 2)
    d["c"] = x - 1
    d.move_to_end("a")
    d.move_to_end("c", last=False)
    return d, list(d), d["b"] * 2


def taken(x: Any) -> Any:
    d = OrderedDict([("a", x + 1), ("b", x * 2), (1, x * 3)])
    first, last = d.popitem(last=False), d.popitem()
    d.move_to_end("b")
    copied = d.copy()
    copied["z"] = d.pop("b")
    d.setdefault("y", x)
    d.update(v=x + 5)
    return first, last, d, copied, d.get("none"), len(d), [k for k, _ in copied.items()]


def one_key(x: Any) -> Any:
    d = OrderedDict([(1, x + 1), (2, x)])
    d.move_to_end(True)
    d[True] = x * 5
    return d


def moved_after_break(x: Any, d: Any) -> Any:
    """Where a region begins, the dict and its method are on the stack, and nothing has looked at the dict yet."""
    d["c"] = x
    d.move_to_end("b", last=(not (len(d) > 9) and x.sum() != 2))
    y = d["c"] + d["b"]
    return y, list(d)


def missing(x: Any) -> Any:
    d = OrderedDict(a=x + 1)
    try:
        d.move_to_end("b")
    except KeyError as error:
        y = x * 2, error.args
    try:
        d.popitem()
        d.popitem()
    except KeyError as error:
        return y, error.args, d


def types_of(x: Any) -> Any:
    d = OrderedDict(a=x + 1)
    return type(d) is OrderedDict, isinstance(d, dict), type(dict(d)) is dict, {**d}, x * 2, d | {"b": 1}


def by_first(x: Any) -> Any:
    rows = [("a", x), ("a", x * 2), ("b", x * 3), ("a", x * 4)]
    found = []
    for key, group in itertools.groupby(rows, lambda row: row[0]):
        found.append((key, sum(v for _, v in group)))
    return found


def plain_groups(x: Any) -> Any:
    got = [(key, len(list(group))) for key, group in itertools.groupby([1, 1, 2, 2, 2, 1])]
    return got, x * got[1][1], list(itertools.groupby([]))


def unread_groups(x: Any) -> Any:
    groups = itertools.groupby([x, x, x + 1, x + 1, 5.0], key=np.ndim)
    key, first = next(groups)
    y = next(first) * 2
    other, second = next(groups)
    return key, y, list(first), other, list(second), next(groups, None)


def nan_keys(x: Any) -> Any:
    nan = float("nan")
    return [len(list(group)) for _, group in itertools.groupby([nan, nan, 1.0])], x * 2


@pytest.mark.parametrize("function", [moved, taken, one_key, by_first, plain_groups, unread_groups])
def test_is_one_graph(function: Any) -> None:
    differential(function, (X,), (X[::2],), native=0.9)


@pytest.mark.parametrize("function", [types_of, nan_keys, missing])
def test_is_the_same(function: Any) -> None:
    differential(function, (X,), (X[::2],))


def test_a_dict_on_the_stack_keeps_its_order() -> None:
    differential(moved_after_break, (X, OrderedDict(a=X * 2, b=2.0)), (X[::2], OrderedDict(b=X, a=X)))
