"""Where a region ends: the last place at which the frame can be put together again, and what stands in it there."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from graphlet.capture.machine import LET_GO, Machine
from graphlet.capture.outcome import Commit, ExitState, Recipe, Store
from graphlet.capture.recipes import Recipes, UnbuildableError, parts
from graphlet.capture.state import Frame
from graphlet.capture.stores import waiting
from graphlet.ir.build import Mark
from graphlet.ir.graph import Node
from graphlet.opcodes.canon import CANON
from graphlet.opcodes.flow import Flow
from graphlet.values.base import Array, Null, Value
from graphlet.values.objects import Cell, Saved


class Snapshot(NamedTuple):
    """The outermost frame in front of an original instruction, and how to get back there."""

    at: int  # of the canonical instruction
    offset: int
    stack: tuple[Value, ...]
    locals: dict[str, Value]
    trail: int
    graph: Mark


@dataclass(frozen=True, slots=True)
class Ending:
    """An exit with all that belongs to it."""

    exit: ExitState
    temps: tuple[Recipe, ...]
    commits: tuple[Commit, ...]
    outputs: tuple[Node, ...]
    stores: tuple[Store, ...]
    drops: tuple[str | int, ...]
    left: tuple[str, ...]
    why_not_later: str = ""


def snapshot(m: Machine) -> Snapshot:
    """The present state; only the outermost frame is being followed."""
    frame = m.frames[0]
    offset = frame.decoded.instrs[frame.index].offset
    return Snapshot(frame.index, offset, tuple(frame.stack), frame.locals, m.trail.mark(), m.builder.mark())


def restore(m: Machine, to: Snapshot) -> None:
    """Undo everything done since."""
    del m.frames[1:]
    frame = m.frames[0]
    frame.index, frame.stack[:], frame.locals, frame.kw_names, frame.result = to.at, to.stack, to.locals, (), None
    m.trail.rollback(to.trail)
    m.builder.rollback(to.graph)


def last_good(m: Machine, flow: Flow, snapshots: list[Snapshot], entry_stack: tuple[Value, ...]) -> Ending | None:
    """Go back to the last snapshot where the region can end; None if that is where it began."""
    entry, why_not_later = snapshots[0], ""
    for at in range(len(snapshots) - 1, 0, -1):
        restore(m, snapshots[at])
        if flow.illegal_exit(entry.offset, snapshots[at].offset) is not None:
            continue
        mark = m.builder.mark()
        try:
            return replace(ending(m, flow, snapshots[at], entry_stack), why_not_later=why_not_later)
        except UnbuildableError as error:
            why_not_later = why_not_later or str(error)
            m.builder.rollback(mark)
    restore(m, entry)
    return None


def ending(m: Machine, flow: Flow, here: Snapshot, entry_stack: tuple[Value, ...]) -> Ending:
    """The exit at a snapshot. Raises UnbuildableError if the frame cannot be put together."""
    frame = m.frames[0]
    if any(m.table("error states entered").values()):
        raise UnbuildableError("np.errstate, which is in force")
    if any(m.table("open").values()):
        raise UnbuildableError("a generator or coroutine that has something left to do")
    keep = kept(entry_stack, here.stack)
    pushes = here.stack[keep:]
    if flow.may_count_borrowed and has_local(frame, pushes):
        raise UnbuildableError("a second reference to a local, which may be counted")
    replaced = m.table(LET_GO)
    live = flow.live(here.offset) | {name for name, value in frame.locals.items() if value in m.held}
    live |= {name for name in replaced if name in m.options.noticed}
    operands = {value for value in pushes if isinstance(value, Array)} if computes(flow, here.offset) else set()
    stores = changed(m, frame, live, pushes, operands)
    for name in m.unsure & live & flow.bound(here.offset) & frame.locals.keys() - stores.keys():
        stores[name] = m.read(frame.locals[name])  # the code behind the exit does not check that there is a value
    for name in m.table("deleted"):
        passed = name in m.entry_locals or name in frame.locals
        if name in live and not passed and name in flow.maybe_bound(m.entry):
            raise UnbuildableError(f"the deletion of `{name}`, which may have no value")
    handed_back = {*here.stack, *stores.values()}
    consumed = [depth for depth in range(keep, len(entry_stack)) if entry_stack[depth] not in handed_back]
    gone = emptied(m, frame, live, (*pushes, *stores.values()))
    stored = waiting(m)
    recipes = Recipes(m, (*pushes, *stores.values(), *(value for *_, value in stored)))
    commits = tuple(recipes.commit(*commit) for commit in m.commits)
    state = ExitState(
        here.offset,
        keep,
        tuple(None if isinstance(value, Null) else recipes.recipe(value) for value in pushes),
        tuple((name, recipes.recipe(value)) for name, value in stores.items()),
        tuple(sorted((m.entry_locals.keys() - frame.locals.keys()) & live | gone)),
    )
    written = tuple(Store(k, recipes.recipe(target), name, recipes.recipe(value)) for k, target, name, value in stored)
    changing = {*stores, *state.deletes}
    drops = (*(name for name in replaced if name in changing), *consumed)
    left = tuple(name for name in replaced if name not in changing)
    return Ending(state, tuple(recipes.temps), commits, recipes.outputs, written, drops, left)


def kept(before: tuple[Value, ...], after: tuple[Value, ...]) -> int:
    """How many items from the bottom are those of the entry."""
    count = 0
    for old, new in zip(before, after, strict=False):
        if old is not new:
            break
        count += 1
    return count


def has_local(frame: Frame, pushes: tuple[Value, ...]) -> bool:
    """Whether an array on the stack, or bound to a method there, is the value of a local, too."""
    named = {value for value in frame.locals.values() if isinstance(value, Array)}
    return any(part in named for value in pushes for part in (value, *parts(value)))


def computes(flow: Flow, offset: int) -> bool:
    """Whether an operator comes before the next jump or return."""
    decoded = flow.decoded
    for instr in decoded.instrs[decoded.at[offset] :]:
        if instr.op == "BINARY_OP":
            return True
        if CANON[instr.op].ends or CANON[instr.op].jumps:
            return False
    return False


def changed(
    m: Machine, frame: Frame, live: frozenset[str], pushes: tuple[Value, ...], operands: set[Array]
) -> dict[str, Value]:
    """Locals and cells to store: those with another value than on entry that may still be read.

    And those that hold operands on the stack: NumPy works in place on an array that nobody but the stack holds.
    """
    stores: dict[str, Value] = {}
    for name, value in frame.locals.items():
        before = m.entry_locals.get(name)
        same = value is before or (before is not None and before.source is not None and value.source is before.source)
        if (name in live or value in operands) and not same:
            if isinstance(value, Saved):
                raise UnbuildableError("a variable is put aside")
            stores[name] = value
    left = {
        name: cell
        for name, cell in frame.cells.items()
        if cell.contents is not m.entry_cells.get(name)
    }
    while left:
        leaving = cells_in((*pushes, *stores.values()))
        now = [n for n, cell in left.items() if n not in m.private_cells or n in live or cell in leaving]
        if not now:
            break
        stores.update((name, contents) for name in now if (contents := left.pop(name).contents) is not None)
    return stores


def emptied(m: Machine, frame: Frame, live: frozenset[str], leaving: tuple[Value, ...]) -> set[str]:
    """Cells that held something on entry and are empty now, which may be seen."""
    held_something = {name for name, before in m.entry_cells.items() if before is not None}
    empty = {name for name in held_something if frame.cells[name].contents is None}
    held = cells_in(leaving) if empty else set()
    return {name for name in empty if name not in m.private_cells or name in live or frame.cells[name] in held}


def cells_in(values: tuple[Value, ...]) -> set[Value]:
    """The cells among some values and inside them."""
    found: set[Value] = set()
    waiting, seen = list(values), set(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, Cell):
            found.add(value)
        inside = [part for part in parts(value) if part not in seen]
        seen.update(inside)
        waiting += inside
    return found
