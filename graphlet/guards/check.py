"""Guards and sources in plain Python: the slow twin of the native programs, for tests and for explanations.

Like the native side it runs no user code: look-ups compare constants only, attributes are read from the dictionaries
and slots they live in. An object's own dictionary is read natively, since in Python to ask for it makes it.
"""

import builtins
import types
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphlet._guards import own_entry
from graphlet.core.comparisons import COMPARISONS
from graphlet.core.pristine import np
from graphlet.guards.hold import TypeSet, held, is_constant
from graphlet.guards.kinds import (
    ArrayIs,
    ClassLacks,
    Compare,
    Guard,
    IdentityIs,
    InstanceLacks,
    KeysAre,
    LengthIs,
    NotOverlapping,
    SameObject,
    TokenIs,
    TypeIs,
    TypeLacks,
    UnitIs,
    ValueIs,
)
from graphlet.guards.plan import TOKENS, constant_key
from graphlet.sources import (
    CellContents,
    DictItem,
    FunctionGlobal,
    FunctionSlot,
    Global,
    Globals,
    InstanceAttr,
    Item,
    Known,
    Limit,
    LiveIn,
    ModuleAttr,
    Mro,
    OwnDict,
    PlainOf,
    ShapeItem,
    SlotAttr,
    Source,
    TypeAttr,
    TypeOf,
)

N_BUILTIN_DTYPES = 24  # NPY_NTYPES_LEGACY
_FUNCTION_FIELDS = frozenset(
    ("__code__", "__defaults__", "__kwdefaults__", "__closure__", "__doc__", "__name__", "__qualname__", "__module__")
)
SIZED = TypeSet(tuple, list, deque)
PLAIN_OF: dict[type, Callable[[Any], Any]] = {int: int.__int__, float: float.__float__, str: str.__str__}
REAL = TypeSet(int, float, bool)
_TYPE_MRO = type.__dict__["__mro__"]
_TYPE_DICT = type.__dict__["__dict__"]
_MISSING = object()
WRITEABLE, WARN_ON_WRITE = 0x400, 1 << 31  # NPY_ARRAY_WRITEABLE, NPY_ARRAY_WARN_ON_WRITE

DATES = (np.datetime64, np.timedelta64)


class CannotLoad(Exception):
    """There is nothing at a source: a name is gone, a cell empty, an index out of range, a type unexpected."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where sources are loaded from: the live-ins by position, and the globals of the running frame."""

    live_ins: tuple[Any, ...]
    globals: dict[str, Any]


def load(source: Source, environment: Environment) -> Any:
    """The object at a source. Raises CannotLoad."""
    if isinstance(source, LiveIn):
        return environment.live_ins[source.index]
    if isinstance(source, Global):
        return _load_global(source.name, environment.globals, _builtins_of(environment.globals))
    if isinstance(source, Globals):
        return environment.globals
    if isinstance(source, Known):
        return source.value
    return _LOADS[type(source)](source, load(source.base, environment))


def check(guard: Guard, environment: Environment) -> bool:
    """Whether a guard holds."""
    try:
        if isinstance(guard, (NotOverlapping, SameObject, Compare)):
            left, right = load(guard.left, environment), load(guard.right, environment)
            return _PAIR_CHECKS[type(guard)](guard, left, right)
        return _CHECKS[type(guard)](guard, load(guard.source, environment))
    except CannotLoad:
        return False


# ---- look-ups


def _find(entries: Any, key: Any) -> Any:
    """The value of a constant key among the entries of a dict."""
    bytes_key = type(key) is bytes
    for stored, value in entries:
        if stored is key:
            return value
        # bytes are only compared with bytes: anything else would warn under -b
        if is_constant(stored) and (type(stored) is bytes) is bytes_key and stored == key:
            return value
    raise CannotLoad(key)


def _exact_dict(namespace: Any) -> dict[Any, Any]:
    if issubclass(type(namespace), types.ModuleType):
        namespace = namespace.__dict__
    if type(namespace) is not dict:
        raise CannotLoad
    return namespace


def _builtins_of(namespace: dict[str, Any]) -> Any:
    return namespace.get("__builtins__", builtins)


