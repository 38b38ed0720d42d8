"""Tuples, lists, sets, dicts, ranges and slices whose structure is known."""

from collections.abc import Callable
from typing import Any

from graphlet.capture import arrays, specials
from graphlet.capture.arrays_nodes import size
from graphlet.capture.breaks import Break
from graphlet.capture.folding import fold
from graphlet.capture.identity import existing
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import CONTAINERS, LISTS, is_plain, lookup
from graphlet.capture.truth import truth
from graphlet.guards.hold import TypeSet
from graphlet.guards.kinds import IdentityIs, KeysAre, LengthIs
from graphlet.guards.names import type_name
from graphlet.ir.types import dim_hint
from graphlet.sources import DictItem, Item, TypeAttr, TypeOf
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Slice, Value
from graphlet.values.objects import Awaited, Generator, Instance, Iterable, Iterator, Range, Unread

LONGEST = 256
_KEY_TYPES = TypeSet(str, int, bool, float, type(None))


def wrapped(value: Any) -> Value:
    """A plain object as a value; tuples are sequences, everywhere."""
    if type(value) is tuple:
        return Sequence("tuple", tuple(wrapped(item) for item in value))
    return Constant(value)


def as_mapping(m: Machine, value: Value) -> Value:
    """A dict that was there before with its keys guarded, so that all of it is known; other values as they are."""
    value = m.read(value)
    if not isinstance(value, Instance) or value.type is not dict:
        return value
    known: Mapping | None = m.table("mappings").get(value)
    if known is not None:
        return known
    assert value.source is not None
    keys = tuple(dict.keys(value.example))
    if len(keys) > LONGEST or not all(is_key(key) for key in keys):
        raise Break("GL110", f"the keys of {describe(value)}", name_of(value))
    m.guard(KeysAre(value.source, keys))
    items: dict[Any, Value] = {
        key: m.reader.unread(DictItem(value.source, key), item) for key, item in dict.items(value.example)
    }
    made = Mapping(items, source=value.source)
    m.trail.put(m.table("mappings"), value, made)
    return made


def is_key(key: Any) -> bool:
    """Whether an object can be the key of a dict that is followed: hashing and comparing it runs no user code."""
    if type(key) is tuple:
        return all(is_key(part) for part in key)
    return type(key) in _KEY_TYPES and key == key


def key_of(m: Machine, value: Value) -> Any:
    """The value of a key, known now."""
    key = m.known(value)
    if not is_key(key):
        raise Break("GL110", f"{describe(value)} as a key", name_of(value))
    return key


def items_of(m: Machine, value: Value) -> tuple[Value, ...]:
    """What iterating over a value gives, all of it. Raises Break if that is not known or too much."""
    value = as_mapping(m, value)
    is_set = isinstance(value, Sequence) and value.kind == "set" and len(value.items) > 1
    if is_set or (isinstance(value, Constant) and type(value.value) is frozenset):
        raise Break("GL110", "a set is iterated, in an order that depends on its past")
    if isinstance(value, (Sequence, Iterable)):
        return value.items
    if isinstance(value, Mapping):
        return tuple(wrapped(key) for key in value.items)
    if isinstance(value, (Iterator, Generator)):
        return rest_of(m, value)
    if isinstance(value, Constant) and type(value.value) in (str, bytes, range) and len(value.value) <= LONGEST:
        return tuple(Constant(item) for item in value.value)
    if isinstance(value, Range):
        return items_of(m, Constant(known_range(m, value)))
    if isinstance(value, Array) and value.type.ndim:
        return array_items(m, value)
    given = specials.call_special(m, value, "__iter__")
    if given is not None:
        return items_of(m, given)
    raise Break("GL108", f"how often {describe(value)} is iterated is not known, or it is long", name_of(value))


def coming(m: Machine, value: Value) -> tuple[Value, ...]:
    """What an iterator over a value will give: as ``items_of``, but numbers in arrays wait until they are due."""
    value = m.read(value)
    if isinstance(value, Array) and value.type.ndim == 1:
        return tuple(Awaited(value, i) for i in range(array_length(m, value)))
    if not isinstance(value, Iterator):
        return items_of(m, value)
    left = value.items[value.position :]
    m.trail.set(value, "position", len(value.items))
    return left


