"""Views that only groups read are filled in anew for each run; nothing of that shows."""

import sys
import threading
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential


def n_lent(fast: Any) -> int:
    """How many views the graphs of a function lend."""
    return sum(record.specialization.kernel.n_lent for record in fast.graphlet.specializations)


def second_difference(x: Any, d: Any) -> Any:
    return d * (x[2:] - 2.0 * x[1:-1] + x[:-2])


def learned(fn: Any, *args: Any) -> Any:
    """The function, with a code object of its own, behind some calls."""
    copy = type(fn)(fn.__code__.replace(), fn.__globals__, fn.__name__)
    fast = graphlet.optimize(copy)
    for _ in range(3):
        fast(*args)
    return fast


def test_views_that_only_groups_read_are_lent() -> None:
    fast = learned(second_difference, np.arange(9.0), 0.5)
    assert n_lent(fast) == 3
    sizes = [np.arange(float(n)) for n in (2, 3, 100, 9)]
    layouts = [x[::-1] for x in sizes] + [np.arange(40.0)[::2], np.arange(7), np.arange(7, dtype=">f8"), np.zeros(0)]
    differential(second_difference, *((x, 0.5) for x in sizes + layouts))


def test_an_array_of_one_number() -> None:
    def scaled(x: Any) -> Any:
        return x[1, ...] * x

    differential(scaled, (np.arange(9.0),), (np.arange(4.0).reshape(2, 2),), (np.arange(3),), (np.zeros(1),))
    assert n_lent(learned(scaled, np.arange(9.0))) == 1


def escapes(x: Any) -> Any:
    part = x[1:]
    return part, part * 2.0


def is_written(x: Any) -> Any:
    part = x[1:]
    part += 1.0
    return x[1:] * 2.0


def is_called(x: Any) -> Any:
    part = x[1:]
    return np.cumsum(part), part * 2.0


def is_of_a_result(x: Any) -> Any:
    y = x * 2.0
    return y[1:] - y[:-1]


def is_in_bands(x: Any) -> Any:
    part = x[1:]
    e = np.exp(part - part.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def is_of_another_view(x: Any) -> Any:
    return x[1:][1:] * 2.0


@pytest.mark.parametrize("fn", [escapes, is_written, is_called, is_of_a_result, is_in_bands, is_of_another_view])
def test_others_are_made(fn: Any) -> None:
    differential(fn, *((np.arange(1.0, 1.0 + n * n).reshape(n, n) / n,) for n in (3, 20, 3)), (np.arange(9.0),))
    assert n_lent(learned(fn, np.arange(12.0).reshape(4, 3))) == 0


def test_nothing_is_held_behind_a_run() -> None:
    x = np.arange(100.0)
    fast = learned(second_difference, x, 0.5)
    before = sys.getrefcount(x)
    for _ in range(10):
        fast(x, 0.5)
    assert sys.getrefcount(x) == before
    x.resize(50, refcheck=True)


def test_numpys_own_functions_get_views_of_their_own() -> None:
    """Places of extremes in an order other than C are NumPy's to find."""

    def place(x: Any) -> Any:
        return np.argmax(x[1:] * 2.0), (x[:, 1:] + 1.0).argmin()

    x = np.arange(12.0).reshape(3, 4)
    differential(place, (x,), (np.asfortranarray(x),), (x.T,), (x[::-1, ::-1],))


def test_two_threads_have_views_of_their_own() -> None:
    arrays = [np.linspace(0.0, k, 300_000 * k) for k in (1, 2)]
    fast = learned(second_difference, arrays[0], 0.5)
    assert n_lent(fast) == 3
    expected = [second_difference(x, 0.5) for x in arrays]
    wrong: list[int] = []

    def work(k: int) -> None:
        for _ in range(60):
            if fast(arrays[k], 0.5).tobytes() != expected[k].tobytes():
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_another_dtype_gets_another_view() -> None:
    fast = graphlet.optimize(second_difference)
    for dtype in ("f8", "f4", "c16", "i8", "f8"):
        x = (np.arange(20) ** 2).astype(dtype)
        assert fast(x, 0.5).tobytes() == second_difference(x, 0.5).tobytes()
