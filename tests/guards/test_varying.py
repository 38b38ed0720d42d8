"""What failing guards say of values that differ from call to call."""

from graphlet.guards.kinds import LengthIs, ValueIs
from graphlet.guards.varying import varying
from graphlet.sources import LiveIn

N, ITEMS = LiveIn(0, "n"), LiveIn(1, "items")


def test_numbers_vary_at_once_and_other_values_never() -> None:
    assert varying([ValueIs(N, 3), None, ValueIs(ITEMS, "text")], 2) == {"n"}
    assert varying([ValueIs(N, True)], 2) == set()


def test_lengths_vary_in_general_after_some() -> None:
    assert varying([LengthIs(ITEMS, 3)], 2) == {"len(items)"}
    assert varying([LengthIs(ITEMS, 3), LengthIs(ITEMS, 4)], 2) == {"len(items)", "any len(items)"}
