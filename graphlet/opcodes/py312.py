"""CPython 3.12 in canonical terms."""

import opcode

from graphlet.opcodes.lowering import (
    COMMON,
    Lowering,
    Parts,
    Raw,
    attribute_or_method,
    constant,
    fixed,
    for_iter,
    format_value,
    jump,
    listed,
    named,
    push_null_before,
    same,
    slot,
    super_attribute,
)

COMPARISONS = ("<", "<=", "==", "!=", ">", ">=")
INTRINSICS_1 = tuple(getattr(opcode, "_intrinsic_1_descs", ()))
INTRINSICS_2 = tuple(getattr(opcode, "_intrinsic_2_descs", ()))


def return_const(raw: Raw) -> Parts:
    return (("LOAD_CONST", raw.const), ("RETURN_VALUE", None))


SINCE_312: dict[str, Lowering] = {
    **same("LOAD_LOCALS BINARY_SLICE STORE_SLICE END_FOR END_SEND CLEANUP_THROW", fixed),
    **same("LOAD_FAST_AND_CLEAR LOAD_FROM_DICT_OR_DEREF", slot),
    **same("LOAD_FROM_DICT_OR_GLOBALS", named),
    **same("POP_JUMP_IF_NONE POP_JUMP_IF_NOT_NONE SEND", jump),
    "LOAD_ATTR": attribute_or_method,
    "LOAD_SUPER_ATTR": super_attribute,
    "RETURN_CONST": return_const,
}

LOWERINGS: dict[str, Lowering] = {
    **COMMON,
    **SINCE_312,
    **same("LOAD_FAST LOAD_CLOSURE", slot),
    **same("KW_NAMES", constant),
    "LOAD_FAST_CHECK": slot("LOAD_FAST"),
    "LOAD_GLOBAL": push_null_before("LOAD_GLOBAL"),
    "COMPARE_OP": listed("COMPARE_OP", COMPARISONS, shift=4),
    "CALL_INTRINSIC_1": listed("CALL_INTRINSIC_1", INTRINSICS_1),
    "CALL_INTRINSIC_2": listed("CALL_INTRINSIC_2", INTRINSICS_2),
    "UNARY_NOT": fixed("TO_BOOL", "UNARY_NOT"),
    "POP_JUMP_IF_TRUE": jump("POP_JUMP_IF_TRUE", "TO_BOOL"),
    "POP_JUMP_IF_FALSE": jump("POP_JUMP_IF_FALSE", "TO_BOOL"),
    "FORMAT_VALUE": format_value,
    "FOR_ITER": for_iter(1),
}
