"""The global hook: which functions to optimise when ``enable()`` is on, and giving them back afterwards."""

import fnmatch
import os
import sysconfig
import threading
import weakref
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from graphlet import _evalframe
from graphlet.cache import Options
from graphlet.driver import Learner
from graphlet.opcodes.decode import decode
from graphlet.rewrite.install import attach, detach

_lock = threading.Lock()
_left_alone: "weakref.WeakSet[FunctionType]" = weakref.WeakSet()
_finder: "_Finder | None" = None

_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARY_FOLDERS = tuple(
    os.path.normpath(folder) + os.sep
    for folder in {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)

# Canonical instructions that can be an array operation whatever the names are.
_ARRAY_INSTRUCTIONS = frozenset(
    {"BINARY_OP", "COMPARE_OP", "BINARY_SUBSCR", "BINARY_SLICE", "STORE_SUBSCR", "UNARY_NEGATIVE"}
)


class _Finder:
    """Looks once at each code object that starts to run and optimises the functions worth it."""

    def __init__(self, include: tuple[str, ...], exclude: tuple[str, ...], options: Options) -> None:
        self.include = include
        self.exclude = exclude
        self.options = options
        self.found: weakref.WeakSet[FunctionType] = weakref.WeakSet()

    def __call__(self, function: FunctionType, code: CodeType) -> CodeType | None:
        """New code for the frame about to start, or None to leave it as it is."""
        if function in _left_alone or not self.wanted(function, code) or not is_candidate(function, code):
            return None
        rewritten = attach(function, self.options, Learner)
        if rewritten is not None:
            self.found.add(function)
        return rewritten

    def wanted(self, function: FunctionType, code: CodeType) -> bool:
        """Whether ``include`` and ``exclude`` let this function in; installed packages only when included."""
        module = function.__globals__.get("__name__", "")
        names = (module if isinstance(module, str) else "", code.co_filename)
        if any(_matches(pattern, names) for pattern in self.exclude):
            return False
        if self.include:
            return any(_matches(pattern, names) for pattern in self.include)
        return not os.path.abspath(code.co_filename).startswith((*_LIBRARY_FOLDERS, _OWN_FOLDER))


def _matches(pattern: str, names: tuple[str, str]) -> bool:
    module, filename = names
    return (
        module == pattern
        or module.startswith(pattern + ".")
        or fnmatch.fnmatchcase(module, pattern)
        or fnmatch.fnmatchcase(filename, pattern)
    )


def is_candidate(function: FunctionType, code: CodeType) -> bool:
    """A static look: does the code name NumPy, or have arguments and operators that may be array operations?"""
    namespace = function.__globals__
    if any(_is_numpy(namespace.get(name)) for name in code.co_names):
        return True
    if code.co_argcount + code.co_kwonlyargcount + len(code.co_freevars) == 0:
        return False
    return any(instr.op in _ARRAY_INSTRUCTIONS for instr in decode(code).instrs)


def _is_numpy(value: Any) -> bool:
    return value is np or isinstance(value, (np.ufunc, np.ndarray))


def start(include: tuple[str, ...], exclude: tuple[str, ...], options: Options) -> bool:
    """Arm the hook. A finder already at work is replaced; what it found stays optimised."""
    global _finder
    with _lock:
        finder = _Finder(include, exclude, options)
        if _finder is not None:
            for function in _finder.found:
                finder.found.add(function)
        _finder = finder
        _evalframe.arm(finder)
    return True


def stop() -> None:
    """Disarm the hook and give every function it found its own code back."""
    global _finder
    with _lock:
        finder, _finder = _finder, None
        if finder is None:
            return
        _evalframe.disarm()
        for function in list(finder.found):
            detach(function)


def leave_alone(function: FunctionType) -> None:
    """Never optimise this function from the hook; restores it if that was done."""
    _left_alone.add(function)
    detach(function)
