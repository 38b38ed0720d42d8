"""The canonical instructions: one row each, with its argument and its picture of the stack.

Lowering a version means writing its instructions in these terms, so that whoever interprets or analyses code needs no
version check. Names are those of CPython 3.13 where it has them. Stack slots stay where that version has them.

Kinds of stack slots, with the letter used in the table:
  v value, n null (an empty slot), m maybe null, i iter (an iterator), e exc (an exception saved or being handled),
  o other (a bound ``__exit__``), x index (of the instruction that raised, told to a handler: no object from 3.14 on)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KINDS = {"v": "value", "n": "null", "m": "maybe_null", "c": "cell", "i": "iter", "e": "exc", "o": "other", "x": "index"}

Count = int | Callable[[Any], int]
Kinds = str | Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Canon:
    """One canonical instruction.

    arg         what ``Instr.arg`` holds: "" nothing (None), "int", "str", "object", "local", "cell", "target", ...
    pops        slots taken, a number or a function of the argument
    pushes      letters of the slots left, bottom first, or a function of the argument
    on_jump     (pops, pushes) when the jump is taken, if different
    ends        control never goes on behind it
    may_raise   can raise or run user code
    note        what is not evident from CPython's documentation of ``dis``
    jumps       its argument is the byte offset of an instruction it may jump to
    """

    name: str
    arg: str = ""
    pops: Count = 0
    pushes: Kinds = ""
    on_jump: tuple[int, str] | None = None
    ends: bool = False
    may_raise: bool = True
    note: str = ""
    jumps: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "jumps", self.arg == "target")


def _plus(extra: int) -> Callable[[int], int]:
    return lambda count: count + extra


def _flag_count(flags: int) -> int:
    return 1 + flags.bit_count()


def _method_or_value(name_and_flags: tuple[str, int]) -> str:
    return "mm" if name_and_flags[1] & 1 else "v"


def _special_method(name: str) -> str:
    """The bound exit of a block, in two slots, is not to be taken for any other value."""
    return "om" if name in ("__exit__", "__aexit__") else "vm"


def _unpack_ex(before_after: tuple[int, int]) -> str:
    return "v" * (before_after[0] + 1 + before_after[1])


def _quiet(name: str, arg: str = "", pops: Count = 0, pushes: Kinds = "", note: str = "") -> Canon:
    """A row that cannot raise."""
    return Canon(name, arg, pops, pushes, may_raise=False, note=note)


_TRANSFERS = (
    _quiet("NOP", note="also RESUME, PRECALL; see Instr.raw"),
    _quiet("POP_TOP", pops=1),
    _quiet("COPY", "int", note="copies slot n from the top (1 = top)"),
    _quiet("SWAP", "int", note="swaps the top with slot n from the top"),
    _quiet("PUSH_NULL", pushes="n"),
    _quiet("LOAD_CONST", "object", pushes="v"),
    Canon("LOAD_FAST", "local", pushes="v", note="raises UnboundLocalError if unbound"),
    _quiet("LOAD_FAST_AND_CLEAR", "local", pushes="m", note="an unbound slot pushes NULL; may name a cell slot"),
    _quiet("STORE_FAST", "local", pops=1, note="NULL unbinds; a cell slot takes back a saved cell"),
    Canon("DELETE_FAST", "local"),
    Canon("LOAD_GLOBAL", "str", pushes="v"),
    Canon("STORE_GLOBAL", "str", pops=1),
    Canon("DELETE_GLOBAL", "str"),
    Canon("LOAD_NAME", "str", pushes="v"),
    Canon("STORE_NAME", "str", pops=1),
    Canon("DELETE_NAME", "str"),
    Canon("LOAD_DEREF", "cell", pushes="v"),
    _quiet("STORE_DEREF", "cell", pops=1),
    Canon("DELETE_DEREF", "cell"),
    _quiet("LOAD_CLOSURE", "cell", pushes="v", note="pushes the cell object itself"),
    _quiet("MAKE_CELL", "cell"),
    _quiet("COPY_FREE_VARS", "int"),
    Canon("LOAD_CLASSDEREF", "cell", pushes="v", note="3.11"),
    Canon("LOAD_FROM_DICT_OR_DEREF", "cell", pops=1, pushes="v"),
    Canon("LOAD_FROM_DICT_OR_GLOBALS", "str", pops=1, pushes="v"),
    Canon("LOAD_LOCALS", pushes="v"),
    Canon("LOAD_BUILD_CLASS", pushes="v"),
    _quiet("LOAD_ASSERTION_ERROR", pushes="v"),
    Canon("SETUP_ANNOTATIONS"),
)

_OBJECTS = (
    Canon("LOAD_ATTR", "str", pops=1, pushes="v"),
    Canon(
        "LOAD_METHOD",
        "str",
        pops=1,
        pushes="mm",
        note="(method, self), or for a plain attribute (NULL, attr) with Decoded.null_below, else (attr, NULL)",
    ),
    Canon("STORE_ATTR", "str", pops=2),
    Canon("DELETE_ATTR", "str", pops=1),
    Canon(
        "LOAD_SUPER_ATTR",
        "str, flags",
        pops=3,
        pushes=_method_or_value,
        note="super, class, self; flag 1: as LOAD_METHOD, flag 2: super() was written with two arguments",
    ),
    Canon("UNARY_NEGATIVE", pops=1, pushes="v"),
    Canon("UNARY_NOT", pops=1, pushes="v", note="of an exact bool: a TO_BOOL stands in front"),
    Canon("UNARY_INVERT", pops=1, pushes="v"),
    Canon("TO_BOOL", pops=1, pushes="v"),
    Canon("BINARY_OP", "operator", pops=2, pushes="v", note='"+", "+=", ...'),
    Canon("COMPARE_OP", "operator", pops=2, pushes="v", note='"<", "==", ...'),
    _quiet("IS_OP", "invert", pops=2, pushes="v"),
    Canon("CONTAINS_OP", "invert", pops=2, pushes="v"),
    Canon("BINARY_SUBSCR", pops=2, pushes="v"),
    Canon("STORE_SUBSCR", pops=3, note="value, container, key"),
    Canon("DELETE_SUBSCR", pops=2),
    Canon("BINARY_SLICE", pops=3, pushes="v"),
    Canon("STORE_SLICE", pops=4, note="value, container, start, stop"),
    Canon("BUILD_TUPLE", "int", pops=_plus(0), pushes="v"),
    Canon("BUILD_LIST", "int", pops=_plus(0), pushes="v"),
    Canon("BUILD_SET", "int", pops=_plus(0), pushes="v"),
    Canon("BUILD_MAP", "int", pops=lambda pairs: 2 * pairs, pushes="v"),
    Canon("BUILD_CONST_KEY_MAP", "int", pops=_plus(1), pushes="v"),
    Canon("BUILD_STRING", "int", pops=_plus(0), pushes="v"),
    Canon("BUILD_SLICE", "int", pops=_plus(0), pushes="v"),
    Canon("LIST_EXTEND", "int", pops=1),
    Canon("LIST_APPEND", "int", pops=1),
    Canon("SET_ADD", "int", pops=1),
    Canon("SET_UPDATE", "int", pops=1),
    Canon("MAP_ADD", "int", pops=2),
    Canon("DICT_UPDATE", "int", pops=1),
    Canon("DICT_MERGE", "int", pops=1),
    Canon("UNPACK_SEQUENCE", "int", pops=1, pushes=lambda count: "v" * count),
    Canon("UNPACK_EX", "before, after", pops=1, pushes=_unpack_ex),
    Canon("CONVERT_VALUE", "conversion", pops=1, pushes="v", note='"str", "repr" or "ascii"'),
    Canon("FORMAT_SIMPLE", pops=1, pushes="v"),
    Canon("FORMAT_WITH_SPEC", pops=2, pushes="v"),
    Canon(
        "BUILD_INTERPOLATION",
        "conversion, has_spec",
        pops=lambda parts: 2 + parts[1],
        pushes="v",
        note="3.14: value, its source text, a format specification if there is one",
    ),
    Canon("BUILD_TEMPLATE", pops=2, pushes="v", note="3.14: a tuple of strings, one of interpolations"),
    Canon("IMPORT_NAME", "str", pops=2, pushes="v"),
    Canon("IMPORT_FROM", "str", pushes="v"),
    Canon("GET_LEN", pushes="v"),
    _quiet("MATCH_MAPPING", pushes="v"),
    _quiet("MATCH_SEQUENCE", pushes="v"),
    Canon("MATCH_KEYS", pushes="v"),
    Canon("MATCH_CLASS", "int", pops=3, pushes="v"),
)

_CALLS = (
    Canon("CALL", "int", pops=_plus(2), pushes="v", note="two slots below the arguments: callable and NULL or self"),
    _quiet("KW_NAMES", "names", note="up to 3.12, directly in front of CALL"),
    Canon("CALL_KW", "int", pops=_plus(3), pushes="v", note="3.13: the tuple of names on top"),
    Canon(
        "CALL_FUNCTION_EX",
        "bool",
        pops=lambda has_kwargs: 3 + has_kwargs,
        pushes="v",
        note="slots as for CALL, then the arguments, then a dict if the argument is True (from 3.14 on or NULL)",
    ),
    Canon("CALL_INTRINSIC_1", "intrinsic", pops=1, pushes="v"),
    Canon("CALL_INTRINSIC_2", "intrinsic", pops=2, pushes="v"),
    Canon("MAKE_FUNCTION", "int", pops=_flag_count, pushes="v", note="flags up to 3.12, 0 from 3.13"),
    Canon("SET_FUNCTION_ATTRIBUTE", "int", pops=2, pushes="v"),
)

_CONTROL = (
    Canon("JUMP", "target", ends=True, note="backward (target <= offset) polls signals"),
    _quiet("POP_JUMP_IF_TRUE", "target", pops=1, note="of an exact bool: a TO_BOOL stands in front"),
    _quiet("POP_JUMP_IF_FALSE", "target", pops=1, note="of an exact bool: a TO_BOOL stands in front"),
    _quiet("POP_JUMP_IF_NONE", "target", pops=1),
    _quiet("POP_JUMP_IF_NOT_NONE", "target", pops=1),
    Canon("JUMP_IF_TRUE_OR_POP", "target", pops=1, on_jump=(0, ""), note="3.11"),
    Canon("JUMP_IF_FALSE_OR_POP", "target", pops=1, on_jump=(0, ""), note="3.11"),
    Canon("GET_ITER", pops=1, pushes="i"),
    Canon(
        "FOR_ITER",
        "target",
        pushes="v",
        on_jump=(1, ""),
        note="exhausted: drops the iterator and goes to the target: behind END_FOR and what drops the iterator"
        " (POP_TOP, 3.13; POP_ITER, 3.14)",
    ),
    _quiet("END_FOR", pops=1, note="never reached: FOR_ITER goes on behind it"),
    _quiet("POP_ITER", pops=1, note="never reached behind END_FOR"),
    Canon("RETURN_VALUE", pops=1, ends=True, may_raise=False),
)

_GENERATORS = (
    _quiet("RETURN_GENERATOR", pushes="v"),
    Canon("YIELD_VALUE", "", pops=1, pushes="v"),
    Canon("SEND", "target", pops=1, pushes="v", note="receiver, value -> receiver, yielded or returned value"),
    Canon("SEND_POP", "target", pops=1, pushes="v", on_jump=(2, "v"), note="3.11's SEND: drops the receiver when done"),
    _quiet("END_SEND", pops=2, pushes="v"),
    Canon("CLEANUP_THROW", pops=3, pushes="vv"),
    Canon("GET_YIELD_FROM_ITER", pops=1, pushes="v"),
    Canon("GET_AWAITABLE", "int", pops=1, pushes="v"),
    Canon("GET_AITER", pops=1, pushes="v"),
    Canon("GET_ANEXT", pushes="v"),
    Canon("END_ASYNC_FOR", pops=2),
)

_EXCEPTIONS = (
    _quiet("PUSH_EXC_INFO", pops=1, pushes="ee"),
    _quiet("POP_EXCEPT", pops=1),
    Canon("RERAISE", "int", pops=1, ends=True),
    Canon("RAISE_VARARGS", "int", pops=_plus(0), ends=True),
    Canon("CHECK_EXC_MATCH", pops=1, pushes="v"),
    Canon("CHECK_EG_MATCH", pops=2, pushes="vv"),
    Canon("BEFORE_WITH", pops=1, pushes="ov"),
    Canon("BEFORE_ASYNC_WITH", pops=1, pushes="ov"),
    Canon(
        "LOAD_SPECIAL",
        "str",
        pops=1,
        pushes=_special_method,
        note="3.14: a method of a with block, looked up in the type, as (method, self) or (bound method, NULL)",
    ),
    Canon("WITH_EXCEPT_START", pushes="v"),
)

CANON: dict[str, Canon] = {
    row.name: row for row in (*_TRANSFERS, *_OBJECTS, *_CALLS, *_CONTROL, *_GENERATORS, *_EXCEPTIONS)
}


def pops(row: Canon, arg: Any) -> int:
    """Slots the instruction takes."""
    count = row.pops
    return count if type(count) is int else count(arg)  # type: ignore[operator]


def pushes(row: Canon, arg: Any) -> str:
    """Letters of the slots the instruction leaves, bottom first."""
    letters = row.pushes
    return letters if type(letters) is str else letters(arg)  # type: ignore[operator]