def due(m: Machine, value: Value) -> Value:
    """An item whose turn has come."""
    if isinstance(value, Awaited):
        return arrays.getitem(m, value.array, Constant(value.index))
    if isinstance(value, Sequence) and value.kind == "tuple":
        items = tuple(due(m, item) for item in value.items)
        if any(new is not old for new, old in zip(items, value.items, strict=True)):
            return Sequence("tuple", items)
    return value


def rest_of(m: Machine, iterator: Value) -> tuple[Value, ...]:
    """What is left in an iterator."""
    found: list[Value] = []
    while (item := next_item(m, iterator)) is not None:
        found.append(item)
        if len(found) > LONGEST:
            raise Break("GL108", "a long iterator")
    return tuple(found)


def next_item(m: Machine, iterator: Value) -> Value | None:
    """The next item of an iterator, None at its end."""
    if isinstance(iterator, Generator):
        return m.advance(m, iterator)
    if not isinstance(iterator, Iterator):
        raise Break("GL108", f"a loop over {describe(iterator)}", name_of(iterator))
    if not unchanged(iterator.bases):
        raise Break("GL103", "the container is changed while it is iterated")
    if iterator.position == len(iterator.items):
        return None
    m.trail.set(iterator, "position", iterator.position + 1)
    return due(m, iterator.items[iterator.position - 1])


def bases_of(m: Machine, value: Value) -> tuple[tuple[Value, Any], ...]:
    """The lists and dicts that iterating over a value looks at again and again, with what they hold now."""
    value = as_mapping(m, value)
    if isinstance(value, (Iterable, Iterator)):
        return value.bases
    if isinstance(value, Mapping) or (isinstance(value, Sequence) and value.kind != "tuple"):
        return ((value, value.items),)
    return ()


def unchanged(bases: tuple[tuple[Value, Any], ...]) -> bool:
    """Whether containers still hold what they held (an item may have been looked at since)."""
    return all(
        same_items(base.items, held)
        for base, held in bases
        if isinstance(base, (Sequence, Mapping))
    )


def same_items(now: Any, held: Any) -> bool:
    if now is held or isinstance(now, dict):
        return now is held
    return len(now) == len(held) and all(a is b or isinstance(b, Unread) for a, b in zip(now, held, strict=True))


def array_items(m: Machine, value: Array) -> tuple[Value, ...]:
    """The items of an array along its first axis, with its length guarded."""
    return tuple(arrays.getitem(m, value, Constant(i)) for i in range(array_length(m, value)))


def array_length(m: Machine, value: Array) -> int:
    """How many items an array has, guarded. Raises Break if there are many."""
    if dim_hint(value.type.shape[0]) > m.options.unroll_limit:
        raise Break("GL108", f"{describe(value)} has many items", name_of(value))
    length: int = fixed(m, size(m, value, 0))
    return length


def fixed(m: Machine, number: Value) -> Any:
    """A number that says how often a loop runs, guarded."""
    try:
        return m.known(number)
    except Break as reason:
        if reason.code != "GL114":
            raise
        raise Break("GL108", "how often the loop runs differs from call to call", reason.variable) from reason


def known_range(m: Machine, value: Range) -> range:
    """A range whose bounds are numbers known only at run time, with those guarded."""
    hint = [hint_of(part) for part in (value.start, value.stop, value.step)]
    if None not in hint and range(*hint)[m.options.unroll_limit :]:  # its length may be more than len() can say
        raise Break("GL108", "the loop is long")
    bounds = [fixed(m, part) for part in (value.start, value.stop, value.step)]
    return fold_range(bounds)


def fold_range(bounds: list[Any]) -> range:
    """``range(*bounds)``"""
    result = fold(range, *bounds)
    assert isinstance(result, range)
    return result


def hint_of(value: Value) -> Any:
    """The number met during capture, without any guard."""
    if isinstance(value, Scalar):
        return value.hint if value.type.pytype is int else None
    return value.value if isinstance(value, Constant) and type(value.value) is int else None


