"""Where the next regions may begin, given where and why one ended."""

from graphlet.capture.breaks import Break
from graphlet.opcodes.canon import CANON
from graphlet.opcodes.decode import Instr
from graphlet.opcodes.flow import Flow

_CONDITIONAL = frozenset(
    {"POP_JUMP_IF_TRUE", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_NONE", "POP_JUMP_IF_NOT_NONE"}
    | {"JUMP_IF_TRUE_OR_POP", "JUMP_IF_FALSE_OR_POP"}
)
_FAR = 8
LEFT = "the loop is left here"


def places(flow: Flow, exit_offset: int, at: Instr, reason: Break | None) -> tuple[int, ...]:
    """Legal entries, given where a region ended and the instruction that stopped it, which may lie further on."""
    if reason is None:
        return ()
    found: list[int] = []
    for offset in (*_behind(flow, at, reason), *_between(flow, exit_offset, at)):
        legal = _legal(flow, offset)
        if legal is not None and legal not in found:
            found.append(legal)
    return tuple(found)


def _behind(flow: Flow, at: Instr, reason: Break) -> list[int]:
    decoded = flow.decoded
    jump = _jump_behind(flow, at)
    if at.op in ("GET_ITER", "FOR_ITER"):
        loop = next((i for i in decoded.instrs[decoded.at[at.offset] :] if i.op == "FOR_ITER"), None)
        if loop is not None:
            return [_behind_stores(flow, loop), loop.arg]
    if jump is not None:
        return [decoded.behind_jump(jump.offset), jump.arg]
    whole_again = reason.code == "GL105" or reason.detail.startswith(LEFT)
    if whole_again and at.part == 0:  # once the writes are done, the instruction itself can be taken
        return [at.offset, decoded.next_offset(at.offset)]
    if CANON[at.op].ends:
        return []
    return [decoded.next_offset(at.offset)]


def _between(flow: Flow, exit_offset: int, at: Instr) -> list[int]:
    """Bodies and ends of the loops between the exit and what stopped the region, and the statement behind the exit."""
    decoded = flow.decoded
    between = decoded.instrs[decoded.at[exit_offset] : decoded.at[at.offset]]
    found: list[int] = []
    for instr in between:
        if instr.op == "FOR_ITER" and instr.arg > at.offset:
            found += [_behind_stores(flow, instr), instr.arg]
    exit_line, depth = decoded.instrs[decoded.at[exit_offset]].line, len(flow.stack(exit_offset))
    for instr in between:
        later = instr.line is not None and instr.line != exit_line
        if later and not instr.part and flow.reachable(instr.offset) and len(flow.stack(instr.offset)) <= depth:
            return [*found, instr.offset]
    return found


def _jump_behind(flow: Flow, at: Instr) -> Instr | None:
    """The conditional jump that an instruction decides."""
    instrs = flow.decoded.instrs
    first = flow.decoded.at[at.offset] + at.part
    if at.op not in _CONDITIONAL and at.op != "TO_BOOL":
        return None
    for instr in instrs[first : first + 3]:
        if instr.op in _CONDITIONAL:
            return instr
    return None


def _behind_stores(flow: Flow, loop: Instr) -> int:
    """Behind the instructions that store the item of a loop; nowhere if its body ends with the stack deeper."""
    offset = flow.decoded.next_offset(loop.offset)
    depth = len(flow.stack(loop.offset))
    while flow.reachable(offset) and len(flow.stack(offset)) > depth:
        offset = flow.decoded.next_offset(offset)
    return offset


def _legal(flow: Flow, offset: int) -> int | None:
    """The first legal entry at or closely behind a place."""
    for _ in range(_FAR):
        if not flow.reachable(offset):
            return None
        if flow.illegal_entry(offset) is None:
            return offset
        instr = flow.decoded.instrs[flow.decoded.at[offset]]
        if CANON[instr.op].ends or CANON[instr.op].jumps:
            return None
        offset = flow.decoded.next_offset(offset)
    return None
