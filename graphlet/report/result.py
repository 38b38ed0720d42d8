"""What ``explain`` found, as data, text, JSON and HTML."""

import html
import json
import textwrap
from dataclasses import dataclass
from typing import Any

from graphlet.capture.breaks import CODES
from graphlet.capture.outcome import BreakInfo
from graphlet.report.words import DECLINED, count

_WIDTH = 118


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the function: array operations this call ran there, in graphs and in Python.

    ``fused``: other lines whose operations run in the same loop.
    """

    number: int
    text: str
    native_ops: int
    python_ops: int
    fused: tuple[int, ...]


SIZE_FACTOR = 4  # from one class of sizes to the next
US = 1000  # ns


@dataclass(frozen=True, slots=True)
class Cost:
    """What was measured in earlier calls, where a graph begins, for one class of sizes (of the largest array there).

    ``graph_ns``, ``numpy_ns``: from one entry to the next, with the graph and without it.
    """

    line: int
    least_size: int
    graph_ns: int
    numpy_ns: int
    numpy_runs: bool

    def __str__(self) -> str:
        most = max(self.least_size * SIZE_FACTOR - 1, 0)
        sizes = f"{self.least_size} to {most} elements" if most else "no elements"
        taken = f"{self.graph_ns / US:.1f} us with the graph, {self.numpy_ns / US:.1f} us without"
        return f"line {self.line}, {sizes}: {'NumPy' if self.numpy_runs else 'the graph'} runs ({taken})"


@dataclass(slots=True)
class ExplainReport:
    """What happened in one call. ``result`` is what the call returned.

    ops_per_graph  array operations of each graph, as the user wrote them
    native_ops, python_ops   array operations this call ran in graphs, and in Python in the function itself (what
                   functions it calls do in Python is not counted)
    declines       why regions left calls to Python: reason -> how often
    costs          what earlier calls of the function have shown about who is faster
    """

    name: str
    filename: str
    first_line: int
    call: str
    backend: str
    mode: str
    result: Any
    graphs: tuple[Any, ...]
    breaks: tuple[BreakInfo, ...]
    guards: tuple[str, ...]
    compile_times: tuple[float, ...]
    ops_per_graph: tuple[int, ...]
    native_ops: int
    python_ops: int
    declines: dict[str, int]
    fallbacks: tuple[str, ...]
    lines: tuple[Line, ...]
    costs: tuple[Cost, ...] = ()

    @property
    def graph_count(self) -> int:
        return len(self.graphs)

    @property
    def graph_break_count(self) -> int:
        return len(self.breaks)

    @property
    def op_count(self) -> int:
        return sum(self.ops_per_graph)

    @property
    def break_reasons(self) -> tuple[str, ...]:
        return tuple(f"{found.code} line {found.loc.lineno}: {found.detail}" for found in self.breaks)

    @property
    def native_share(self) -> float:
        """Array operations this call ran inside graphs, over all it ran, 0 to 1; 1.0 if there were none."""
        total = self.native_ops + self.python_ops
        return self.native_ops / total if total else 1.0

    @property
    def verdict(self) -> str:
        """The report in a sentence or three."""
        total = self.native_ops + self.python_ops
        text = f"{count(self.graph_count, 'graph')}, {count(self.graph_break_count, 'break')}. "
        if not total:
            return text + "No array operations ran."
        text += f"{self.native_ops} of {total} array ops native ({_percent(self.native_share)} %)."
        if self.breaks and self.python_ops:
            worst = self._worst_break()
            text += f" First to look at: {worst.code} at line {worst.loc.lineno}."
        return text

    def _worst_break(self) -> BreakInfo:
        """The break on the line that ran most array operations in Python, else the first."""
        python_ops = {line.number: line.python_ops for line in self.lines}
        here = [found for found in self.breaks if found.loc.filename == self.filename]
        return max(here or self.breaks, key=lambda found: python_ops.get(found.loc.lineno, 0))

    def to_text(self) -> str:
        """The report as text, about as wide as a terminal."""
        return "\n".join([*self._head(), "", *self._source(), "", *self._tail()])

    def to_json(self) -> str:
        """The report's figures and texts as JSON (no array data)."""
        names = ("backend", "mode", "graph_count", "graph_break_count", "break_reasons", "op_count", "ops_per_graph")
        more = ("guards", "compile_times", "native_ops", "python_ops", "native_share", "declines", "fallbacks")
        found = {name: getattr(self, name) for name in (*names, *more)}
        lines = [
            {"line": line.number, "native_ops": line.native_ops, "python_ops": line.python_ops, "fused": line.fused}
            for line in self.lines
        ]
        costs = [
            {
                "line": cost.line, "least_size": cost.least_size, "graph_ns": cost.graph_ns, "numpy_ns": cost.numpy_ns,
                "numpy_runs": cost.numpy_runs,
            }
            for cost in self.costs
        ]
        place = {"function": self.name, "file": self.filename, "line": self.first_line, "call": self.call}
        return json.dumps({**place, "verdict": self.verdict, **found, "lines": lines, "costs": costs})

    def to_html(self) -> str:
        """The report as a page of its own."""
        title = html.escape(f"graphlet.explain: {self.name}")
        return f'<!doctype html><meta charset="utf-8"><title>{title}</title>{self._repr_html_()}'

    def _repr_html_(self) -> str:
        rows = "\n".join(_html_row(kind, text) for kind, text in self._marked_source())
        head, tail = ("\n".join(map(html.escape, part)) for part in (self._head(), self._tail()))
        return f"<pre>{head}\n\n{rows}\n\n{tail}</pre>"

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<ExplainReport of {self.name}: {self.verdict}>"

    # ---- the parts of the text

    def _head(self) -> list[str]:
        title = f"graphlet.explain: {self.name}  ({self.filename}:{self.first_line})"
        return [
            f"{title}    backend {self.backend}, mode {self.mode}",
            _wrapped("VERDICT   ", self.verdict),
            _wrapped("CALL      ", self.call),
        ]

    def _source(self) -> list[str]:
        return [text for _, text in self._marked_source()]

    def _marked_source(self) -> list[tuple[str, str]]:
        """Each line of the source with its marks: what to colour it as, and the text."""
        here = [found for found in self.breaks if found.loc.filename == self.filename]
        broken = {found.loc.lineno: found for found in reversed(here)}
        width = min(72, max((len(line.text) for line in self.lines), default=0)) + 2
        rows = [("", " line       source")]
        for line in self.lines:
            marks, notes = _marks(line, broken.get(line.number))
            text = f"{line.number:5}  {marks:<3} {line.text}"
            note = "; ".join(notes)
            rows.append((marks, f"{text.ljust(width + 11)}{note}".rstrip()))
        return [*rows, ("", " N native   E Python   ! break")]

    def _tail(self) -> list[str]:
        number = f"   ({len(self.guards)})" if self.guards else ""
        rows = [_wrapped("GUARDS    ", ("; ".join(self.guards) or "none") + number)]
        for found in self.breaks:
            where = f"line {found.loc.lineno}"
            if found.loc.filename != self.filename:
                where = f"{found.loc.filename}:{found.loc.lineno}"
            rows.append(_wrapped("BREAK     ", f"{found.code} {where}: {found.detail}. Fix: {CODES[found.code].fix}."))
        for reason, times in self.declines.items():
            rows.append(_wrapped("DECLINED  ", f"{count(times, 'time')}: {DECLINED[reason]}"))
        rows += [_wrapped("MEASURED  ", f"{cost}.") for cost in self.costs]
        rows += [_wrapped("FALLBACK  ", f"{code} {CODES[code].title}: {CODES[code].fix}") for code in self.fallbacks]
        return rows


def _marks(line: Line, found: BreakInfo | None) -> tuple[str, list[str]]:
    """N, E and ! as they apply to a line, and what to say about it."""
    marks = ("N" if line.native_ops else "") + ("E" if line.python_ops or found else "") + ("!" if found else "")
    notes = []
    if line.native_ops and line.fused:
        notes.append(f"fused with {', '.join(map(str, line.fused))}")
    if found is not None:
        notes.append(f"{found.code} {CODES[found.code].title}")
    return marks, notes


_COLOURS = {"N": "#e6f4ea", "E": "#fef7e0", "!": "#fce8e6"}


def _html_row(marks: str, text: str) -> str:
    colour = _COLOURS.get(marks[-1:])
    escaped = html.escape(text)
    return f'<span style="background:{colour}">{escaped}</span>' if colour else escaped


def _percent(share: float) -> int:
    """Rounded, but 100 only when nothing is missing and 0 only when nothing is there."""
    return 100 if share == 1 else 0 if share == 0 else min(99, max(1, round(100 * share)))


def _wrapped(label: str, text: str) -> str:
    indent = " " * len(label)
    return textwrap.fill(text, _WIDTH, initial_indent=label, subsequent_indent=indent, break_on_hyphens=False)
