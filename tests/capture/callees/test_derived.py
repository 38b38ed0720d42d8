"""Objects of Python classes derived from dict and list, ``collections.Counter`` first of all."""

import collections
import copy
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def counters(x: Any) -> Any:
    c = collections.Counter(["a", "b", "a", "c", "a", "b"])
    z = x * c["a"] + c["missing"]
    c["d"] += 2
    c.update("ad")
    c.update({"e": 1}, f=2)
    c.subtract(["a", "e"])
    found = [c.most_common(), c.most_common(1), c.most_common(2), c.total(), list(c.elements()), len(c), "z" in c]
    del c["nothing"], c["f"]
    for key, count in c.items():
        z = z + count * len(key)
    return z * 2, found, c, c == collections.Counter(c), [*c], dict(c), bool(c), bool(collections.Counter())


def arithmetic(x: Any) -> Any:
    a, b = collections.Counter(a=3, b=1), collections.Counter(a=1, b=2)
    made = [a + b, a - b, a & b, a | b, +a, -collections.Counter(q=-1)]
    made += [a <= b, a == b, a != b, a > collections.Counter()]  # type: ignore[list-item]
    a += b
    b -= a
    a |= collections.Counter("cc")
    return x * a["a"] + a["c"], made, a, b, a.copy(), collections.Counter(a) is a


class WithDefault(dict):  # type: ignore[type-arg]
    made = 0

    def __missing__(self, key: Any) -> Any:
        self.made += 1
        return len(self) * 2.0


class Upper(dict):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = [*self]

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key.upper(), value)

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(key.upper())

    def __contains__(self, key: object) -> bool:
        return super().__contains__(str(key).upper())


def dicts(x: Any) -> Any:
    d = WithDefault(a=x)
    z = d["a"] * d["q"] + d["r"]
    d["n"] = z
    u = Upper(K=x)
    u["v"] = z
    u.update(W=1)
    found = ["v" in u, "V" in u, "w" in u, len(u), d.made, d.get("none"), d.pop("none", 3), [*u.keys()], u.order]
    del d["n"]
    return u["k"] + u["V"], found, d, u, {**d}, dict(u), type(d.copy()), isinstance(d, dict), type(d)


class Track(list):  # type: ignore[type-arg]
    def __init__(self, *items: Any) -> None:
        super().__init__(items)
        self.dropped: Any = None

    def total(self) -> Any:
        return sum(self)

    def append(self, item: Any) -> None:
        super().append(item * 2)

    def __getitem__(self, at: Any) -> Any:
        return super().__getitem__(at)


def lists(x: Any) -> Any:
    t = Track(x, x + 1)
    t.append(x)
    t.extend([1.0])
    t.dropped = t.pop()
    t[0] = x * 3
    t.insert(1, x)
    first, *rest = t
    found = [len(t), t.dropped, bool(t), bool(Track()), isinstance(t, list), type(t[0:1]), len(rest), len([*t])]
    return t.total() + t[-1] * len(t) + first, found, t, list(t)


def twice(x: Any) -> Any:
    d = WithDefault(a=x * 2)
    return d, [d], d["a"] + 1, {"again": d}


@pytest.mark.parametrize("fn", [counters, arithmetic, dicts, lists, twice])
def test_they_are_one_graph(fn: Any) -> None:
    differential(fn, (X,), (X[:4],), native=0.9)
    assert not graphlet.explain(fn)(X).breaks


def test_an_object_that_leaves_is_one_object() -> None:
    fast = graphlet.optimize(twice)
    for _ in range(4):
        made, (same,), _, again = fast(X)
    assert made is same is again["again"] and type(made) is WithDefault


class Counting(dict):  # type: ignore[type-arg]
    seen: Any = ()

    def __iter__(self) -> Any:
        self.seen = (*self.seen, "iter")
        return super().__iter__()

    def keys(self) -> Any:
        self.seen = (*self.seen, "keys")
        return super().keys()

    def __len__(self) -> int:
        return 7


class Bounded(collections.OrderedDict):  # type: ignore[type-arg]
    pass


class Grouped(collections.defaultdict):  # type: ignore[type-arg]
    pass


class Gone(dict):  # type: ignore[type-arg]
    def __del__(self) -> None:
        print("gone")


def odd(x: Any) -> Any:
    c = Counting(a=x, b=x + 1)
    z = sum(c[key] for key in c)
    found = [dict(c), {**c}, list(c), len(c), bool(c), c.seen, copy.copy(c), copy.deepcopy(c)]
    b = Bounded(a=x)
    b["b"] = z
    b.move_to_end("a")
    g = Grouped(list)
    g["k"].append(x)
    gone = Gone(a=1)
    z = z * len(gone)
    return z + b["b"], found, b, g, [*b], repr(collections.Counter("aab")), Counting(a=1) == {"a": 1}


def errors(x: Any) -> Any:
    found = []
    y = x + 1
    for action in (
        lambda: WithDefault(3),  # type: ignore[call-overload]
        lambda: Track()[0],
        lambda: collections.Counter(3),  # type: ignore[call-overload]
        lambda: collections.Counter.fromkeys("ab"),
        lambda: Upper()["k"],
        lambda: collections.Counter("a") + 1,
        lambda: collections.Counter("a") < 1,
    ):
        try:
            found.append(action())
        except (TypeError, KeyError, IndexError, NotImplementedError) as error:
            found.append(type(error).__name__)
    return y * 2, found


@pytest.mark.parametrize("fn", [odd, errors])
def test_what_is_done_in_their_own_way(fn: Any) -> None:
    differential(fn, (X,), (X[:4],))


def test_a_method_that_comes_later_is_seen() -> None:
    class Late(dict):  # type: ignore[type-arg]
        pass

    def run(x: Any) -> Any:
        d = Late(a=x * 2)
        return d["a"] + len(d)

    fast = graphlet.optimize(run)
    for _ in range(4):
        fast(X)
    Late.__getitem__ = lambda self, key: 5.0  # type: ignore[method-assign, assignment]
    assert fast(X) == run(X) == 6.0
    Late.__missing__ = lambda self, key: 1.0  # type: ignore[attr-defined]
    Late.__len__ = lambda self: 3  # type: ignore[method-assign, assignment]
    assert fast(X) == run(X) == 8.0


class Registry(dict):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.modules = np.ones(2) * 2
        super().__init__(*args, **kwargs)
        self.count = len(self)


@pytest.mark.parametrize("args", [(), ({"a": 1},)])
def test_an_initialiser_of_an_object_that_was_there_before(args: Any) -> None:
    differential(Registry.__init__, lambda: (Registry(b=2), *args), rounds=3)
