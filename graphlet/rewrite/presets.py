"""Exits a stub has before anything was captured: where regions that start there are likely to end.

A frame that runs never sees newer code, so the first call can only use exits that stand in the code already. What is
guessed wrong costs nothing but code units: an exit that is missing is added with the next version of the code.
"""

from collections.abc import Iterator
from itertools import takewhile

from graphlet.capture.outcome import ExitState, FromConst
from graphlet.opcodes.candidates import BREAKING_METHODS, BREAKING_NAMES
from graphlet.opcodes.decode import Decoded, Instr
from graphlet.opcodes.flow import Flow
from graphlet.opcodes.state import SEVERAL, Slot
from graphlet.rewrite.exits import exit_for
from graphlet.rewrite.stubs import Exit

MAX_EXITS = 8

# A preset exit is the same whatever values leave by it.
_ANYTHING = FromConst(None)

_BRANCHES = frozenset({"POP_JUMP_IF_TRUE", "POP_JUMP_IF_FALSE"})
_CONDITIONS = frozenset({"COMPARE_OP", "TO_BOOL", "UNARY_NOT", "CONTAINS_OP"})
_CONVERSIONS = frozenset({"TO_BOOL"})
_BEFORE_CALL = frozenset({"NOP", "KW_NAMES"})
_ENDS = frozenset({"RETURN_VALUE", "GET_ITER", "YIELD_VALUE", "GET_AWAITABLE"})
_CALLS = frozenset({"CALL", "CALL_KW"})
_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_METHOD", "LOAD_ATTR", "LOAD_NAME"})
_STORES = frozenset({"STORE_FAST", "STORE_DEREF"})
# Names whose calls break a region.
_EFFECTS = BREAKING_NAMES | BREAKING_METHODS | {"graph_break"}


def presets(
    decoded: Decoded, flow: Flow, entry: int, most: int = MAX_EXITS, everywhere: bool = False
) -> tuple[Exit, ...]:
    """Likely exits of a region that starts at byte offset ``entry``, at most ``most``, in code order.

    ``everywhere``: wherever a region could end, the likely places first.
    """
    visited = _forward(decoded, flow, entry, everywhere)
    stored = {instr.arg for instr in visited if instr.op in _STORES}
    exits: list[Exit] = []
    places = sorted(set(_likely_ends(visited, flow)))
    if everywhere:
        places += [instr.offset for instr in visited if not instr.part and instr.offset not in places]
    for offset in places:
        if len(exits) == most:
            break
        if offset == entry or flow.illegal_exit(entry, offset) is not None:
            continue
        made = _exit_at(flow, entry, offset, stored)
        if made is not None:
            exits.append(made)
    return tuple(exits)


def _forward(decoded: Decoded, flow: Flow, entry: int, handlers_too: bool = False) -> list[Instr]:
    """The instructions that can be reached from ``entry`` without going back, in code order.

    Handlers of what is raised on the way are reached, too; they lie at the end of the code and jump back from there.
    ``handlers_too``: those of all that could be raised.
    """
    seen: set[int] = set()
    todo = [decoded.at[entry]]
    handlers = len(decoded.code.co_code)
    while todo:
        index = todo.pop()
        while index < len(decoded.instrs) and index not in seen:
            seen.add(index)
            instr = decoded.instrs[index]
            if _is_jump(instr.op) and instr.arg > (entry if instr.offset >= handlers else instr.offset):
                todo.append(decoded.at[instr.arg])
            raised = handlers_too or instr.op in ("RAISE_VARARGS", "RERAISE")
            if raised and instr.offset in flow.raises_to:
                handlers = min(handlers, flow.raises_to[instr.offset])
                todo.append(decoded.at[flow.raises_to[instr.offset]])
            if instr.op in ("JUMP", "RETURN_VALUE", "RAISE_VARARGS", "RERAISE"):
                break
            index += 1
    return [decoded.instrs[index] for index in sorted(seen)]


def _is_jump(op: str) -> bool:
    return "JUMP" in op or op in ("FOR_ITER", "SEND", "SEND_POP")


def _likely_ends(visited: list[Instr], flow: Flow) -> Iterator[int]:
    for position, instr in enumerate(visited):
        if instr.op in _ENDS or (instr.op == "JUMP" and instr.arg <= instr.offset):
            yield instr.offset
        elif instr.op in _BRANCHES:  # in front of the comparison if that cannot be taken, else with its result
            yield from (_first_of(visited, position, _CONDITIONS), _first_of(visited, position, _CONVERSIONS))
        elif instr.op in _CALLS and _callee_names(instr, flow) & _EFFECTS:
            yield _first_of(visited, position, _BEFORE_CALL)


def _first_of(visited: list[Instr], position: int, group: frozenset[str]) -> int:
    """The offset of the first of the instructions of a group that stand directly in front of a position."""
    while position > 0 and visited[position - 1].op in group:
        position -= 1
    return visited[position].offset


def _callee_names(instr: Instr, flow: Flow) -> set[str]:
    """The names of what made the two slots a call takes its callee from."""
    below = {"CALL": instr.arg, "CALL_KW": (instr.arg or 0) + 1}.get(instr.op)
    if below is None:
        return set()
    slots = flow.stack_slots(instr.offset)
    slots = slots[len(slots) - below - 2 : len(slots) - below]
    at = [flow.decoded.at[maker] for _, maker in slots if maker != SEVERAL]
    makers = [flow.decoded.instrs[index + part] for index in at for part in (0, 1)]
    return {maker.arg for maker in makers if maker.op in _LOADS}


def _exit_at(flow: Flow, entry: int, offset: int, stored: set[str]) -> Exit | None:
    """The exit at ``offset``, if all that may have been stored on the way there is bound there."""
    before, after = flow.stack_slots(entry), flow.stack_slots(offset)
    keep = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    pushes = _pushes(flow, after[keep:])
    if pushes is None:
        return None
    stores = stored & flow.live(offset)
    if not stores <= flow.bound(offset):
        return None
    state = ExitState(
        offset=offset,
        keep=keep,
        pushes=tuple(_ANYTHING if is_value else None for is_value in pushes),
        stores=tuple((name, _ANYTHING) for name in sorted(stores)),
    )
    made = exit_for(state, flow, entry)
    return made if isinstance(made, Exit) else None


def _pushes(flow: Flow, slots: tuple[Slot, ...]) -> tuple[bool, ...] | None:
    """Whether each slot will hold a value; None if that cannot be guessed."""
    pushes: list[bool] = []
    for kind, maker in slots:
        if kind == "m" and maker in flow.decoded.at:
            is_lower = not pushes or slots[len(pushes) - 1][1] != maker
            pushes.append(not _is_null(flow, maker, is_lower))
        elif kind in "vn":
            pushes.append(kind == "v")
        else:
            return None
    return tuple(pushes)


def _is_null(flow: Flow, maker: int, is_lower: bool) -> bool:
    """Whether one of the two slots made by loading a method is likely empty: so it is for a function of a module."""
    decoded = flow.decoded
    receiver = decoded.instrs[decoded.at[maker] - 1]
    return receiver.op == "LOAD_GLOBAL" and is_lower == decoded.null_below
