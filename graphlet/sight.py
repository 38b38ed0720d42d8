"""Whether a function that is called may see arrays: the question the hook asks before it rewrites anything.

Arrays come from arguments and closures, or are made by NumPy, which some module close to the function must have
imported: its own, one it names, or the one an object it is given comes from. A function that is far from all of these,
call after call, is left as it is at hardly any cost. No code of the program runs here.
"""

import gc
import sys
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, GetSetDescriptorType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

# Steps from module to module: a script names a package, which names a module that works with NumPy.
STEPS = 2
# Items of a container, attributes of an object that are looked at, and containers within containers.
ITEMS = 16
DEPTH = 2
# Modules that may come before a module far from NumPy is looked at again: NumPy and what uses it are more than that.
NEW_MODULES = 16

_ARRAYS = (np.ndarray, np.generic, np.ufunc, np.dtype, type(np.sum))
# By id, as in a TypeSet; these are asked about thousands of times before a program has begun.
_PLAIN = frozenset(
    map(
        id,
        (
            int, float, complex, bool, str, bytes, bytearray, type(None), range, slice, type(Ellipsis),
            type(NotImplemented), CodeType,
        ),
    )
)  # fmt: skip
_CONTAINERS = frozenset(map(id, (list, tuple, set, frozenset)))
_namespace_of_type = type.__dict__["__dict__"].__get__
_mro_of_type = type.__dict__["__mro__"].__get__
# What was found out about modules, by name, and for which state of affairs.
_known: dict[str, tuple[tuple[int, int, int], bool]] = {}
_scans: dict[str, "tuple[tuple[int, int], _Seen]"] = {}


def arrays_in_sight(function: FunctionType, code: CodeType, arguments: Iterable[Any]) -> bool:
    """Whether this call of the function has arrays, or anything close to NumPy, within reach."""
    return (
        "numpy" in code.co_names
        or is_near(function.__globals__)
        or _any_may_hold(list(arguments), DEPTH, is_near)
        or _any_may_hold(list(function.__closure__ or ()), DEPTH, is_near)
    )


def arrays_at_hand(function: FunctionType, code: CodeType, arguments: Iterable[Any]) -> bool:
    """Whether arrays are among what the call is given, or the function itself names NumPy."""
    namespace = function.__globals__
    return (
        "numpy" in code.co_names
        or any(_is_numpys_own(namespace.get(name)) for name in code.co_names)
        or _any_may_hold(list(arguments), DEPTH, _is_numpys)
        or _any_may_hold(list(function.__closure__ or ()), DEPTH, _is_numpys)
    )


def _is_numpys_own(value: Any) -> bool:
    home = None if id(type(value)) in _PLAIN else _home(value)
    return home is not None and _is_numpys(home)


def is_near(namespace: dict[str, Any]) -> bool:
    """Whether a module's namespace has something of NumPy's in it, or something of a module that has."""
    name = _registered(namespace)
    if name is None:
        return _is_near(namespace)
    now = id(namespace), len(namespace), len(sys.modules) // NEW_MODULES
    known = _known.get(name)
    if known is None or known[0] != now:
        known = now, _is_near(namespace)
        _known[name] = known
    return known[1]


def _is_near(namespace: dict[str, Any]) -> bool:
    seen: set[str] = set()
    level = [namespace]
    for _ in range(STEPS + 1):
        behind: list[dict[str, Any]] = []
        for here in level:
            found = _looked_at(here)
            if found.numpys:
                return True
            behind += [home for name in found.homes - seen if (home := _module(name)) is not None]
            behind += found.loose
            seen |= found.homes
        level = behind
    return False


class _Seen(NamedTuple):
    """What the values of a namespace show: something of NumPy's; modules they come from, and others without a name."""

    numpys: bool
    homes: frozenset[str]
    loose: tuple[dict[str, Any], ...]


def _looked_at(namespace: dict[str, Any]) -> _Seen:
    """The answer for a namespace, kept for modules as long as they have as many names and name nothing loose."""
    name = _registered(namespace)
    now = id(namespace), len(namespace)
    if name is not None and name in _scans and _scans[name][0] == now:
        return _scans[name][1]
    found = _scan(namespace)
    if name is not None and not found.loose:
        _scans[name] = now, found
    return found


