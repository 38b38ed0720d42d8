"""The door to the versions: which table lowers the running CPython. An unknown version is refused by name."""

import sys
from types import MappingProxyType

from graphlet.core.errors import GraphletError
from graphlet.opcodes import py311, py312, py313
from graphlet.opcodes.lowering import Lowering

LOWERINGS = MappingProxyType({(3, 11): py311.LOWERINGS, (3, 12): py312.LOWERINGS, (3, 13): py313.LOWERINGS})
NULL_BELOW = MappingProxyType({(3, 11): py311.NULL_BELOW, (3, 12): py312.NULL_BELOW, (3, 13): py313.NULL_BELOW})


class UnsupportedPythonError(GraphletError):
    """The bytecode of this interpreter is not known."""


def why_not_supported(
    version: tuple[int, int] = sys.version_info[:2], name: str = sys.implementation.name
) -> str | None:
    """A reason, or None when the interpreter's bytecode is known."""
    if name != "cpython":
        return f"the bytecode of {name} is not known, only that of CPython"
    if version not in LOWERINGS:
        known = ", ".join(f"{major}.{minor}" for major, minor in LOWERINGS)
        return f"the bytecode of CPython {version[0]}.{version[1]} is not known; known are {known}"
    return None


def lowerings() -> dict[str, Lowering]:
    """The running interpreter's table; raises UnsupportedPythonError."""
    reason = why_not_supported()
    if reason is not None:
        raise UnsupportedPythonError(reason)
    return LOWERINGS[sys.version_info[:2]]


def null_below() -> bool:
    """Whether the empty slot of a call lies below the callable (up to 3.12) or above it."""
    return NULL_BELOW[sys.version_info[:2]]
