"""What every handler, callee and array rule may ask of the capture in progress.

Array rules (``arrays``) get a machine ``m`` and use ``m.builder``, ``m.loc``, ``m.guard``, ``m.node``, ``m.argument``,
``m.known``, ``m.dim``, ``m.inputs``, ``m.commit`` and ``m.trail`` (every in-place change of a value or storage goes
through it, so that it can be undone); they raise ``Break`` for what cannot be taken. Values given to them have been
read: none is ``Unread``, at any depth.
"""

import linecache
from collections.abc import Callable
from functools import partial
from types import CodeType
from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.options import Options
from graphlet.capture.scalars import NUMBERS, evaluate
from graphlet.capture.state import Frame, Trail
from graphlet.capture.wrap import Reader
from graphlet.core.location import Location
from graphlet.core.marks import PENDING
from graphlet.guards.kinds import Guard, ValueIs
from graphlet.guards.names import type_name
from graphlet.ir.build import Builder
from graphlet.ir.graph import Node
from graphlet.ir.op import Op
from graphlet.ir.types import Dim, ScalarType
from graphlet.opcodes.decode import Decoded
from graphlet.opcodes.flow import handlers_by_offset
from graphlet.opcodes.recent import decoded_of
from graphlet.sources import Known, LiveIn
from graphlet.values.base import Array, Constant, Scalar, Sequence, Slice, Value
from graphlet.values.objects import Deque, Error, Iterable, Made, NamedTuple, Object, Unread

LET_GO = "locals that had a value on entry and get another"

Advance = Callable[..., Value | None]
Call = Callable[["Machine", Value, tuple[Value, ...], dict[str, Value]], Value]


def _special(options: Options) -> dict[int, tuple[str, Any]]:
    """Functions the driver has said something about, by identity: hashing them might run user code."""
    return {
        **{id(fn): ("opaque", row) for fn, row in options.opaque.items()},
        **{id(fn): ("constant", value) for fn, value in options.constants.items()},
        **{id(fn): ("break", None) for fn in options.breaks},
    }


