"""What happens inside graphlet, as typed events. Low floors emit; reports and logs listen.

An event names its place by ``id``: function, ``function#r1`` (region) or ``function#r1.s1`` (specialisation).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphlet.core.location import Location


@dataclass(frozen=True, slots=True)
class Event:
    """Anything that happened to the function, region or specialisation called ``id``."""

    id: str
    loc: Location


@dataclass(frozen=True, slots=True)
class Compiled(Event):
    """A specialisation was made and installed; ``graph`` is the graph after the passes."""

    graph: Any
    guards: tuple[str, ...]
    n_ops: int
    n_nodes: int
    seconds: float
    last_line: int
    backend: str


@dataclass(frozen=True, slots=True)
class GraphBreak(Event):
    """A region ended before the function did."""

    code: str
    detail: str
    resume_line: int | None


@dataclass(frozen=True, slots=True)
class Recompile(Event):
    """A guard failed, so that a further specialisation was made; ``reason`` says what was and what is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fallback(Event):
    """Something runs as plain Python from now on."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Installed(Event):
    """A function got new code: ``original`` and ``rewritten`` code objects.

    ``stubs``: byte offset in the original -> id of the region whose stub stands in front of that instruction.
    """

    original: Any
    rewritten: Any
    version: int
    stubs: dict[int, str]


@dataclass(frozen=True, slots=True)
class CaptureStarted(Event):
    """A region met values it has nothing for and is being captured; ``live_ins``: name -> value in brief."""

    offset: int
    live_ins: dict[str, str]


@dataclass(frozen=True, slots=True)
class Step(Event):
    """One instruction was followed by the symbolic interpreter.

    depth     0 in the function itself, 1 in a callee ...
    value     what the instruction made, "" if nothing
    guards    what was assumed about existing objects to do so
    problem   why it could not be taken, "" if it was
    """

    offset: int
    instruction: str
    stack_effect: int
    value: str
    depth: int
    guards: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class CaptureEnded(Event):
    """The region ends in front of the instruction at ``offset``; ``n_ops`` array operations lie in it.

    ``offset`` None: nothing was captured. ``ending`` says what ends it: a GL code, "return" or "next round".
    """

    offset: int | None
    n_ops: int
    ending: str


@dataclass(frozen=True, slots=True)
class Executed(Event):
    """A specialisation ran: ``n_ops`` array operations, natively. Sent only while runs are watched."""

    n_ops: int


@dataclass(frozen=True, slots=True)
class Declined(Event):
    """A region left a call to the original instructions, for ``reason``. Sent only while runs are watched."""

    reason: str


Listener = Callable[[Event], None]
_listeners: tuple[Listener, ...] = ()


def subscribe(listener: Listener) -> None:
    """Send every later event to ``listener``, in the thread where it happens."""
    global _listeners
    _listeners = (*_listeners, listener)


def unsubscribe(listener: Listener) -> None:
    """Undo ``subscribe``; unknown listeners are ignored. Bound methods of one object are the same."""
    global _listeners
    _listeners = tuple(known for known in _listeners if known != listener)


def listening() -> bool:
    """Whether anyone listens: costly events need not be made otherwise."""
    return bool(_listeners)


def emit(event: Event) -> None:
    """Tell all listeners."""
    for listener in _listeners:
        listener(event)
