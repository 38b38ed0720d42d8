"""The entry of capture: a code object, a place in it and the values met there in; what a region can do out."""

from dataclasses import dataclass, field
from types import CellType, CodeType
from typing import Any

from graphlet.capture import interpreter, resume
from graphlet.capture.breaks import Break
from graphlet.capture.calls import call
from graphlet.capture.exits import Snapshot, last_good
from graphlet.capture.machine import Machine
from graphlet.capture.options import Options
from graphlet.capture.outcome import BreakInfo, Outcome
from graphlet.capture.state import Frame, Scope
from graphlet.core.empty import EMPTY, Empty
from graphlet.core.location import Location
from graphlet.core.marks import PENDING
from graphlet.guards.kinds import TypeIs
from graphlet.ir.graph import CALL_FUNCTION, Node
from graphlet.opcodes.decode import Decoded
from graphlet.opcodes.flow import Flow, analyse
from graphlet.opcodes.units import has_loop
from graphlet.runtime._block import with_warnings_raised
from graphlet.sources import LiveIn
from graphlet.values.base import Null, Value
from graphlet.values.objects import Kept


class _NotPassed:
    def __repr__(self) -> str:
        return "NOT_PASSED"


NOT_PASSED: Any = _NotPassed()


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """What to capture. Live-ins are numbered: locals, cells, stack items that are passed, then slots that may be empty.

    offset   byte offset of the original instruction where the region begins
    locals   values of the locals passed, by name, in order
    cells    cell objects passed, by name, in order
    stack    the whole stack, bottom first: the value of a slot that is passed, NOT_PASSED for one that is not, EMPTY
             for a NULL where there may be a value
    flow     the analysis of the code, if the caller has it
    unsure   values of the locals that may be unbound, by name, in order; EMPTY for one that is
    """

    code: CodeType
    offset: int
    locals: dict[str, Any]
    globals: dict[str, Any]
    builtins: dict[str, Any]
    cells: dict[str, CellType] = field(default_factory=dict)
    stack: tuple[Any, ...] = ()
    options: Options = field(default_factory=Options)
    flow: Flow | None = None
    unsure: dict[str, Any] = field(default_factory=dict)


def capture(request: CaptureRequest) -> Outcome:
    """Follow the code from the place with the values given, as far as it goes. It warns of nothing."""
    outcome: Outcome = with_warnings_raised(_capture, request)
    return outcome


def _capture(request: CaptureRequest) -> Outcome:
    flow = request.flow or analyse(request.code)
    m = Machine(request.options, call, interpreter.run, interpreter.advance)
    try:
        return followed(m, request, flow)
    finally:
        vars(m).clear()  # rules keep functions that know the machine: a ring, which would hold what the program dropped


def followed(m: Machine, request: CaptureRequest, flow: Flow) -> Outcome:
    """What came of following the code from where the region begins."""
    enter(m, request, flow)
    entry_stack = tuple(m.frame.stack)
    snapshots, reason = interpreter.follow(m)
    at = m.frames[0].instr
    assert at is not None
    where = location(m)
    found = last_good(m, flow, upto(snapshots, reason), entry_stack)
    m.trail.end()
    resume_at = resume.places(flow, snapshots[0].offset if found is None else found.exit.offset, at, reason)
    if reason is None and found is not None and found.why_not_later:
        reason = Break("GL118", found.why_not_later)
    break_ = None if reason is None else BreakInfo(reason.code, reason.detail, where, reason.variable)
    inputs = tuple(value.source for value in m.inputs.values() if value.source is not None)
    guards = tuple(m.guards)
    if found is None:
        return Outcome(m.builder.finish(()), inputs, guards, None, break_=break_, resume_at=resume_at)
    graph = m.builder.finish(found.outputs)
    ops = [node for node in graph.nodes if is_array_op(node)]
    lines: dict[int, int] = {}
    for node in ops:
        if node.loc is not None:
            lines[node.loc.lineno] = lines.get(node.loc.lineno, 0) + 1
    return Outcome(
        graph,
        inputs,
        guards,
        found.exit if any(node.op == CALL_FUNCTION for node in graph.nodes) else None,
        found.commits,
        found.temps,
        break_,
        resume_at,
        len(ops),
        tuple(m.inlined),
        lines,
        m.made_at,
        found.stores,
        found.drops,
        found.left,
    )


def upto(snapshots: list[Snapshot], reason: Break | None) -> list[Snapshot]:
    """Without those behind the first arrival at the place the reason names."""
    if reason is None or reason.before is None:
        return snapshots
    first = next((i for i, known in enumerate(snapshots) if known.offset == reason.before), len(snapshots) - 1)
    return snapshots[: first + 1]


