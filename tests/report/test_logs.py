"""The log lines: topics, and the text of each event."""

import logging

import pytest

from graphlet.core import events
from graphlet.core.location import Location
from graphlet.report import logs

LOC = Location("/somewhere/demo.py", 5, "kmeans")


def test_topics_absolute_and_relative() -> None:
    assert logs.parse_topics("guards,graph") == ("guards", "graph")
    assert logs.parse_topics("+guards") == (*logs.DEFAULT_TOPICS, "guards")
    assert logs.parse_topics("-cache") == tuple(topic for topic in logs.DEFAULT_TOPICS if topic != "cache")
    assert logs.parse_topics("") == ()


def test_unknown_topic_warns_with_a_suggestion() -> None:
    with pytest.warns(UserWarning, match="did you mean guards"):
        assert logs.parse_topics("guard") == ()


def test_help_names_every_topic() -> None:
    text = logs.topics_help()
    assert all(topic in text for topic in logs.TOPICS)


@pytest.mark.parametrize(
    ("event", "topic", "line"),
    [
        (
            events.GraphBreak("kmeans#r1", LOC, "GL101", "print(...)", 6),
            "graph_breaks",
            "kmeans#r1      GL101 graph break  demo.py:5  print(...)  -> resumed at line 6",
        ),
        (
            events.Recompile("kmeans#r1.s2", LOC, "X.dtype was float64, now float32"),
            "recompiles",
            "kmeans#r1.s2   recompile  demo.py:5  X.dtype was float64, now float32",
        ),
        (
            events.Fallback("score#r1", LOC, "GL202", "8 specialisations"),
            "fallback",
            "score#r1       GL202 fallback  demo.py:5  8 specialisations",
        ),
    ],
)
def test_lines(event: events.Event, topic: str, line: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger=f"graphlet.{topic}"):
        logs.log(event)
    assert [(record.name, record.getMessage()) for record in caplog.records] == [(f"graphlet.{topic}", line)]


def test_silent_without_a_topic(caplog: pytest.LogCaptureFixture) -> None:
    logs.log(events.Recompile("f#r1.s1", LOC, "k was 3, now 4"))
    assert not caplog.records
