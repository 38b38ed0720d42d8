"""Comparisons of objects of classes, as Python asks one side, then the other, and then compares identity."""

from graphlet.capture.breaks import Break
from graphlet.capture.identity import same_object
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import is_plain, lookup
from graphlet.capture.specials import answered, attribute, call_special, check_order, is_user, require_deferring
from graphlet.capture.truth import truth
from graphlet.values.base import Constant, Mapping, Scalar, Sequence, Value
from graphlet.values.objects import Instance, Object

NAMES: dict[str, tuple[str, str]] = {
    "<": ("__lt__", "__gt__"),
    "<=": ("__le__", "__ge__"),
    "==": ("__eq__", "__eq__"),
    "!=": ("__ne__", "__ne__"),
    ">": ("__gt__", "__lt__"),
    ">=": ("__ge__", "__le__"),
}


def compare(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """``left <symbol> right`` where at least one side is an object of a class."""
    check_order(left, right)
    name, reflected = NAMES[symbol]
    if not is_user(left):
        require_deferring(m, left, right)
    if not is_user(right) and not is_simple(right):
        asked = answer(m, left, name, right) if is_user(left) and own(left, name) else None
    else:
        asked = answer(m, left, name, right) or answer(m, right, reflected, left)
        if asked is None and symbol in ("==", "!="):
            return Constant(same_object(m, left, right) is (symbol == "=="))
    if asked is None:
        raise Break("GL110", f"`{symbol}` of {describe(left)} and {describe(right)}", name_of(left))
    return asked


def is_simple(value: Value) -> bool:
    """A value whose type has no opinion about objects of classes."""
    if isinstance(value, Scalar):
        return value.type.dtype is None
    return isinstance(value, (Sequence, Mapping)) or (isinstance(value, Constant) and is_plain(value.value))


def own(value: Value, name: str) -> bool:
    """Whether a class has a comparison of its own."""
    assert isinstance(value, (Object, Instance))
    return lookup(value.type, name) is not object.__dict__[name]


def answer(m: Machine, value: Value, name: str, other: Value) -> Value | None:
    """What one side says, None if it has nothing to say."""
    if not is_user(value):
        return None
    if own(value, name):
        result = call_special(m, value, name, other)
        return result if answered(result) else None
    assert isinstance(value, (Object, Instance))
    m.read(m.reader.unread(attribute(value, name), lookup(value.type, name)))
    if name == "__eq__":
        return Constant(True) if same_object(m, value, other) else None
    if name == "__ne__":
        equal = answer(m, value, "__eq__", other)
        return None if equal is None else Constant(not truth(m, equal))
    return None
