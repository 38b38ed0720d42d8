"""GRAPHLET_LOGS: one line per event through standard ``logging``, loggers ``graphlet.<topic>``."""

import difflib
import logging
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphlet.core import events
from graphlet.core.location import Location
from graphlet.ir.printer import table
from graphlet.report.bytecode import side_by_side
from graphlet.report.runs import want
from graphlet.report.words import DECLINED, count

TOPICS: dict[str, str] = {
    "graph_breaks": "where a graph ends before its function does, and why",
    "recompiles": "which guard failed when a further specialisation was made",
    "guards": "the guards of each specialisation",
    "graph": "each graph as a table",
    "graph_code": "each graph as Python; what cannot be imported is said to be given",
    "bytecode": "the original and the rewritten bytecode",
    "cache": "each compilation: lines, operations, time",
    "perf": "graphs that did not run for a call: each reason once",
    "fallback": "what runs as plain Python from now on, and why",
}
_declined: set[tuple[str, str]] = set()
DEFAULT_TOPICS = ("graph_breaks", "recompiles", "cache", "fallback")


def parse_topics(text: str) -> tuple[str, ...]:
    """The topics switched on by a setting such as "guards", "+guards" (the usual ones and guards) or "-cache"."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    relative = any(word[0] in "+-" for word in words)
    chosen = list(DEFAULT_TOPICS) if relative else []
    for word in words:
        topic = word.lstrip("+-")
        topics = tuple(TOPICS) if topic == "all" else (topic,)
        if not TOPICS.keys() >= set(topics):
            _warn_unknown(topic)
        elif word[0] == "-":
            chosen = [known for known in chosen if known not in topics]
        else:
            chosen.extend(topics)
    return tuple(dict.fromkeys(chosen))


def _warn_unknown(topic: str) -> None:
    near = difflib.get_close_matches(topic, TOPICS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"topics: {', '.join(TOPICS)}"
    warnings.warn(f"GRAPHLET_LOGS: no topic {topic!r}; {hint}", UserWarning, stacklevel=3)


def topics_help() -> str:
    """The list of topics, as ``GRAPHLET_LOGS=help`` prints it."""
    width = max(map(len, TOPICS))
    rows = [f"  {topic:<{width}}  {effect}" for topic, effect in TOPICS.items()]
    usual = f"+topic adds to the usual ones ({', '.join(DEFAULT_TOPICS)}), -topic takes one away, all is every topic"
    return "\n".join(["GRAPHLET_LOGS takes a list of:", *rows, usual])


def start(text: str) -> None:
    """Switch on the topics named by ``text``, and others off."""
    words = {word.strip() for word in text.split(",")}
    if "help" in words:
        print(topics_help(), file=sys.stderr)
        text = ",".join(words - {"help"})
    topics = parse_topics(text)
    events.unsubscribe(log)
    _declined.clear()
    want("logs", "perf" in topics)
    others = logging.WARNING if topics else logging.NOTSET
    for topic in TOPICS:
        logging.getLogger(f"graphlet.{topic}").setLevel(logging.INFO if topic in topics else others)
    if not topics:
        return
    root = logging.getLogger("graphlet")
    if not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("[graphlet] %(message)s"))
        root.addHandler(handler)
        root.propagate = False
    events.subscribe(log)


def log(event: events.Event) -> None:
    """Write an event to the loggers of its topics."""
    if isinstance(event, events.Declined) and _is_old_news(event):
        return
    for line in LINES.get(type(event), ()):
        logger = logging.getLogger(f"graphlet.{line.topic}")
        if logger.isEnabledFor(logging.INFO):
            logger.info("%-14s %s", event.id, line.text(event))


def _is_old_news(event: events.Declined) -> bool:
    """A region that declined for the same reason before."""
    known = (event.id, event.reason) in _declined
    _declined.add((event.id, event.reason))
    return known


@dataclass(frozen=True, slots=True)
class Line:
    """How one kind of event reads under one topic."""

    topic: str
    text: Callable[[Any], str]


def where(loc: Location, last_line: int | None = None) -> str:
    """file:line or file:first-last, with the file's last name only."""
    name = os.path.basename(loc.filename)
    if last_line is None or last_line <= loc.lineno:
        return f"{name}:{loc.lineno}"
    return f"{name}:{loc.lineno}-{last_line}"


def _compiled(event: events.Compiled) -> str:
    milliseconds = event.seconds * 1e3
    place = where(event.loc, event.last_line)
    sizes = f"{count(event.n_ops, 'op')} -> {count(event.n_nodes, 'node')}"
    return f"compiled   {place}  {sizes}  {event.backend}  {milliseconds:.1f} ms"


def _graph_break(event: events.GraphBreak) -> str:
    resumed = f"resumes at line {event.resume_line}" if event.resume_line else "and so does the rest"
    return f"{event.code} graph break  {where(event.loc)}  {event.detail}  -> runs in Python, {resumed}"


def _recompile(event: events.Recompile) -> str:
    return f"recompile  {where(event.loc)}  guard failed: {event.reason}"


def _bytecode(event: events.Installed) -> str:
    rows = side_by_side(event.original, event.rewritten, event.stubs)
    return "\n".join([f"bytecode   {where(event.loc)}  version {event.version}", *rows])


LINES: dict[type[events.Event], tuple[Line, ...]] = {
    events.Compiled: (
        Line("cache", _compiled),
        Line("guards", lambda event: "guards     " + "; ".join(event.guards)),
        Line("graph", lambda event: "graph\n" + table(event.graph)),
        Line("graph_code", lambda event: "code\n" + str(event.graph.code).rstrip()),
    ),
    events.GraphBreak: (Line("graph_breaks", _graph_break),),
    events.Recompile: (Line("recompiles", _recompile),),
    events.Fallback: (Line("fallback", lambda event: f"{event.code} fallback  {where(event.loc)}  {event.detail}"),),
    events.Declined: (Line("perf", lambda event: f"declined   {DECLINED[event.reason]}"),),
    events.Installed: (Line("bytecode", _bytecode),),
}
