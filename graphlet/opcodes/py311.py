"""CPython 3.11 in canonical terms."""

from graphlet.opcodes.lowering import (
    COMMON,
    Lowering,
    always,
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
)

COMPARISONS = ("<", "<=", "==", "!=", ">", ">=")

LOWERINGS: dict[str, Lowering] = {
    **COMMON,
    **same("LOAD_FAST LOAD_CLOSURE LOAD_CLASSDEREF", slot),
    **same("LOAD_ATTR LOAD_METHOD", named),
    **same("KW_NAMES", constant),
    **same("JUMP_IF_TRUE_OR_POP JUMP_IF_FALSE_OR_POP", jump),
    **{
        f"POP_JUMP_{direction}_IF_{test}": jump(f"POP_JUMP_IF_{test}", *before)
        for direction in ("FORWARD", "BACKWARD")
        for test, before in (("TRUE", ("TO_BOOL",)), ("FALSE", ("TO_BOOL",)), ("NONE", ()), ("NOT_NONE", ()))
    },
    "LOAD_GLOBAL": push_null_before("LOAD_GLOBAL"),
    "COMPARE_OP": listed("COMPARE_OP", COMPARISONS),
    "UNARY_NOT": fixed("TO_BOOL", "UNARY_NOT"),
    "UNARY_POSITIVE": always("CALL_INTRINSIC_1", "INTRINSIC_UNARY_POSITIVE"),
    "LIST_TO_TUPLE": always("CALL_INTRINSIC_1", "INTRINSIC_LIST_TO_TUPLE"),
    "ASYNC_GEN_WRAP": always("CALL_INTRINSIC_1", "INTRINSIC_ASYNC_GEN_WRAP"),
    "IMPORT_STAR": always("CALL_INTRINSIC_1", "INTRINSIC_IMPORT_STAR", "POP_TOP"),
    "PRINT_EXPR": always("CALL_INTRINSIC_1", "INTRINSIC_PRINT", "POP_TOP"),
    "PREP_RERAISE_STAR": always("CALL_INTRINSIC_2", "INTRINSIC_PREP_RERAISE_STAR"),
    "FORMAT_VALUE": format_value,
    "FOR_ITER": for_iter(0),
    "SEND": jump("SEND_POP"),
    "PRECALL": fixed("NOP"),
}
