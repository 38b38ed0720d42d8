"""Checks of rewritten code, from its bytes alone: what the splicer believed is not trusted."""

from collections.abc import Iterator
from itertools import chain
from types import CodeType

from graphlet.opcodes import units, versions
from graphlet.opcodes.canon import CANON, pops
from graphlet.opcodes.decode import Instr
from graphlet.opcodes.flow import Flow, analyse
from graphlet.opcodes.state import FlowError
from graphlet.opcodes.tables import read_handlers
from graphlet.rewrite.errors import RewriteError

SAME_FIELDS = (
    *("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_flags", "co_names", "co_varnames"),
    *("co_cellvars", "co_freevars", "co_filename", "co_name", "co_qualname", "co_firstlineno"),
)

# Instructions that need a real object on top: they count references.
_NEED_VALUE = frozenset({"POP_TOP", "COPY", "GET_ITER", "TO_BOOL", "LOAD_ATTR", "RETURN_VALUE", "STORE_DEREF"})
_CHANGES_LOCAL = frozenset({"STORE_FAST", "DELETE_FAST", "LOAD_FAST_AND_CLEAR"})
# Slots of a call below its arguments that may be empty.
_CALLABLE_SLOTS = 2


def verify(original: CodeType, rewritten: CodeType) -> None:
    """Raises RewriteError with everything that is wrong with ``rewritten``."""
    problems = list(_problems(original, rewritten))
    if problems:
        raise RewriteError(f"rewritten {original.co_qualname}: " + "; ".join(problems))


def _problems(original: CodeType, rewritten: CodeType) -> Iterator[str]:
    shape = list(chain(_fields(original, rewritten), _boundaries(rewritten), _positions(original, rewritten)))
    yield from shape
    if shape:
        return
    try:
        before, after = analyse(original), analyse(rewritten, final=True)
    except FlowError as error:
        yield str(error)
        return
    yield from _kept(before, after)
    yield from _stack(rewritten, after)
    yield from _reads(after)
    yield from _lent(after)


def _fields(original: CodeType, rewritten: CodeType) -> Iterator[str]:
    for name in SAME_FIELDS:
        if getattr(original, name) != getattr(rewritten, name):
            yield f"{name} was {getattr(original, name)!r}, now {getattr(rewritten, name)!r}"
    pairs = zip(original.co_consts, rewritten.co_consts, strict=False)
    if len(rewritten.co_consts) < len(original.co_consts) or any(old is not new for old, new in pairs):
        yield "constants were moved"


def _boundaries(code: CodeType) -> Iterator[str]:
    """Jumps and handlers meet instructions where they begin."""
    found = tuple(units.read(code))
    begins = {unit.offset for unit in found}
    for unit in found:
        if unit.target >= 0 and unit.target not in begins:
            yield f"{unit.name} at {unit.offset} jumps into the middle of something, to {unit.target}"
    for row in read_handlers(code.co_exceptiontable):
        start, end, target = (units.UNIT * number for number in (row.start, row.end, row.target))
        if start not in begins or target not in begins or (end not in begins and end != len(code.co_code)):
            yield f"handler of {start} to {end} at {target} does not meet instructions"
        if start >= end:
            yield f"handler of {start} to {end} covers nothing"


def _positions(original: CodeType, rewritten: CodeType) -> Iterator[str]:
    n_units = len(rewritten.co_code) // units.UNIT
    lines = [position[0] for position in rewritten.co_positions()]
    if len(lines) != n_units:
        yield f"{len(lines)} positions for {n_units} code units"
    covered = [end for _, end, _ in rewritten.co_lines()]
    if covered and covered[-1] != len(rewritten.co_code):
        yield f"the line table ends at {covered[-1]} of {len(rewritten.co_code)}"
    known = {position[0] for position in original.co_positions()}
    if not known.issuperset(lines):
        yield f"lines {sorted(set(lines) - known, key=str)} are not the original's"


def _kept(before: Flow, after: Flow) -> Iterator[str]:
    """The original instructions are all there, in order."""
    rest = (_identity(instr) for instr in after.decoded.instrs)
    for instr in before.decoded.instrs:
        if _identity(instr) not in rest:
            yield f"{instr} of offset {instr.offset} is gone"
            return


def _identity(instr: Instr) -> tuple[str, object]:
    return instr.raw, None if CANON[instr.op].jumps else repr(instr.arg)


def _stack(code: CodeType, flow: Flow) -> Iterator[str]:
    deepest = max(len(flow.stack_slots(offset)) for offset in flow.states)
    if deepest > code.co_stacksize:
        yield f"the stack grows to {deepest} slots, co_stacksize is {code.co_stacksize}"
    for instr in flow.decoded.instrs:
        if not instr.part and flow.reachable(instr.offset):
            yield from _empty_slots(flow, instr)
            depth = len(flow.stack_slots(instr.offset))
            shallow = depth < flow.handler_depth(instr.offset)
            if shallow and flow.can_raise(instr.offset) and instr.op != "UNPACK_SEQUENCE":
                yield f"{instr} at {instr.offset} may raise where its handler wants a deeper stack"


def _empty_slots(flow: Flow, instr: Instr) -> Iterator[str]:
    kinds = [kind for kind, _ in flow.stack_slots(instr.offset)]
    needed: list[str] = []
    if instr.op in _NEED_VALUE:
        needed = kinds[-instr.arg :][:1] if instr.op == "COPY" else kinds[-1:]
    elif instr.op == "CALL":
        needed = kinds[len(kinds) - pops(CANON["CALL"], instr.arg) + _CALLABLE_SLOTS :]
    if set(needed) & {"n", "m"} and not (instr.op == "POP_TOP" and versions.current().drops_null):
        yield f"{instr} at {instr.offset} meets an empty stack slot"


def _reads(flow: Flow) -> Iterator[str]:
    """Where LOAD_FAST does not check, what it reads is bound."""
    if versions.current().checks_locals:
        return
    for instr in flow.decoded.instrs:
        if not instr.raw.startswith("LOAD_FAST") or instr.raw in {"LOAD_FAST_CHECK", "LOAD_FAST_AND_CLEAR"}:
            continue
        if flow.reachable(instr.offset) and instr.arg not in flow.bound(instr.offset):
            yield f"{instr} at {instr.offset} reads a local that may be unbound"


def _lent(flow: Flow) -> Iterator[str]:
    """A local keeps its value as long as a slot of the stack borrows it."""
    for instr in flow.decoded.instrs:
        if instr.op not in _CHANGES_LOCAL or not flow.reachable(instr.offset):
            continue
        below = flow.lenders(instr.offset)[: -1 if instr.op == "STORE_FAST" else None]
        if any(instr.arg in names for names in below):
            yield f"{instr} at {instr.offset} changes a local that is borrowed on the stack"
