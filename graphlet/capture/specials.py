"""Special methods that Python classes define: ``__add__``, ``__eq__``, ``__len__`` ... They are followed like calls."""

import types
from enum import Enum
from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import CONTAINERS, MISSING, NUMBERS, exact_type, lookup, mro
from graphlet.core.pristine import np
from graphlet.guards.kinds import ClassLacks, TypeLacks
from graphlet.guards.names import type_name
from graphlet.sources import TypeAttr, TypeOf
from graphlet.values.base import Array, Constant, Mapping, Scalar, Value
from graphlet.values.objects import Derived, Instance, Object

ARITHMETIC: dict[str, str] = {
    **{"+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow", "@": "matmul"},
    **{"&": "and", "|": "or", "^": "xor", "<<": "lshift", ">>": "rshift"},
}
UNARY = {"-": "__neg__", "+": "__pos__", "~": "__invert__", "abs": "__abs__"}
_BUILTIN = (int, float, complex, str, bytes, tuple, list, dict, set, frozenset, np.generic, np.ndarray)


def is_user(value: Value) -> bool:
    """An object of a class that is neither a number, a container nor an array of any kind."""
    if isinstance(value, Object):
        return True
    if not isinstance(value, Instance) or value.type in CONTAINERS:
        return False
    return not issubclass(value.type, _BUILTIN) or issubclass(value.type, Enum)


def special(m: Machine, value: Value, name: str) -> Value | None:
    """A special method of an object's class, not bound; None if it has none. Raises Break if it is no function."""
    if not is_user(value):
        return None
    assert isinstance(value, (Object, Instance))
    found = lookup(value.type, name)
    if found is MISSING:
        m.guard(lacks(value, name))
        return None
    if type(found) is not types.FunctionType:
        raise Break("GL110", f"`{name}` of {describe(value)}, a {type_name(value.type)}", name_of(value))
    return m.reader.unread(attribute(value, name), found)


def contents(m: Machine, value: Value, name: str) -> Value:
    """The dict or list that an object of a derived class is, if the class leaves this method as that of the base.

    Other values as they are.
    """
    if not isinstance(value, Derived):
        return value
    found, base = lookup(value.type, name), dict if isinstance(value.contents, Mapping) else list
    if found is not lookup(base, name):
        return value
    if found is MISSING:
        m.guard(lacks(value, name))
    else:
        m.read(m.reader.unread(attribute(value, name), found))
    return value.contents


def lacks(value: Object | Instance, name: str) -> ClassLacks | TypeLacks:
    """The guard that a class has no such method."""
    if isinstance(value, Object):
        return ClassLacks(value.at, name)
    assert value.source is not None
    return TypeLacks(value.source, name)


def attribute(value: Object | Instance, name: str) -> TypeAttr:
    """Where a class attribute is found."""
    if isinstance(value, Object):
        return TypeAttr(value.at, name)
    assert value.source is not None
    return TypeAttr(TypeOf(value.source), name)


def call_special(m: Machine, value: Value, name: str, *args: Value) -> Value | None:
    """``value.name(*args)``, None if the class has no such method."""
    function = special(m, value, name)
    return None if function is None else m.read(m.call(m, function, (value, *args), {}))


def answered(result: Value | None) -> bool:
    """Whether a method was there and did not return ``NotImplemented``."""
    return result is not None and not (isinstance(result, Constant) and result.value is NotImplemented)


def binary(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """``left <symbol> right`` where at least one side is an object of a class; the symbol may be an in-place one."""
    name = ARITHMETIC[symbol.removesuffix("=")]
    check_order(left, right)
    names = [f"__i{name}__", f"__{name}__"] if symbol.endswith("=") else [f"__{name}__"]
    for one in names if is_user(left) else ():
        result = call_special(m, left, one, right)
        if result is not None and answered(result):
            return result
    if exact_type(left) is not exact_type(right):
        require_deferring(m, left, right)
        result = call_special(m, right, f"__r{name}__", left)
        if result is not None and answered(result):
            return result
    raise Break("GL110", f"`{symbol}` of {describe(left)} and {describe(right)}", name_of(left))


def check_order(left: Value, right: Value) -> None:
    """The right side comes first if its class is derived from that of the left; that is left to Python."""
    one, other = exact_type(left), exact_type(right)
    if one is None or other is None or (one is not other and any(base is one for base in mro(other))):
        raise Break("GL110", f"an operator on {describe(left)} and {describe(right)}", name_of(left))


def require_deferring(m: Machine, left: Value, right: Value) -> None:
    """What stands on the left must certainly leave the operation to the object on the right."""
    if is_user(left) or (isinstance(left, Constant) and type(left.value) in NUMBERS):
        return
    if isinstance(left, Scalar) and left.type.dtype is None:
        return
    if isinstance(left, (Array, Scalar)) and isinstance(right, (Object, Instance)):  # noqa: SIM102
        if lookup(right.type, "__array_ufunc__") is None:
            m.read(m.reader.unread(attribute(right, "__array_ufunc__"), None))
            return
    raise Break("GL110", f"an operator on {describe(left)} and {describe(right)}", name_of(left))


def unary(m: Machine, symbol: str, value: Value) -> Value:
    """``-value``, ``+value``, ``~value`` or ``abs(value)`` of an object of a class."""
    result = call_special(m, value, UNARY[symbol])
    if result is None:
        raise Break("GL110", f"`{symbol}` of {describe(value)}", name_of(value))
    return result


def whole(m: Machine, value: Value, result: Value, what: Any) -> Value:
    """What ``__len__`` or ``__bool__`` returned, if it is certainly of the right type and range."""
    if isinstance(result, Constant) and type(result.value) is what and result.value >= 0:
        return result
    if what is int and isinstance(result, Scalar) and is_size(m, result):
        return result
    raise Break("GL110", f"what {describe(value)} says about itself is not known", name_of(value))


def is_size(m: Machine, number: Scalar) -> bool:
    """Whether a number is the size of an array."""
    made = number.node is not None and number.node.row is not None and number.node.row.name in ("size", "total_size")
    return made or any(number is size for size in m.reader.dim_values.values())
