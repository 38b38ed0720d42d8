"""From a code object to canonical instructions."""

import opcode
from dataclasses import dataclass
from types import CodeType
from typing import Any, NamedTuple

from graphlet.opcodes import units, versions
from graphlet.opcodes.lowering import Raw
from graphlet.opcodes.tables import NOWHERE


class Instr(NamedTuple):
    """One canonical instruction.

    offset   byte offset of the original instruction, in front of its EXTENDED_ARGs: where jumps to it land
    part     number of this instruction among those the original one stands for; a region may begin and end at 0 only
    raw      name of the original instruction
    line, end_line, col, end_col   its position in the source, None where there is none
    """

    op: str
    arg: Any
    offset: int
    part: int
    raw: str
    line: int | None = None
    end_line: int | None = None
    col: int | None = None
    end_col: int | None = None

    def __str__(self) -> str:
        return self.op if self.arg is None else f"{self.op} {self.arg!r}"


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A code object in canonical instructions.

    at           byte offset -> index in ``instrs`` of the first canonical instruction there
    cells        names of cell and free variables
    null_below   the empty slot of a call lies below the callable (up to 3.12), not above it
    """

    code: CodeType
    instrs: tuple[Instr, ...]
    at: dict[int, int]
    cells: frozenset[str]
    null_below: bool

    def next_offset(self, offset: int) -> int:
        """Byte offset of the original instruction behind the one at ``offset``."""
        index = self.at[offset] + 1
        while self.instrs[index].part:
            index += 1
        return self.instrs[index].offset

    def behind_jump(self, offset: int) -> int:
        """Where a region may begin if the conditional jump at ``offset`` is not taken."""
        behind = self.next_offset(offset)
        return self.next_offset(behind) if self.instrs[self.at[behind]].raw == "NOT_TAKEN" else behind


def decode(code: CodeType) -> Decoded:
    """The canonical instructions of ``code``; raises UnsupportedPythonError for an unknown interpreter."""
    version = versions.current()
    table = version.lowerings
    slots = units.slot_names(code)
    cells = frozenset(code.co_cellvars + code.co_freevars)
    positions = tuple(code.co_positions())  # fewer than there are units if a program cut its line table
    instrs: list[Instr] = []
    at: dict[int, int] = {}
    for unit in units.read(code):
        offset = unit.offset
        at[offset] = len(instrs)
        name = opcode.opname[unit.op]
        number = offset // units.UNIT
        position = positions[number] if number < len(positions) else NOWHERE
        if name not in table:
            raise versions.UnsupportedPythonError(f"{code.co_name} has an instruction {name} that no compiler emits")
        for part, (op, arg) in enumerate(table[name](Raw(unit, code, slots, cells))):
            instrs.append(Instr(op, arg, offset, part, name, *position))
    return Decoded(code, tuple(instrs), at, cells, version.null_below)
