"""``a is b``: folded where it is certain, with a guard where it may differ from call to call."""

from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import exact_type
from graphlet.guards.kinds import SameObject
from graphlet.guards.plan import constant_key
from graphlet.sources import Known
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Slice, Value
from graphlet.values.objects import Ambient, Error, Function, Instance, Object, Set

_SINGLETONS = (type(None), bool, type(Ellipsis), type(NotImplemented))
_NEW = (Array, Sequence, Mapping, Slice, Function, Object, Set)  # without a source: made in the region


def same_object(m: Machine, left: Value, right: Value) -> bool:
    """Whether two values are one object. Raises Break if that is not certain."""
    left, right = m.read(left), m.read(right)
    if left is right:
        return True
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Ambient):
            if isinstance(other, Error):
                return False
            raise Break("GL111", "what exception was being handled before this region")
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Constant) and type(one.value) in _SINGLETONS:
            return _is_singleton(m, one, other)
    if isinstance(left, Constant) and isinstance(right, Constant) and not _may_be_copied(left, right):
        return left.value is right.value
    if exact_type(left) is not exact_type(right):
        return False
    if isinstance(left, Constant) and isinstance(right, Constant) and differ(left, right):
        return False
    if any(isinstance(value, Set) and type(value.now) is frozenset for value in (left, right)):
        raise Break("GL110", f"whether {describe(left)} is {describe(right)}: equal frozensets may be one object")
    if existing(left) and existing(right):
        return _guarded(m, left, right)
    if any(isinstance(v, _NEW) and not isinstance(v, Array) and v.source is None for v in (left, right)):
        return False
    raise Break("GL110", f"whether {describe(left)} is {describe(right)} is not certain", name_of(left))


def differ(left: Constant, right: Constant) -> bool:
    """Constants of one type that are not equal cannot be one object."""
    return bool(constant_key(left.value) != constant_key(right.value))


def existing(value: Value) -> bool:
    """An object that was there before and that has an identity worth guarding."""
    there_before = value.source is not None and not isinstance(value.source, Known)
    return there_before and not isinstance(value, (Constant, Scalar))


def _is_singleton(m: Machine, one: Constant, other: Value) -> bool:
    if isinstance(other, Constant):
        return other.value is one.value
    if isinstance(other, Scalar) and other.type.pytype is bool:
        return m.pin(other) is one.value
    return False


def _may_be_copied(left: Constant, right: Constant) -> bool:
    """Equal numbers and strings may or may not be one object."""
    kinds = (int, float, complex, str, bytes, range, frozenset)
    return type(left.value) in kinds and type(left.value) is type(right.value)


def _guarded(m: Machine, left: Value, right: Value) -> bool:
    assert left.source is not None and right.source is not None
    a, b = _example(left), _example(right)
    m.guard(SameObject(left.source, right.source, a is b))
    return a is b


def _example(value: Value) -> object:
    if isinstance(value, Function):
        return value.fn
    if isinstance(value, (Array, Instance)):
        return value.example
    return value  # the reader makes one value of one container


