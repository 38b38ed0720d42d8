"""Exceptions that come from outside in the middle of graphlet's own work: they are meant for the program.

A signal handler runs between any two instructions of the main thread, and another thread may throw an exception into
this one; wherever graphlet catches what may go wrong in itself, these have to pass.
"""

import sys
from collections.abc import Iterator
from functools import partial
from types import CodeType, FunctionType, MethodType, TracebackType
from typing import TYPE_CHECKING, Any

from graphlet.core.lazy import lazy

if TYPE_CHECKING:
    import signal
    import threading
else:
    signal = lazy("signal")
    threading = lazy("threading")

# What graphlet, NumPy and the libraries under them raise is defined there; other classes are the program's own.
_OURS = frozenset({"graphlet", "numpy", "bytecode", "llvmlite", *sys.stdlib_module_names})


def is_from_outside(error: BaseException) -> bool:
    """Whether the program is to get an exception that was met in graphlet's own code."""
    return not isinstance(error, Exception) or is_of_the_program(type(error)) or handled(error) is not None


def handled(error: BaseException) -> TracebackType | None:
    """The part of its traceback that begins in a signal handler; None if no handler raised it."""
    codes = frozenset(_handlers())
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code not in codes:
        traceback = traceback.tb_next
    return traceback


def as_the_program_sees_it(error: BaseException) -> None:
    """Take the frames of graphlet's own from an exception, and what graphlet was handling when it was raised."""
    error.__traceback__ = handled(error)
    while error.__context__ is not None and handled(error.__context__) is not None:
        error.__context__.__traceback__ = handled(error.__context__)
        error = error.__context__
    error.__context__ = None


def is_of_the_program(kind: type) -> bool:
    """Whether a class of exceptions is none that graphlet or what it calls may raise."""
    module = kind.__module__
    return not isinstance(module, str) or module.partition(".")[0] not in _OURS


def is_main_thread() -> bool:
    """Whether this is the thread that signal handlers and pending calls run in."""
    return threading.get_ident() == threading.main_thread().ident


def _handlers() -> Iterator[CodeType]:
    """The code of the signal handlers that are installed."""
    for number in signal.valid_signals():
        code = _code_of(signal.getsignal(number))
        if code is not None:
            yield code


def _code_of(handler: Any) -> CodeType | None:
    while isinstance(handler, (partial, MethodType)):
        handler = handler.func if isinstance(handler, partial) else handler.__func__
    if not isinstance(handler, FunctionType):
        handler = getattr(type(handler), "__call__", None)  # noqa: B004
    return handler.__code__ if isinstance(handler, FunctionType) else None