def enter(m: Machine, request: CaptureRequest, flow: Flow) -> None:
    """The outermost frame, as it is where the region begins."""
    decoded: Decoded = flow.decoded
    frame = Frame(decoded, Scope(request.globals, request.builtins), partial=True, index=decoded.at[request.offset])
    m.frames.append(frame)
    m.entry = request.offset
    number = 0
    for name, example in request.locals.items():
        frame.locals[name] = m.reader.unread(LiveIn(number, name), example)
        number += 1
    for name, cell in request.cells.items():
        value = m.reader.cell(LiveIn(number, name), cell)
        frame.cells[name] = value
        m.entry_cells[name] = value.contents
        number += 1
    enter_stack(m, request, flow.stack(request.offset), number)
    m.entry_locals = frame.locals
    m.unsure = frozenset(request.unsure)
    m.bound_before = flow.maybe_bound(request.offset)
    m.held = frozenset(frame.stack[depth] for depth in request.options.telling if isinstance(depth, int))
    m.private_cells = private_cells(flow, request.offset)
    m.loop_variables = loop_variables(flow, request.offset)
    frame.instr = decoded.instrs[frame.index]


def enter_stack(m: Machine, request: CaptureRequest, kinds: tuple[str, ...], number: int) -> None:
    """The items of the stack and, numbered between those that are there and those that may not be, unsure locals."""
    frame = m.frame
    passed = [depth for depth, example in enumerate(request.stack) if example is not NOT_PASSED]
    passed.sort(key=lambda depth: kinds[depth] == "maybe_null")
    certain = sum(kinds[depth] != "maybe_null" for depth in passed)
    numbers = {depth: number + i + (i >= certain) * len(request.unsure) for i, depth in enumerate(passed)}
    for i, (name, example) in enumerate(request.unsure.items()):
        if example is not EMPTY:
            frame.locals[name] = m.reader.unread(LiveIn(number + certain + i, name), example)
    for depth, example in enumerate(request.stack):
        source = LiveIn(numbers.get(depth, 0), f"{PENDING} {depth}", on_stack=True)
        if kinds[depth] == "null":
            frame.stack.append(Null())
        elif example is EMPTY:
            m.guard(TypeIs(source, Empty))
            frame.stack.append(Null())
        elif example is NOT_PASSED:
            frame.stack.append(Kept(depth, kinds[depth] != "maybe_null"))
        else:
            value = m.reader.unread(source, example)
            frame.stack.append(certain_item(m, value, depth) if kinds[depth] == "maybe_null" else value)


def certain_item(m: Machine, value: Value, depth: int) -> Value:
    """A stack item that is there now, and guarded to be; what cannot be read stays where it is."""
    try:
        return m.read(value)
    except Break:
        return Kept(depth, False)


def private_cells(flow: Flow, entry: int) -> frozenset[str]:
    """Cells of the function's own that no function can have got hold of before the entry."""
    own = frozenset(flow.code.co_cellvars)
    if not own:
        return own
    begun = run_before(flow, entry)
    return own - {i.arg for i in flow.decoded.instrs if i.op == "LOAD_CLOSURE" and i.offset in begun}


def loop_variables(flow: Flow, entry: int) -> frozenset[str]:
    """Locals stored in a loop that the entry lies in: fixing their values would serve one pass only."""
    if not has_loop(flow.code) and all(offset < handler for offset, handler in flow.raises_to.items()):
        return frozenset()
    before = run_before(flow, entry)
    if entry not in before:
        return frozenset()
    again = before & reached({offset: list(targets) for offset, targets in flow.successors.items()}, entry)
    stores = ("STORE_FAST", "STORE_DEREF")
    return frozenset(i.arg for i in flow.decoded.instrs if i.op in stores and i.offset in again)


def run_before(flow: Flow, entry: int) -> set[int]:
    """Offsets of the instructions that may have run when control comes to ``entry``."""
    came_from: dict[int, list[int]] = {}
    edges = [(offset, target) for offset, targets in flow.successors.items() for target in targets]
    for offset, target in (*edges, *flow.raises_to.items()):
        came_from.setdefault(target, []).append(offset)
    return reached(came_from, entry)


def reached(edges: dict[int, list[int]], start: int) -> set[int]:
    """What can be come to along edges; the start only if it lies on a cycle."""
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        news = [offset for offset in edges.get(waiting.pop(), ()) if offset not in seen]
        seen.update(news)
        waiting += news
    return seen


def location(m: Machine) -> Location:
    """Where the outermost frame stands."""
    frame = m.frames[0]
    code = frame.decoded.code
    return frame.loc or Location(code.co_filename, code.co_firstlineno, code.co_name)


def is_array_op(node: Node) -> bool:
    """An operation of the user's on arrays."""
    return node.op == CALL_FUNCTION and node.row is not None and node.row.kind not in ("scalar", "order")