def length(m: Machine, value: Value) -> Value:
    """``len(value)``"""
    value = m.read(value)
    if isinstance(value, Array):
        if not value.type.ndim:
            raise Break("GL111", "len() of an unsized array", name_of(value))
        return size(m, value, 0)
    if isinstance(value, Instance) and value.type in CONTAINERS:
        assert value.source is not None
        m.guard(LengthIs(value.source, len(value.example)))
        return Constant(len(value.example))
    if isinstance(value, (Sequence, Mapping)):
        return Constant(len(value.items))
    if isinstance(value, Constant) and type(value.value) in (str, bytes, range, frozenset):
        return Constant(fold(len, value.value))
    if isinstance(value, Range):
        return Constant(len(known_range(m, value)))
    said = specials.call_special(m, value, "__len__")
    if said is not None:
        return specials.whole(m, value, said, int)
    raise Break("GL110", f"the length of {describe(value)}", name_of(value))


def getitem(m: Machine, obj: Value, key: Value) -> Value:
    """``obj[key]``"""
    obj, key = m.read(obj), m.read_deep(key)
    if isinstance(obj, (Array, Scalar)):
        return arrays.getitem(m, obj, key)
    found = specials.call_special(m, obj, "__getitem__", key)
    if found is not None:
        return found
    if isinstance(obj, Instance):
        return existing_item(m, obj, key)
    if isinstance(obj, Mapping):
        return mapping_item(m, obj, key)
    if isinstance(obj, Sequence) and obj.kind in ("tuple", "list"):
        return sequence_item(m, obj, key)
    if isinstance(obj, Range):
        obj = Constant(known_range(m, obj))
    if isinstance(obj, Constant) and type(obj.value) in (str, bytes, range):
        return Constant(fold(_getitem, obj.value, m.known(key)))
    raise Break("GL110", f"an item of {describe(obj)}", name_of(obj))


def _getitem(obj: Any, key: Any) -> Any:
    return obj[key]


def existing_item(m: Machine, obj: Instance, key: Value) -> Value:
    """An item of a dict, list or tuple that was there before: only this item is guarded."""
    plain_tuple = issubclass(obj.type, tuple) and lookup(obj.type, "__getitem__") is tuple.__dict__["__getitem__"]
    index = m.known(key) if obj.type in CONTAINERS or plain_tuple else None
    if plain_tuple and obj.type is not tuple and obj.source is not None:
        m.guard(IdentityIs(TypeAttr(TypeOf(obj.source), "__getitem__"), tuple.__dict__["__getitem__"]))
    if obj.type is dict and is_key(index) and obj.source is not None:
        known = m.table("mappings").get(obj)
        if known is not None:
            return mapping_item(m, known, key)
        if len(obj.example) > LONGEST or not all(map(is_key, dict.keys(obj.example))):
            raise Break("GL110", f"the keys of {describe(obj)}", name_of(obj))
        if not dict.__contains__(obj.example, index):
            raise Break("GL117", f"{describe(obj)} has no key {index!r}", name_of(obj))
        return m.reader.unread(DictItem(obj.source, index), dict.__getitem__(obj.example, index))
    if (obj.type is list or plain_tuple) and type(index) is int and obj.source is not None:
        kind: Any = tuple if plain_tuple else list
        size = kind.__len__(obj.example)
        if not -size <= index < size:
            raise Break("GL117", f"{describe(obj)} has no item {index}", name_of(obj))
        if index < 0 and obj.type in LISTS:
            m.guard(LengthIs(obj.source, size))
            index += size
        if index >= 0:
            return m.reader.unread(Item(obj.source, index), kind.__getitem__(obj.example, index))
    raise Break("GL110", f"an item of {describe(obj)}, a {type_name(obj.type)}", name_of(obj))


def mapping_item(m: Machine, obj: Mapping, key: Value) -> Value:
    """An item of a dict."""
    name = key_of(m, key)
    if name not in obj.items:
        raise Break("GL117", f"{describe(obj)} has no key {name!r}", name_of(obj))
    found: Value = obj.items[name]
    return found


