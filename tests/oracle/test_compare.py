"""Each kind of difference between two values is seen, and equal values have none."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.oracle.compare import Comparison

_NAN_PAYLOAD = np.array([0x7FF8000000000001], np.uint64).view(np.float64)


def kinds(plain: Any, optimised: Any) -> set[str]:
    walk = Comparison()
    walk.values("x", plain, optimised)
    return {d.kind for d in walk.differences}


class Box:
    def __init__(self, item: Any) -> None:
        self.item = item


SAME: list[Callable[[], Any]] = [
    lambda: np.array([np.nan, -0.0, np.inf]),
    lambda: np.longdouble(1) / 3,
    lambda: np.array([1, 2], np.longdouble),
    lambda: [1, 2.0, 3j, "s", None, True, (1, [2])],
    lambda: {"a": np.ones(2), 3: {4, 5}},
    lambda: Box(np.zeros(2)),
    lambda: np.zeros(2, [("a", "f8"), ("b", "i1")]),
    lambda: np.array([1, "a", None], dtype=object),
    lambda: np.datetime64("NaT", "s"),
    lambda: (np.sin, len, slice(1, 2), range(3), np.dtype("f4"), int),
    lambda: np.ma.masked_array([1, 2], [True, False]),
]


@pytest.mark.parametrize("make", SAME)
def test_equal_values_have_no_difference(make: Callable[[], Any]) -> None:
    assert kinds(make(), make()) == set()


DIFFERENT: list[tuple[str, Any, Any]] = [
    ("value", np.array([0.0]), np.array([-0.0])),
    ("value", np.array([np.nan]), _NAN_PAYLOAD),
    ("value", 0.0, -0.0),
    ("value", np.float32(1), np.float32(2)),
    ("value", [1, 2], [1, 3]),
    ("value", [1, 2], [1]),
    ("value", {"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ("value", Box(1), Box(2)),
    ("value", np.array([1, [2]], dtype=object), np.array([1, [3]], dtype=object)),
    ("value", np.array([(1, 2)], "i4,i4"), np.array([(1, 3)], "i4,i4")),
    ("type", 1, True),
    ("type", 1.0, np.float64(1.0)),
    ("type", np.float64(1.0), np.array(1.0)),
    ("type", (1,), [1]),
    ("type", np.ones(2), np.ones(2).view(np.matrix)),
    ("dtype", np.ones(2), np.ones(2, np.float32)),
    ("dtype", np.ones(2, "<i4"), np.ones(2, ">i4")),
    ("shape", np.ones((1, 2)), np.ones(2)),
    ("strides", np.ones((2, 3)), np.asfortranarray(np.ones((2, 3)))),
    ("flags", np.ones(2), np.broadcast_to(np.ones(2), (2,))),
    ("flags", np.ones(3), np.ones(4)[:3]),
    ("base", np.ones(4)[:3], np.ones(3).view()),
    ("base", np.ones(3), np.ones(4)[:3]),
]


@pytest.mark.parametrize(("kind", "plain", "optimised"), DIFFERENT)
def test_difference_is_seen(kind: str, plain: Any, optimised: Any) -> None:
    assert kind in kinds(plain, optimised)


def test_identity_must_correspond() -> None:
    shared: list[int] = []
    assert "identity" in kinds([shared, shared], [[], []])
    assert "identity" in kinds([[], []], [shared, shared])


def test_array_aliases_must_correspond() -> None:
    a = np.zeros(4)
    assert "alias" in kinds((a, a[1:]), (a.copy(), a[1:].copy()))
    assert "alias" in kinds((a[:-1], a[1:]), (a[1:], a[:-1]))
    assert kinds((a[:-1], a[1:]), (a[:-1], a[1:])) == set()


def test_many_arrays_are_compared_for_shared_memory() -> None:
    def rows(change: bool) -> list[np.ndarray]:
        held = list(np.zeros((5000, 3)))
        return [*held, held[17].copy() if change else held[17]]

    assert kinds(rows(False), rows(False)) == set()
    base, other = np.zeros(9), np.zeros(9)
    assert kinds([base[2:5], *rows(False), base[4:]], [other[2:5], *rows(False), other[4:].copy()]) >= {"alias"}
    walk = Comparison()
    walk.values("one", base[:3], other[:3])
    walk.values("two", base[1:4], other[1:4].copy())
    assert [d.kind for d in walk.differences if d.kind == "alias"] == ["alias"]


def test_message_names_place_and_both_sides() -> None:
    walk = Comparison()
    walk.values("result", {"k": np.array([1.0, 2.0])}, {"k": np.array([1.0, 3.0])})
    assert [d.where for d in walk.differences] == ["result['k'][1] (and 0 more)"]
    assert "3.0" in str(walk.differences[0])


def test_cycles_end() -> None:
    a: list[Any] = []
    a.append(a)
    b: list[Any] = []
    b.append(b)
    assert kinds(a, b) == set()
