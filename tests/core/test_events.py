"""Events reach the listeners of the moment."""

from graphlet.core import events
from graphlet.core.location import Location

EVENT = events.Fallback("f#r1", Location("f.py", 3), "GL202", "limit")


def test_listeners_hear_until_they_leave() -> None:
    heard: list[events.Event] = []
    listener = heard.append
    events.subscribe(listener)
    assert events.listening()
    events.emit(EVENT)
    events.unsubscribe(listener)
    events.emit(EVENT)
    assert heard == [EVENT]


def test_a_bound_method_is_known_again() -> None:
    heard: list[events.Event] = []
    events.subscribe(heard.append)
    events.unsubscribe(heard.append)
    events.emit(EVENT)
    assert heard == []
