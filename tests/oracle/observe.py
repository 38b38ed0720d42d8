"""Runs one call and keeps everything a program could see of it."""

import contextlib
import inspect
import random
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import numpy as np

from graphlet.core.errors import PerformanceWarning
from tests.oracle.compare import Comparison

# Frames of these files are not the program's: the oracle, and optimizers that wrap a call.
OWN_FILES = {__file__}
# CPython 3.11 gives an UnboundLocalError the line before, once it has joined the load with the instruction before it.
_LINES_VARY = sys.version_info < (3, 12)


@dataclass(slots=True)
class Observation:
    """What a call did: its result or exception, its events (output and warnings) in order, the state it left."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any = None
    error: BaseException | None = None
    events: list[tuple[str, ...]] = field(default_factory=list)
    numpy_state: Any = None
    data: dict[str, Any] = field(default_factory=dict)


class _Stream:
    """A text stream that appends to the list of events."""

    def __init__(self, name: str, events: list[tuple[str, ...]]) -> None:
        self._name, self._events = name, events

    def write(self, text: str) -> int:
        """Note the text; neighbouring writes are one event."""
        if self._events and self._events[-1][0] == self._name:
            self._events[-1] = (self._name, self._events[-1][1] + text)
        elif text:
            self._events.append((self._name, text))
        return len(text)

    def flush(self) -> None:
        """Nothing is buffered."""


@contextlib.contextmanager
def _recording(events: list[tuple[str, ...]], action: str) -> Iterator[None]:
    def show(message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None) -> None:
        if not issubclass(category, PerformanceWarning):  # the one thing graphlet may add, and only once
            events.append(("warning", category.__name__, str(message), filename, str(lineno)))

    out, err = _Stream("stdout", events), _Stream("stderr", events)
    with warnings.catch_warnings(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):  # type: ignore[type-var]
        warnings.simplefilter(action)  # type: ignore[arg-type]
        warnings.showwarning = show
        yield


def _random_state() -> tuple[Any, ...]:
    name, key, *rest = np.random.get_state()
    return (name, np.asarray(key).tobytes(), *rest)


@contextlib.contextmanager
def _same_random_state() -> Iterator[None]:
    """Whatever the call draws, the next one starts from the same generators."""
    state, np_state = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(np_state)


def observe(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], warn: str = "always") -> Observation:
    """Call ``fn`` and note what can be seen; ``args`` and ``kwargs`` are the objects it gets and may change."""
    seen = Observation(args, kwargs)
    with _same_random_state(), np.errstate(), _recording(seen.events, warn):
        try:
            seen.result = _awaited(fn(*args, **kwargs))
        except Exception as error:
            seen.error = error
            _let_go(error)
        seen.numpy_state = (np.geterr(), _random_state(), sys.getrecursionlimit())
    return seen


def _awaited(result: Any) -> Any:
    """What a coroutine returns, and what it gave each time it was suspended; anything else as it is."""
    if not inspect.iscoroutine(result):
        return result
    given = []
    try:
        while True:
            given.append(result.send(None))
    except StopIteration as end:
        return end.value, given


def _let_go(error: BaseException | None) -> None:
    """What frames of the traceback still hold goes now: a generator that is closed then may print something."""
    waiting, done = [error], set[int]()
    while waiting:
        error = waiting.pop()
        if error is None or id(error) in done:
            continue
        done.add(id(error))
        traceback.clear_frames(error.__traceback__)
        waiting += [error.__cause__, error.__context__]


def compare_observations(plain: Observation, optimised: Observation) -> Comparison:
    """Everything that is not the same in two observations of the same call."""
    walk = Comparison()
    for i, (a, b) in enumerate(zip(plain.args, optimised.args, strict=True)):
        walk.values(f"argument {i}", a, b)
    for name, item in plain.kwargs.items():
        walk.values(f"argument {name}", item, optimised.kwargs[name])
    walk.values("globals", _data_by_value(plain), _data_by_value(optimised))
    _compare_errors(walk, "exception", plain.error, optimised.error)
    if plain.error is None and optimised.error is None:
        walk.values("result", plain.result, optimised.result)
    _compare_events(walk, plain.events, optimised.events)
    walk.same("state", "errstate, random state and recursion limit", plain.numpy_state, optimised.numpy_state)
    return walk


def _data_by_value(seen: Observation) -> dict[str, Any]:
    return dict(sorted(seen.data.items()))


def _compare_errors(walk: Comparison, where: str, plain: BaseException | None, optimised: BaseException | None) -> None:
    if type(plain) is not type(optimised):
        walk.add("exception", where, _error_text(plain), _error_text(optimised))
        return
    if plain is None or optimised is None:
        return
    walk.same("exception", f"text of the {where}", str(plain), str(optimised))
    if not (_LINES_VARY and isinstance(plain, UnboundLocalError)):
        walk.same("traceback", f"frames of the {where}", _frames(plain.__traceback__), _frames(optimised.__traceback__))
        walk.same("traceback", f"printed {where}", _printed(plain), _printed(optimised))
    for link in ("__cause__", "__context__"):
        _compare_errors(walk, f"{link} of the {where}", getattr(plain, link), getattr(optimised, link))


def _error_text(error: BaseException | None) -> str:
    return "none" if error is None else f"{type(error).__name__}: {error}"


def _frames(tb: TracebackType | None) -> list[tuple[str, int, str]]:
    """File, line and function of each frame, without the oracle's own."""
    rows = [(f.f_code.co_filename, line, f.f_code.co_name) for f, line in traceback.walk_tb(tb)]
    return [row for row in rows if row[0] not in OWN_FILES]


def _printed(error: BaseException) -> str:
    tb = error.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename in OWN_FILES:
        tb = tb.tb_next
    return "".join(traceback.format_exception(type(error), error, tb, chain=False))


def _compare_events(walk: Comparison, plain: list[tuple[str, ...]], optimised: list[tuple[str, ...]]) -> None:
    warned = [[e for e in events if e[0] == "warning"] for events in (plain, optimised)]
    printed = ["".join(e[1] for e in events if e[0] != "warning") for events in (plain, optimised)]
    if walk.same("warning", "warnings", *warned) and walk.same("output", "output", *printed):
        walk.same("order", "output and warnings", plain, optimised)
