"""Names and short texts of objects, made without running user code."""

import types
from typing import Any

from graphlet.core.pristine import np
from graphlet.guards.hold import TYPE_MODULE, TypeSet, is_constant, is_value

_TYPE_NAME = type.__dict__["__name__"]
_BRIEF = 40
_BUILTIN_CALLABLES = TypeSet(types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType)


def type_name(kind: type) -> str:
    """A type's name; ``kind`` may have a metaclass with ideas of its own."""
    name: str = _TYPE_NAME.__get__(kind)
    return name


def object_name(value: Any) -> str:
    """How a text refers to an object: a name if it has one of its own, a literal if it is a constant, else its type."""
    kind = type(value)
    if issubclass(kind, type):
        return _qualified(TYPE_MODULE.__get__(value), type_name(value))
    if kind is types.ModuleType:
        return str(value.__dict__.get("__name__", "module"))
    if kind is types.FunctionType:
        return _qualified(value.__module__, value.__qualname__)
    if kind is types.CodeType:
        return f"the code of {value.co_name}"
    if kind in _BUILTIN_CALLABLES:
        return str(value.__qualname__)
    if kind is np.ufunc:
        return f"numpy.{value.__name__}"
    if kind is type(np.mean):
        return _qualified(value.__module__, value.__name__)
    if is_constant(value):
        text = repr(value)
        return text if len(text) <= _BRIEF else f"{text[: _BRIEF - 3]}..."
    if is_value(value) or issubclass(kind, np.dtype):
        return str(value)
    return f"a {type_name(kind)}"


def _qualified(module: Any, name: str) -> str:
    return name if type(module) is not str or module in ("builtins", "__main__") else f"{module}.{name}"
