"""The log lines: topics, and the text of each event."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import graphlet
from graphlet.core import events
from graphlet.core.config import SETTINGS
from graphlet.core.location import Location
from graphlet.report import logs

LOC = Location("/somewhere/demo.py", 5, "kmeans")


def test_topics_absolute_and_relative() -> None:
    assert logs.parse_topics("guards,graph") == ("guards", "graph")
    assert logs.parse_topics("+guards") == (*logs.DEFAULT_TOPICS, "guards")
    assert logs.parse_topics("-cache") == tuple(topic for topic in logs.DEFAULT_TOPICS if topic != "cache")
    assert logs.parse_topics("") == ()
    assert logs.parse_topics("all") == tuple(logs.TOPICS)
    assert set(logs.parse_topics("all,-guards")) == logs.TOPICS.keys() - {"guards"}
    assert logs.parse_topics("-all") == ()


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
            "kmeans#r1      GL101 graph break  demo.py:5  print(...)  -> runs in Python, resumes at line 6",
        ),
        (
            events.Recompile("kmeans#r1.s2", LOC, "X.dtype was float64, now float32"),
            "recompiles",
            "kmeans#r1.s2   recompile  demo.py:5  guard failed: X.dtype was float64, now float32",
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


PROGRAM = """
import numpy as np
import graphlet

@graphlet.optimize
def f(x, k):
    y = x * k
    print(end="")
    return np.sqrt(y)

with graphlet.config.patch(recompile_limit=2):
    for x in (np.arange(3.0), np.arange(3.0, dtype=np.float32), np.arange(3), np.arange(3, dtype=np.int16)):
        f(x, 2.0)
try:
    with np.errstate(invalid="raise"):
        f(np.arange(3.0), -1.0)
except FloatingPointError:
    pass
"""


def logged(topics: str) -> str:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GRAPHLET")}
    environment = {**variables, "GRAPHLET_LOGS": topics, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stderr


@pytest.mark.smoke
def test_a_program(golden: Callable[[str, str], None]) -> None:
    text = logged("graph_breaks,recompiles,guards,cache,fallback,perf")
    golden("logs", re.sub(r"[0-9.]+ ms", "N ms", text).rstrip())


@pytest.mark.parametrize(
    ("topic", "piece"),
    [
        ("graph", "call_function  multiply"),
        ("graph_code", "def forward(x, k):"),
        ("bytecode", "LOAD_CONST <f#r1>"),
    ],
)
def test_topics_of_many_lines(topic: str, piece: str) -> None:
    text = logged(topic)
    assert piece in text
    assert all(line.startswith("[graphlet] f") for line in text.splitlines() if "graphlet]" in line)


def test_it_is_a_setting_like_others(caplog: pytest.LogCaptureFixture) -> None:
    fast = graphlet.optimize(lambda x: x * 2.0 + 1.0)
    root = logging.getLogger("graphlet")
    with graphlet.config.patch(logs="cache"):
        root.addHandler(caplog.handler)
        fast(np.ones(3))
    fast(np.ones(3, np.float32))
    root.removeHandler(caplog.handler)
    assert [record.name for record in caplog.records] == ["graphlet.cache"]


def test_the_page_has_all_topics_and_settings() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "logs.md").read_text(encoding="utf-8")
    assert all(f"| `{topic}` | {effect} |" in page for topic, effect in logs.TOPICS.items())
    for name, setting in SETTINGS.items():
        default = "empty" if setting.default == "" else f"`{setting.default}`"
        assert f"| `{setting.variable}` | `{name}` | {default} | {setting.effect} |" in page
