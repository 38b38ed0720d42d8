"""What a capture produces: plain data, read by the driver, the rewriter and the reports."""

from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Union

from graphlet.core.location import Location
from graphlet.guards.kinds import Guard
from graphlet.ir.graph import Graph, Node
from graphlet.sources import Source


@dataclass(frozen=True, slots=True)
class FromGraph:
    """Output number ``index`` of the graph."""

    index: int


@dataclass(frozen=True, slots=True)
class FromSource:
    """The object a source holds on entry (an argument returned unchanged, a container passed through)."""

    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class FromConst:
    """A constant object."""

    value: Any


@dataclass(frozen=True, slots=True)
class Build:
    """A new container: kind "tuple", "list", "set", "dict" (items: key, value, key, value ...), "slice" (3 items),
    "cell" (0 or 1 item), "range" (3 items), "object" (class, name, value, name ...), "named_tuple" (class, items),
    "made" (callable, arguments)."""

    kind: str
    items: tuple["Recipe", ...]


@dataclass(frozen=True, slots=True)
class FromTemp:
    """An object that ``Outcome.temps`` makes; named where the same new object is needed at several places."""

    index: int


Recipe = Union[FromGraph, FromSource, FromConst, Build, FromTemp]


@dataclass(frozen=True, slots=True)
class BreakInfo:
    """Why a region ended; ``code`` is a key of the table of break codes."""

    code: str
    detail: str
    loc: Location
    variable: str = ""


@dataclass(frozen=True, slots=True)
class ExitState:
    """Where a region ended and what the frame must hold there.

    offset    byte offset of the original instruction to continue at (in front of its EXTENDED_ARGs)
    keep      how many items of the entry stack stay, from the bottom
    pushes    what lies above them, bottom first; None stands for a NULL slot
    stores    locals and cells (by name) that get a new value; names not listed keep theirs
    deletes   locals bound on entry that are unbound here
    """

    offset: int
    keep: int
    pushes: tuple[Recipe | None, ...] = ()
    stores: tuple[tuple[str, Recipe], ...] = ()
    deletes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """A write to memory that existed before: ``target[...] = value`` after everything else has succeeded.

    Both are graph outputs: ``target`` a writeable view of an input, ``value`` an array or scalar of the same dtype that
    broadcasts to it. With an ``index``, which has arrays in it, ``target[index] = value``: the graph has seen to it
    that this will not fail. ``is_result``: the program computes the value right into the target.
    """

    target: FromGraph
    value: FromGraph
    index: Recipe | None = None
    is_result: bool = False


@dataclass(frozen=True, slots=True)
class Store:
    """A store to an object that existed before, behind the commits: ``kind`` "attribute" (of an object that stores as
    ``object`` does), "item" and "delete" (of a dict; ``name`` is the key), "list item" (``name`` is the position),
    "items" (all of a list), "append" (to a list), "cell" or "context" (a context variable; these without a name)."""

    kind: str
    target: Recipe
    name: Any
    value: Recipe


@dataclass(slots=True)
class Outcome:
    """The result of following one entry with one set of values.

    graph       a pure graph: it writes to no input; its outputs are named by FromGraph
    inputs      the source of each placeholder, in order
    guards      what must hold for this outcome to be valid
    exit        where the region ends; None when nothing worth running was captured
    commits     writes to existing memory, in program order
    stores      stores to existing objects, in program order
    temps       objects that several recipes share, each may use the ones before it
    break_      why it ended, None for a return or a loop's back edge
    resume_at   byte offsets where a next region may start (behind the break, both targets of a branch, a loop body)
    array_ops   array operations in the graph, as the user wrote them (before any pass)
    inlined     code objects of the Python functions whose calls are part of the graph
    lines       line number -> number of array operations, of the user's function and inlined callees
    made_at     node -> byte offset of the instruction of the user's function that it comes from
    drops       locals and cells that may have a value where the region begins, and get another or none by it; items
                of the entry stack (by depth) that are not there any more
    left        those that are to get another value, which is never read, and keep the old one instead
    """

    graph: Graph
    inputs: tuple[Source, ...]
    guards: tuple[Guard, ...]
    exit: ExitState | None
    commits: tuple[Commit, ...] = ()
    temps: tuple[Recipe, ...] = ()
    break_: BreakInfo | None = None
    resume_at: tuple[int, ...] = ()
    array_ops: int = 0
    inlined: tuple[CodeType, ...] = ()
    lines: dict[int, int] = field(default_factory=dict)
    made_at: dict[Node, int] = field(default_factory=dict)
    stores: tuple[Store, ...] = ()
    drops: tuple[str | int, ...] = ()
    left: tuple[str, ...] = ()
