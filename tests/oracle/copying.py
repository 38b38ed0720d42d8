"""Copies of arguments that keep what a program can see: layouts, flags, shared memory, shared containers."""

import copy
from collections.abc import Iterable, Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

_CODE = (type, FunctionType, BuiltinFunctionType, ModuleType, CodeType, np.ufunc)
_ATOMS = (*_CODE, str, bytes, int, float, complex, np.generic)


def children(value: Any) -> Iterator[Any]:
    """The objects directly held by a container or instance, in a fixed order."""
    if isinstance(value, _ATOMS) or value is None:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield item
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from value
    elif isinstance(value, slice):
        yield from (value.start, value.stop, value.step)
    elif isinstance(value, MethodType):
        yield value.__self__
    elif isinstance(value, np.ndarray) and value.dtype == object:
        yield from value.ravel(order="C")
    if hasattr(value, "__dict__") and not isinstance(value, MethodType):
        yield from vars(value).values()
    for name in slot_names(type(value)):
        if hasattr(value, name):
            yield getattr(value, name)


def slot_names(kind: type) -> Iterator[str]:
    """The names of the slots that ``kind`` and its bases define."""
    for base in kind.__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__"):
                private = name.startswith("__") and not name.endswith("__")
                yield f"_{base.__name__.lstrip('_')}{name}" if private else name


def find_arrays(value: Any) -> list[np.ndarray]:
    """Every array reachable from ``value``, each once, in a fixed order."""
    found: list[np.ndarray] = []
    seen: set[int] = set()
    todo = [value]
    while todo:
        item = todo.pop()
        if id(item) in seen or isinstance(item, _ATOMS):
            continue
        seen.add(id(item))
        if isinstance(item, np.ndarray):
            found.append(item)
        todo.extend(reversed(list(children(item))))
    return found


def root_of(array: np.ndarray) -> np.ndarray:
    """The array at the end of the chain of bases."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def address(array: np.ndarray) -> int:
    """Where the first element lies."""
    return int(array.__array_interface__["data"][0])


def byte_span(array: np.ndarray) -> tuple[int, int]:
    """The lowest address an array reaches and how many bytes it spans; (address, 0) when it is empty."""
    low = address(array)
    if array.size == 0:
        return low, 0
    high = low + array.itemsize
    for n, stride in zip(array.shape, array.strides, strict=True):
        low, high = low + min(0, (n - 1) * stride), high + max(0, (n - 1) * stride)
    return low, high - low


def _plain(array: np.ndarray) -> bool:
    return type(array) is np.ndarray and not array.dtype.hasobject


def _raw_bytes(array: np.ndarray) -> np.ndarray:
    """The memory of an owner as a flat byte array; its base is the owner."""
    return _descending(array).ravel().view(np.uint8)


def _descending(array: np.ndarray) -> np.ndarray:
    """The array with its axes in order of descending strides."""
    return array.transpose(sorted(range(array.ndim), key=lambda axis: (-array.strides[axis], -array.shape[axis])))


def _copy_owner(array: np.ndarray) -> np.ndarray:
    """A copy of an array that owns its memory in one block: same strides, owns its data."""
    return array.copy(order="K")


def _is_block(array: np.ndarray) -> bool:
    return bool(_descending(array).flags.c_contiguous)


def _copy_foreign(array: np.ndarray, members: Iterable[np.ndarray]) -> np.ndarray:
    """A flat byte copy of all memory that ``members`` (views of a root that is not one block, or foreign) reach."""
    spans = [byte_span(m) for m in (array, *members)]
    low = min(s[0] for s in spans)
    high = max(s[0] + s[1] for s in spans)
    return np.asarray(_Interface(low, high - low)).copy() if high > low else np.empty(0, np.uint8)


class _Interface:
    """Gives an address to NumPy."""

    def __init__(self, low: int, nbytes: int) -> None:
        self.__array_interface__ = {"data": (low, True), "shape": (nbytes,), "typestr": "|u1", "version": 3}


def _copy_group(root: np.ndarray, members: list[np.ndarray], memo: dict[int, Any]) -> None:
    """Copy a root and the given views of it; fills ``memo`` with the copies, by identity of the originals."""
    owner = bool(root.flags.owndata) and _is_block(root)
    if owner:
        new_root = _copy_owner(root)
        raw, start = _raw_bytes(new_root), byte_span(root)[0]
        if root.size == 0:
            start = address(root)
    else:
        raw = _copy_foreign(root, members)
        start = min(byte_span(m)[0] for m in (root, *members))
        new_root = _place(root, raw, start)
    memo[id(root)] = new_root
    for view in members:
        if view is not root:
            memo[id(view)] = _place(view, raw, start)
    for array in (*members, root):
        if not array.flags.writeable:
            memo[id(array)].flags.writeable = False


def _place(view: np.ndarray, raw: np.ndarray, start: int) -> np.ndarray:
    """A view like ``view`` in the memory ``raw``, which stands for the memory from address ``start`` on."""
    offset = address(view) - start if view.size else 0
    return np.ndarray(view.shape, view.dtype, buffer=raw, offset=offset, strides=view.strides)


def deep_copy(value: Any) -> Any:
    """A deep copy in which arrays keep strides, flags, bases and overlaps; functions, types and modules are shared."""
    memo: dict[int, Any] = {}
    groups: dict[int, tuple[np.ndarray, list[np.ndarray]]] = {}
    for array in find_arrays(value):
        root = root_of(array)
        if _plain(array) and _plain(root):
            groups.setdefault(id(root), (root, []))[1].append(array)
    for root, members in groups.values():
        _copy_group(root, members, memo)
    memo["keep"] = value  # type: ignore[index]  # ids in the memo stay valid
    return copy.deepcopy(value, memo)
