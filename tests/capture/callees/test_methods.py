"""Methods of strings, lists and dicts."""

from fractions import Fraction

import numpy as np

from tests.capture.playing import ops, stopped, whole

X = np.linspace(0.1, 1.0, 5)


def test_lists_made_here() -> None:
    def function(x):
        a = []
        a.append(x)
        a.extend((x + 1, 3))
        a.insert(0, "first")
        last = a.pop()
        a.reverse()
        b = a.copy()
        b.clear()
        return a, b, last, ["z", "first"].index("first"), [1, 1, 2].count(1), (1, 2).index(2)

    whole(function, X)


def test_lists_from_outside_are_changed_behind_the_graph() -> None:
    def function(x, xs):
        y = x + xs.index(2)
        xs.append(y)
        xs.remove(1)
        return y

    stores = whole(function, X, [1, 2]).stores
    assert [(store.kind, store.name) for store in stores] == [("list item", 0), ("list item", 1)]


def test_a_list_that_may_hold_what_does_something_when_it_goes_is_left_alone() -> None:
    def function(x, xs):
        y = x + xs.index(2)
        xs.pop()
        return y

    assert ops(stopped(function, X, [2, Fraction(1, 2)], code="GL104")) == ["add"]


def test_dicts() -> None:
    def function(x, d):
        made = dict(a=x)  # noqa: C408
        made.update({"b": 2}, c=3)
        made.setdefault("d", x + 1)
        taken = made.pop("b"), made.pop("gone", None)
        total = 0
        for k, v in d.items():
            total = total + v * len(k)
        return made, taken, total, list(made.keys()), tuple(d.values()), d.get("a"), d.get("gone", 5), made.copy()

    whole(function, X, {"a": X, "bb": 2})


def test_dicts_from_outside_get_items_and_lose_them() -> None:
    def updated(x, d):
        y = x + 1
        d.update(k=y)
        return y

    def emptied(x, d):
        y = x + 1
        d.clear()
        return y

    whole(updated, X, {})
    assert [(store.kind, store.name) for store in whole(emptied, X, {"a": 1, "b": X}).stores] == [
        ("delete", "a"), ("delete", "b")
    ]
    stopped(emptied, X, {"a": Fraction(1, 2)}, code="GL104")


def test_strings() -> None:
    def function(x, name):
        parts = ["a", "b"]
        return parts, "-".join(parts), name.upper() + "!", name.startswith("a"), "{:d}".format(3), x + 1  # noqa: UP032

    whole(function, X, "abc")


def test_error_in_a_method() -> None:
    def function(x):
        y = x + 1
        return y, "abc".index("z")

    stopped(function, X, code="GL111")
