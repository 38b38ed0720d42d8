"""Limits on code that is tried out while programs are written: time, memory, silence."""

import contextlib
import io
import resource
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import numpy as np


class TooLong(BaseException):
    """A statement took too long while the program was written."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooLong in the block after so many seconds of processor time (main thread only).

    Again and again, since some code swallows it. Not by the clock on the wall: what a seed gives must not depend on
    what else the machine does.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooLong

    old = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)


@contextlib.contextmanager
def memory_limit(size: int) -> Iterator[None]:
    """Let allocations beyond so many more bytes fail in the block, where the system can do that."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        yield
        return
    used = int(statm.read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = used + size if soft == resource.RLIM_INFINITY else min(soft, used + size)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No output and no warnings."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
