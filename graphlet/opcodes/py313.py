"""CPython 3.13 in canonical terms."""

from graphlet.opcodes.lowering import (
    COMMON,
    CONVERSIONS,
    Lowering,
    Parts,
    Raw,
    fixed,
    for_iter,
    jump,
    listed,
    number,
    push_null_behind,
    same,
)
from graphlet.opcodes.py312 import COMPARISONS, INTRINSICS_1, INTRINSICS_2, SINCE_312


def load_fast(raw: Raw) -> Parts:
    """3.13 loads the cell object itself with LOAD_FAST of the cell's slot."""
    return (_load(raw, raw.arg),)


def load_fast_load_fast(raw: Raw) -> Parts:
    return (_load(raw, raw.arg >> 4), _load(raw, raw.arg & 15))


def store_fast_load_fast(raw: Raw) -> Parts:
    return (("STORE_FAST", raw.slots[raw.arg >> 4]), _load(raw, raw.arg & 15))


def store_fast_store_fast(raw: Raw) -> Parts:
    return (("STORE_FAST", raw.slots[raw.arg >> 4]), ("STORE_FAST", raw.slots[raw.arg & 15]))


def _load(raw: Raw, index: int) -> tuple[str, str]:
    name = raw.slots[index]
    return ("LOAD_CLOSURE" if name in raw.cells else "LOAD_FAST", name)


def compare_op(raw: Raw) -> Parts:
    compare = ("COMPARE_OP", COMPARISONS[raw.arg >> 5])
    return (compare, ("TO_BOOL", None)) if raw.arg & 16 else (compare,)


LOWERINGS: dict[str, Lowering] = {
    **COMMON,
    **SINCE_312,
    **same("TO_BOOL UNARY_NOT FORMAT_SIMPLE FORMAT_WITH_SPEC", fixed),
    **same("POP_JUMP_IF_TRUE POP_JUMP_IF_FALSE", jump),
    **same("SET_FUNCTION_ATTRIBUTE CALL_KW", number),
    "MAKE_FUNCTION": lambda raw: (("MAKE_FUNCTION", 0),),
    "LOAD_FAST": load_fast,
    "LOAD_FAST_CHECK": load_fast,
    "LOAD_FAST_LOAD_FAST": load_fast_load_fast,
    "STORE_FAST_LOAD_FAST": store_fast_load_fast,
    "STORE_FAST_STORE_FAST": store_fast_store_fast,
    "LOAD_GLOBAL": push_null_behind("LOAD_GLOBAL"),
    "COMPARE_OP": compare_op,
    "CALL_INTRINSIC_1": listed("CALL_INTRINSIC_1", INTRINSICS_1),
    "CALL_INTRINSIC_2": listed("CALL_INTRINSIC_2", INTRINSICS_2),
    "CONVERT_VALUE": listed("CONVERT_VALUE", CONVERSIONS),
    "FOR_ITER": for_iter(2),
}
