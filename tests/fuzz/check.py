"""Runs one generated program through the oracle, in a child process, and says what came of it."""

import contextlib
import gc
import linecache
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, ModuleType
from typing import Any

from graphlet.core import events
from tests.fuzz.isolate import isolated
from tests.oracle.runner import Optimizer, compare_runs
from tests.oracle.share import Share

SECONDS = 60.0
PROGRAM_MODULE = "fuzz_program"
# Codes of breaks behind which the next graph begins at once: one that ends to do its writes, a loop that stays one, and
# an operation that could be captured, but warned each time.
TAKEN_OVER = ("GL105", "GL108", "GL119")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``kinds`` is empty when nothing differs; "crash" and "timeout" are kinds too, "invalid" means a wrong program.

    breaks   code and detail of each graph break
    settled  in the last round all array operations that regions had a part in ran in graphs
    """

    kinds: frozenset[str] = frozenset()
    text: str = ""
    share: Share = field(default_factory=Share)
    raised: bool = False
    breaks: tuple[tuple[str, str], ...] = ()
    settled: bool = False

    @property
    def whole(self) -> bool:
        """Nothing was left to Python: each graph went on to the end, or to where the next one took over."""
        return self.settled and not self.raised and not self.real_breaks

    @property
    def real_breaks(self) -> tuple[tuple[str, str], ...]:
        """Those behind which not just the next graph follows."""
        return tuple(found for found in self.breaks if found[0] not in TAKEN_OVER)

    @property
    def failed(self) -> bool:
        """Whether something differs."""
        return bool(self.kinds) and "invalid" not in self.kinds


def load(source: str, filename: str) -> Any:
    """The module of a program; its lines can be found by tracebacks and ``inspect``."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = ModuleType(PROGRAM_MODULE)
    module.__file__ = filename
    exec(_compiled(source, filename), vars(module))
    return module


def _compiled(source: str, filename: str) -> CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return compile(source, filename, "exec")


@contextlib.contextmanager
def heard(breaks: list[tuple[str, str]]) -> Iterator[None]:
    """Notes the graph breaks there are."""

    def note(event: events.Event) -> None:
        if isinstance(event, events.GraphBreak):
            breaks.append((event.code, event.detail))

    events.subscribe(note)
    try:
        yield
    finally:
        events.unsubscribe(note)


@contextlib.contextmanager
def cycles_kept() -> Iterator[None]:
    """When cycles go depends on how much else is made."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def compare(source: str, filename: str, optimizer: Optimizer | None = None, rounds: int = 3) -> Verdict:
    """Compare a program in this process."""
    module = load(source, filename)
    breaks: list[tuple[str, str]] = []
    with heard(breaks), cycles_kept():
        report = compare_runs(module.f, module.CALLS, optimizer=optimizer, rounds=rounds, stop=True)
    raised = bool(report.plain) and any(seen.error is not None for seen in report.plain)
    settled = not report.last_share.outside
    return Verdict(report.kinds, "" if report.same else str(report), report.share, raised, tuple(breaks), settled)


def check(source: str, optimizer: Optimizer | None = None, rounds: int = 3, seconds: float = SECONDS) -> Verdict:
    """Compare a program in a child process."""
    try:
        _compiled(source, "<fuzz>")
    except SyntaxError as error:
        return Verdict(frozenset({"invalid"}), str(error))
    answer = isolated(lambda: compare(source, "<fuzz program>", optimizer, rounds), seconds)
    if answer.kind == "ok":
        verdict: Verdict = answer.value
        return verdict
    return Verdict(frozenset({"invalid" if answer.kind == "error" else answer.kind}), answer.text)
