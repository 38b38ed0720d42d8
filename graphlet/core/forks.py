"""Locks in a forked child: the thread that held one may not be there."""

import os
from typing import Any

SECONDS = 10.0


def freed_by_fork(lock: Any) -> Any:
    """The lock (of ``threading``), which nobody holds in a forked child.

    So what it guards must be of use half-way through a change, as a dict with one more or one less entry is. Locks of
    the standard library's own decorators (``functools.cached_property`` before 3.12) cannot be freed: do without.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lock._at_fork_reinit)
    return lock


def waited_for_by_fork(lock: Any) -> Any:
    """The lock (a reentrant one), which a fork takes first, so that no other thread is inside; it waits ten seconds."""
    held: list[bool] = []

    def release() -> None:
        if held.pop():
            lock.release()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=lambda: held.append(lock.acquire(timeout=SECONDS)), after_in_parent=release, after_in_child=release
        )
    return lock
