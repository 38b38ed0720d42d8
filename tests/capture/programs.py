"""Small programs that define ``f`` and ``args``, run plainly and optimised: all that some calls show is compared."""

import gc
import operator
from typing import Any

import numpy as np

import graphlet
from tests.oracle.observe import Observation, compare_observations, observe

ROUNDS = 5


def namespace(source: str) -> dict[str, Any]:
    """The names of a program; every run has its own."""
    names: dict[str, Any] = {"__name__": "program", "np": np, "X": np.arange(6.0) + 1}
    exec(compile(source, "program", "exec"), names)
    return names


def told(value: Any, depth: int = 6) -> Any:
    """Objects of a program's own classes by what they hold, since each run has its own classes; others as they are."""
    if type(value).__module__ == "program":
        held = [told(vars(value), depth)] if hasattr(value, "__dict__") else []
        plain = next((kind for kind in (list, dict, tuple) if isinstance(value, kind)), None)
        return (type(value).__name__, held, told(plain(value), depth) if plain else None)
    if type(value) in (list, tuple) and depth:
        items = type(value)(told(item, depth - 1) for item in value)
        return value if all(map(operator.is_, value, items)) else items
    if type(value) is dict and depth:
        named = {key: told(item, depth - 1) for key, item in value.items()}
        return value if all(map(operator.is_, value.values(), named.values())) else named
    return value


def call(names: dict[str, Any]) -> Observation:
    """What can be seen of a call."""
    args = tuple(names["args"])
    seen = observe(names["f"], args, {})
    seen.args, seen.result = tuple(map(told, args)), told(seen.result)
    return seen


def same(source: str, change: str = "") -> None:
    """The program does what it does plainly, call by call; ``change`` is made between two calls."""
    sides = namespace(source), namespace(source)
    sides[1]["f"] = graphlet.optimize(sides[1]["f"])
    for number in range(ROUNDS):
        if number == 3:
            for names in sides:
                exec(change, names)
        found = compare_observations(*map(call, sides)).differences
        assert not found, "\n".join([f"call {number}", *map(str, found)])
    for names in sides:
        names.clear()
    gc.collect()  # what goes with the program may print


def share(source: str) -> tuple[list[str], float]:
    """The breaks of a call, in words, and the share of its array operations that graphs ran."""
    names = namespace(source)
    told = graphlet.explain(names["f"])(*names["args"])
    n_ops = told.native_ops + told.python_ops
    return [f"{b.code} {b.detail}" for b in told.breaks], told.native_ops / n_ops if n_ops else 1.0


def whole_and_same(source: str, change: str = "") -> None:
    """As ``same``, and a call is one graph: no break, every array operation in it."""
    same(source, change)
    assert share(source) == ([], 1.0)
