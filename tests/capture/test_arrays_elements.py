"""item and tolist."""

from typing import Any

import numpy as np
import pytest

import graphlet
from tests.arrayops.cases import DTYPES, filled, layouts
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def listed(a: Any) -> Any:
    y = a + a
    return y.tolist(), (y * 2).item(0) if y.ndim == 1 else None, y


def test_lists_of_numbers() -> None:
    differential(listed, (X,), (X[:3],), (np.array(2.0),), (np.ones((2, 0)),), (np.ones(40),), native=0.5)
    for dtype in DTYPES:
        differential(listed, *[(array,) for array in layouts((2, 3), dtype)], (filled((4,), dtype),), rounds=2)
    assert not graphlet.explain(listed)(X).breaks


def single(a: Any) -> Any:
    return (a * 2).item(), a.sum().item(), a.item() + 1


def test_item_of_one_element() -> None:
    differential(single, (np.ones((1, 1)),), (np.ones(1),), (np.array(3.0),), (np.arange(3),), (np.array([[2 + 1j]]),))
    assert not graphlet.explain(single)(np.ones((1, 1))).breaks


def by_one_number(a: Any, k: Any) -> Any:
    y = a * 2
    return y.item(k) + y, y.item(-1), a.item(0)


def test_item_by_one_number() -> None:
    m = np.arange(12.0).reshape(3, 4)
    differential(by_one_number, (m, 7), (m.T, 7), (m[:, ::2], -6), (m, 12), (m[None], 3), (m, 2.0), (X, 2))
    whole(by_one_number, m, 7)


MADE = [
    "y.tobytes()", "y.tobytes('F')", "y.tobytes(order='A')", "y.T.tobytes()", "y.dumps()", "a.tobytes()", "y.tolist()",
]  # fmt: skip
# What is done with it: a value of which nothing is known.
DONE = [
    "b, b", "[b, c]", "{1: b}", "b is b", "b is c", "b is None", "b == c", "len(b)", "b[0]", "b[1:3]", "not b", "b + b",
    "b * 2", "[i for i in b]", "list(b)", "f'{b!r:.9}'", "isinstance(b, bytes)", "type(b)", "{b: 1}", "b in (1, c)",
    "max(b)", "np.array(b)", "x + b", "sum(b)", "b.count(1)", "b.foo", "b()", "(lambda *a: len(a))(*b)", "b < c",
    "any(b)", "bytes(b)", "next(iter(b))", "b.append(1) or b", "np.zeros(b)", "hasattr(b, 'hex')", "b if b else 1",
    "np.frombuffer(b)", "hash(b)", "[b] == [c]", "b.__class__", "b.clear() or b", "b.sort() or b", "b.extend(b) or b",
]  # fmt: skip


def exporting(make: str, done: str) -> Any:
    space: dict[str, Any] = {"np": np}
    text = f"def function(a, x):\n    y = a * 2\n    b = {make}\n    c = {make}\n    y += 1\n    return {done}, y * 3"
    exec(text, space)
    return space["function"]


@pytest.mark.parametrize("make", MADE)
def test_what_leaves_numpy(make: str) -> None:
    m = np.arange(40.0).reshape(5, 8)
    function = exporting(make, "b, [c, b]")
    for dtype in DTYPES:
        if np.dtype(dtype).char in "gG":
            continue  # the bytes between the numbers are whatever was there
        differential(function, (m.astype(dtype), X), (m.astype(dtype)[::2], X), (m.T.astype(dtype), X), rounds=2)
    differential(function, (m, X), (m[:0], X), (m * 2, X), (np.array(3.0), X))
    whole(function, m, X)


@pytest.mark.parametrize("done", DONE)
def test_nothing_is_known_of_what_left(done: str) -> None:
    m = np.arange(40.0)
    for make in ("y.tobytes()", "y.tolist()"):
        differential(exporting(make, done), (m, X), (m * 2, X), (m[:5], X))


def test_written_memory_leaves_as_it_is_then() -> None:
    def function(a: Any, k: Any) -> Any:
        a[1:3] = k
        b = a.tobytes()
        c = a * 2
        c[0] = k
        d = c.tobytes()
        c[1] = k
        return b, c.tobytes(), d, a + 1

    differential(function, (X, 3.0), (np.arange(30.0), 4.0), (X, 3.0))
