"""Sets made in the region: items, order, operators, and what becomes of them behind it."""

from typing import Any

import numpy as np

import graphlet
from tests.capture.playing import stopped
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)
NAMES = frozenset(("a", "b", "c", "other"))
CHANGING = {"a"}


def literal(x: Any) -> Any:
    y = x * 2 if 2 in {1, 2, 3} else x
    s = {1, 2, 3}
    return y * len(s), 4 in s, bool(s), bool(set()), {"a", "b", None, (1, "c"), 2.5}, s


def ordered(x: Any) -> Any:
    out = []
    s = set()
    for k in (64, 0, 128, 8, 1, 256, 512, 7):
        s.add(k)
    s.discard(8)
    s.add(1024)
    for k in s:
        out.append(x * k)
    comprehended = {k % 5 * 64 for k in range(7)}
    return out, list(s), s, s | {3, 67}, comprehended, list(comprehended), list({"b", "a", "z"}), sorted(s)


def combined(x: Any) -> Any:
    a, b = {1, 2, 64, 128}, {2, 3, 0}
    c = a | b
    kept = a
    a |= {7}
    a &= {7, 1, 64}
    d = a ^ b, a - b, b & c, {1} <= a, a < c, a == {64, 7, 1}, a != b, a == [1], a >= b, a == None  # noqa: E711
    return x * len(c) + len(a), c, a is kept, a, d, frozenset(a) | b, type(frozenset(a) | b) is frozenset


def methods(x: Any) -> Any:
    a = set("abc")
    a.update("de", [("k", 1)])
    a.remove("a")
    taken = a.pop()
    copied = a.copy()
    a.intersection_update(copied)
    a.symmetric_difference_update({"b", "q"})
    a.difference_update({"c"})
    found = a.union({1}, {2}), copied.difference("b"), a.isdisjoint(copied), copied.issuperset({"d"}), {1}.issubset([1])
    copied.clear()
    return x * len(a), taken, found, copied, a


def with_keys(x: Any) -> Any:
    d = {"a": x, "b": x + 1}
    return len(d.keys() & {"a", "q"}), d.keys() | {"z"}, d.keys() - {"a"}, d.keys() == {"a", "b"}, d["a"] * 2


def by_names(x: Any, name: Any) -> Any:
    if name in NAMES:
        x = x + 1
    for one in NAMES:
        x = x * len(one)
    return x, len(NAMES)


def test_sets_stay_in_graphs() -> None:
    for fn in (literal, ordered, combined, methods, with_keys):
        differential(fn, (X,), (X[:3],), native=0.9, rounds=4)
        assert not graphlet.explain(fn)(X).breaks, fn


def test_frozensets_of_the_module() -> None:
    differential(by_names, (X, "a"), (X, "q"), (X[:2], "b"), native=0.6)
    assert not graphlet.explain(by_names)(X, "a").breaks


def replaced(x: Any) -> Any:
    global NAMES
    y = x * len(NAMES)
    NAMES = NAMES | {f"{len(NAMES)}"}
    return y, "4" in NAMES


def test_a_frozenset_that_is_replaced() -> None:
    differential(replaced, (X,), rounds=6)


def of_a_call(x: Any, names: Any) -> Any:
    y = x * 2 if "a" in names else x
    return y + len(names)


def test_sets_that_calls_pass() -> None:
    differential(of_a_call, *[(X, kind(names)) for kind in (set, frozenset) for names in ("ab", "b", "")], rounds=4)


def with_changing(x: Any) -> Any:
    CHANGING.add(len(CHANGING))
    return x * len(CHANGING), 1 in CHANGING


def test_sets_that_were_there_before_are_left_to_python() -> None:
    differential(with_changing, (X,), rounds=6)


def wrong(x: Any) -> Any:
    s = {1, 2}
    try:
        s |= [1]
    except TypeError as error:
        return x * 2, str(error), s
    return x


def changed_while_iterated(x: Any) -> Any:
    s = {1, 2}
    try:
        for k in s:
            s.add(k + 10)
            x = x + k
    except RuntimeError as error:
        return x, str(error), len(s)
    return x


def with_array(x: Any) -> Any:
    return {1} == x.shape, ({1} == x) is False, {x.shape[0]}, x * 2


def unhashable(x: Any) -> Any:
    try:
        return {x}
    except TypeError:
        return {True}, {1}, x * 2


def test_odd_uses() -> None:
    for fn in (wrong, changed_while_iterated, with_array, unhashable):
        differential(fn, (X,), (X[:3],))
    stopped(lambda x: frozenset((1,)) is frozenset((1,)), X, code="GL110")


def kept_alive(x: Any) -> Any:
    s = {1, 2}
    return s, [s, s], x + 1


def test_a_set_that_leaves_is_one_object_and_new_each_time() -> None:
    fast = graphlet.optimize(kept_alive)
    results = [fast(X) for _ in range(5)]
    assert all(s is a is b for s, (a, b), _ in results) and len({id(s) for s, *_ in results}) == 5
    results[-1][0].add(99)
    assert fast(X)[0] == {1, 2} and fast.graphlet.stats()["hits"]
