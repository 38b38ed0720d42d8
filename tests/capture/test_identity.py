"""``is``: folded, guarded, or left to Python."""

import numpy as np
import pytest

from graphlet.guards.kinds import SameObject
from graphlet.sources import LiveIn
from tests.capture.playing import captured, stopped, whole

X = np.linspace(0.1, 1.0, 5)
SENTINEL = object()


def both(x, a, b):
    return x + 1, a is b, a is not b


@pytest.mark.parametrize("value", [None, True, ..., X, [1], (1, 2), SENTINEL, {}, int, len, both])
def test_same(value: object) -> None:
    whole(both, X + 0, value, value)


def test_same_module() -> None:
    def function(x):
        return x + 1, np is np

    whole(function, X)


@pytest.mark.parametrize(
    ("a", "b"),
    [(None, True), (X, None), ([1], [1]), (int, float), (object(), SENTINEL), (X, [1]), (True, False), (1, 1.0)],
)
def test_different(a: object, b: object) -> None:
    whole(both, X, a, b)


def test_existing_objects_are_guarded() -> None:
    first, second = [1], [1]
    assert SameObject(LiveIn(1, "a"), LiveIn(2, "b"), False) in whole(both, X, first, second).guards
    assert SameObject(LiveIn(1, "a"), LiveIn(2, "b")) in captured(both, X, first, first).guards


@pytest.mark.parametrize(("a", "b"), [(3, 3), (2.5, 2.5), ("text", "text"), (np.float64(1), np.float64(1))])
def test_copies_of_numbers_and_texts_are_left_to_python(a: object, b: object) -> None:
    outcome = captured(both, X, a, b)
    assert outcome.break_ is not None and outcome.break_.code == "GL110"


def test_new_containers_are_nobody_else() -> None:
    def function(x, xs):
        made = [x + 1]
        return made is xs, made is made, made is None

    whole(function, X, [1])


def test_an_array_made_here_is_not_decided() -> None:
    def function(x):
        y = x + 1
        return y, (y is x)

    outcome = captured(function, X)
    assert outcome.break_ is None or outcome.break_.code == "GL110"
    stopped(function, X, code="GL110")
