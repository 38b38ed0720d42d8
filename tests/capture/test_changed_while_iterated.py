"""Lists that are changed while a loop goes over them: the loop sees what they hold when it comes there."""

from typing import Any

import numpy as np
import pytest

from tests.oracle.runner import differential

X = np.ones(2)


def turned(items: Any, x: Any) -> Any:
    found = []
    for item in items:
        items.reverse()
        found.append(item)
    return found, x * 2


def last_set(items: Any, x: Any) -> Any:
    found = []
    for item in items:
        items[-1] = x
        found.append(item)
    return found, x * 2


def other_end_set(items: Any, x: Any) -> Any:
    found = []
    for i, item in enumerate(items):
        items[len(items) - 1 - i] = i
        found.append(item)
    return found, x * 2


def ahead(items: Any, x: Any) -> Any:
    for i, item in enumerate(items):
        if i + 1 < len(items):
            items[i + 1] = item * x
    return items[-1], x * 2


def in_a_comprehension(items: Any, x: Any) -> Any:
    return [(items.reverse(), item)[1] for item in items], x * 2


def side_by_side(items: Any, x: Any) -> Any:
    found = []
    for pair in zip(items, items, strict=True):
        items.reverse()
        found.append(pair)
    return found, x * 2


def shorter(items: Any, x: Any) -> Any:
    found = []
    for item in items:
        if len(items) > 1:
            del items[0]
        found.append(item)
    return found, x * 2


def longer(items: Any, x: Any) -> Any:
    found = []
    for item in items:
        if len(items) < 5:
            items.insert(0, x)
        found.append(item)
    return found, x * 2


def filled_anew(items: Any, x: Any) -> Any:
    found = []
    for item in items:
        items[:] = [x, 5, 6]
        found.append(item)
    return found, x * 2


def by_hand(items: Any, x: Any) -> Any:
    iterator = iter(items)
    found = [next(iterator)]
    items.reverse()
    found.append(next(iterator))
    items.clear()
    return [*found, next(iterator, None)], x * 2


FUNCTIONS = (
    *(turned, last_set, other_end_set, ahead, in_a_comprehension),
    *(side_by_side, shorter, longer, filled_anew, by_hand),
)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_lists_that_were_there_before(function: Any) -> None:
    given = ([1.0, 2.0], [X * 1, X * 3], [X * 4, X * 3, 1])
    differential(function, *(lambda items=items: (list(items), X) for items in given))  # type: ignore[misc]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_lists_made_in_the_function(function: Any) -> None:
    def new(x: Any, y: Any) -> Any:
        return function([x, y, 3.0], x)

    differential(new, lambda: (X * 1, X * 3), lambda: (1.0, 2.0))
