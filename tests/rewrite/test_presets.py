"""Exits guessed before anything is captured: where the regions of first calls are likely to end."""

from types import ModuleType

import numpy as np
import pytest

import graphlet
from graphlet.opcodes.candidates import candidates
from graphlet.opcodes.flow import analyse
from graphlet.rewrite.presets import Presets, presets
from tests.opcodes.corpus import sample

X = np.linspace(0.1, 1.0, 9)


def branch(x, tol):
    y = x * 2.0
    if np.abs(y).max() < tol:
        return y
    return y + 1.0


def comparison_that_cannot_be_taken(x, other):
    y = x * 2.0
    if other == y.max():
        return y
    return y + 1.0


def effect_in_an_expression(x):
    y = x * 2.0
    print(np.sqrt(y).shape, end="")
    return y + 1.0


def loop(x):
    for _ in range(30):
        x = x * 0.5
    return x


def generator(x):
    for k in range(3):
        yield x * k


CALLS = {branch: (X, 0.5), effect_in_an_expression: (X,), loop: (X,), generator: (X,)}


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_the_first_call_leaves_by_them(function, capsys) -> None:
    fast = graphlet.optimize(function)
    graphlet.reset(fast)
    result = fast(*CALLS[function])
    list(result if function is generator else ())
    declined: dict[str, int] = {}
    for entry in fast.graphlet.cache.entries.values():
        declined.update(entry.region.decline_reasons)
    assert "old_code" not in declined
    assert fast.graphlet.stats()["hits"] > 0


def exits(function, **more):
    flow = analyse(function.__code__)
    entry = next(candidate.offset for candidate in candidates(function.__code__) if candidate.kind == "start")
    return presets(flow.decoded, flow, entry, **more)


def test_a_branch_is_left_in_front_of_its_comparison_or_with_its_result() -> None:
    flow = analyse(comparison_that_cannot_be_taken.__code__)
    found = {flow.decoded.instrs[flow.decoded.at[made.offset]].op for made in exits(comparison_that_cannot_be_taken)}
    assert "COMPARE_OP" in found
    assert found & {"TO_BOOL", "POP_JUMP_IF_FALSE"} or len(exits(branch)) > 1


def test_everywhere_has_the_likely_places_first() -> None:
    likely = exits(branch)
    everywhere = exits(branch, most=200, everywhere=True)
    assert everywhere[: len(likely)] == likely
    assert len(everywhere) > 2 * len(likely)
    assert len({made.offset for made in everywhere}) == len(everywhere)


def test_no_more_than_asked_for() -> None:
    assert len(exits(branch, most=2, everywhere=True)) == 2


def callee_of_two_names(x, wide):
    y = x * 2.0
    return (np.sum or np.max)(y) if wide else (wide or print)(y)


def test_a_callee_that_comes_from_several_places_is_nobody_in_particular() -> None:
    assert isinstance(exits(callee_of_two_names), tuple)


def test_entries_that_share_what_was_found_out_get_what_they_would_get_alone() -> None:
    for code in sample()[::40]:
        flow = analyse(code)
        shared = Presets(flow.decoded, flow)
        for candidate in candidates(code, flow):
            alone = analyse(code)
            assert shared.of(candidate.offset) == presets(alone.decoded, alone, candidate.offset)


class Loud(ModuleType):
    """What it is asked for is made by code of the user's, which no region follows."""

    def __getattr__(self, name: str) -> object:
        return SHOWN.append


SHOWN: list[object] = []
loud = Loud("loud")


def simulation(x, n):
    for i in range(n):
        for _ in range(40):
            x = x * 0.5 + 1.0
        y = np.sqrt(x) * 2.0 + i
        if i != 3:
            loud.show(y)
    return y


def test_a_call_that_runs_for_long_is_served_by_the_exits_it_has() -> None:
    plain = simulation(X, 100)
    expected = [y.tobytes() for y in SHOWN]
    SHOWN.clear()
    fast = graphlet.optimize(simulation)
    graphlet.reset(fast)
    assert fast(X, 100).tobytes() == plain.tobytes()
    assert [y.tobytes() for y in SHOWN] == expected
    regions = [entry.region for entry in fast.graphlet.cache.all_entries()]
    lacked = {region: region.decline_reasons.get("old_code", 0) for region in regions}
    assert 0 < max(lacked.values()) < 40
    assert max(region.hits for region, times in lacked.items() if times) > 50
    SHOWN.clear()
    assert fast(X, 100).tobytes() == plain.tobytes()
