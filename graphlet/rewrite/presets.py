"""Exits a stub has before anything was captured: where regions that start there are likely to end.

A frame that runs never sees newer code, so the first call can only use exits that stand in the code already. What is
guessed wrong costs nothing but code units: an exit that is missing is added with the next version of the code.
"""

from collections.abc import Iterator
from typing import Any

from graphlet.capture.outcome import ExitState, FromConst
from graphlet.opcodes.candidates import BREAKING_METHODS, BREAKING_NAMES
from graphlet.opcodes.decode import Decoded
from graphlet.opcodes.flow import Flow
from graphlet.rewrite.exits import exit_for
from graphlet.rewrite.stubs import Exit

MAX_EXITS = 6

# A preset exit is the same whatever values leave by it.
_ANYTHING = FromConst(None)

_BRANCHES = frozenset({"POP_JUMP_IF_TRUE", "POP_JUMP_IF_FALSE"})
_CONDITIONS = frozenset({"COMPARE_OP", "TO_BOOL", "UNARY_NOT", "CONTAINS_OP"})
_CALLS = frozenset({"CALL", "CALL_KW", "CALL_FUNCTION_EX"})
_STORES = frozenset({"STORE_FAST", "STORE_DEREF"})
# Names whose calls break a region.
_EFFECTS = BREAKING_NAMES | BREAKING_METHODS | {"graph_break"}


def presets(decoded: Decoded, flow: Flow, entry: int) -> tuple[Exit, ...]:
    """Likely exits of a region that starts at byte offset ``entry``, at most ``MAX_EXITS``, in code order."""
    visited = _forward(decoded, entry)
    stored = {instr.arg for instr in visited if instr.op in _STORES}
    exits = []
    for offset in sorted(set(_likely_ends(visited))):
        if offset == entry or flow.illegal_exit(entry, offset) is not None:
            continue
        made = _exit_at(flow, entry, offset, stored)
        if made is not None:
            exits.append(made)
    return tuple(exits[:MAX_EXITS])


def _forward(decoded: Decoded, entry: int) -> list[Any]:
    """The instructions that can be reached from ``entry`` without going back, in code order."""
    seen: set[int] = set()
    todo = [decoded.at[entry]]
    while todo:
        index = todo.pop()
        while index < len(decoded.instrs) and index not in seen:
            seen.add(index)
            instr = decoded.instrs[index]
            if _is_jump(instr.op) and instr.arg > instr.offset:
                todo.append(decoded.at[instr.arg])
            if instr.op in ("JUMP", "RETURN_VALUE", "RAISE_VARARGS", "RERAISE"):
                break
            index += 1
    return [decoded.instrs[index] for index in sorted(seen)]


def _is_jump(op: str) -> bool:
    return "JUMP" in op or op in ("FOR_ITER", "SEND")


def _likely_ends(visited: list[Any]) -> Iterator[int]:
    effect = False
    for position, instr in enumerate(visited):
        if instr.op in ("RETURN_VALUE", "GET_ITER") or (instr.op == "JUMP" and instr.arg <= instr.offset):
            yield instr.offset
        elif instr.op in _BRANCHES:
            before = position
            while before > 0 and visited[before - 1].op in _CONDITIONS:
                before -= 1
            yield visited[before].offset
        elif instr.op in ("LOAD_GLOBAL", "LOAD_METHOD", "LOAD_ATTR"):
            effect = effect or instr.arg in _EFFECTS
        elif instr.op in _CALLS and effect:
            effect = False
            yield instr.offset


def _exit_at(flow: Flow, entry: int, offset: int, stored: set[str]) -> Exit | None:
    """The exit at ``offset``, if all that may have been stored on the way there is bound there."""
    before, after = flow.stack(entry), flow.stack(offset)
    keep = len(before)
    if len(after) < keep or any(kind not in ("value", "null") for kind in after[keep:]):
        return None
    stores = stored & flow.live(offset)
    if not stores <= flow.bound(offset):
        return None
    state = ExitState(
        offset=offset,
        keep=keep,
        pushes=tuple(_ANYTHING if kind == "value" else None for kind in after[keep:]),
        stores=tuple((name, _ANYTHING) for name in sorted(stores)),
    )
    made = exit_for(state, flow, entry)
    return made if isinstance(made, Exit) else None