def _load_global(name: str, namespace: Any, fallback: Any) -> Any:
    try:
        return _find(_exact_dict(namespace).items(), name)
    except CannotLoad:
        return _find(_exact_dict(fallback).items(), name)


def _find_on_type(kind: type, name: str) -> Any:
    for cls in _TYPE_MRO.__get__(kind):
        try:
            return _find(_TYPE_DICT.__get__(cls).items(), name)
        except CannotLoad:
            continue
    raise CannotLoad(name)


def _own_entry(value: Any, name: str) -> Any:
    """An entry of an instance's own dictionary."""
    found = own_entry(value, name, _MISSING)
    if found is _MISSING:
        raise CannotLoad(name)
    return found


# ---- sources


def _function_global(source: FunctionGlobal, base: Any) -> Any:
    function = base
    if type(base) is not types.FunctionType:
        raise CannotLoad
    return _load_global(source.name, function.__globals__, function.__builtins__)


def _cell_contents(source: CellContents, base: Any) -> Any:
    try:
        return types.CellType.cell_contents.__get__(base)
    except (TypeError, ValueError):
        raise CannotLoad from None


def _function_slot(source: FunctionSlot, base: Any) -> Any:
    if source.slot not in _FUNCTION_FIELDS:
        return _slot(type(base), source.slot, base)
    if type(base) is not types.FunctionType:
        raise CannotLoad
    return getattr(base, source.slot)


def _slot(kind: type, name: str, base: Any) -> Any:
    descriptor = _find_on_type(kind, name)
    if type(descriptor) is not types.MemberDescriptorType:
        raise CannotLoad
    try:
        return descriptor.__get__(base)
    except (AttributeError, TypeError):
        raise CannotLoad from None


def _module_attr(source: ModuleAttr, base: Any) -> Any:
    if type(base) is not types.ModuleType:
        raise CannotLoad
    return _find(_exact_dict(base).items(), source.name)


def _type_attr(source: TypeAttr, base: Any) -> Any:
    if not issubclass(type(base), type):
        raise CannotLoad
    return _find_on_type(base, source.name)


def _mro(source: Mro, base: Any) -> Any:
    if not issubclass(type(base), type):
        raise CannotLoad
    return _TYPE_MRO.__get__(base)


def _item(source: Item, base: Any) -> Any:
    if type(base) is list or type(base) is deque:
        kind: Any = type(base)
    elif issubclass(type(base), tuple):
        kind = tuple
    else:
        raise CannotLoad
    if source.index >= kind.__len__(base):
        raise CannotLoad
    return kind.__getitem__(base, source.index)


def _dict_item(source: DictItem, base: Any) -> Any:
    if not issubclass(type(base), dict):
        raise CannotLoad
    return _find(dict.items(base), source.key)


def _own_dict(source: OwnDict, base: Any) -> Any:
    for cls in _TYPE_MRO.__get__(type(base)):
        descriptor = _TYPE_DICT.__get__(cls).get("__dict__")
        if type(descriptor) is types.GetSetDescriptorType:
            return descriptor.__get__(base)
    raise CannotLoad


def _limit(source: Limit, base: Any) -> Any:
    if type(base) is not deque:
        raise CannotLoad
    return base.maxlen


def _shape_item(source: ShapeItem, base: Any) -> Any:
    if type(base) is not np.ndarray or source.axis >= base.ndim:
        raise CannotLoad
    return base.shape[source.axis]


def _plain_of(source: PlainOf, base: Any) -> Any:
    for kind, convert in PLAIN_OF.items():
        if issubclass(type(base), kind):
            return convert(base)
    raise CannotLoad


_LOADS: dict[type, Callable[[Any, Any], Any]] = {
    FunctionGlobal: _function_global,
    CellContents: _cell_contents,
    FunctionSlot: _function_slot,
    ModuleAttr: _module_attr,
    InstanceAttr: lambda source, base: _own_entry(base, source.name),
    SlotAttr: lambda source, base: _slot(type(base), source.name, base),
    TypeAttr: _type_attr,
    TypeOf: lambda source, base: type(base),
    Mro: _mro,
    Item: _item,
    DictItem: _dict_item,
    OwnDict: _own_dict,
    Limit: _limit,
    ShapeItem: _shape_item,
    PlainOf: _plain_of,
}


# ---- guards


