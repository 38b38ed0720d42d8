"""The Python forms of heapq, bisect and counting do what the C forms do, down to the comparisons."""

import bisect
import heapq
import random
from collections import Counter
from typing import Any

import pytest

from graphlet.capture import heaps

asked: list[tuple[Any, Any]] = []


class Asking:
    """Says which comparisons are made."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __lt__(self, other: Any) -> bool:
        asked.append((self.value, other.value))
        return self.value < other.value


def run(functions: Any, values: list[int]) -> Any:
    asked.clear()
    heap: list[Any] = []
    for value in values:
        functions.heappush(heap, Asking(value))
    other = [Asking(value) for value in values]
    functions.heapify(other)
    found = [functions.heapreplace(other, Asking(3)).value, functions.heappushpop(other, Asking(5)).value]
    found += [functions.heappop(heap).value for _ in values]
    return found, [item.value for item in other], list(asked)


@pytest.mark.parametrize("seed", range(20))
def test_heaps(seed: int) -> None:
    values = random.Random(seed).choices(range(20), k=1 + 3 * seed)
    assert run(heaps, values) == run(heapq, values)


@pytest.mark.parametrize("seed", range(20))
def test_bisection(seed: int) -> None:
    draw = random.Random(seed)
    values = [Asking(value) for value in sorted(draw.choices(range(20), k=seed))]
    for ours, theirs in ((heaps.bisect_left, bisect.bisect_left), (heaps.bisect_right, bisect.bisect_right)):
        x, lo = Asking(draw.randrange(20)), draw.randint(0, len(values))
        seen = []
        for function in (ours, theirs):
            asked.clear()
            seen.append((function(values, x, lo), list(asked)))  # type: ignore[type-var]
        assert seen[0] == seen[1]
    rows, others = sorted(draw.choices(range(9), k=5)), []
    others[:] = rows
    heaps.insort_right(rows, 4)
    heaps.insort_left(rows, 4, key=lambda v: -v)
    bisect.insort_right(others, 4)
    bisect.insort_left(others, 4, key=lambda v: -v)
    assert rows == others
    with pytest.raises(ValueError, match="lo must be non-negative"):
        heaps.bisect_left([], 1, -1)


def test_counting() -> None:
    counts: dict[Any, int] = {"a": 1}
    heaps.count_elements(counts, "abca")
    assert counts == Counter("aabca")
