"""A fallback is counted, logged, and warned of at the user's line."""

import pytest

from graphlet.core import events
from graphlet.core.errors import PerformanceWarning
from graphlet.core.fallback import fall_back
from graphlet.core.location import Location
from graphlet.core.totals import totals


def test_all_three() -> None:
    heard: list[events.Event] = []
    before = totals["fallbacks"]
    loc = Location("demo.py", 7, "f")
    events.subscribe(heard.append)
    try:
        with pytest.warns(PerformanceWarning, match="^GL202 f#r1: too many$") as caught:
            fall_back("f#r1", loc, "GL202", "too many")
    finally:
        events.unsubscribe(heard.append)
    assert [(warning.filename, warning.lineno) for warning in caught] == [("demo.py", 7)]
    assert totals["fallbacks"] == before + 1
    assert heard == [events.Fallback("f#r1", loc, "GL202", "too many")]
