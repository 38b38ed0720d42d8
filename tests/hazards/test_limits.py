"""Programs at the limits of CPython and of stubs: little stack, hundreds of locals, cut line tables, huge numbers."""

import sys

import numpy as np
import pytest

import graphlet
from graphlet import _evalframe
from graphlet.opcodes.decode import decode
from tests.hooks import fresh

X = np.linspace(0.0, 1.0, 5)


@pytest.fixture(autouse=True)
def no_failures(monkeypatch: pytest.MonkeyPatch):
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    before = graphlet.counters()["failures"]
    yield
    assert graphlet.counters()["failures"] == before
    assert unraisable == []


def dive(depth: int, work):
    return dive(depth - 1, work) if depth else work(X)


def test_a_region_that_learns_with_little_stack_left() -> None:
    finished = 0
    for depth in range(sys.getrecursionlimit() - 200, sys.getrecursionlimit(), 3):
        fast = graphlet.optimize(fresh("def f(x):\n    return x * 2.0 + 1.0\n"))
        try:
            assert np.array_equal(dive(depth, fast), X * 2.0 + 1.0)
            finished += 1
        except RecursionError:
            continue
        assert np.array_equal(fast(X), X * 2.0 + 1.0)
        assert fast.graphlet.stats()["hits"] > 0  # at the latest now
    assert finished


@pytest.mark.skipif(not _evalframe.SUPPORTED, reason="frames of this CPython are not known")
def test_a_function_that_is_found_with_little_stack_left() -> None:
    with graphlet.enable(include="far"):
        for depth in range(sys.getrecursionlimit() - 200, sys.getrecursionlimit(), 3):
            f = fresh("def f(x):\n    return x * 2.0 + 1.0\n", __name__="far")
            try:
                dive(depth, f)
            except RecursionError:
                continue
            assert np.array_equal(f(X), X * 2.0 + 1.0)


def test_more_locals_than_a_stub_may_pass() -> None:
    names = [f"v{i}" for i in range(300)]
    lines = [f"    {name} = k + {i}" for i, name in enumerate(names)]
    lines += ["    for _ in range(3):", "        x = x * 2.0", f"    return x, [{', '.join(names)}]"]
    f = fresh("def f(x, k):\n" + "\n".join(lines) + "\n")
    fast = graphlet.optimize(fresh("def f(x, k):\n" + "\n".join(lines) + "\n"))
    for _ in range(3):
        now, want = fast(X, 3), f(X, 3)
        assert np.array_equal(now[0], want[0])
        assert now[1] == want[1]


def test_a_line_table_that_says_nothing_of_the_last_instructions() -> None:
    f = fresh("def f(x):\n    return x * 2.0 + 1.0\n")
    f.__code__ = f.__code__.replace(co_linetable=b"")
    assert {instr.line for instr in decode(f.__code__).instrs} == {None}
    assert np.array_equal(graphlet.optimize(f)(X), X * 2.0 + 1.0)


def test_a_range_longer_than_len_can_say() -> None:
    def f(x, n):
        y = x + 1.0
        for i in range(n, n + 2**70, 2**69):
            y = y + (i - n == 0)
        for i in range(n, 2**100):
            y = y + i
            if i - n == 2:
                break
        return y

    fast = graphlet.optimize(f)
    for n in (3, 4, 5):
        assert np.array_equal(fast(X, n), f(X, n))


def test_a_slot_that_belongs_to_another_class() -> None:
    class Owner:
        __slots__ = ("slot",)

    class Borrower:
        slot = Owner.slot  # type: ignore[attr-defined]

    def f(x, one):
        y = x * 2.0
        return y + one.slot

    fast = graphlet.optimize(f)
    for _ in range(3):
        with pytest.raises(TypeError, match="doesn't apply to a 'Borrower' object"):
            fast(X, Borrower())
