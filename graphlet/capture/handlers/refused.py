"""Instructions that always end a region, and why."""

from collections.abc import Callable

from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine
from graphlet.opcodes.decode import Instr

REASONS: dict[str, tuple[str, str]] = {
    "CLEANUP_THROW": ("GL109", "an exception is thrown into a generator that goes over another one"),
    **dict.fromkeys(
        ("LOAD_NAME", "STORE_NAME", "DELETE_NAME", "LOAD_LOCALS", "LOAD_BUILD_CLASS", "SETUP_ANNOTATIONS"),
        ("GL103", "part of a class definition"),
    ),
    **dict.fromkeys(
        ("LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF", "LOAD_FROM_DICT_OR_GLOBALS"),
        ("GL103", "part of a class definition"),
    ),
    **dict.fromkeys(("BUILD_INTERPOLATION", "BUILD_TEMPLATE"), ("GL103", "a template string is made")),
}


def refuse(m: Machine, instr: Instr) -> None:
    raise Break(*REASONS[instr.op])


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = dict.fromkeys(REASONS, refuse)
