"""What a function depends on is changed between calls: it gives what the plain function gives, from then on."""

import sys
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest

import graphlet
from graphlet.guards.kinds import Guard
from graphlet.guards.plan import chain, sources_of
from graphlet.sources import Source
from tests.hazards import changes
from tests.hazards.arraychanges import ARRAYS
from tests.hazards.changes import Program
from tests.hazards.protocols import PROTOCOLS
from tests.oracle.observe import Observation, compare_observations, observe

PROGRAMS = {**changes.NAMES, **changes.CONTAINERS, **changes.OBJECTS, **changes.STORES, **ARRAYS, **PROTOCOLS}
# More than one graph, or none: a class decides itself what happens, or what it is asked for is not followed.
BROKEN = {
    *("isinstance of an abstract class", "truth of a class", "a class that lies", "a descriptor that deletes"),
    *("a dictionary that is hidden", "init subclass of list", "str subclass"),
    *("a dict that is a namespace", "a dict that is a module's, one name", "an object and its own dict, one name"),
    *("int subclass", "frozenset", "slices", "weakref"),
}
ROUNDS = 4
# CPython 3.14 goes on reading a module's dictionary where it has read it, whatever class the module has got since.
PLAIN_IS_WRONG = ("class Lazy(types.ModuleType)",) if sys.version_info[:2] == (3, 14) else ()


def call(names: dict[str, Any]) -> Observation:
    """What can be seen of a call; the program's own classes and their objects are compared by what the calls give."""
    args = tuple(names["args"])
    seen = observe(names["f"], args, {})
    seen.args = tuple(arg for arg in args if type(arg) is not type and type(arg).__module__ in ("builtins", "numpy"))
    return seen


def run(program: Program, change: str, optimizer: Callable[[Any], Any]) -> list[Observation]:
    """Some calls, a change of the world, and some calls more."""
    names: dict[str, Any] = {"__name__": "program", "np": np, "X": np.arange(6.0) + 1}
    exec(compile(program.source, "program", "exec"), names)
    names["f"] = optimizer(names["f"])
    seen = [call(names) for _ in range(ROUNDS)]
    try:
        with np.errstate():
            exec(change, names)
            seen += [call(names) for _ in range(ROUNDS)]
    finally:
        names.get("undo", int)()
    return seen


@pytest.mark.parametrize(
    ("program", "change"),
    [
        pytest.param(program, change, id=f"{name}: {change}")
        for name, program in PROGRAMS.items()
        for change in program.changes
        if not change.startswith(PLAIN_IS_WRONG)
    ],
)
def test_change_is_noticed(program: Program, change: str) -> None:
    plain, fast = run(program, change, lambda fn: fn), run(program, change, graphlet.optimize)
    for number, sides in enumerate(zip(plain, fast, strict=True)):
        found = compare_observations(*sides).differences
        assert not found, "\n".join([f"call {number}", *map(str, found)])


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in BROKEN])
def test_before_the_change_it_is_one_graph(name: str) -> None:
    made: list[Any] = []

    def optimizer(fn: Any) -> Any:
        made.append(graphlet.optimize(fn, fullgraph=True))
        return made[0]

    run(PROGRAMS[name], "", optimizer)
    stats = made[0].graphlet.stats()
    assert stats["hits"] == 2 * ROUNDS and stats["graphs"] == 1


def test_every_kind_of_guard_and_source_is_met() -> None:
    """By a program whose world changes; a new kind needs a program of its own."""
    handles: list[Any] = []

    def optimizer(fn: Any) -> Any:
        fast = graphlet.optimize(fn)
        handles.append(fast.graphlet)
        return fast

    for program in PROGRAMS.values():
        run(program, "", optimizer)
    plans = [record.plan for handle in handles for record in handle.specializations]
    guards = {guard for plan in plans for guard in map(type, plan.guards)}
    places = [*(place for plan in plans for guard in plan.guards for place in sources_of(guard))]
    places += [place for plan in plans for place in plan.inputs]
    assert guards == set(get_args(Guard))
    assert {type(step) for place in places for step in chain(place)} == set(get_args(Source))
