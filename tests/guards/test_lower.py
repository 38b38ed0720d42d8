"""Lowering: every source has a register, and a failing load counts as its guard."""

from typing import Any

import numpy as np
import pytest

from graphlet import sources as s
from graphlet.guards.kinds import ArrayIs, Guard, IdentityIs, TypeIs, ValueIs
from graphlet.guards.lower import lower
from graphlet.guards.plan import plan
from tests.guards.facts import FACTS
from tests.guards.places import PLACES

X, Y = s.LiveIn(0, "x"), s.LiveIn(1, "y")


def test_live_ins_are_the_first_registers() -> None:
    program, registers = lower(plan([TypeIs(Y, int)], [Y, s.Item(X, 0)]), 2)
    assert registers == {Y: 1, X: 0, s.Item(X, 0): 2}
    assert (program.n_live_ins, program.n_registers) == (2, 3)


def test_a_source_is_loaded_once() -> None:
    item = s.Item(X, 0)
    guards: list[Guard] = [TypeIs(item, list), ValueIs(s.Item(item, 0), 1), ValueIs(s.Item(item, 1), 2)]
    program, registers = lower(plan(guards, [item]), 1)
    assert len(registers) == program.n_registers == 4
    assert program.loaded(([[1, 2]],), {}) == [[[1, 2]], [1, 2], 1, 2]


def test_a_failing_load_counts_as_the_guard_it_is_for() -> None:
    program, _ = lower(plan([TypeIs(X, list), ValueIs(s.Item(X, 0), 1)], [s.Item(X, 1)]), 1)
    assert program.descriptions == ("type(x) is list", "x[0] == 1", "x[1] can be loaded")
    assert [program.failing((x,), {}) for x in ((1, 2), [], [2], [1], [1, 2])] == [0, 1, 1, 2, -1]


def test_a_static_source_behind_several_stages_is_loaded_once() -> None:
    table = s.Global("table")
    guards: list[Guard] = [ArrayIs(table, np.dtype("f8"), (False,), "C"), IdentityIs(s.Global("np"), np)]
    program, registers = lower(plan(guards, [table, s.ShapeItem(table, 0), X]), 1)
    names = {"np": np, "table": np.zeros(3)}
    for _ in range(3):
        loaded = program.loaded((5,), names)
        assert loaded is not None
        assert loaded[registers[s.ShapeItem(table, 0)]] == 3
    assert program.loaded((5,), {"np": np}) is None


def _sources_below(cls: Any) -> set[type]:
    return set(cls.__args__)


def test_every_kind_is_met_in_the_property_tests() -> None:
    met: set[type] = {s.Known, s.Globals, s.ShapeItem, s.PlainOf, s.Mro, s.OwnDict, s.Limit}  # no place: see test_check
    for make in PLACES.values():
        source: Any = make().source
        while source is not None:
            met.add(type(source))
            source = getattr(source, "base", None)
    assert met == _sources_below(s.Source)
    kinds = {type(fact.guard(X, fact.make())) for fact in FACTS.values()}
    pairs = {"NotOverlapping", "SameObject"}  # facts about two values
    assert {kind.__name__ for kind in kinds} | pairs == {kind.__name__ for kind in _sources_below(Guard)}


@pytest.mark.parametrize(
    "slot", ["__code__", "__defaults__", "__kwdefaults__", "__closure__", "__doc__", "__globals__"]
)
def test_fields_of_functions(slot: str) -> None:
    def function(a: int = 3, *, b: int = 4) -> int:
        return a + b + len(slot)

    source = s.FunctionSlot(X, slot)
    program, registers = lower(plan([], [source]), 1)
    loaded = program.loaded((function,), {})
    assert loaded is not None and loaded[registers[source]] is getattr(function, slot)
    assert program.loaded((len,), {}) is None
    assert program.loaded((lambda: 0,), {}) is not None
