"""Chains of sources: whatever is changed anywhere on the way is noticed, what lies beside it is not."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graphlet import sources as s
from graphlet.guards.plan import chain
from tests.guards.facts import FACTS, Fact
from tests.guards.places import NOTHING
from tests.guards.steps import STEPS, Step
from tests.guards.test_check import Both

ROOTS = ("live-in", "global", "builtin")
FIXED = settings(max_examples=400, deadline=None, derandomize=True)


class Chain:
    """A value behind some steps; ``holders[i]`` is what step i holds, from the outside in."""

    def __init__(self, root: str, steps: list[Step], value: Any) -> None:
        self.root, self.steps = root, steps
        self.names: dict[str, Any] = {"__builtins__": {}}
        self.live_ins: list[Any] = []
        self.source: s.Source = s.LiveIn(0, "x") if root == "live-in" else s.Global("x")
        for step in steps:
            self.source = step.source(self.source)
        self.holders = self.wrapped(value, 0)
        self.plant(self.holders[0])

    def wrapped(self, value: Any, level: int) -> list[Any]:
        """The value and its holders down to a level, outermost first."""
        held = [value]
        for step in reversed(self.steps[level:]):
            held.insert(0, step.wrap(held[0]))
        return held

    def plant(self, value: Any) -> None:
        if self.root == "live-in":
            self.live_ins[:] = [value]
        else:
            (self.names if self.root == "global" else self.names["__builtins__"])["x"] = value

    def put(self, level: int, value: Any) -> bool:
        """Let the holder at a level hold another value; whether it can."""
        if level == 0:
            self.plant(value)
            return True
        put = self.steps[level - 1].put
        if put is not None:
            put(self.holders[level - 1], value)
        return put is not None


@FIXED
@given(
    root=st.sampled_from(ROOTS),
    names=st.lists(st.sampled_from(list(STEPS)), min_size=1, max_size=5),
    fact=st.sampled_from(list(FACTS)),
)
def test_a_change_anywhere_on_the_way_is_noticed(root: str, names: list[str], fact: str) -> None:
    found: Fact = FACTS[fact]
    value = found.make()
    way = Chain(root, [STEPS[name] for name in names], value)
    both = Both(found.guard(way.source, value), len(way.live_ins))

    def holds() -> bool:
        return both.holds(way.live_ins, way.names)

    assert holds()
    for level in range(len(names) + 1):
        for other in (NOTHING, way.wrapped(NOTHING, level)[0]):
            if way.put(level, other):
                assert not holds(), level
                way.put(level, way.holders[level])
                assert holds(), level
    for step, holder in zip(way.steps, way.holders, strict=False):
        step.touch(holder)
        assert holds(), holder
    way.names["unrelated"] = 1
    assert holds()


def test_every_source_with_a_base_is_a_step() -> None:
    met = {type(step) for name in STEPS for step in chain(STEPS[name].source(s.LiveIn(0, "x")))}
    met |= {s.Global, s.Globals, s.Known, s.ShapeItem, s.PlainOf, s.Limit}  # begin a way, or end it with a number
    assert met == set(s.Source.__args__)  # type: ignore[attr-defined]
