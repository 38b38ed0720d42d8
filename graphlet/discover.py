"""The global hook: which functions to optimise when ``enable()`` is on, and giving them back afterwards."""

import fnmatch
import os
import sys
import sysconfig
import threading
import weakref
from collections.abc import Iterable
from time import thread_time_ns
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy

from graphlet import _evalframe, _work
from graphlet._sight import arrays_at_hand, arrays_in_sight
from graphlet.cache import CodeCache, Options
from graphlet.core.bag import WeakBag
from graphlet.core.builtin_names import replaced
from graphlet.core.config import config
from graphlet.core.fallback import fall_back
from graphlet.core.forks import freed_by_fork
from graphlet.core.lazy import lazy
from graphlet.core.location import Location
from graphlet.core.marks import LEFT_ALONE
from graphlet.core.outside import is_from_outside
from graphlet.core.pristine import np
from graphlet.core.totals import totals
from graphlet.opcodes.recent import decoded_of, drop_oldest
from graphlet.opcodes.units import has_loop

if TYPE_CHECKING:  # programs without arrays never need them
    from graphlet import driver
    from graphlet.rewrite import idle, install
else:
    driver = lazy("graphlet.driver")
    idle = lazy("graphlet.rewrite.idle")
    install = lazy("graphlet.rewrite.install")

# Frames in a row that bring no new code, after which the hook rests: some milliseconds of nothing but calls.
PATIENCE = 20_000

# Calls without arrays in sight, after the first, that the hook looks at before it leaves a function alone.
MAX_FURTHER_LOOKS = 7

# Calls that functions with graphs wait for stubs, where those are made anew so often that it takes too much time.
SHORT_WAIT = 64

# Code objects kept for functions to come.
MAX_RECENT = 256

_lock = freed_by_fork(threading.RLock())
_left_alone: WeakBag[FunctionType] = WeakBag()
_finders: list["Finder"] = []  # the last one is in force

