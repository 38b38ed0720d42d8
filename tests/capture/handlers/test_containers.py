"""Building, unpacking and indexing containers."""

import dis

import numpy as np
import pytest

from graphlet.capture.outcome import Build, FromTemp
from graphlet.guards.kinds import LengthIs, ValueIs
from graphlet.sources import DictItem, Item, LiveIn, ShapeItem
from tests.capture.playing import frame_of, play, stopped, whole

X = np.linspace(0.1, 1.0, 5)
Y = np.arange(15.0).reshape(3, 5)


def test_results_in_containers() -> None:
    def function(x):
        y = x + 1
        return {"a": [y, (x, 1)], "b": slice(1, None), "c": {}, 3: None}

    whole(function, X)


def test_the_same_new_object_at_two_places() -> None:
    def function(x):
        a = [x + 1]
        b = (a, a)
        return b, a

    outcome = whole(function, X)
    assert len(outcome.temps) == 1
    ((inner, outer),) = [push.items for push in outcome.exit.pushes]
    assert outer == FromTemp(0) and isinstance(inner, Build)
    result = play(outcome, frame_of(function, (X,), {})).pushes[0]
    assert result[0][0] is result[0][1] is result[1]


def test_unpacking() -> None:
    def function(p, rows):
        a, (b, *c) = p
        first, *_, last = rows
        return a + b + c[0], first, last

    whole(function, (X, (X, X, 2)), [X, 1, 2, X])


def test_unpacking_an_array_guards_its_length() -> None:
    def function(y):
        a, b, c = y
        return a + b - c

    outcome = whole(function, Y)
    assert ValueIs(ShapeItem(LiveIn(0, "y"), 0), 3) in outcome.guards


def test_unpacking_too_few_is_left_to_python() -> None:
    def function(x, p):
        y = x + 1
        a, b = p
        return y + a + b

    stopped(function, X, (1,), code="GL111")


def test_items_of_existing_containers_are_inputs() -> None:
    def function(p, d):
        return p[0] * d["w"] + p[-1]

    outcome = whole(function, (X, 2, X + 1), {"w": 3.0, "other": None})
    assert {Item(LiveIn(0, "p"), 0), DictItem(LiveIn(1, "d"), "w"), Item(LiveIn(0, "p"), 2)} <= set(outcome.inputs)
    assert LengthIs(LiveIn(0, "p"), 3) in outcome.guards


def test_missing_key_is_left_to_python() -> None:
    def function(x, d):
        y = x + 1
        return y + d["gone"]

    stopped(function, X, {}, code="GL117")


@pytest.mark.parametrize("index", [5, -6])
def test_missing_item_is_left_to_python(index: int) -> None:
    def function(x, p, i):
        y = x + 1
        return y + p[i]

    stopped(function, X, [1, 2, 3, 4, 5], index, code="GL117")


def test_slices_of_lists_strings_and_ranges() -> None:
    def function(x):
        a = [x, 1, 2, 3]
        return a[1:], a[::-1], "hello"[1:3], range(10)[2:4], (1, 2, 3)[-2:], x + 1

    whole(function, X)


def test_items_of_new_containers_can_be_set() -> None:
    def function(x):
        a = [x, 1]
        a[1] = x + 1
        d = {"k": a}
        d["m"] = a[1] * 2
        return a, d

    whole(function, X)


def test_items_of_existing_dicts_and_lists_can_be_set() -> None:
    def function(x, d):
        y = x + 1
        d["k"] = y
        return y * 2

    def of_list(x, items):
        y = x + 1
        items[0] = y
        return y * 2

    assert [store.name for store in whole(function, X, {}).stores] == ["k"]
    assert [(store.kind, store.name) for store in whole(of_list, X, [1, 2]).stores] == [("list item", 0)]


def test_comprehensions() -> None:
    def function(x):
        return [x * i for i in range(5) if i % 2], {k: x * i for i, k in enumerate("abc")}, [*range(3), x]

    whole(function, X)


def test_star_and_double_star() -> None:
    def function(x, d):
        return {**d, "b": x + 1, **{"c": 2}}, [*d], (*d.values(),)

    whole(function, X, {"a": X})


def test_sets_are_known() -> None:
    def function(x):
        s = {1, 2}
        t = {i for i in (3, 4)}  # noqa: C416
        return x * len(s) + (3 in t), 5 not in s, s, [v for v in {64, 1, 0}], {*t, 7}  # noqa: C416

    whole(function, X)


def test_what_cannot_leave_stays_in_python() -> None:
    def leaves(x):
        y = x + 1
        return y, (i for i in [len(str(y.ndim)) + 1])

    outcome = stopped(leaves, X, code="GL118")
    assert outcome.exit is not None
    instrs = {i.offset: i.opname for i in dis.get_instructions(leaves.__code__)}
    assert instrs[outcome.exit.offset] not in ("BUILD_TUPLE", "RETURN_VALUE")
