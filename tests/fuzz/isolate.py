"""Runs a function in a forked child, so that a crash or an endless loop is a result like any other."""

import os
import pickle
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MEMORY = 3 << 30


@dataclass(frozen=True, slots=True)
class Isolated:
    """``kind`` is "ok" (``value`` is the result), "error" (``text`` the traceback), "crash" or "timeout"."""

    kind: str
    value: Any = None
    text: str = ""


def isolated(fn: Callable[[], Any], seconds: float) -> Isolated:
    """What ``fn()`` gives in a child process that may take so many seconds; the result must pickle."""
    read_end, write_end = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        _child(fn, write_end)
    os.close(write_end)
    try:
        data = _read_all(read_end, time.monotonic() + seconds)
    finally:
        os.close(read_end)
    if data is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return Isolated("timeout", text=f"no answer after {seconds} s")
    _, status = os.waitpid(pid, 0)
    if not data:
        return Isolated("crash", text=_status_text(status))
    kind, value = pickle.loads(data)
    return Isolated("ok", value) if kind == "ok" else Isolated("error", text=value)


def _child(fn: Callable[[], Any], write_end: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = pickle.dumps(("ok", fn()))
    except BaseException:
        answer = pickle.dumps(("error", traceback.format_exc()))
    try:
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(answer)
    finally:
        os._exit(0)  # even if nobody reads the answer any more


def _read_all(fd: int, end: float) -> bytes | None:
    """Everything until the writer closes; None when the time is over first."""
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([fd], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return None
        part = os.read(fd, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _status_text(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended with code {os.WEXITSTATUS(status)} and no answer"