def _scan(namespace: dict[str, Any]) -> _Seen:
    if _is_numpys(namespace):
        return _Seen(True, frozenset(), ())
    homes: dict[int, dict[str, Any]] = {}
    for value in list(namespace.values()):
        home = None if id(type(value)) in _PLAIN else _home(value)
        if home is not None:
            homes[id(home)] = home
    if any(map(_is_numpys, homes.values())):
        return _Seen(True, frozenset(), ())
    homes.pop(id(namespace), None)
    names = frozenset(name for name in map(_registered, homes.values()) if name is not None)
    return _Seen(False, names, tuple(home for home in homes.values() if _registered(home) is None))


def _registered(namespace: dict[str, Any]) -> str | None:
    """The name of the module that has this namespace; None if none that can be imported has."""
    name = namespace.get("__name__")
    module = sys.modules.get(name) if type(name) is str else None
    return name if type(module) is ModuleType and vars(module) is namespace else None


def _is_numpys(namespace: dict[str, Any]) -> bool:
    name = namespace.get("__name__")
    return type(name) is str and (name == "numpy" or name.startswith("numpy."))


_NUMPY = vars(np)


def _home(value: Any) -> dict[str, Any] | None:
    """The namespace of the module that a value or its class was made in; None if it is Python's own."""
    kind = type(value)
    if issubclass(kind, ModuleType):
        return object.__getattribute__(value, "__dict__") if kind is ModuleType else None
    if kind is FunctionType:
        return value.__globals__  # type: ignore[no-any-return]
    if kind is BuiltinFunctionType:
        return _module(value.__module__)
    made_by = value if issubclass(kind, type) else kind
    if issubclass(made_by, _ARRAYS):
        return _NUMPY
    return _module(_own(made_by).get("__module__"))


def _own(kind: type) -> Any:
    """What a class itself defines, without asking its metaclass; some of CPython's own types show nothing."""
    return _namespace_of_type(kind) or {}


def _module(name: Any) -> dict[str, Any] | None:
    module = sys.modules.get(name) if type(name) is str else None
    return vars(module) if type(module) is ModuleType else None


def _may_hold(value: Any, depth: int, close: Callable[[dict[str, Any]], bool]) -> bool:
    """Whether a value is or holds one from a module that is close: NumPy, or near it."""
    kind = type(value)
    if id(kind) in _PLAIN:
        return False
    if kind is CellType:
        try:
            return _may_hold(value.cell_contents, depth, close)
        except ValueError:  # empty
            return False
    if kind is MethodType:
        return _may_hold(value.__self__, depth, close) or _may_hold(value.__func__, depth, close)
    if id(kind) in _CONTAINERS:
        return depth > 0 and _any_may_hold(list(value)[:ITEMS], depth - 1, close)
    if kind is dict:
        return depth > 0 and _any_may_hold(list(value.values())[:ITEMS], depth - 1, close)
    home = _home(value)
    if home is not None and close(home):
        return True
    return depth > 0 and _any_may_hold(_attributes(value), depth - 1, close)


def _any_may_hold(values: list[Any], depth: int, close: Callable[[dict[str, Any]], bool]) -> bool:
    # Most are plain: no call for those.
    return any(id(type(value)) not in _PLAIN and _may_hold(value, depth, close) for value in values)


def _attributes(value: Any) -> list[Any]:
    """The first attributes an object itself has. It is not asked for them: that would make it a dict if it has none."""
    kind = type(value)
    if issubclass(kind, (type, ModuleType)):
        return []
    if not any(type(_own(base).get("__dict__")) is GetSetDescriptorType for base in _mro_of_type(kind) or ()):
        return []
    found: list[Any] = []
    for item in gc.get_referents(value)[:ITEMS]:
        found += list(item.values())[:ITEMS] if type(item) is dict else [] if item is kind else [item]
    return found[:ITEMS]
