"""``explain(fn)(*args)``: run one call and say, verdict first, what of it ran in graphs, what did not, and why."""

import json
import linecache
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import numpy as np

from graphlet.cache import CodeCache, Options, Record
from graphlet.capture.breaks import CODES
from graphlet.capture.outcome import BreakInfo
from graphlet.core.config import config
from graphlet.driver import Learner
from graphlet.guards.describe import describe
from graphlet.handle import handle_of, plain_copy
from graphlet.rewrite.install import adopt, new_cache


@dataclass(slots=True)
class ExplainReport:
    """What happened in one call. ``result`` is what the call returned.

    native_share   array operations this call ran inside graphs, over all array operations it ran in code that was
                   looked at, 0 to 1; 1.0 if there were none
    ops_per_graph  array operations of each graph, as the user wrote them
    """

    name: str
    filename: str
    first_line: int
    source_lines: tuple[str, ...]
    call: str
    backend: str
    result: Any
    graphs: tuple[Any, ...]
    breaks: tuple[BreakInfo, ...]
    guards: tuple[str, ...]
    compile_times: tuple[float, ...]
    ops_per_graph: tuple[int, ...]
    native_ops: int
    python_ops: int
    native_lines: dict[int, int] = field(default_factory=dict)

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
        total = self.native_ops + self.python_ops
        return self.native_ops / total if total else 1.0

    def to_text(self) -> str:
        """The report as text, about as wide as a terminal."""
        return "\n".join([*self._head(), "", *self._lines(), "", *self._tail()])

    def to_json(self) -> str:
        """The report's figures and texts as JSON (no array data)."""
        return json.dumps(
            {
                "function": self.name,
                "file": self.filename,
                "line": self.first_line,
                "call": self.call,
                "backend": self.backend,
                "graph_count": self.graph_count,
                "graph_break_count": self.graph_break_count,
                "break_reasons": self.break_reasons,
                "op_count": self.op_count,
                "ops_per_graph": self.ops_per_graph,
                "guards": self.guards,
                "compile_times": self.compile_times,
                "native_share": self.native_share,
            }
        )

    def __str__(self) -> str:
        return self.to_text()

    def _head(self) -> list[str]:
        title = f"graphlet.explain: {self.name}  ({self.filename}:{self.first_line})"
        backend = f"backend {self.backend}, mode default"
        return [f"{title}    {backend}", f"VERDICT   {self._verdict()}", f"CALL      {self.call}"]

    def _verdict(self) -> str:
        total = self.native_ops + self.python_ops
        share = f"{self.native_ops} of {total} array ops native ({100 * self.native_share:.0f} %)."
        text = f"{_count(self.graph_count, 'graph')}, {_count(self.graph_break_count, 'break')}. {share}"
        if self.breaks:
            first = self.breaks[0]
            text += f" First to look at: {first.code} at line {first.loc.lineno}."
        return text

    def _lines(self) -> list[str]:
        broken = {found.loc.lineno: found for found in self.breaks if found.loc.filename == self.filename}
        rows = [" line      source"]
        for number, line in enumerate(self.source_lines, self.first_line):
            mark = "!" if number in broken else " "
            kind = "N" if self.native_lines.get(number) else "E" if number in broken else " "
            note = f"    {broken[number].code} {CODES[broken[number].code].title}" if number in broken else ""
            rows.append(f"{number:5}  {kind}{mark} {line.rstrip()}{note}")
        return [*rows, " N native   E Python   ! break"]

    def _tail(self) -> list[str]:
        rows = [_wrapped("GUARDS    ", "; ".join(self.guards) or "none")]
        for found in self.breaks:
            where = f"line {found.loc.lineno}"
            rows.append(_wrapped("BREAK     ", f"{found.code} {where}: {found.detail}. Fix: {CODES[found.code].fix}."))
        return rows


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _wrapped(label: str, text: str) -> str:
    return textwrap.fill(text, 118, initial_indent=label, subsequent_indent=" " * len(label))


def explain(fn: Callable[..., Any]) -> Callable[..., ExplainReport]:
    """A function that calls ``fn`` once, with its effects, and returns the report.

    A plain function is explained through a private copy and keeps no trace. An optimised one is explained as it is,
    with what it has learnt so far: after a few calls that is the lasting state.
    """
    handle = handle_of(fn)
    if handle is not None:
        return _Explained(fn, handle.cache)
    if not isinstance(fn, FunctionType):
        raise TypeError(f"explain takes a Python function, got {type(fn).__name__}: {fn!r}")
    copy = plain_copy(fn)
    cache = new_cache(fn.__code__, Options(), Learner)
    adopt(cache, copy)
    return _Explained(copy, cache)


class _Explained:
    def __init__(self, function: Any, cache: CodeCache) -> None:
        self.function = function
        self.cache = cache

    def __call__(self, *args: Any, **kwargs: Any) -> ExplainReport:
        before = _counts(self.cache)
        result = self.function(*args, **kwargs)
        native, outside = (after - start for after, start in zip(_counts(self.cache), before, strict=True))
        return self.report(_describe_call(args, kwargs, result), result, native, outside)

    def report(self, call: str, result: Any, native: int, outside: int) -> ExplainReport:
        code = self.cache.original()
        assert code is not None
        entries = self.cache.entries.values()
        records = [record for entry in entries for record in entry.records]
        breaks = {(found.loc.lineno, found.code): found for entry in entries for found in entry.breaks.values()}
        last = max((line for *_, line in code.co_lines() if line is not None), default=code.co_firstlineno)
        numbers = range(code.co_firstlineno, last + 1)
        return ExplainReport(
            name=self.cache.name,
            filename=code.co_filename,
            first_line=code.co_firstlineno,
            source_lines=tuple(linecache.getline(code.co_filename, number) for number in numbers),
            call=call,
            backend=_backend_names(records),
            result=result,
            graphs=tuple(record.graph for record in records),
            breaks=tuple(breaks[key] for key in sorted(breaks)),
            guards=tuple(dict.fromkeys(describe(guard) for record in records for guard in record.plan.guards)),
            compile_times=tuple(record.seconds for record in records),
            ops_per_graph=tuple(record.array_ops for record in records),
            native_ops=native,
            python_ops=outside,
            native_lines=_native_lines(records),
        )


def _counts(cache: CodeCache) -> tuple[int, int]:
    """Array operations run in graphs, and those of captured code run by the interpreter, so far."""
    regions = [entry.region for entry in cache.entries.values()]
    return sum(region.native_ops for region in regions), sum(region.python_ops for region in regions)


def _backend_names(records: list[Record]) -> str:
    names = dict.fromkeys(record.backend for record in records)
    return ", ".join(names) or str(config.backend)


def _native_lines(records: list[Record]) -> dict[int, int]:
    lines: dict[int, int] = {}
    for record in records:
        for line, number in record.lines.items():
            lines[line] = lines.get(line, 0) + number
    return lines


def _describe_call(args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> str:
    parts = [_shortly(value) for value in args]
    parts += [f"{name}={_shortly(value)}" for name, value in kwargs.items()]
    return f"({', '.join(parts)}) -> {_shortly(result)}"


def _shortly(value: Any) -> str:
    if isinstance(value, np.ndarray):
        dims = ",".join(map(str, value.shape))
        return f"{value.dtype}[{dims}]"
    if isinstance(value, (bool, int, float, complex, str)) or value is None:
        text = repr(value)
        return text if len(text) <= 20 else text[:17] + "..."
    if isinstance(value, (tuple, list)) and len(value) <= 4:
        inner = ", ".join(map(_shortly, value))
        return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    return type(value).__name__