class Machine:
    """The state of one capture: graph so far, guards so far, frames, and the undo log over all of it."""

    def __init__(self, options: Options, call: Call, run: Call, advance: Advance) -> None:
        self.options = options
        self.call = call  # follows a call of anything to its end
        self.run = run  # follows a Python function to its end
        self.advance = advance  # follows a generator to its next yield; None at its end
        self.special = _special(options)
        self.builder = Builder()
        self.trail = Trail()
        self.guards: list[Guard] = []
        guard = partial(self.trail.append, self.guards)
        self.reader = Reader(self.trail, guard, options.original_code, options.unpinned)
        self.inputs: dict[Node, Value] = {}  # placeholder -> the value with a source it stands for
        self.commits: list[tuple[Node, Node, Any, bool]] = []
        self.inlined: list[CodeType] = []
        self.frames: list[Frame] = []
        self.entry: int = 0  # byte offset where the region began
        self.entry_locals: dict[str, Value] = {}
        self.entry_cells: dict[str, Value | None] = {}
        self.unsure: frozenset[str] = frozenset()  # locals that may be unbound on entry: read them before use
        self.bound_before: frozenset[str] = frozenset()  # locals that may be bound on entry
        self.held: frozenset[Value | None] = frozenset()  # items of the entry stack that do something when they go
        self.loop_variables: frozenset[str] = frozenset()  # locals that change in the loop the region lies in
        self.private_cells: frozenset[str] = frozenset()  # those that only functions made in the region can see
        self.made_at: dict[Node, int] = {}  # node -> offset of the instruction of the outermost frame
        self.n_instructions = 0
        self.dropped = False  # an item of the entry stack is gone
        self.n_catching = 0  # rules at work that catch what is raised in what they call
        self.handling: Error | None = None  # the exception being handled, if it was raised in the region
        self._decoded: dict[int, Decoded] = {}
        self._handlers: dict[int, dict[int, tuple[int, int, bool]]] = {}
        self.state: dict[str, dict[Any, Any]] = {}  # tables of the array rules

    def table(self, name: str) -> dict[Any, Any]:
        """A table of one rule's own; change it with ``trail.put``."""
        return self.state.setdefault(name, {})

    def decode(self, code: CodeType) -> Decoded:
        """The instructions of a function, decoded once."""
        known = self._decoded.get(id(code))
        if known is None:
            known = self._decoded[id(code)] = decoded_of(code)
        return known

    def handler(self, frame: Frame) -> tuple[int, int, bool] | None:
        """Where an exception out of the instruction at hand is handled: target, stack depth, and whether with index."""
        code = frame.decoded.code
        known = self._handlers.get(id(frame.decoded))
        if known is None:
            known = self._handlers[id(frame.decoded)] = handlers_by_offset(code, frame.decoded.at)
        return known.get(frame.instr.offset) if frame.instr is not None else None

    # ---- the frame being followed

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    @property
    def loc(self) -> Location | None:
        """Where the instruction at hand stands in the user's source."""
        for frame in reversed(self.frames):
            if not frame.scope.own:
                return frame.loc
        return None

    # ---- guards and reading

    def guard(self, guard: Guard) -> None:
        """Record what must hold for this capture to be valid."""
        self.trail.append(self.guards, guard)

    def read(self, value: Value) -> Value:
        """The value itself if it has not been looked at yet; records its guards."""
        return self.reader.read(value) if isinstance(value, Unread) else value

    def read_deep(self, value: Value) -> Value:
        """``read`` of a value and of everything in it, when it is a tuple, list or slice."""
        value = self.read(value)
        if isinstance(value, (Sequence, Iterable)):
            items = tuple(self.read_deep(item) for item in value.items)
            if any(new is not old for new, old in zip(items, value.items, strict=True)):
                self.trail.set(value, "items", items)
        elif isinstance(value, Slice):
            for part in ("start", "stop", "step"):
                self.trail.set(value, part, self.read_deep(getattr(value, part)))
        return value

    # ---- the graph

    def node(self, value: Array | Scalar) -> Node:
        """The node that computes an array or number; a placeholder is made for one that was there before.

        For an array whose storage has been written since, the caller must bring ``value.node`` up to date first.
        """
        if value.node is None:
            assert value.source is not None
            node = self.builder.placeholder(str(value.source), value.type)
            self.trail.put(self.inputs, node, value)
            self.trail.set(value, "node", node)
            return node
        return value.node

    def emit(self, op: Op, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> Node:
        """A new node at the present location. Raises InferenceError if its type cannot be known."""
        node = self.builder.call(op, args, kwargs or {}, self.loc)
        at = self.frames[0].instr if self.frames else None
        if at is not None:
            self.made_at.setdefault(node, at.offset)
        return node

    def argument(self, value: Value) -> Any:
        """A value as argument of a node: nodes for arrays and numbers, objects for constants, nested in containers."""
        value = self.read(value)
        if isinstance(value, (Array, Scalar)):
            return self.node(value)
        if isinstance(value, Constant):
            return value.value
        if isinstance(value, Sequence):
            items = [self.argument(item) for item in value.items]
            return tuple(items) if value.kind == "tuple" else items
        if isinstance(value, Slice):
            return slice(*(self.argument(part) for part in (value.start, value.stop, value.step)))
        raise Break("GL110", f"{describe(value)} cannot be an argument of an array operation")

    def commit(self, target: Node, value: Node, index: Any = None, is_result: bool = False) -> None:
        """Write ``value`` into ``target`` (a view of an input), or at an index, once the region has succeeded.

        ``is_result``: the operation that computes it is the one that stores it.
        """
        self.trail.append(self.commits, (target, value, index, is_result))

    # ---- what is known now

    def known(self, value: Value) -> Any:
        """The Python object of a value, now: numbers are guarded by value. Raises Break if it cannot be known."""
        value = self.read(value)
        if isinstance(value, Constant):
            return value.value
        if isinstance(value, Scalar):
            return self.pin(value)
        if isinstance(value, NamedTuple):
            raise Break("GL114", f"a {type_name(value.type)} is needed as it is here")
        if isinstance(value, Deque):
            raise Break("GL114", "a deque is needed as it is here")
        if isinstance(value, Sequence):
            items = [self.known(item) for item in value.items]
            return tuple(items) if value.kind == "tuple" else items
        if isinstance(value, Slice):
            return slice(*(self.known(part) for part in (value.start, value.stop, value.step)))
        raise Break("GL114", f"the value of {describe(value)} is needed here", name_of(value))

    def pin(self, value: Scalar) -> Any:
        """The value of a number, guarding by value the inputs it is computed from."""
        if value.node is None or value.node in self.inputs:
            return self._pin_input(value if value.node is None else self.inputs[value.node])
        return evaluate(value.node, lambda node: self._pin_input(self.inputs[node]))

    def _pin_input(self, value: Value) -> Any:
        source = value.source
        if not isinstance(value, Scalar) or source is None or value.type.pytype not in NUMBERS:
            raise Break("GL114", f"the value of {describe(value)} is needed here", name_of(value))
        varies = isinstance(source, LiveIn) and source.name in self.loop_variables
        if varies or str(source) in self.options.unpinned:
            from_what = "pass to pass of the loop" if varies else "call to call"
            text = f"the value of `{source}` is needed here, and it differs from {from_what}"
            raise Break("GL114", text, str(source))
        self.guard(ValueIs(source, value.hint))
        return value.hint

    def dim(self, dim: Dim) -> Constant | Scalar:
        """A dimension of an array's shape as a Python int."""
        if isinstance(dim, int):
            return Constant(dim)
        source = self.reader.dims[dim]
        value = self.reader.dim_values.get(dim)
        if value is None:
            value = Scalar(ScalarType(int), hint=dim.hint, source=source)
            self.trail.put(self.reader.dim_values, dim, value)
        return value


def source_text(loc: Location | None) -> str:
    """The expression at a place in the source, if it stands on one line of a file that can be read."""
    if loc is None or loc.lineno != loc.end_lineno or loc.col is None or loc.end_col is None:
        return ""
    line = linecache.getline(loc.filename, loc.lineno).encode()
    return line[loc.col : loc.end_col].decode(errors="replace").strip()


def _type_name(value: Array | Scalar) -> str:
    return f"array ({value.type})" if isinstance(value, Array) else value.type.pytype.__name__


def name_of(value: Value) -> str:
    """The user's name for a value, or nothing."""
    name = "" if value.source is None or isinstance(value.source, Known) else str(value.source)
    return "" if PENDING in name else name


def describe(value: Value) -> str:
    """A value in words, for the texts of breaks."""
    if name_of(value):
        return f"`{value.source}`"
    if isinstance(value, Constant):
        known = value.value
        return repr(known) if type(known) in (str, int, float, bool, type(None)) else type_name(type(known))
    if isinstance(value, (Array, Scalar)):
        text = source_text(value.node.loc) if value.node is not None else ""
        return f"`{text}`" if text else f"a computed {_type_name(value)}"
    if isinstance(value, Sequence):
        return f"a {value.kind}"
    if isinstance(value, (Made, Object)):
        return f"a new {type_name(value.type)}"
    kind = type(value).__name__.lower()
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
