"""The text of a break when it is an error: where, what, why, what was done, what to do."""

import linecache

from graphlet.capture.breaks import CODES
from graphlet.capture.outcome import BreakInfo
from graphlet.core.errors import GraphBreakError
from graphlet.core.location import Location


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
