"""Syntactic entry points."""

from collections.abc import Callable
from typing import Any

import pytest

from graphlet.opcodes.candidates import KINDS, MOST, candidates
from graphlet.opcodes.flow import analyse
from tests.opcodes.corpus import sample

log: Any = None


def lines(function: Callable[..., Any]) -> dict[str, list[int]]:
    """Kind -> lines of the candidates, counted from the ``def``."""
    flow = analyse(function.__code__)
    found: dict[str, list[int]] = {}
    for candidate in candidates(function.__code__, flow):
        line = flow.decoded.instrs[flow.decoded.at[candidate.offset]].line
        found.setdefault(candidate.kind, []).append((line or 0) - function.__code__.co_firstlineno)
    return found


def test_loops() -> None:
    def f(a: Any, n: int) -> Any:
        for i, (j, _) in enumerate(a):
            n = n + i + j
        while n > 3:
            n = n - 1
        n = n * 2
        return n

    found = lines(f)
    assert found["start"] == [1]
    assert found["loop_body"] == [2, 4]
    assert found["loop_exit"] == [3]


def test_behind_statements_that_break() -> None:
    def f(a: Any) -> Any:
        print(
            a,
            sep="",
        )
        a = a + 1
        log.info("%s", len(a))
        a = a + 2
        with a as b:
            a = b + 3
        a.sum()
        a = a + 4
        return a

    assert lines(f)["after_call"] == [5, 7, 9]


def test_behind_yield_and_await() -> None:
    async def f(a: Any) -> Any:
        b = await a
        b = b + 1
        yield b
        b = b + 2
        log(b)

    assert lines(f)["after_call"] == [2, 4]


def test_both_targets_of_a_branch() -> None:
    def f(a: Any) -> Any:
        if a.max() > 3:
            a = a + 1
        else:
            a = a + 2
        if a.min() > 3:
            raise ValueError
        return a

    assert lines(f)["branch"] == [2, 4]


def test_candidates_are_legal_and_few() -> None:
    total = n_codes = 0
    for code in sample():
        flow = analyse(code)
        found = candidates(code, flow)
        total += len(found)
        n_codes += 1
        assert len(found) <= MOST
        assert [c.offset for c in found] == sorted({c.offset for c in found})
        for candidate in found:
            assert candidate.kind in KINDS
            assert flow.illegal_entry(candidate.offset) is None
    assert total / n_codes < 10


@pytest.mark.parametrize("most", [1, 3])
def test_the_best_kinds_stay(most: int) -> None:
    def f(a: Any) -> Any:
        for b in a:
            if b.max() > 3:
                a = a + b.min()
        return a + a

    kinds = [candidate.kind for candidate in candidates(f.__code__, most=most)]
    assert kinds == [["start"], ["start", "loop_body", "loop_exit"]][most == 3]
