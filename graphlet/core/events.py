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
    """A function got new code: ``original`` and ``rewritten`` code objects."""

    original: Any
    rewritten: Any


@dataclass(frozen=True, slots=True)
class Step(Event):
    """One instruction was followed by the symbolic interpreter."""

    offset: int
    instruction: str
    value: str
    stack_effect: int


Listener = Callable[[Event], None]
_listeners: tuple[Listener, ...] = ()


def subscribe(listener: Listener) -> None:
    """Send every later event to ``listener``, in the thread where it happens."""
    global _listeners
    _listeners = (*_listeners, listener)


def unsubscribe(listener: Listener) -> None:
    """Undo ``subscribe``; unknown listeners are ignored."""
    global _listeners
    _listeners = tuple(known for known in _listeners if known is not listener)


def listening() -> bool:
    """Whether anyone listens: costly events need not be made otherwise."""
    return bool(_listeners)


def emit(event: Event) -> None:
    """Tell all listeners."""
    for listener in _listeners:
        listener(event)
