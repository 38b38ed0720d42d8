"""f-strings of values that are known now."""

from collections.abc import Callable

from graphlet.capture import containers
from graphlet.capture.folding import fold
from graphlet.capture.machine import Machine
from graphlet.capture.raising import text
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Constant
from graphlet.values.objects import Error

_CONVERSIONS: dict[str, Callable[[object], str]] = {"str": str, "repr": repr, "ascii": ascii}


def convert_value(m: Machine, instr: Instr) -> None:
    frame = m.frame
    frame.push(Constant(fold(_CONVERSIONS[instr.arg], containers.plain(m, frame.pop()))))


def format_simple(m: Machine, instr: Instr) -> None:
    frame = m.frame
    value = m.read(frame.stack[-1])
    if isinstance(value, Error):
        frame.stack[-1] = Constant(text(m, value))
        return
    frame.push(Constant(fold(format, containers.plain(m, frame.pop()))))


def format_with_spec(m: Machine, instr: Instr) -> None:
    frame = m.frame
    value, spec = (containers.plain(m, part) for part in frame.pops(2))
    frame.push(Constant(fold(format, value, spec)))


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "CONVERT_VALUE": convert_value,
    "FORMAT_SIMPLE": format_simple,
    "FORMAT_WITH_SPEC": format_with_spec,
}
