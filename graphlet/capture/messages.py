"""What capture says to people: a break as an error, and what each step made."""

import linecache
import textwrap
from types import CodeType
from typing import Any

from graphlet.capture.breaks import CODES
from graphlet.capture.machine import describe, name_of, source_text
from graphlet.capture.outcome import BreakInfo, Outcome
from graphlet.capture.state import Frame
from graphlet.core.errors import GraphBreakError
from graphlet.core.location import Location
from graphlet.opcodes.canon import CANON, pushes
from graphlet.opcodes.decode import Instr, decode
from graphlet.values.base import Array, Null, Scalar, Value
from graphlet.values.objects import Unread

FULLGRAPH = "fullgraph=True"
CAPTURE = "graphlet.capture"

# Who asked for one whole graph -> what was done instead, and the way out that is always there.
_DID = {
    FULLGRAPH: "nothing was compiled because fullgraph=True; without it {rest}",
    CAPTURE: "no graph was made, since graphlet.capture gives the whole call or nothing; with optimize {rest}",
}
_WAY_OUT = {FULLGRAPH: "drop fullgraph=True", CAPTURE: "see graphlet.explain for the graphs there are"}


def break_error(found: BreakInfo, n_ops: int, asked: str = FULLGRAPH) -> GraphBreakError:
    """The error for a break where one whole graph was asked for; ``n_ops`` array operations lie in front of it."""
    entry = CODES[found.code]
    rest = "graphs could begin behind this line only"
    if n_ops:
        operations = "array operation" if n_ops == 1 else f"{n_ops} array operations"
        rest = f"the {operations} in front would be a graph, and graphs could begin again behind"
    lines = [
        f"{found.code} {entry.title} ({asked})",
        f"  {found.loc.filename}:{found.loc.lineno}, in {found.loc.function}",
        *excerpt(found.loc),
        _labelled("why", found.detail or entry.cause),
        _labelled("did", _DID[asked].format(rest=rest)),
        _labelled("fix", f"{_fix(found, entry.fix)}, or {_WAY_OUT[asked]}"),
    ]
    return GraphBreakError("\n".join(lines), found.code, found.detail)


def why_not_whole(outcome: Outcome, code: CodeType, asked: str = FULLGRAPH) -> GraphBreakError | None:
    """The error that says why an outcome is not the whole function in one graph, for who asked; None if it is."""
    found = outcome.break_
    decoded = decode(code)
    ends = decoded.instrs[decoded.at[outcome.exit.offset]].op if outcome.exit is not None else ""
    if found is None and ends == "RETURN_VALUE":
        return None
    if found is None:
        return GraphBreakError(f"GL204 {code.co_name} has no array work to capture ({asked})", "GL204")
    return break_error(found, outcome.array_ops, asked)


def _labelled(label: str, text: str) -> str:
    return textwrap.fill(text, 110, initial_indent=f"  {label}   ", subsequent_indent=" " * 8, break_on_hyphens=False)


def _fix(found: BreakInfo, fix: str) -> str:
    """The first thing to do, with the user's own condition where a branch is in the way."""
    first, condition = fix.partition(", or ")[0], source_text(found.loc)
    return first.replace("condition", condition) if found.code == "GL112" and condition else first


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