def order_of(array: np.ndarray[Any, Any]) -> str:
    """The layout class of an array, as in ArrayIs."""
    return "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else "K"


def is_nested(array: np.ndarray[Any, Any]) -> bool:
    """Whether each axis steps over all that lies behind it."""
    extent = array.itemsize
    for size, stride in zip(reversed(array.shape), reversed(array.strides), strict=True):
        if size > 1 and abs(stride) < extent:
            return False
        extent += max(size - 1, 0) * abs(stride)
    return True


def has_order(array: np.ndarray[Any, Any], order: str) -> bool:
    """Whether an array is of this layout class."""
    return order_of(array) == ("K" if order == "S" else order) and (order != "S" or is_nested(array))


def same_dtype(left: np.dtype[Any], right: np.dtype[Any]) -> bool:
    """The same dtype for every purpose: one object, or copies of a builtin one without metadata."""
    if left is right:
        return True
    if left.num != right.num or left.kind == "V" or not 0 <= left.num < N_BUILTIN_DTYPES:
        return False
    return left == right and left.metadata is None and right.metadata is None


def is_writeable(array: np.ndarray) -> bool:
    """Whether an array may be written without a warning, of which views made by ``np.broadcast_arrays`` are not sure.

    Asking such a view for ``flags.writeable`` warns as well.
    """
    flags = array.flags.num
    return bool(flags & WRITEABLE) and not flags & WARN_ON_WRITE


def _array_is(guard: ArrayIs, value: Any) -> bool:
    return (
        type(value) is np.ndarray
        and same_dtype(value.dtype, guard.dtype)
        and tuple(size == 1 for size in value.shape) == tuple(guard.ones)
        and has_order(value, guard.order)
        and (bool(value.flags.aligned) or not guard.aligned)
        and guard.writeable in (None, is_writeable(value))
    )


def n_items(value: Any) -> int | None:
    """The length of a container of one of Python's own types, or derived from ``dict``; None for anything else."""
    if issubclass(type(value), dict):
        return dict.__len__(value)
    return len(value) if type(value) in SIZED else None


def _keys_are(guard: KeysAre, value: Any) -> bool:
    if not issubclass(type(value), dict) or not all(is_constant(key) for key in dict.keys(value)):
        return False
    kind = OrderedDict if issubclass(type(value), OrderedDict) else dict
    return [constant_key(key) for key in kind.__iter__(value)] == [constant_key(key) for key in guard.keys]


def _lacks(guard: InstanceLacks, value: Any) -> bool:
    return own_entry(value, guard.name, _MISSING) is _MISSING


def _type_lacks(guard: TypeLacks | ClassLacks, kind: Any) -> bool:
    if not isinstance(kind, type):
        return False
    try:
        _find_on_type(kind, guard.name)
    except CannotLoad:
        return True
    return False


def _not_overlapping(guard: NotOverlapping, left: Any, right: Any) -> bool:
    return type(left) is type(right) is np.ndarray and not np.may_share_memory(left, right)


def _compare(guard: Compare, left: Any, right: Any) -> bool:
    if type(left) not in REAL or type(right) not in REAL:
        return False
    return COMPARISONS[guard.op](left, right) is guard.outcome


_CHECKS: dict[type, Callable[[Any, Any], bool]] = {
    TypeIs: lambda guard, value: type(value) is held(guard.type),
    IdentityIs: lambda guard, value: value is held(guard.value),
    ValueIs: lambda guard, value: type(value) is type(guard.value) and constant_key(value) == constant_key(guard.value),
    ArrayIs: _array_is,
    LengthIs: lambda guard, value: n_items(value) == guard.length,
    KeysAre: _keys_are,
    InstanceLacks: _lacks,
    TypeLacks: lambda guard, value: _type_lacks(guard, type(value)),
    ClassLacks: _type_lacks,
    UnitIs: lambda guard, value: type(value) in DATES and np.datetime_data(value.dtype) == guard.unit,
    TokenIs: lambda guard, value: any(value is fn for fn in TOKENS) and value() == guard.token,
}

_PAIR_CHECKS: dict[type, Callable[[Any, Any, Any], bool]] = {
    NotOverlapping: _not_overlapping,
    SameObject: lambda guard, left, right: (left is right) is guard.same,
    Compare: _compare,
}
