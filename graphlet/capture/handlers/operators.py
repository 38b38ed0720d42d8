"""Operators: folded on plain constants, passed to the array rules for arrays and numbers."""

import operator
from collections.abc import Callable
from typing import Any

from graphlet.arrayops.scalar import SYMBOLS
from graphlet.capture import arrays, combining, comparisons, equality, specials, stores, unions
from graphlet.capture.breaks import Break
from graphlet.capture.folding import fold
from graphlet.capture.identity import same_object
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.payloads import base_of, plain_of, plain_pair
from graphlet.capture.pytypes import NUMBERS, is_plain
from graphlet.capture.specials import ARITHMETIC, is_user
from graphlet.capture.truth import truth
from graphlet.core.comparisons import COMPARISONS
from graphlet.core.pristine import np
from graphlet.guards.hold import TypeSet
from graphlet.guards.kinds import Compare
from graphlet.guards.names import type_name
from graphlet.opcodes.decode import Instr
from graphlet.sources import Known, Source
from graphlet.values.base import Array, Constant, Scalar, Sequence, Value
from graphlet.values.objects import Instance

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    **{symbol: SYMBOLS[symbol] for symbol in ("+", "-", "*", "/", "//", "%", "<<", ">>", "&", "|", "^")},
    **{"**": operator.pow, "@": operator.matmul},
}
UNARY: dict[str, Callable[[Any], Any]] = {"-": operator.neg, "+": operator.pos, "~": operator.invert}
_ORDERED = TypeSet(bool, int, float)