def sequence_item(m: Machine, obj: Sequence, key: Value) -> Value:
    """An item or a part of a tuple or list."""
    index = m.known(key)
    if type(index) is slice:
        return Sequence(obj.kind, fold_slice(obj.items, index))
    if type(index) not in (int, bool):
        raise Break("GL110", f"{describe(key)} as an index", name_of(key))
    if not -len(obj.items) <= index < len(obj.items):
        raise Break("GL117", f"{describe(obj)} has no item {index}", name_of(obj))
    found: Value = obj.items[index]
    return found


def fold_slice(items: tuple[Value, ...], index: slice) -> tuple[Value, ...]:
    """``items[index]`` for a slice of plain parts."""
    if not all(part is None or type(part) is int for part in (index.start, index.stop, index.step)) or index.step == 0:
        raise Break("GL110", "a slice with bounds that are no integers")
    return items[index]


def setitem(m: Machine, obj: Value, key: Value, value: Value) -> None:
    """``obj[key] = value``"""
    obj = m.read(obj)
    if isinstance(obj, Array):
        arrays.setitem(m, obj, m.read_deep(key), m.read_deep(value))
        return
    if specials.call_special(m, obj, "__setitem__", key, value) is not None:
        return
    require_new(obj)
    if isinstance(obj, Mapping):
        m.trail.set(obj, "items", {**obj.items, key_of(m, key): value})
        return
    if isinstance(obj, Sequence) and obj.kind == "list":
        index = m.known(key)
        if type(index) is int and -len(obj.items) <= index < len(obj.items):
            items = list(obj.items)
            items[index] = value
            m.trail.set(obj, "items", tuple(items))
            return
    raise Break("GL110", f"an item of {describe(obj)} is set", name_of(obj))


def delete(m: Machine, obj: Value, key: Value) -> None:
    """``del obj[key]``"""
    obj = m.read(obj)
    if specials.call_special(m, obj, "__delitem__", key) is not None:
        return
    require_new(obj)
    index = m.known(key)
    if isinstance(obj, Mapping):
        mapping_item(m, obj, key)
        m.trail.set(obj, "items", {name: item for name, item in obj.items.items() if name != index})
        return
    if not isinstance(obj, Sequence) or obj.kind != "list":
        raise Break("GL110", f"an item of {describe(obj)} is deleted", name_of(obj))
    items = list(obj.items)
    if type(index) is slice:
        fold_slice(obj.items, index)
    else:
        sequence_item(m, obj, key)
    del items[index]
    m.trail.set(obj, "items", tuple(items))


def require_new(obj: Value) -> None:
    """Only objects made in the region may be changed in it."""
    if existing(obj) or isinstance(obj, Instance):
        raise Break("GL104", f"{describe(obj)} is changed", name_of(obj))


def binary(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """An operator on containers."""
    base = symbol.rstrip("=")
    left, right = as_mapping(m, left), as_mapping(m, right)
    if base == "+" and isinstance(left, Sequence):
        return joined(m, symbol, left, right)
    if base == "*":
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Sequence) and one.kind in ("tuple", "list") and not isinstance(other, (Sequence, Array)):
                return repeated(m, symbol, one, other)
    if base == "|" and isinstance(left, Mapping) and isinstance(right, Mapping):
        return merged(m, symbol, left, right)
    if base == "%" and isinstance(left, Constant) and type(left.value) is str:
        return Constant(fold(_format_percent, left.value, plain(m, right)))
    raise Break("GL110", f"`{symbol}` of {describe(left)} and {describe(right)}", name_of(left))


def _format_percent(text: str, values: Any) -> Any:
    return text % values


def plain(m: Machine, value: Value) -> Any:
    """A plain constant or a tuple of such: nothing is guarded by value for it."""
    value = m.read(value)
    if isinstance(value, Constant) and is_plain(value.value):
        return value.value
    if isinstance(value, Sequence) and value.kind == "tuple":
        return tuple(plain(m, item) for item in value.items)
    raise Break("GL114", f"the value of {describe(value)} is needed here", name_of(value))


def joined(m: Machine, symbol: str, left: Sequence, right: Value) -> Value:
    """``left + right``; ``+=`` on a list changes the list."""
    if left.kind == "list" and symbol == "+=":
        require_new(left)
        m.trail.set(left, "items", left.items + items_of(m, right))
        return left
    if not isinstance(right, Sequence) or right.kind != left.kind or left.kind == "set":
        raise Break("GL110", f"`+` of {describe(left)} and {describe(right)}", name_of(left))
    return Sequence(left.kind, left.items + right.items)


