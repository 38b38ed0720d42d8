"""What collects the items of a generator takes each before it asks for the next, and the generator may look."""

from collections import deque
from typing import Any

import numpy as np
import pytest

from tests.oracle.runner import differential

X = np.linspace(-2.0, 3.0, 4)


def added_up(x: Any) -> Any:
    return sum((np.cbrt(x * x, out=x) for _ in range(2)), -x)


def added_up_from_zero(x: Any) -> Any:
    return sum(np.sqrt(x * x, out=x) for _ in range(3)), sum((), x), sum(v for v in (1, 2, 3))


def extended(x: Any) -> Any:
    found = [1]
    found.extend(len(found) * x for _ in range(3))
    found += (len(found) * x for _ in range(3))
    found += map(lambda factor: factor * len(found) * x, [1, 2])  # noqa: C417
    return found


def each_once(x: Any) -> Any:
    found: list[Any] = []
    found.extend(n for n in (1, 2, 1, 3, 2) if n not in found)
    return found, x * len(found)


def deques(x: Any) -> Any:
    found = deque([1], 4)
    found.extend(len(found) * x for _ in range(2))
    found.extendleft(len(found) * x for _ in range(2))
    found += (len(found) * x for _ in range(6))
    return list(found)


def sets(x: Any) -> Any:
    found, others = {0}, {1, 2, 3, 4}
    found.update(len(found) for _ in range(3))
    found.update((len(found) for _ in range(3)), [9])
    others.difference_update(len(others) for _ in range(3))
    return sorted(found), sorted(others), x * 2


def given(x: Any, items: Any, ends: Any) -> Any:
    items += (len(items) * x for _ in range(3))
    ends.extend(len(ends) * x for _ in range(3))
    items.extend(len(items) * x for _ in range(2))
    return x * 2


@pytest.mark.parametrize("fn", [added_up, added_up_from_zero, extended, each_once, deques, sets])
def test_one_by_one(fn: Any) -> None:
    differential(fn, lambda: (X.copy(),), lambda: (X[::2].copy(),), native=0.8)


def test_containers_that_were_there_before() -> None:
    differential(given, lambda: (X.copy(), [1], deque([1], 3)), lambda: (X[::2].copy(), [1, 2], deque([1])))
