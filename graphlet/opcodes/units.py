"""Code units as they lie in ``co_code``: reading, and the names of local slots. No version is named here."""

import opcode
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

EXTENDED_ARG = opcode.opmap["EXTENDED_ARG"]
CACHE = opcode.opmap["CACHE"]
UNIT = 2  # bytes


def _cache_counts() -> tuple[int, ...]:
    """Inline cache units behind each opcode; a list up to 3.12, a dict by name from 3.13."""
    known = opcode._inline_cache_entries  # type: ignore[attr-defined]
    if isinstance(known, dict):
        return tuple(known.get(name, 0) for name in opcode.opname[:256])
    return tuple(known)


CACHE_COUNT = _cache_counts()
JUMPS = frozenset(opcode.hasjrel)
# END_ASYNC_FOR does not jump: from 3.14 on it tells where the loop's SEND would.
BACKWARD_JUMPS = frozenset(
    op for op in JUMPS if "JUMP_BACKWARD" in opcode.opname[op] or opcode.opname[op] == "END_ASYNC_FOR"
)


class Unit(NamedTuple):
    """One instruction with its EXTENDED_ARGs and caches.

    offset   byte offset of its first EXTENDED_ARG, where jumps to it land
    end      byte offset behind its caches
    target   byte offset it may jump to or points at, -1 if there is none
    """

    op: int
    arg: int
    offset: int
    end: int
    target: int

    @property
    def name(self) -> str:
        return opcode.opname[self.op]


def jump_target(op: int, arg: int, end: int) -> int:
    """Where a jump whose caches stop at ``end`` lands; -1 for other instructions."""
    if op not in JUMPS:
        return -1
    return end - UNIT * arg if op in BACKWARD_JUMPS else end + UNIT * arg


def read(code: CodeType) -> Iterator[Unit]:
    """The instructions of a code object, in order."""
    raw = code.co_code
    offset = start = arg = 0
    while offset < len(raw):
        op, arg = raw[offset], arg << 8 | raw[offset + 1]
        offset += UNIT
        if op == EXTENDED_ARG:
            continue
        offset += UNIT * CACHE_COUNT[op]
        yield Unit(op, arg, start, offset, jump_target(op, arg, offset) if op in JUMPS else -1)
        start, arg = offset, 0


def has_loop(code: CodeType) -> bool:
    """Whether control may come back to where it was, ``await`` and its like included."""
    return not BACKWARD_JUMPS.isdisjoint(code.co_code[::UNIT])


def slot_names(code: CodeType) -> tuple[str, ...]:
    """Names of the frame's slots by index: locals, cells, free variables (an argument that is a cell stands once)."""
    own_cells = tuple(name for name in code.co_cellvars if name not in code.co_varnames)
    return code.co_varnames + own_cells + code.co_freevars
