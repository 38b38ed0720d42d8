"""What a capture may do, given by the driver."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

from graphlet.core.location import Location
from graphlet.guards.kinds import Guard
from graphlet.opcodes.decode import Instr


@dataclass(frozen=True, slots=True)
class Observed:
    """One instruction as it was followed.

    depth     0 in the frame the region lies in, 1 in its callee ...
    effect    by how many slots the stack grew
    value     what the instruction made, in words
    guards    what was recorded while it was followed
    problem   why it could not be taken, "" if it was
    """

    instr: Instr
    loc: Location | None
    depth: int
    effect: int
    value: str
    guards: tuple[Guard, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """Limits and hooks of one capture.

    unroll_limit       longest loop over known items that is followed item by item
    instruction_limit  how many instructions one region may follow, callees included
    inline_depth       how deep callees are followed
    unpinned           texts of sources whose values differ from call to call: never guard those by value; "len(...)"
                       where the length or the keys differ, "any len(...)" where they did several times
    original_code      the code of a function as the user wrote it (that of an optimised function is rewritten)
    constants          functions without arguments whose result is known, such as ``graphlet.is_compiling``
    breaks             functions that end a region when called, such as ``graphlet.graph_break``
    noticed            locals, and items of the entry stack (by depth), with objects that do something when they go
    telling            those of them that nobody else holds
    stops              offsets of instructions that NumPy warned about, or failed in, whenever a graph held them
    opaque             pure functions of arrays that become one node each: function -> row of the catalogue
    observer           is told each step of the user's code
    """

    unroll_limit: int = 16
    instruction_limit: int = 5000
    inline_depth: int = 12
    unpinned: frozenset[str] = frozenset()
    original_code: Callable[[FunctionType], CodeType] | None = None
    constants: dict[Any, Any] = field(default_factory=dict)
    breaks: frozenset[Any] = frozenset()
    noticed: frozenset[str | int] = frozenset()
    telling: frozenset[str | int] = frozenset()
    stops: frozenset[int] = frozenset()
    opaque: dict[Any, Any] = field(default_factory=dict)
    observer: Callable[[Observed], None] | None = None
