"""What failing guards say of values that differ from call to call."""

import warnings
from typing import Any

import numpy as np

import graphlet
from graphlet.guards.kinds import LengthIs, ValueIs
from graphlet.guards.varying import varying
from graphlet.sources import LiveIn

N, ITEMS = LiveIn(0, "n"), LiveIn(1, "items")


def test_numbers_vary_at_once_and_other_values_never() -> None:
    assert varying([ValueIs(N, 3), None, ValueIs(ITEMS, "text")], 2) == {"n"}
    assert varying([ValueIs(N, True)], 2) == varying([ValueIs(N, np.True_)], 2) == set()
    assert varying([ValueIs(N, np.float64(3)), ValueIs(ITEMS, np.int8(3))], 2) == {"n", "items"}


def test_lengths_vary_in_general_after_some() -> None:
    assert varying([LengthIs(ITEMS, 3)], 2) == {"len(items)"}
    assert varying([LengthIs(ITEMS, 3), LengthIs(ITEMS, 4)], 2) == {"len(items)", "any len(items)"}


def inside(p: Any, width: float = 1.0) -> Any:
    return 0 <= p[0] < width and 0 <= p[1] < width


def test_elements_that_decide_a_branch_make_few_specialisations() -> None:
    """Each element is another number: none is worth a specialisation."""
    fast = graphlet.optimize(inside)
    points = np.random.default_rng(1).uniform(-0.2, 1.2, (30, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [fast(p) for p in points] == [inside(p) for p in points]
    per_entry = [len(entry.records) for entry in fast.graphlet.cache.all_entries()]
    assert sum(per_entry) >= 2 and max(per_entry) <= 2
