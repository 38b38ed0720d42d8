"""itertools, and the changes of lists and dicts that loops over them make."""

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def accumulated(x: Any) -> Any:
    rows = [x, x + 1, x + 2]
    return (
        list(itertools.accumulate(rows)),
        list(itertools.accumulate(rows, lambda a, b: a * b)),
        list(itertools.accumulate([1, 2, 3], operator.mul, initial=4)),
        list(itertools.accumulate([])),
    )


def cut(x: Any) -> Any:
    it = iter([x, x + 1, x + 2, x + 3])
    first = [a * 2 for a in itertools.islice(it, 2)]
    rest = list(it)
    return first, rest, list(itertools.islice([x, x + 1, x + 2], 1, 5)), list(itertools.islice([x], 0))


def zipped(x: Any) -> Any:
    pairs = [a * (1 if b is None else b) for a, b in itertools.zip_longest([x, x + 1], [2])]
    return pairs, list(itertools.zip_longest([x], [1, 2], fillvalue=0)), [b - a for a, b in itertools.pairwise(pairs)]


def endless(x: Any) -> Any:
    out = [a * i for i, a in zip(itertools.count(), [x, x + 1], strict=False)]
    out += [a * b for a, b in zip([x, x + 1, x + 2], itertools.cycle([1, 2]), strict=False)]
    out += [a + b for a, b in zip([x, x], itertools.repeat(3), strict=False)]
    return out, [a * 2 for a in itertools.repeat(x, 3)], next(itertools.count(2.5, 2))


def chosen(x: Any) -> Any:
    rows = [x, x + 1, x + 2]
    return (
        [a * b for a, b in itertools.combinations(rows, 2)],
        [a - b for a, b in itertools.permutations(rows[:2])],
        list(itertools.combinations_with_replacement([1, 2], 2)),
        [x * a * b for a, b in itertools.product([1, 2], repeat=2)],
        list(itertools.combinations([], 2)),
    )


def filtered(x: Any) -> Any:
    parts = [x[None], x[None] + 1, x, x[None] + 2]
    return (
        [a + 1 for a in itertools.takewhile(lambda v: v.ndim > 1, parts)],
        [a + 1 for a in itertools.dropwhile(lambda v: v.ndim > 1, parts)],
        list(itertools.filterfalse(lambda v: v.ndim > 1, parts)),
        list(itertools.compress(parts, [0, 1, True])),
        [a * 2 for a in itertools.chain.from_iterable([[x], (x + 1, x + 2)])],
    )


def changed(x: Any) -> Any:
    rows = [x, x + 1, x + 2, x + 3]
    del rows[0], rows[-1]
    named = {"a": x, "b": x + 1, 3: x + 2}
    del named["a"]
    last = named.popitem()
    order = [3, 1, 2]
    order.sort(key=lambda v: -v)
    order.remove(2)
    numbers = [0, 1, 2, 3, 4]
    del numbers[1:3]
    part = slice(1, 3)
    return rows, named, last, order, numbers, x[part] + x[part.start : part.stop], part.step


@pytest.mark.parametrize("fn", [accumulated, cut, zipped, endless, chosen, changed])
def test_it_is_followed(fn: Callable[..., Any]) -> None:
    differential(fn, (X,), (X[::2],), native=0.95)


def test_selections() -> None:
    differential(filtered, (X,), (X[::2],), native=0.2)


def looks_while_sorted(x: Any) -> Any:
    rows = [3, 1, 2]
    seen = []

    def key(v: Any) -> Any:
        seen.append(len(rows))
        return v

    rows.sort(key=key)
    return rows, seen, x + 1


def wrong(x: Any) -> Any:
    out = [x + 1]
    for attempt in (
        lambda: [1].remove(2),
        lambda: {}.popitem(),
        lambda: list(itertools.islice([x], -1)),
        lambda: list(itertools.combinations([x], -1)),
        lambda: [].__delitem__(0),
        lambda: list(itertools.accumulate([x, "a"])),
    ):
        try:
            attempt()
        except Exception as error:
            out.append(str(error))
    return out


def deleted_from_existing(x: Any, rows: list[Any], named: dict[str, Any]) -> Any:
    y = x + 1
    del rows[0], named["a"]
    return y * 2, rows, named


def test_what_is_left_to_python() -> None:
    differential(looks_while_sorted, (X,))
    differential(wrong, (X,), rounds=2)
    differential(deleted_from_existing, (X, [1, 2], {"a": 1, "b": 2}), (X, [], {}))


def stepped(x: Any) -> Any:
    a, b = itertools.tee([x, x + 1])
    rows = iter([x, x + 1, x + 2, x + 3, x + 4])
    part = list(itertools.islice(rows, 1, 4, 2))
    rest = list(rows)
    batches = [sum(row) for row in itertools.batched([x, x + 1, x + 2], 2)] if hasattr(itertools, "batched") else []
    return (
        [p * q for p, q in zip(a, b, strict=True)],
        part,
        rest,
        [n * x for n, _ in zip(itertools.islice(itertools.count(), 2, None, 3), "ab", strict=False)],
        list(itertools.islice([x, x + 1], None, None, 2)),
        batches,
        dict.fromkeys("ab", 1),
    )


def test_steps_batches_and_tees() -> None:
    differential(stepped, (X,), (X[:3],), native=0.7)
