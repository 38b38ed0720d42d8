"""Moving stack items."""

from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine
from graphlet.opcodes.decode import Instr
from graphlet.sources import Known
from graphlet.values.base import Constant, Null, Sequence, Value
from graphlet.values.objects import Kept


def literal(value: Any) -> Value:
    """A constant of the code object."""
    if type(value) is tuple:
        return Sequence("tuple", tuple(literal(item) for item in value), source=Known(value))
    return Constant(value)


def nop(m: Machine, instr: Instr) -> None:
    pass


def pop_top(m: Machine, instr: Instr) -> None:
    value = m.frame.pop()
    if isinstance(value, Kept) and not value.droppable:
        raise Break("GL103", "the statement began before this region")
    if isinstance(value, Kept):
        m.trail.set(m, "dropped", True)


def copy(m: Machine, instr: Instr) -> None:
    m.frame.push(m.frame.stack[-instr.arg])


def swap(m: Machine, instr: Instr) -> None:
    stack = m.frame.stack
    stack[-1], stack[-instr.arg] = stack[-instr.arg], stack[-1]


def push_null(m: Machine, instr: Instr) -> None:
    m.frame.push(Null())


def load_const(m: Machine, instr: Instr) -> None:
    m.frame.push(literal(instr.arg))


HANDLERS = {
    "NOP": nop,
    "POP_TOP": pop_top,
    "COPY": copy,
    "SWAP": swap,
    "PUSH_NULL": push_null,
    "LOAD_CONST": load_const,
}
