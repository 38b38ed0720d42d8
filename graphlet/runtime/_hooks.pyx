"""Who is told of asynchronous generators."""

import sys
from types import MethodType

cdef object hooks_of = sys.get_asyncgen_hooks
cdef dict modules = sys.modules
cdef str LOOPS = "asyncio.base_events"
cdef str HOOK = "_asyncgen_firstiter_hook"


def asyncgen_hooks():
    """1 if nobody is told when one is first used, or an event loop of asyncio's that only remembers it; else 0."""
    first = hooks_of()[0]
    if first is None:
        return 1
    if type(first) is not MethodType:
        return 0
    known = modules.get(LOOPS)
    kind = None if known is None else known.__dict__.get("BaseEventLoop")
    if kind is None or first.__func__ is not type.__dict__["__dict__"].__get__(kind).get(HOOK):
        return 0
    return 1 if first.__self__.__dict__.get("_asyncgens_shutdown_called") is False else 0
