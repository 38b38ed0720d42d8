"""GRAPHLET_DEBUG=1: a learner's view of capture and of what runs where, on standard error."""

import dis
import os
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

from graphlet.core import events


def start() -> None:
    """Print every event from now on."""
    events.subscribe(show)


def show(event: events.Event) -> None:
    """Print one event."""
    text = TEXTS.get(type(event))
    if text is not None:
        for line in text(event).splitlines():
            print(f"[graphlet] {line}", file=sys.stderr)


def _step(event: events.Step) -> str:
    place = f"{os.path.basename(event.loc.filename)}:{event.loc.lineno}"
    return f"STEP     {event.offset:5} {place:<20} {event.instruction:<28} {event.stack_effect:+d}  {event.value}"


def _compiled(event: events.Compiled) -> str:
    rows = [
        f"CAPTURE  {event.id}  lines {event.loc.lineno}-{event.last_line}: {event.n_ops} array operations",
        *(f"GUARD    {guard}" for guard in event.guards),
        *(f"NODE     {line}" for line in str(event.graph.code).splitlines()),
        f"EXEC     {event.id} runs natively from now on (backend {event.backend})",
    ]
    return "\n".join(rows)


def _graph_break(event: events.GraphBreak) -> str:
    rest = f"continues at line {event.resume_line}" if event.resume_line else "the rest stays in Python"
    return f"FALLBACK {event.code} line {event.loc.lineno}: {event.detail}; {rest}"


def _installed(event: events.Installed) -> str:
    return "\n".join(["BYTECODE original | rewritten", *side_by_side(event.original, event.rewritten)])


def side_by_side(original: CodeType, rewritten: CodeType) -> list[str]:
    """The two disassemblies in two columns, aligned at the original instructions."""
    left = [_instruction(instr) for instr in dis.get_instructions(original)]
    rows, position = [], 0
    for instr in dis.get_instructions(rewritten):
        right = _instruction(instr)
        if position < len(left) and _name(left[position]) == _name(right):
            rows.append(f"  {left[position]:<36}| {right}")
            position += 1
        else:
            rows.append(f"  {'':<36}| {right}")
    return rows


def _instruction(instr: dis.Instruction) -> str:
    return f"{instr.opname} {instr.argrepr}".strip()[:36]


def _name(text: str) -> str:
    return text.partition(" ")[0]


TEXTS: dict[type[events.Event], Callable[[Any], str]] = {
    events.Step: _step,
    events.Compiled: _compiled,
    events.GraphBreak: _graph_break,
    events.Recompile: lambda event: f"GUARD    failed, compiling again: {event.reason}",
    events.Fallback: lambda event: f"FALLBACK {event.code} {event.detail}",
    events.Installed: _installed,
}
