"""Numbers and texts of a class of their own (``IntEnum``, ``class Name(str, Enum)``), used as what they are.

Where the class leaves an operator as that of ``int``, ``float`` or ``str``, the plain number or text stands for the
object. NumPy does not take them for Python's own numbers: next to an array they have a dtype of their own.
"""

from typing import Any

from graphlet.capture.machine import Machine
from graphlet.capture.pytypes import MISSING, lookup
from graphlet.core.pristine import np
from graphlet.guards.check import PLAIN_OF
from graphlet.guards.kinds import IdentityIs, TypeLacks
from graphlet.sources import PlainOf, TypeAttr, TypeOf
from graphlet.values.base import Array, Value
from graphlet.values.objects import Instance

_AS_ARRAYS = ("__array_ufunc__", "__array_priority__", "__array__", "__array_interface__", "__array_struct__")
_SAME_IN_ARRAYS = ("+", "-", "*", "<", "<=", "==", "!=", ">", ">=")
_LARGEST = 2**31


def base_of(value: Value) -> type | None:
    """The plain type that the class of an object that was there before is derived from."""
    if not isinstance(value, Instance) or issubclass(value.type, np.generic):
        return None
    return next((base for base in PLAIN_OF if issubclass(value.type, base)), None)


def plain_of(m: Machine, value: Value, *names: str) -> Value:
    """The number or text itself, where the class has nothing else under these names; other values as they are."""
    base = base_of(value)
    if base is None or not isinstance(value, Instance) or value.source is None:
        return value
    found = {name: lookup(value.type, name) for name in names}
    if any(method is not base.__dict__.get(name, getattr(object, name, MISSING)) for name, method in found.items()):
        return value
    for name, method in found.items():
        at = TypeAttr(TypeOf(value.source), name)
        m.guard(TypeLacks(value.source, name) if method is MISSING else IdentityIs(at, method))
    return m.read(m.reader.unread(PlainOf(value.source), PLAIN_OF[base](value.example)))


def plain_pair(m: Machine, symbol: str, names: tuple[str, ...], left: Value, right: Value) -> tuple[Value, Value]:
    """Both sides of an operator."""
    arrays = [side for side in (left, right) if isinstance(side, Array)]
    if not arrays:
        return plain_of(m, left, *names), plain_of(m, right, *names)
    if symbol in _SAME_IN_ARRAYS and all(array.type.dtype in (np.float64, np.int64) for array in arrays):
        names = (*names, *_AS_ARRAYS)
        return small(m, left, names), small(m, right, names)
    return left, right


def small(m: Machine, value: Value, names: tuple[str, ...]) -> Value:
    """An integer beside an array of 64 bits, whose type and values it does not change."""
    example: Any = value.example if isinstance(value, Instance) and base_of(value) is int else None
    if example is None or not -_LARGEST < int.__int__(example) < _LARGEST:
        return value
    plain = plain_of(m, value, *names)
    if plain is not value:
        m.known(plain)
    return plain
