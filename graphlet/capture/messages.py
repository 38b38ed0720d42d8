"""What capture says to people: a break as an error, and what each step made."""

import linecache
from types import CodeType
from typing import Any

from graphlet.capture.breaks import CODES
from graphlet.capture.machine import describe, name_of
from graphlet.capture.outcome import BreakInfo
from graphlet.capture.state import Frame
from graphlet.core.errors import GraphBreakError
from graphlet.core.location import Location
from graphlet.opcodes.canon import CANON, pushes
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Array, Null, Scalar, Value
from graphlet.values.objects import Unread


def break_error(found: BreakInfo) -> GraphBreakError:
    """The error ``fullgraph=True`` raises for a break."""
    entry = CODES[found.code]
    lines = [
        f"{found.code} {entry.title} (fullgraph=True)",
        f"  {found.loc.filename}:{found.loc.lineno}, in {found.loc.function}",
        *excerpt(found.loc),
        f"  why   {found.detail or entry.cause}",
        "  did   nothing was compiled because fullgraph=True; without it the graphs around this line would run",
        f"  fix   {entry.fix}",
    ]
    return GraphBreakError("\n".join(lines), found.code, found.detail)


def excerpt(loc: Location) -> list[str]:
    """The source line of a location, with carets under its columns if they are known; empty without source."""
    source = linecache.getline(loc.filename, loc.lineno).rstrip("\n")
    if not source.strip():
        return []
    number = f"{loc.lineno:7}"
    rows = [f"{number} | {source}"]
    if loc.col is not None and loc.end_col is not None and loc.end_lineno in (None, loc.lineno):
        start = len(source.encode()[: loc.col].decode(errors="replace"))
        stop = len(source.encode()[: loc.end_col].decode(errors="replace"))
        rows.append(" " * 7 + " | " + " " * start + "^" * max(1, stop - start))
    return rows


def instruction(instr: Instr) -> str:
    """A canonical instruction; one that does nothing goes by the name it has in the bytecode."""
    if instr.op == "NOP":
        return instr.raw
    if not CANON[instr.op].arg:
        return instr.op
    arg = constant(instr.arg) if instr.op == "LOAD_CONST" else str(instr.arg)
    return f"{instr.op} {arg if len(arg) <= 24 else arg[:21] + '...'}"


def constant(value: Any) -> str:
    """A constant of a code object."""
    return f"code of {value.co_name}" if isinstance(value, CodeType) else repr(value)


def made(frame: Frame, instr: Instr) -> str:
    """What an instruction that was just taken left on the stack or stored, in words; "" if nothing."""
    if instr.op in ("STORE_FAST", "STORE_DEREF"):
        stored = frame.cells[instr.arg].contents if instr.arg in frame.cells else frame.locals.get(instr.arg)
        return f"{instr.arg} = {picture(stored)}" if stored is not None else ""
    if frame.stack and pushes(CANON[instr.op], instr.arg):
        return picture(frame.stack[-1])
    return ""


def picture(value: Value) -> str:
    """A symbolic value: its type if it is one of the graph's, and the user's name or text for it."""
    if isinstance(value, Null):
        return "NULL"
    if isinstance(value, Unread):
        return f"{name_of(value)} (not read yet)"
    text = describe(value).strip("`")
    if isinstance(value, (Array, Scalar)):
        return str(value.type) if text.startswith("a computed") else f"{value.type}  {text}"
    return text
