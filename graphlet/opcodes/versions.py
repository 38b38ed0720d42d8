"""The door to the versions: what differs between them, one row each. An unknown version is refused by name."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from graphlet.core.errors import GraphletError
from graphlet.opcodes import py311, py312, py313, py314
from graphlet.opcodes.lowering import Lowering


class UnsupportedPythonError(GraphletError):
    """The bytecode of this interpreter is not known."""


@dataclass(frozen=True, slots=True)
class Version:
    """What is known about the bytecode of one CPython.

    lowerings          each of its instructions in canonical terms
    null_below         the empty slot of a call lies below the callable, not above it
    call               the instructions that make a call, each with the number of arguments
    jump_if_none, jump_if_true, jump_if_false   names of the forward jumps that pop what they test
    not_taken          stands behind a conditional jump; None where there is no such instruction
    load_cell          loads the cell object of a slot
    checks_locals      LOAD_FAST raises for an unbound local; where it does not, it crashes
    borrows            instructions that push a reference which lasts only as long as the local keeps its value
    drops_null         compilers let POP_TOP drop an empty slot, behind a with block; where not, it would crash
    tests_on_top       the jump of a while loop goes back to its test; where it does not, the test stands twice
    merges_locations   the compiler writes one entry for neighbours with one position
    forgets_line       instructions that may run a Python function and then forget their line: tracers are told of it
                       again at a place right behind them, if that is the target of a jump
    """

    lowerings: Mapping[str, Lowering]
    null_below: bool
    call: tuple[str, ...]
    jump_if_none: str
    jump_if_true: str
    jump_if_false: str
    load_cell: str
    checks_locals: bool
    merges_locations: bool
    forgets_line: frozenset[str] = frozenset()
    not_taken: str | None = None
    borrows: frozenset[str] = frozenset()
    drops_null: bool = False
    tests_on_top: bool = False


VERSIONS: Mapping[tuple[int, int], Version] = MappingProxyType(
    {
        (3, 11): Version(
            lowerings=py311.LOWERINGS,
            null_below=True,
            call=("PRECALL", "CALL"),
            jump_if_none="POP_JUMP_FORWARD_IF_NONE",
            jump_if_true="POP_JUMP_FORWARD_IF_TRUE",
            jump_if_false="POP_JUMP_FORWARD_IF_FALSE",
            load_cell="LOAD_CLOSURE",
            checks_locals=True,
            merges_locations=False,
        ),
        (3, 12): Version(
            lowerings=py312.LOWERINGS,
            null_below=True,
            call=("CALL",),
            jump_if_none="POP_JUMP_IF_NONE",
            jump_if_true="POP_JUMP_IF_TRUE",
            jump_if_false="POP_JUMP_IF_FALSE",
            load_cell="LOAD_CLOSURE",
            checks_locals=False,
            merges_locations=True,
            forgets_line=frozenset({"CALL", "LOAD_ATTR", "BINARY_SUBSCR"}),
        ),
        (3, 13): Version(
            lowerings=py313.LOWERINGS,
            null_below=False,
            call=("CALL",),
            jump_if_none="POP_JUMP_IF_NONE",
            jump_if_true="POP_JUMP_IF_TRUE",
            jump_if_false="POP_JUMP_IF_FALSE",
            load_cell="LOAD_FAST",
            checks_locals=False,
            merges_locations=True,
        ),
        (3, 14): Version(
            lowerings=py314.LOWERINGS,
            null_below=False,
            call=("CALL",),
            jump_if_none="POP_JUMP_IF_NONE",
            jump_if_true="POP_JUMP_IF_TRUE",
            jump_if_false="POP_JUMP_IF_FALSE",
            load_cell="LOAD_FAST",
            checks_locals=False,
            merges_locations=True,
            not_taken="NOT_TAKEN",
            borrows=py314.BORROWING_LOADS,
            drops_null=True,
            tests_on_top=True,
        ),
    }
)


def why_not_supported(
    version: tuple[int, int] = sys.version_info[:2], implementation: str = sys.implementation.name
) -> str | None:
    """A reason, or None when the interpreter's bytecode is known."""
    if implementation != "cpython":
        return f"the bytecode of {implementation} is not known, only that of CPython"
    if version not in VERSIONS:
        known = ", ".join(f"{major}.{minor}" for major, minor in VERSIONS)
        return f"the bytecode of CPython {version[0]}.{version[1]} is not known; known are {known}"
    return None


def current() -> Version:
    """The row of the running interpreter; raises UnsupportedPythonError."""
    reason = why_not_supported()
    if reason is not None:
        raise UnsupportedPythonError(reason)
    return VERSIONS[sys.version_info[:2]]
