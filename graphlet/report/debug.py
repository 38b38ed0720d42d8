"""GRAPHLET_DEBUG=1: a learner's view of capture and of what runs where, on standard error.

CODE      the original and the rewritten bytecode, side by side
CAPTURE   where the symbolic interpreter begins and ends, and each instruction between: offset, line, instruction,
          effect on the stack, what it made; ``guard`` lines below it say what it assumed
GRAPH     what became of it, as Python
EXEC      a specialisation ran natively (level 1: its first run; level 2: every run)
FALLBACK  something is left to the interpreter, and why (likewise)
"""

import sys
from collections.abc import Callable
from typing import Any

from graphlet.core import events
from graphlet.report.bytecode import side_by_side
from graphlet.report.runs import want
from graphlet.report.words import DECLINED, count

_level = 0
_said: set[tuple[str, str]] = set()


def start(level: int) -> None:
    """Print from now on (1: runs when they are new, 2: every run); 0: stop."""
    global _level
    events.unsubscribe(show)
    if level:
        events.subscribe(show)
    else:
        _said.clear()
    want("debug", bool(level))
    _level = level


def show(event: events.Event) -> None:
    """Print one event."""
    text = TEXTS.get(type(event))
    if text is None or (_level < 2 and _is_old_news(event)):
        return
    for line in text(event):
        print(f"[graphlet] {line}".rstrip(), file=sys.stderr)


def _is_old_news(event: events.Event) -> bool:
    """A run of which there was one of the same kind before."""
    if not isinstance(event, (events.Executed, events.Declined)):
        return False
    key = event.id, event.reason if isinstance(event, events.Declined) else ""
    known = key in _said
    _said.add(key)
    return known


def _capture_started(event: events.CaptureStarted) -> list[str]:
    values = ", ".join(f"{name} = {value}" for name, value in event.live_ins.items())
    return [f"CAPTURE  {event.id} begins at offset {event.offset}, line {event.loc.lineno}, with {values or 'nothing'}"]


def _step(event: events.Step) -> list[str]:
    instruction = "  " * event.depth + event.instruction
    effect = "" if event.problem else f"{event.stack_effect:+d}"
    result = f"** {event.problem}" if event.problem else event.value
    where = event.loc.function if event.depth else ""
    rows = [f"{event.offset:8}  line {event.loc.lineno:<5}{instruction:<30}{effect:>3}   {result}"]
    if where:
        rows[0] = f"{rows[0].ljust(80)} in {where}"
    return rows + [f"{'':20}guard {guard}" for guard in event.guards]


def _capture_ended(event: events.CaptureEnded) -> list[str]:
    why = {"return": "the function returns", "next round": "the next round of the loop enters again"}
    ending = why.get(event.ending, event.ending)
    if event.offset is None or not event.n_ops:
        return [f"CAPTURE  {event.id} ends ({ending}) without array operations: nothing to run natively"]
    place = f"offset {event.offset}, line {event.loc.lineno}"
    return [f"CAPTURE  {event.id} ends at {place} ({ending}): {count(event.n_ops, 'array operation')}"]


def _graph_break(event: events.GraphBreak) -> list[str]:
    rest = f"the next graph from line {event.resume_line}" if event.resume_line else "so is the rest"
    return [f"FALLBACK {event.id} line {event.loc.lineno} is left to Python: {event.code} {event.detail}; {rest}"]


def _compiled(event: events.Compiled) -> list[str]:
    code = [line for line in str(event.graph.code).splitlines() if line.strip()]
    return [
        f"GRAPH    {event.id}: {count(event.n_nodes, 'node')}, backend {event.backend}",
        *(f"{'':9}{line}" for line in code),
        *(f"{'':9}valid if {guard}" for guard in event.guards),
    ]


def _installed(event: events.Installed) -> list[str]:
    stubs = f"{count(len(event.stubs), 'stub')} at {', '.join(map(str, event.stubs))}"
    return [
        f"CODE     {event.id}, version {event.version}: {stubs}",
        *side_by_side(event.original, event.rewritten, event.stubs),
    ]


def _executed(event: events.Executed) -> list[str]:
    return [f"EXEC     {event.id} ran {count(event.n_ops, 'array operation')} natively"]


TEXTS: dict[type[events.Event], Callable[[Any], list[str]]] = {
    events.Installed: _installed,
    events.CaptureStarted: _capture_started,
    events.Step: _step,
    events.CaptureEnded: _capture_ended,
    events.GraphBreak: _graph_break,
    events.Recompile: lambda event: [f"GUARD    {event.id} is needed because {event.reason}"],
    events.Compiled: _compiled,
    events.Executed: _executed,
    events.Declined: lambda event: [f"FALLBACK {event.id} is left to Python: {DECLINED[event.reason]}"],
    events.Fallback: lambda event: [f"FALLBACK {event.id} is left to Python from now on: {event.code} {event.detail}"],
}
