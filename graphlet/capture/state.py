"""What can be rolled back: an undo log for everything that capture changes, and the frames being followed."""

from dataclasses import dataclass, field
from typing import Any

from graphlet.core.location import Location
from graphlet.opcodes.decode import Decoded, Instr
from graphlet.sources import FunctionGlobal, Global, Source
from graphlet.values.base import Value
from graphlet.values.objects import Cell, Error


class Trail:
    """An undo log. Whatever capture changes in place is changed through it."""

    __slots__ = ("_undo",)

    _MISSING = object()

    def __init__(self) -> None:
        self._undo: list[tuple[Any, Any, Any, str]] = []

    def set(self, target: Any, name: str, value: Any) -> None:
        """``target.name = value``"""
        self._undo.append((target, name, getattr(target, name), "set"))
        setattr(target, name, value)

    def put(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """``table[key] = value``"""
        self._undo.append((table, key, table.get(key, self._MISSING), "put"))
        table[key] = value

    def append(self, items: list[Any], item: Any) -> None:
        """``items.append(item)``"""
        self._undo.append((items, None, None, "append"))
        items.append(item)

    def mark(self) -> int:
        """The present point, for ``rollback``."""
        return len(self._undo)

    def rollback(self, mark: int) -> None:
        """Undo everything done since ``mark``, newest first."""
        while len(self._undo) > mark:
            target, key, old, kind = self._undo.pop()
            if kind == "set":
                setattr(target, key, old)
            elif kind == "append":
                target.pop()
            elif old is self._MISSING:
                del target[key]
            else:
                target[key] = old

    def end(self) -> None:
        """Nothing is undone any more. What was changed would hold, in rings, all that the capture has seen."""
        self._undo.clear()


@dataclass(eq=False, slots=True)
class Scope:
    """Where a function's global names are looked up. ``function`` None: the globals of the frame the region is in."""

    names: dict[str, Any]
    builtins: dict[str, Any]
    function: Source | None = None
    own: bool = False  # graphlet's own function: its globals are what they are, and its lines are not the user's

    def source(self, name: str) -> Source:
        """The source of a global or builtin name."""
        return Global(name) if self.function is None else FunctionGlobal(self.function, name)


@dataclass(eq=False, slots=True)
class Frame:
    """One Python frame being followed. ``locals`` is replaced, never changed in place.

    partial   ``locals`` lacks names that may be bound: those not passed to the region (true of the outermost frame)
    handled   the exception that the frame itself is handling; ``outside``: that of who takes a generator on
    """

    decoded: Decoded
    scope: Scope
    partial: bool = False
    stack: list[Value] = field(default_factory=list)
    locals: dict[str, Value] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    closure: tuple[Value, ...] = ()
    index: int = 0  # of the next canonical instruction
    instr: Instr | None = None  # the one at hand
    kw_names: tuple[str, ...] = ()
    result: Value | None = None
    yielded: Value | None = None
    handled: Error | None = None
    outside: Error | None = None

    @property
    def loc(self) -> Location | None:
        """Where the instruction at hand stands in the source."""
        instr, code = self.instr, self.decoded.code
        if instr is None or instr.line is None:
            return None
        return Location(code.co_filename, instr.line, code.co_name, instr.end_line, instr.col, instr.end_col)

    def jump(self, offset: int) -> None:
        """Go on at the instruction at this byte offset."""
        self.index = self.decoded.at[offset]

    def push(self, value: Value) -> None:
        self.stack.append(value)

    def pop(self) -> Value:
        return self.stack.pop()

    def pops(self, count: int) -> tuple[Value, ...]:
        """The topmost items, bottom first."""
        at = len(self.stack) - count
        items = tuple(self.stack[at:])
        del self.stack[at:]
        return items
