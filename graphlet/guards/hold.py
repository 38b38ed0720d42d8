"""What a guard may keep alive.

The garbage collector does not look into code objects, and guards hang below one: a strong reference to an object of the
user's would never be freed. So those are held weakly.
"""

import sys
import types
import weakref
from collections import namedtuple
from typing import Any

from graphlet.core.errors import GraphletError
from graphlet.core.pristine import np

TYPE_FLAGS = type.__dict__["__flags__"]
TYPE_MODULE = type.__dict__["__module__"]
TYPE_NAME = type.__dict__["__name__"]
HEAP_TYPE_FLAG = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made at run time, can be freed and can change


class TypeSet:
    """Types told apart by identity: looking for a user's class in a set or dict would call its metaclass."""

    __slots__ = ("_ids",)

    def __init__(self, *kinds: type) -> None:
        self._ids = frozenset(map(id, kinds))

    def __contains__(self, kind: type) -> bool:
        return id(kind) in self._ids


CONSTANT_TYPES = TypeSet(
    types.NoneType, bool, int, float, complex, str, bytes, types.EllipsisType, types.NotImplementedType
)
_DESCRIPTOR_TYPES = TypeSet(
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    types.ClassMethodDescriptorType,
)
# NumPy's numbers whose bytes are their value; a longdouble has padding.
NUMPY_NUMBERS = tuple(np.dtype(char).type for char in "?bBhHiIlLqQefdFD")
_NUMBER_TYPES = TypeSet(*NUMPY_NUMBERS)
NAMED_FIELD = type(namedtuple("_Named", "field").__dict__["field"])
_DISPATCHER_TYPE = type(np.mean)
_MODULES = sys.modules
_LASTING_PACKAGES = frozenset(sys.stdlib_module_names) | {"numpy"}


class CannotHold(GraphletError):
    """An object of the user's that cannot be referred to weakly; its identity cannot be guarded."""


class Weak:
    """A weak reference inside a guard, where the object itself stood."""

    __slots__ = ("reference", "text")

    def __init__(self, value: Any, text: str) -> None:
        self.reference = weakref.ref(value)
        self.text = text


def is_heap_type(kind: type) -> bool:
    """Whether a type was made at run time, so that ``__class__`` assignment and attribute changes may concern it."""
    return bool(TYPE_FLAGS.__get__(kind) & HEAP_TYPE_FLAG)


def is_constant(value: Any) -> bool:
    """A value of an exact builtin immutable type, down to the items of tuples."""
    if type(value) is tuple:
        return all(is_constant(item) for item in value)
    return type(value) in CONSTANT_TYPES


def is_value(value: Any) -> bool:
    """What a ValueIs guard can tell from others: a constant, or a NumPy number of an exact type."""
    return is_constant(value) or type(value) in _NUMBER_TYPES


def _is_lasting_module(module: Any) -> bool:
    """A module of the standard library or NumPy, as imported."""
    if type(module) is not types.ModuleType:
        return False
    if module is np:  # that of graphlet's own forms of functions
        return True
    name = module.__dict__.get("__name__")
    return type(name) is str and name.partition(".")[0] in _LASTING_PACKAGES and sys.modules.get(name) is module


def _is_numpys_class(kind: type) -> bool:
    """A class NumPy defines in Python, such as those of its named results."""
    home = TYPE_MODULE.__get__(kind)
    return type(home) is str and home.partition(".")[0] == "numpy" and _is_lasting_class(kind)


def _is_lasting_class(kind: type) -> bool:
    """A class that a module of the standard library or NumPy has under its name."""
    name, home = TYPE_NAME.__get__(kind), TYPE_MODULE.__get__(kind)
    module = sys.modules.get(home) if type(kind) is type and type(home) is str else None
    return module is not None and _is_lasting_module(module) and module.__dict__.get(name) is kind


def _is_plain_dtype(dtype: np.dtype[Any]) -> bool:
    return dtype.metadata is None and dtype.names is None and dtype.subdtype is None


def may_hold_strongly(value: Any) -> bool:
    """Whether an object lives for ever anyway, or refers to nothing of the user's."""
    kind = type(value)
    if is_value(value) or value is _MODULES:
        return True
    if kind is frozenset:
        return all(map(is_constant, value))
    if issubclass(kind, type):
        return not is_heap_type(value) or value is ExceptionGroup or _is_numpys_class(value)
    if kind is types.ModuleType:
        return _is_lasting_module(value)
    if kind is types.BuiltinFunctionType:
        owner = value.__self__
        return owner is None or _is_lasting_module(owner) or (issubclass(type(owner), type) and not is_heap_type(owner))
    if kind is np.ufunc:
        return not value.__name__.endswith("(vectorized)")  # np.frompyfunc: holds a function
    if kind is _DISPATCHER_TYPE:
        return str(value.__module__).partition(".")[0] == "numpy"
    if kind in _DESCRIPTOR_TYPES:
        return not is_heap_type(value.__objclass__) or _is_lasting_class(value.__objclass__)
    if kind is NAMED_FIELD:
        return is_constant(value.__doc__)
    if issubclass(kind, np.dtype):
        return _is_plain_dtype(value)
    return kind is np.longdouble or kind is np.clongdouble


def hold(value: Any, text: str = "") -> Any:
    """The object itself if it may be held strongly, else a ``Weak``. Raises CannotHold."""
    if may_hold_strongly(value):
        return value
    try:
        return Weak(value, text)
    except TypeError:
        name = type(value).__name__
        raise CannotHold(f"cannot guard the identity of a {name}: it has no weak references") from None


def held(value: Any) -> Any:
    """The object behind what ``hold`` returned; a fresh object, equal to nothing, if it is gone."""
    if type(value) is not Weak:
        return value
    referent = value.reference()
    return object() if referent is None else referent
