"""CPython 3.14 in canonical terms."""

import opcode
from typing import Any

from graphlet.opcodes import py313
from graphlet.opcodes.lowering import (
    CONVERSIONS,
    OPERATORS,
    Lowering,
    Parts,
    Raw,
    always,
    fixed,
    for_iter,
    listed,
    same,
)

COMMON_CONSTANTS: tuple[Any, ...] = tuple(getattr(opcode, "_common_constants", ()))
SPECIAL_METHODS: tuple[str, ...] = tuple(getattr(opcode, "_special_method_names", ()))

# A reference these push is the local's own: the local must keep its value as long as it is on the stack.
BORROWING_LOADS = frozenset({"LOAD_FAST_BORROW", "LOAD_FAST_BORROW_LOAD_FAST_BORROW"})


# Instructions of 3.13 that are no more.
_GONE = frozenset(
    {"BEFORE_ASYNC_WITH", "BEFORE_WITH", "BINARY_SUBSCR", "BUILD_CONST_KEY_MAP", "LOAD_ASSERTION_ERROR", "RETURN_CONST"}
)


def binary_op(raw: Raw) -> Parts:
    symbol = OPERATORS[raw.arg]
    return (("BINARY_SUBSCR", None),) if symbol == "[]" else (("BINARY_OP", symbol),)


def load_common_constant(raw: Raw) -> Parts:
    """A builtin object, whatever its name stands for where the code runs."""
    value = COMMON_CONSTANTS[raw.arg]
    return (("LOAD_ASSERTION_ERROR", None),) if value is AssertionError else (("LOAD_CONST", value),)


def load_small_int(raw: Raw) -> Parts:
    return (("LOAD_CONST", raw.arg),)


def build_interpolation(raw: Raw) -> Parts:
    return (("BUILD_INTERPOLATION", (CONVERSIONS[raw.arg >> 2], bool(raw.arg & 1))),)


LOWERINGS: dict[str, Lowering] = {
    **{name: lowering for name, lowering in py313.LOWERINGS.items() if name not in _GONE},
    **same("BUILD_TEMPLATE POP_ITER", fixed),
    "BINARY_OP": binary_op,
    "BUILD_INTERPOLATION": build_interpolation,
    "CALL_FUNCTION_EX": always("CALL_FUNCTION_EX", True),
    "FOR_ITER": for_iter(2),
    "LOAD_COMMON_CONSTANT": load_common_constant,
    "LOAD_FAST_BORROW": py313.load_fast,
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": py313.load_fast_load_fast,
    "LOAD_SMALL_INT": load_small_int,
    "LOAD_SPECIAL": listed("LOAD_SPECIAL", SPECIAL_METHODS),
    "NOT_TAKEN": fixed("NOP"),
}
