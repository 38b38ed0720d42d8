"""Places in a code object where no stub may stand, or none should, as reasons."""

from collections.abc import Iterator
from itertools import pairwise

from graphlet.opcodes import units
from graphlet.opcodes.decode import Decoded, Instr
from graphlet.opcodes.tables import read_handlers

# The original instruction at a place -> why no region may begin or end in front of it.
_ILLEGAL_AT = {
    "RESUME": "a generator stands between its yield and its RESUME",
    "END_FOR": "FOR_ITER jumps past END_FOR",
    "END_SEND": "inside an await or yield-from loop",
    "CLEANUP_THROW": "inside an await or yield-from loop",
    "JUMP_BACKWARD_NO_INTERRUPT": "inside an await or yield-from loop",
    "NOT_TAKEN": "it tells tools about the jump directly in front of it",
}

# (instruction in front, instruction at the place) -> why.
_ILLEGAL_PAIRS = {
    ("KW_NAMES", "PRECALL"): "the stub's own call would take the keyword names",
    ("KW_NAMES", "CALL"): "the stub's own call would take the keyword names",
    ("PRECALL", "CALL"): "PRECALL and CALL belong together",
    ("END_FOR", "POP_TOP"): "FOR_ITER jumps past the POP_TOP behind END_FOR",
    ("END_FOR", "POP_ITER"): "the iterator of an exhausted loop is dropped here",
}

_SLOW_PAIRS = {
    ("FOR_ITER", "STORE_FAST"): "FOR_ITER and STORE_FAST run as one",
    ("COMPARE_OP", "POP_JUMP"): "a comparison and its jump run as one",
    ("BINARY_OP", "STORE_FAST"): "appending to a str in place needs the store behind it",
}


class Places:
    """``illegal``: byte offset -> why no region may begin or end there; ``slow``: legal, but slow for the original."""

    def __init__(self, decoded: Decoded) -> None:
        firsts = tuple(instr for instr in decoded.instrs if not instr.part)
        self.illegal = dict(_illegal(decoded, firsts))
        self.slow = dict(_slow(firsts))


def _illegal(decoded: Decoded, firsts: tuple[Instr, ...]) -> Iterator[tuple[int, str]]:
    for row in read_handlers(decoded.code.co_exceptiontable):
        yield units.UNIT * row.target, "an exception handler starts here"
    for instr in firsts:
        if instr.raw in _ILLEGAL_AT:
            yield instr.offset, _ILLEGAL_AT[instr.raw]
        if instr.raw == "SEND":
            yield from ((offset, _ILLEGAL_AT["END_SEND"]) for offset in _await_loop(firsts, instr))
        if instr.raw == "CLEANUP_THROW":
            yield decoded.next_offset(instr.offset), _ILLEGAL_AT["CLEANUP_THROW"]
    for before, here in pairwise(firsts):
        if (before.raw, here.raw) in _ILLEGAL_PAIRS:
            yield here.offset, _ILLEGAL_PAIRS[before.raw, here.raw]
    for instr in firsts:
        yield instr.offset, "the function has not begun yet"
        if instr.raw == "RESUME":
            break


def _await_loop(firsts: tuple[Instr, ...], send: Instr) -> Iterator[int]:
    return (instr.offset for instr in firsts if send.offset <= instr.offset < send.arg)


def _slow(firsts: tuple[Instr, ...]) -> Iterator[tuple[int, str]]:
    for before, here in pairwise(firsts):
        raw = "POP_JUMP" if here.raw.startswith("POP_JUMP") else here.raw
        raw = "STORE_FAST" if raw.startswith("STORE_FAST") else raw
        if (before.raw, raw) in _SLOW_PAIRS:
            yield here.offset, _SLOW_PAIRS[before.raw, raw]
