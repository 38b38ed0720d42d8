"""heapq and bisect."""

import bisect
import heapq
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def queues(x: Any) -> Any:
    rows = [3, 1, 4, 1, 5, 9, 2]
    h: list[Any] = []
    for i, row in enumerate(rows):
        heapq.heappush(h, (row, -i))
    taken = [heapq.heappop(h) for _ in range(4)]
    other = list(rows)
    heapq.heapify(other)
    again = heapq.heapreplace(other, 6), heapq.heappushpop(other, 0), heapq.heappushpop(other, 7)
    best = heapq.nlargest(3, rows), heapq.nlargest(2, rows, key=lambda row: -row)
    return x * taken[0][0] + taken[-1][0], h, taken, other, again, best, [heapq.heappop(other) for _ in rows]


def searched(x: Any) -> Any:
    rows = sorted([3, 1, 4, 1, 5, 9, 2, 6, 5])
    places = [bisect.bisect(rows, 5), bisect.bisect_left(rows, 5), bisect.bisect_right(rows, 5, 1, 4)]
    places += [bisect.bisect_left((1, 2, 3), 2.5), bisect.bisect([1, 2, 3], -2, key=lambda v: -v)]
    bisect.insort(rows, 4)
    bisect.insort_left(rows, 4, key=lambda v: v * 2)
    return x * places[0] + places[1], places, rows


@pytest.mark.parametrize("fn", [queues, searched])
def test_they_are_followed(fn: Any) -> None:
    differential(fn, (X,), (X[:4],), native=0.9)
    assert not graphlet.explain(fn)(X).breaks


class Noisy(list):  # type: ignore[type-arg]
    def append(self, item: Any) -> None:
        super().append("no")


def odd(x: Any) -> Any:
    found: list[Any] = []
    y = x + 1
    for action in (
        lambda: heapq.heappop([]),
        lambda: heapq.heappush((), 1),  # type: ignore[arg-type]
        lambda: heapq.heapreplace([], 1),
        lambda: bisect.bisect([1, 2], 1, -1),
        lambda: bisect.bisect([1, 2, 3], 5, 0, -1),
        lambda: bisect.bisect([1, 2], 3, 0, 9),
        lambda: bisect.bisect_left([1, "a"], 3),
        lambda: heapq.heapify([x, x, x]),
    ):
        try:
            found.append(action())
        except (TypeError, IndexError, ValueError) as error:
            found.append((type(error).__name__, str(error)))
    noisy = Noisy([1])
    heapq.heappush(noisy, 0)
    return y * 2, found, noisy


def test_what_raises() -> None:
    differential(odd, (X,), (X[:4],))
