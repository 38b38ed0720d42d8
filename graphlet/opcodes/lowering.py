"""Words in which a version's table says what its instructions are in canonical terms."""

import opcode
from collections.abc import Callable
from types import CodeType
from typing import Any, NamedTuple

from graphlet.opcodes.units import Unit

Parts = tuple[tuple[str, Any], ...]


class Raw(NamedTuple):
    """One instruction to lower, with what its argument may refer to."""

    unit: Unit
    code: CodeType
    slots: tuple[str, ...]
    cells: frozenset[str]

    @property
    def arg(self) -> int:
        return self.unit.arg

    @property
    def const(self) -> Any:
        return self.code.co_consts[self.unit.arg]

    def name(self, shift: int = 0) -> str:
        return self.code.co_names[self.unit.arg >> shift]


Lowering = Callable[[Raw], Parts]

CONVERSIONS = ("", "str", "repr", "ascii")
OPERATORS = tuple(symbol for _, symbol in opcode._nb_ops)  # type: ignore[attr-defined]


def fixed(*names: str) -> Lowering:
    """These instructions, without arguments."""
    parts = tuple((name, None) for name in names)
    return lambda raw: parts


def number(name: str) -> Lowering:
    """The argument stays a number."""
    return lambda raw: ((name, raw.arg),)


def constant(name: str) -> Lowering:
    """The argument numbers an object in ``co_consts``."""
    return lambda raw: ((name, raw.const),)


def named(name: str, shift: int = 0) -> Lowering:
    """The argument numbers a string in ``co_names``."""
    return lambda raw: ((name, raw.name(shift)),)


def slot(name: str) -> Lowering:
    """The argument numbers a slot of the frame."""
    return lambda raw: ((name, raw.slots[raw.arg]),)


def jump(name: str, *before: str) -> Lowering:
    """A jump, with instructions in front that take no argument."""
    parts = tuple((other, None) for other in before)
    return lambda raw: (*parts, (name, raw.unit.target))


def flag(name: str) -> Lowering:
    """The lowest bit of the argument, as a bool."""
    return lambda raw: ((name, bool(raw.arg & 1)),)


def listed(name: str, table: tuple[str, ...], shift: int = 0) -> Lowering:
    """The argument numbers a row of a table."""
    return lambda raw: ((name, table[raw.arg >> shift]),)


def always(name: str, arg: Any, *behind: str) -> Lowering:
    """One instruction with this argument, then others without."""
    parts = ((name, arg), *((other, None) for other in behind))
    return lambda raw: parts


def same(names: str, lowering: Callable[[str], Lowering]) -> dict[str, Lowering]:
    """Rows for instructions that keep their name."""
    return {name: lowering(name) for name in names.split()}


def unpack_ex(raw: Raw) -> Parts:
    return (("UNPACK_EX", (raw.arg & 0xFF, raw.arg >> 8)),)


def push_null_before(name: str) -> Lowering:
    """Up to 3.12: the lowest bit of the argument pushes a NULL first."""

    def lower(raw: Raw) -> Parts:
        load = (name, raw.name(1))
        return (("PUSH_NULL", None), load) if raw.arg & 1 else (load,)

    return lower


def push_null_behind(name: str) -> Lowering:
    """From 3.13: the lowest bit of the argument pushes a NULL last."""

    def lower(raw: Raw) -> Parts:
        load = (name, raw.name(1))
        return (load, ("PUSH_NULL", None)) if raw.arg & 1 else (load,)

    return lower


def attribute_or_method(raw: Raw) -> Parts:
    """From 3.12: the lowest bit of LOAD_ATTR makes it LOAD_METHOD."""
    return (("LOAD_METHOD" if raw.arg & 1 else "LOAD_ATTR", raw.name(1)),)


def super_attribute(raw: Raw) -> Parts:
    return (("LOAD_SUPER_ATTR", (raw.name(2), raw.arg & 3)),)


def format_value(raw: Raw) -> Parts:
    """Up to 3.12: a conversion and a format in one; the specification, if any, lies on top of the value."""
    conversion, has_spec = raw.arg & 3, raw.arg & 4
    convert: Parts = (("CONVERT_VALUE", CONVERSIONS[conversion]),) if conversion else ()
    if not has_spec:
        return (*convert, ("FORMAT_SIMPLE", None))
    if convert:
        convert = (("SWAP", 2), *convert, ("SWAP", 2))
    return (*convert, ("FORMAT_WITH_SPEC", None))


def for_iter(skip: int) -> Lowering:
    """``skip``: code units of the END_FOR (and POP_TOP) at the target that CPython jumps over."""
    return lambda raw: (("FOR_ITER", raw.unit.target + 2 * skip),)


COMMON: dict[str, Lowering] = {
    **same(
        "NOP POP_TOP PUSH_NULL LOAD_BUILD_CLASS LOAD_ASSERTION_ERROR SETUP_ANNOTATIONS UNARY_NEGATIVE UNARY_INVERT "
        "BINARY_SUBSCR STORE_SUBSCR DELETE_SUBSCR GET_LEN MATCH_MAPPING MATCH_SEQUENCE MATCH_KEYS GET_ITER "
        "RETURN_VALUE RETURN_GENERATOR YIELD_VALUE GET_YIELD_FROM_ITER GET_AITER GET_ANEXT END_ASYNC_FOR PUSH_EXC_INFO "
        "POP_EXCEPT CHECK_EXC_MATCH CHECK_EG_MATCH BEFORE_WITH BEFORE_ASYNC_WITH WITH_EXCEPT_START",
        fixed,
    ),
    **same(
        "COPY SWAP COPY_FREE_VARS BUILD_TUPLE BUILD_LIST BUILD_SET BUILD_MAP BUILD_CONST_KEY_MAP BUILD_STRING "
        "BUILD_SLICE LIST_EXTEND LIST_APPEND SET_ADD SET_UPDATE MAP_ADD DICT_UPDATE DICT_MERGE UNPACK_SEQUENCE "
        "MATCH_CLASS CALL MAKE_FUNCTION GET_AWAITABLE RERAISE RAISE_VARARGS",
        number,
    ),
    **same("LOAD_CONST", constant),
    **same(
        "LOAD_NAME STORE_NAME DELETE_NAME STORE_GLOBAL DELETE_GLOBAL STORE_ATTR DELETE_ATTR IMPORT_NAME IMPORT_FROM",
        named,
    ),
    **same("STORE_FAST DELETE_FAST LOAD_DEREF STORE_DEREF DELETE_DEREF MAKE_CELL", slot),
    **same("IS_OP CONTAINS_OP CALL_FUNCTION_EX", flag),
    "JUMP_FORWARD": jump("JUMP"),
    "JUMP_BACKWARD": jump("JUMP"),
    "JUMP_BACKWARD_NO_INTERRUPT": jump("JUMP"),
    "BINARY_OP": listed("BINARY_OP", OPERATORS),
    "UNPACK_EX": unpack_ex,
    "CACHE": fixed("NOP"),
    "RESUME": fixed("NOP"),
}
