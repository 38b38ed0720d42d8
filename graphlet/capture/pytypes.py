"""The exact Python type a value has, and what that type defines."""

import types
from collections import OrderedDict, defaultdict, deque
from functools import partial
from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.core.pristine import np
from graphlet.guards.hold import TypeSet
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Slice, Value
from graphlet.values.objects import (
    AsyncGenerator,
    Cell,
    Coroutine,
    DefaultDict,
    Function,
    Generator,
    Getter,
    Instance,
    Made,
    Method,
    NamedTuple,
    Names,
    Object,
    Ordered,
    Partial,
    Range,
    Record,
    Set,
    Stream,
)

SEQUENCES = {"tuple": tuple, "list": list, "deque": deque}
_MISSING = object()

# Immutable builtin types: their operations run no user code and always give the same result.
PLAIN = TypeSet(bool, int, float, complex, str, bytes, type(None), range, type(Ellipsis))
CONTAINERS = TypeSet(dict, list, tuple)
LISTS = TypeSet(list, tuple)
NUMBERS = TypeSet(bool, int, float, complex)
_NESTED = TypeSet(tuple, frozenset)


def type_of(m: Machine, value: Value) -> type:
    """The exact type of a value. Raises Break if it is not known."""
    value = m.read(value)
    found = exact_type(value)
    if found is None:
        raise Break("GL110", f"the type of {describe(value)} is not known", name_of(value))
    return found


def exact_type(value: Value) -> type | None:
    """The exact type of a value that has been read, if it is known: guarded for what was there before."""
    if isinstance(value, Constant):
        return type(value.value)
    if isinstance(value, Array):
        return np.ndarray
    if isinstance(value, Scalar):
        return value.type.pytype
    if isinstance(value, (Instance, Made, Object, NamedTuple, Getter, Stream)):
        return value.type
    if isinstance(value, Set):
        return type(value.now)
    if isinstance(value, Sequence):
        return SEQUENCES.get(value.kind)
    return _SIMPLE.get(type(value))


_SIMPLE: dict[type, type] = {
    Mapping: dict,
    Record: np.void,
    Names: dict,
    DefaultDict: defaultdict,
    Ordered: OrderedDict,
    Slice: slice,
    Range: range,
    Function: types.FunctionType,
    Method: types.MethodType,
    Partial: partial,
    Cell: types.CellType,
    Generator: types.GeneratorType,
    Coroutine: types.CoroutineType,
    AsyncGenerator: types.AsyncGeneratorType,
}


def lookup(kind: type, name: str) -> Any:
    """What the method resolution order of a type finds, without running anything; ``MISSING`` if nothing."""
    for base in mro(kind):
        found = type.__dict__["__dict__"].__get__(base).get(name, _MISSING)
        if found is not _MISSING:
            return found
    return MISSING


MISSING: Any = _MISSING


def mro(kind: type) -> tuple[type, ...]:
    """The method resolution order of a type, without running anything."""
    found: tuple[type, ...] | None = type.__dict__["__mro__"].__get__(kind)
    if found is None:
        raise Break("GL110", f"the class {type.__dict__['__name__'].__get__(kind)} is being made")
    return found


def is_none(value: Value | None) -> bool:
    """Whether an argument is absent, or known to be None."""
    return value is None or (isinstance(value, Constant) and value.value is None)


def compares_by_type(value: Value) -> bool:
    """Of one of Python's own types, whose ``==`` says no to other types: unequal to None and to every set."""
    return isinstance(value, (Sequence, Mapping, Slice)) or (isinstance(value, Scalar) and value.type.dtype is None)


def is_plain(value: Any) -> bool:
    """Whether a constant is of a plain type, or a tuple or frozenset of such."""
    if type(value) in _NESTED:
        return all(is_plain(item) for item in value)
    return type(value) in PLAIN