_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARY_FOLDERS = tuple(
    os.path.normpath(folder) + os.sep
    for folder in {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_PACKAGE_FOLDERS = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")

# Canonical instructions that can be an array operation whatever the names are.
_ARRAY_INSTRUCTIONS = frozenset(
    {"BINARY_OP", "COMPARE_OP", "BINARY_SUBSCR", "BINARY_SLICE", "STORE_SUBSCR", "UNARY_NEGATIVE"}
)


class Finder:
    """Looks at each code object that starts to run, a few times at most, and optimises the functions worth it."""

    def __init__(self, include: Iterable[str], exclude: Iterable[str], options: Options) -> None:
        self.include = tuple(include)
        self.exclude = tuple(exclude)
        self.options = options
        self.answers: dict[tuple[str, str], bool] = {}
        self.found: WeakBag[FunctionType] = WeakBag()
        # New code of the functions found last: functions made anew for each call would have it made anew as well.
        self.recent: dict[int, CodeType] = {}

    def __call__(self, function: FunctionType, code: CodeType) -> CodeType | None:
        """New code for the frame about to start, or None to leave it as it is."""
        if function in _left_alone or replaced():
            return None
        try:
            return self.look(function, code)
        except RecursionError:  # the program is near the limit: another time
            _evalframe.ask_later(code, MAX_FURTHER_LOOKS)
            return None
        except Exception as error:
            if config.enabled == "check" or is_from_outside(error):
                raise
            _note_failure(code, error)
            return None

    def look(self, function: FunctionType, code: CodeType) -> CodeType | None:
        """Give a function stubs if it is wanted and worth it."""
        if not self.wanted(function, code):
            return None
        began = thread_time_ns()
        known = known_caches(code)
        if self.options in known and leave_asleep(code, known[self.options]):
            return None
        if is_put_off(function, code):
            return None
        if not arrays_in_sight(function, code, _evalframe.arguments()):
            _evalframe.ask_later(code, MAX_FURTHER_LOOKS)
            return None
        if self.options not in known and not is_candidate(function, code):
            return None
        began += load_all()
        if not install.lock.acquire(blocking=False):  # held by one that may wait for this thread, as in driver.Learner
            _evalframe.ask_later(code, MAX_FURTHER_LOOKS)
            return None
        try:
            rewritten = install.attach(function, self.options, Scout)
        finally:
            install.lock.release()
        _work.added_stubs(thread_time_ns() - began)
        if rewritten is not None:
            self.found.add(function)
            self.keep(rewritten)
            _evalframe.ask_again(code)  # other functions may be made from it, as those defined in functions are
        return rewritten

    def keep(self, rewritten: CodeType) -> None:
        self.recent.pop(id(rewritten), None)
        self.recent[id(rewritten)] = rewritten
        drop_oldest(self.recent, MAX_RECENT)

    def wanted(self, function: FunctionType, code: CodeType) -> bool:
        """Whether ``include`` and ``exclude`` let this function in; installed packages only when included."""
        module = function.__globals__.get("__name__", "")
        names = (module if isinstance(module, str) else "", code.co_filename)
        if names not in self.answers:
            self.answers[names] = self.lets_in(names)
        return self.answers[names]

    def lets_in(self, names: tuple[str, str]) -> bool:
        """The same by the names of module and file."""
        if any(_matches(pattern, names) for pattern in self.exclude):
            return False
        if self.include:
            return any(_matches(pattern, names) for pattern in self.include)
        return not is_library(names[1])

    def restore(self) -> None:
        """Give every function that was found its own code back."""
        for function in self.found:
            install.detach(function)
        self.found.clear()
        self.recent.clear()


class Scout:
    """A learner that gives up on functions the hook found: without array work in all it saw they need no stubs.

    That is for good: what was never called with arrays in its first calls is left to Python, at full speed. Nobody
    asked for these functions by name, so their limits are no reason for a warning, and learning may take a share of the
    time only.
    """

    __slots__ = ("_cache", "_learner", "_offset")
    frugal = True

    def __init__(self, cache: CodeCache, offset: int) -> None:
        self._cache = weakref.ref(cache)
        self._offset = offset
        self._learner: driver.Learner | None = None

    def __call__(self, region: Any, live_ins: tuple[Any, ...], namespace: dict[str, Any]) -> bool:
        cache = self._cache()
        if self._learner is None and cache is not None:
            self._learner = driver.Learner(cache, self._offset, frugal=True)
        learned = self._learner is not None and self._learner(region, live_ins, namespace)
        original = cache.original() if cache is not None else None
        if not learned and cache is not None and original is not None and is_hopeless(cache):
            _evalframe.skip(original)
            give_back(cache)
        return learned

    def retire(self) -> None:
        """A region has waited for its turn to learn for long: without stubs its function waits at no cost."""
        cache = self._cache()
        original = cache.original() if cache is not None else None
        if cache is not None and original is not None and not has_graphs(original):
            _evalframe.put_off(original)
            give_back(cache)


def load_all() -> int:
    """Import what functions worth it need; the nanoseconds that took, once: it is no reason to learn less later."""
    began = thread_time_ns()
    _ = driver.Learner, idle.calls_to_sleep, install.attach
    took = thread_time_ns() - began
    _work.stood_still(took)
    return took


def give_back(cache: CodeCache) -> None:
    """The functions with this cache that the hook found get their own code."""
    for function in cache.functions:
        if any(function in finder.found for finder in _finders):
            install.detach(function)


def known_caches(code: CodeType) -> dict[Options, CodeCache]:
    """What functions with this code have learned, by options."""
    return _evalframe.get_state(code) or {}


def is_put_off(function: FunctionType, code: CodeType) -> bool:
    """Whether first stubs have taken too much time, so that this code is looked at again some calls later."""
    if _work.may_add_stubs() or (not may_wait(function, code) and _work.may_add_stubs(urgent=True)):
        return False
    if has_graphs(code):
        _evalframe.put_off(code, SHORT_WAIT)
    else:
        _evalframe.put_off(code)
    return True


def may_wait(function: FunctionType, code: CodeType) -> bool:
    """Whether a function can do without stubs for some calls: not with a loop over arrays, which may run for hours.

    One of known code can: functions made anew for each call, as generator expressions are, would take all the time.
    """
    return bool(known_caches(code)) or not has_loop(code) or not arrays_at_hand(function, code, _evalframe.arguments())


def leave_asleep(code: CodeType, cache: CodeCache) -> bool:
    """Whether functions of known code get no stubs for some calls, in which those would do nothing but decline.

    A loop may run for hours, and its turns are calls as well.
    """
    idle.sleep_through(cache, _evalframe.slept(code))
    n_calls = 0 if has_loop(code) else idle.calls_to_sleep(cache)
    if n_calls:
        _evalframe.let_sleep(code, n_calls)
    return n_calls > 0


def has_graphs(code: CodeType) -> bool:
    """Whether anything was compiled for it."""
    return any(entry.records for cache in list(known_caches(code).values()) for entry in cache.all_entries())


def is_hopeless(cache: CodeCache) -> bool:
    """Nothing was compiled, and every entry that control came to has been given up."""
    entries = cache.all_entries()
    if cache.stale or any(entry.records for entry in entries):
        return False
    return all(entry.given_up for entry in entries if entry.attempts or entry.region.declines)  # some were postponed


def _note_failure(code: CodeType, error: Exception) -> None:
    loc = Location(code.co_filename, code.co_firstlineno, code.co_name)
    totals["failures"] += 1
    fall_back(code.co_name, loc, "GL901", f"runs in plain Python: {type(error).__name__}: {error}")


def is_library(filename: str) -> bool:
    """Whether a file belongs to the standard library, an installed package or graphlet."""
    if filename.startswith("<"):
        return filename.startswith("<frozen ")
    if any(folder in filename for folder in _PACKAGE_FOLDERS):
        return True
    return filename.startswith((*_LIBRARY_FOLDERS, _OWN_FOLDER))


def _matches(pattern: str, names: tuple[str, str]) -> bool:
    module, filename = names
    return (
        module == pattern
        or module.startswith(pattern + ".")
        or fnmatch.fnmatchcase(module, pattern)
        or fnmatch.fnmatchcase(filename, pattern)
    )


def is_candidate(function: FunctionType, code: CodeType) -> bool:
    """A static look: does the code name NumPy, or have operators whose operands may be arrays from elsewhere?"""
    namespace = function.__globals__
    if any(_is_numpy(namespace.get(name)) for name in code.co_names):
        return True
    if code.co_argcount + code.co_kwonlyargcount + len(code.co_freevars) == 0 and not code.co_names:
        return False
    return any(instr.op in _ARRAY_INSTRUCTIONS for instr in decoded_of(code).instrs)


def _is_numpy(value: Any) -> bool:
    return value is numpy or issubclass(type(value), (np.ufunc, np.ndarray))


# ---- sessions


def start(include: Iterable[str], exclude: Iterable[str], options: Options) -> Finder | None:
    """Arm the hook with a new finder in front of those at work; None where this CPython's frames are not known."""
    if not _evalframe.SUPPORTED:
        return None
    finder = Finder(include, exclude, options)
    with _lock:
        _finders.append(finder)
        _arm()
    return finder


def stop(finder: Finder) -> None:
    """End a finder's work and give the functions it found their own code back; the one before it is in force again."""
    with _lock:
        if finder in _finders:
            _finders.remove(finder)
            finder.restore()
            _arm()


def stop_all() -> None:
    """Disarm the hook and give every function it found its own code back."""
    with _lock:
        while _finders:
            _finders.pop().restore()
        _arm()


def _arm() -> None:
    """Put the last finder in force, or disarm."""
    _watch.stop()
    if not _finders:
        _evalframe.disarm()
        return
    _evalframe.forget_seen()
    _evalframe.arm(_finders[-1], _watch.start, PATIENCE if _watch.is_possible() else 0)


class _Watch:
    """What tells of new code while the hook rests: ``sys.monitoring`` (3.12+), which is free for code it has reported.

    The armed hook costs each call of a Python function some nanoseconds. When no new code has come for PATIENCE frames
    it rests: CPython's own monitoring then reports the start of each code object once. The first that the hook has not
    seen wakes it: this call runs as it is, later ones are looked at. On 3.11 nothing could wake the hook, so it stays
    (and costs least there).
    """

    tool = 5  # sys.monitoring.OPTIMIZER_ID

    def __init__(self) -> None:
        self.monitoring: Any = getattr(sys, "monitoring", None)
        self.stale = False  # code reported for a session before is not reported again by itself

    def is_possible(self) -> bool:
        return self.monitoring is not None and self.monitoring.get_tool(self.tool) in (None, "graphlet")

    def start(self) -> None:
        """Let the hook rest."""
        if not _lock.acquire(blocking=False):
            return
        try:
            if self.is_possible() and _evalframe.rest():
                self.listen()
        finally:
            _lock.release()

    def listen(self) -> None:
        if self.monitoring.get_tool(self.tool) is None:
            self.monitoring.use_tool_id(self.tool, "graphlet")
        if self.stale:
            self.monitoring.restart_events()
            self.stale = False
        started = self.monitoring.events.PY_START
        self.monitoring.register_callback(self.tool, started, self.code_started)
        self.monitoring.set_events(self.tool, started)

    def code_started(self, code: CodeType, offset: int) -> Any:
        """Called by CPython when code starts that has not been reported since."""
        if _evalframe.is_seen(code):
            return self.monitoring.DISABLE
        self.monitoring.set_events(self.tool, 0)
        _evalframe.wake()
        return None

    def stop(self) -> None:
        """Let monitoring go."""
        if self.monitoring is not None and self.monitoring.get_tool(self.tool) == "graphlet":
            self.monitoring.set_events(self.tool, 0)
            self.monitoring.register_callback(self.tool, self.monitoring.events.PY_START, None)
            self.monitoring.free_tool_id(self.tool)
            self.stale = True


_watch = _Watch()


def leave_alone(function: FunctionType) -> None:
    """Never optimise this function from the hook, nor make it part of graphs of its callers; restores it if need be."""
    _left_alone.add(function)
    install.detach(function)
    LEFT_ALONE.add(function.__code__)