def binary(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """``left <symbol> right``; the symbol may be an in-place one."""
    if symbol == "+=" and stores.growing(m, left) is not None and type(m.read(right)) is Sequence:
        return m.call(m, Constant(list.__iadd__), (left, right), {})
    left, right = m.read(left), m.read(right)
    if isinstance(left, Constant) and isinstance(right, Constant) and is_plain(left.value) and is_plain(right.value):
        return Constant(fold(BINARY[symbol.rstrip("=")], left.value, right.value))
    if base_of(left) or base_of(right):
        name = ARITHMETIC[symbol.removesuffix("=")]
        left, right = plain_pair(m, symbol, tuple(f"__{prefix}{name}__" for prefix in ("", "r", "i")), left, right)
        if not (base_of(left) or base_of(right)):
            return binary(m, symbol, left, right)
    if is_user(left) or is_user(right):
        return specials.binary(m, symbol, left, right)
    if symbol in ("|", "|=") and unions.are_dicts(left, right):
        return unions.merged(m, symbol, left, right)
    for side in (left, right):
        refuse_subclass(side)
    if operands(left, right):
        return arrays.inplace(m, symbol, left, right) if symbol.endswith("=") else arrays.binary(m, symbol, left, right)
    return combining.binary(m, symbol, left, right)


def operands(left: Value, right: Value) -> bool:
    """Whether the array rules take these two: arrays, numbers, and lists or tuples next to an array."""
    if isinstance(left, Array) or isinstance(right, Array):
        return all(numeric(side) or isinstance(side, Sequence) for side in (left, right))
    return numeric(left) and numeric(right)


def numeric(value: Value) -> bool:
    """An array or a number."""
    return isinstance(value, (Array, Scalar)) or (isinstance(value, Constant) and is_number(value.value))


def is_number(value: Any) -> bool:
    return type(value) in NUMBERS or isinstance(value, (np.number, np.datetime64))


def refuse_subclass(value: Value) -> None:
    """Objects of classes define their own operators."""
    if isinstance(value, Instance) and issubclass(value.type, np.ndarray):
        raise Break("GL106", f"{describe(value)} is a {type_name(value.type)}, a subclass of ndarray", name_of(value))
    if isinstance(value, Instance) and value.type is not dict:
        raise Break("GL110", f"an operator on {describe(value)}, a {type_name(value.type)}", name_of(value))


def compare(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """``left <symbol> right`` for the six comparisons."""
    left, right = m.read(left), m.read(right)
    if isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(compare_constants(symbol, left, right))
    if base_of(left) or base_of(right):
        left, right = plain_pair(m, symbol, comparisons.NAMES[symbol], left, right)
        if not (base_of(left) or base_of(right)):
            return compare(m, symbol, left, right)
    one, other = ordered(left), ordered(right)
    if one is not None and other is not None:
        (a, source_a), (b, source_b) = one, other
        outcome = COMPARISONS[symbol](a, b)
        m.guard(Compare(source_a, symbol, source_b, outcome))
        return Constant(outcome)
    if is_user(left) or is_user(right):
        return comparisons.compare(m, symbol, left, right)
    for side in (left, right):
        refuse_subclass(side)
    if operands(left, right):
        return arrays.compare(m, symbol, left, right)
    return equality.compare(m, symbol, left, right, compare)


def ordered(value: Value) -> tuple[Any, Source] | None:
    """Value and source of a plain number that was there before, or of a constant."""
    if isinstance(value, Constant) and type(value.value) in _ORDERED:
        return value.value, Known(value.value)
    if isinstance(value, Scalar) and value.source is not None and value.type.pytype in _ORDERED:
        return value.hint, value.source
    return None


def compare_constants(symbol: str, left: Constant, right: Constant) -> bool:
    """Constants of plain types by value; types, functions and modules by identity."""
    if is_plain(left.value) and is_plain(right.value):
        return bool(fold(COMPARISONS[symbol], left.value, right.value))
    if symbol in ("==", "!="):
        known = arrays.equal_constants(left.value, right.value)
        if known is not None:
            return known if symbol == "==" else not known
        if type(left.value) is type is type(right.value):
            return (left.value is right.value) == (symbol == "==")
    raise Break("GL110", f"a comparison of {describe(left)} and {describe(right)}", name_of(left))


def unary(m: Machine, symbol: str, value: Value) -> Value:
    """``-value``, ``+value`` or ``~value``"""
    value = m.read(value)
    if isinstance(value, Constant) and is_number(value.value):
        return Constant(fold(UNARY[symbol], value.value))
    value = plain_of(m, value, specials.UNARY[symbol])
    if is_user(value):
        return specials.unary(m, symbol, value)
    refuse_subclass(value)
    if numeric(value):
        return arrays.unary(m, symbol, value)
    raise Break("GL110", f"`{symbol}` of {describe(value)}", name_of(value))


def binary_op(m: Machine, instr: Instr) -> None:
    frame = m.frame
    left, right = frame.pops(2)
    frame.push(binary(m, instr.arg, left, right))


def compare_op(m: Machine, instr: Instr) -> None:
    frame = m.frame
    left, right = frame.pops(2)
    frame.push(compare(m, instr.arg, left, right))


def _unary_op(symbol: str) -> Callable[[Machine, Instr], None]:
    def handler(m: Machine, instr: Instr) -> None:
        m.frame.push(unary(m, symbol, m.frame.pop()))

    return handler


def to_bool(m: Machine, instr: Instr) -> None:
    m.frame.push(Constant(truth(m, m.frame.pop())))


def unary_not(m: Machine, instr: Instr) -> None:
    m.frame.push(Constant(not truth(m, m.frame.pop())))


def is_op(m: Machine, instr: Instr) -> None:
    frame = m.frame
    left, right = frame.pops(2)
    frame.push(Constant(same_object(m, left, right) != bool(instr.arg)))


def contains_op(m: Machine, instr: Instr) -> None:
    frame = m.frame
    item, container = frame.pops(2)
    frame.push(Constant(equality.contains(m, item, container, compare) != bool(instr.arg)))


HANDLERS: dict[str, Callable[[Machine, Instr], None]] = {
    "BINARY_OP": binary_op,
    "COMPARE_OP": compare_op,
    "UNARY_NEGATIVE": _unary_op("-"),
    "UNARY_INVERT": _unary_op("~"),
    "TO_BOOL": to_bool,
    "UNARY_NOT": unary_not,
    "IS_OP": is_op,
    "CONTAINS_OP": contains_op,
}