def repeated(m: Machine, symbol: str, one: Sequence, times: Value) -> Value:
    """``sequence * number``"""
    count = m.known(times)
    if type(count) not in (int, bool) or count * len(one.items) > LONGEST:
        raise Break("GL114", f"{describe(one)} repeated {describe(times)} times", name_of(times))
    if symbol == "*=" and one.kind == "list":
        require_new(one)
        m.trail.set(one, "items", one.items * count)
        return one
    return Sequence(one.kind, one.items * count)


def merged(m: Machine, symbol: str, left: Mapping, right: Mapping) -> Value:
    """``left | right``"""
    if symbol == "|=":
        require_new(left)
        m.trail.set(left, "items", {**left.items, **right.items})
        return left
    return Mapping({**left.items, **right.items})


Comparison = Callable[[Machine, str, Value, Value], Value]


def compare(m: Machine, symbol: str, left: Value, right: Value, each: Comparison | None = None) -> Value:
    """Tuples and lists of which every item can be compared now; mixed types are unequal."""
    if symbol in ("==", "!=") and isinstance(left, Sequence) and isinstance(right, Sequence) and each is not None:
        return Constant((sequences_equal(m, left, right, each)) == (symbol == "=="))
    for one, other in ((left, right), (right, left)):
        if symbol in ("==", "!=") and isinstance(one, Constant) and one.value is None and unlike_none(other):
            return Constant(symbol == "!=")
    raise Break("GL110", f"a comparison of {describe(left)} and {describe(right)}", name_of(left))


def unlike_none(value: Value) -> bool:
    """A value that is certainly unequal to None, and whose ``__eq__`` is Python's own."""
    return isinstance(value, (Sequence, Mapping, Slice)) or (isinstance(value, Scalar) and value.type.dtype is None)


def sequences_equal(m: Machine, left: Sequence, right: Sequence, each: Comparison) -> bool:
    """``left == right`` item by item, as Python does it (identical items are equal)."""
    if left.kind != right.kind or left.kind == "set":
        if "set" in (left.kind, right.kind):
            raise Break("GL110", "a comparison of sets")
        return False
    if len(left.items) != len(right.items):
        return False
    return all(equal_items(m, a, b, each) for a, b in zip(left.items, right.items, strict=True))


def equal_items(m: Machine, left: Value, right: Value, each: Comparison) -> bool:
    """``left is right or left == right``"""
    left, right = m.read(left), m.read(right)
    if left is right:
        return True
    for value in (left, right):
        number = value.value if isinstance(value, Constant) else value.hint if isinstance(value, Scalar) else None
        if isinstance(number, (float, complex)) and number != number:
            raise Break("GL110", "a comparison of items that are not numbers (NaN)")
    equal = each(m, "==", left, right)
    if not isinstance(equal, Constant):
        raise Break("GL112", "the comparison needs a value which exists only after the graph has run")
    return bool(equal.value)


def contains(m: Machine, item: Value, container: Value, each: Comparison) -> bool:
    """``item in container``"""
    container = as_mapping(m, container)
    if isinstance(container, Mapping):
        return key_of(m, item) in container.items
    if isinstance(container, Constant) and type(container.value) in (str, bytes, range, frozenset):
        value = plain(m, item) if type(container.value) in (str, bytes) else key_of(m, item)
        return bool(fold(_contains, container.value, value))
    if isinstance(container, (Sequence, Iterable)):
        return any(equal_items(m, candidate, item, each) for candidate in container.items)
    said = specials.call_special(m, container, "__contains__", item)
    if said is not None:
        return truth(m, said)
    raise Break("GL110", f"`in` {describe(container)}", name_of(container))


def _contains(container: Any, item: Any) -> bool:
    return item in container


def pair_of(m: Machine, value: Value) -> tuple[Value, Value]:
    """The two items of a pair, as ``dict`` takes them."""
    items = items_of(m, value)
    if len(items) != 2:
        raise Break("GL111", f"{describe(value)} is no pair", name_of(value))
    return items[0], items[1]
