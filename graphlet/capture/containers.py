"""Tuples, lists, sets, dicts, ranges and slices whose structure is known."""

from collections import abc
from typing import Any

from graphlet.capture import arrays, dicts, specials
from graphlet.capture.arrays_facets import flattened
from graphlet.capture.arrays_nodes import size
from graphlet.capture.binding import own_entries
from graphlet.capture.breaks import Break
from graphlet.capture.folding import fold
from graphlet.capture.identity import existing
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import CONTAINERS, is_plain
from graphlet.capture.raising import Raised, left_to_python
from graphlet.guards.hold import TypeSet
from graphlet.guards.kinds import KeysAre
from graphlet.ir.types import dim_hint
from graphlet.sources import DictItem
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Value
from graphlet.values.objects import (
    Awaited,
    Derived,
    Facet,
    Generator,
    Instance,
    Iterable,
    Iterator,
    NamedTuple,
    Names,
    Range,
    Set,
    Unread,
    is_dict,
)

LONGEST = 256
_KEY_TYPES = TypeSet(str, int, bool, float, type(None))


def wrapped(value: Any) -> Value:
    """A plain object as a value; tuples are sequences, everywhere."""
    if type(value) is tuple:
        return Sequence("tuple", tuple(wrapped(item) for item in value))
    return Constant(value)


def as_mapping(m: Machine, value: Value) -> Value:
    """A dict that was there before with its keys guarded, so that all of it is known; what an object is that is one.

    Other values as they are.
    """
    value = m.read(value)
    if isinstance(value, Names):
        return own_entries(value.obj)
    if isinstance(value, Derived):
        return specials.contents(m, value, "__iter__")
    if not isinstance(value, Instance) or not is_dict(value):
        return value
    known: Mapping | None = m.table("mappings").get(value)
    if known is not None:
        return known
    dicts.require_names(m, value)
    dicts.require(m, value, "__iter__")
    require_keys(value)
    assert value.source is not None
    keys, held = dicts.keys_of(value.example), dict(dict.items(value.example))
    m.reader.sized(KeysAre(value.source, keys))
    items: dict[Any, Value] = {key: m.reader.unread(DictItem(value.source, key), held[key]) for key in keys}
    made = Mapping(items, source=value.source)
    m.trail.put(m.table("mappings"), value, made)
    return made


def require_keys(value: Instance) -> None:
    """The keys of a dict must be plain, and not too many."""
    if dict.__len__(value.example) > LONGEST or not all(map(is_key, dict.keys(value.example))):
        raise Break("GL110", f"the keys of {describe(value)}", name_of(value))


def seen_whole(m: Machine, value: Value) -> Value:
    """A dict that was there before with all its items, if it has been looked at so; other values as they are."""
    found: Value = m.table("mappings").get(value, value)
    return found


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
    value = elements(m, as_mapping(m, value))
    if isinstance(value, Set):
        return tuple(wrapped(key) for key in value.now)
    if isinstance(value, Constant) and type(value.value) is frozenset and is_plain(value.value):
        return tuple(wrapped(key) for key in value.value)
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


def in_portions(m: Machine, value: Value) -> abc.Iterator[tuple[Value, ...]]:
    """The items that are added to a container: those of a generator one by one, since it may look at the container."""
    value = m.read(value)
    if not isinstance(value, Generator):
        yield items_of(m, value)
        return
    while (item := next_item(m, value)) is not None:
        yield (item,)


def coming(m: Machine, value: Value) -> tuple[Value, ...]:
    """What an iterator over a value will give: as ``items_of``, but numbers in arrays wait until they are due."""
    value = elements(m, m.read(value))
    if isinstance(value, Array) and value.type.ndim == 1:
        return tuple(Awaited(value, i) for i in range(array_length(m, value)))
    if not isinstance(value, Iterator):
        return items_of(m, value)
    left = value.items[value.position :]
    m.trail.set(value, "position", len(value.items))
    return left


def elements(m: Machine, value: Value) -> Value:
    """``array.flat`` as an array of one axis; other values as they are."""
    return flattened(m, value) if isinstance(value, Facet) else value


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
    while (item := next_of_all(m, iterator)) is not None:
        found.append(item)
        if len(found) > LONGEST:
            raise Break("GL108", "a long iterator")
    return tuple(found)


def next_of_all(m: Machine, iterator: Value) -> Value | None:
    """The next item where all are taken at once: what was done with those before it is lost if it raises."""
    try:
        return next_item(m, iterator)
    except Raised as raised:
        raise left_to_python(raised) from None


def next_item(m: Machine, iterator: Value) -> Value | None:
    """The next item of an iterator, None at its end."""
    if isinstance(iterator, Generator):
        return m.advance(m, iterator)
    if not isinstance(iterator, Iterator):
        raise Break("GL108", f"a loop over {describe(iterator)}", name_of(iterator))
    if not unchanged(m, iterator.bases):
        raise Break("GL103", "the container is changed while it is iterated")
    if iterator.position == len(iterator.items):
        return None
    m.trail.set(iterator, "position", iterator.position + 1)
    return due(m, iterator.items[iterator.position - 1])


def bases_of(m: Machine, value: Value) -> tuple[tuple[Value, Any], ...]:
    """The lists and dicts that iterating over a value looks at again and again, with what they hold now."""
    value = m.read(value)
    if isinstance(value, Names):
        return ((value, value.obj.entries),)
    value = as_mapping(m, value)
    if isinstance(value, (Iterable, Iterator)):
        return value.bases
    if isinstance(value, (Mapping, Set)) or (isinstance(value, Sequence) and value.kind != "tuple"):
        return ((value, value.items),)
    return ()


def unchanged(m: Machine, bases: tuple[tuple[Value, Any], ...]) -> bool:
    """Whether containers still hold what they held (an item may have been looked at since)."""
    return all(
        same_items(m, base.obj.entries if isinstance(base, Names) else base.items, held)
        for base, held in bases
        if isinstance(base, (Sequence, Mapping, Set, Names))
    )


def same_items(m: Machine, now: Any, held: Any) -> bool:
    """Whether they are the same; what has been looked at since stands for itself."""
    if now is held or not isinstance(now, tuple):
        return now is held
    return len(now) == len(held) and all(
        a is b or (isinstance(b, Unread) and a is m.read(b)) for a, b in zip(now, held, strict=True)
    )


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
    value = specials.contents(m, elements(m, m.read(value)), "__len__")
    dicts.require(m, value, "__len__")
    value = seen_whole(m, value)
    if isinstance(value, Names):
        value = own_entries(value.obj)
    if isinstance(value, Array):
        if not value.type.ndim:
            raise Break("GL111", "len() of an unsized array", name_of(value))
        return size(m, value, 0)
    if isinstance(value, Instance) and (value.type in CONTAINERS or is_dict(value)):
        return Constant(dicts.guarded_length(m, value))
    if isinstance(value, (Sequence, Mapping)):
        return Constant(len(value.items))
    if isinstance(value, Set):
        return Constant(len(value.now))
    if isinstance(value, Iterable) and value.kind.startswith("dict_") and unchanged(m, value.bases):
        return Constant(len(value.items))
    if isinstance(value, Constant) and type(value.value) in (str, bytes, range, frozenset):
        return Constant(fold(len, value.value))
    if isinstance(value, Range):
        return Constant(len(known_range(m, value)))
    said = specials.call_special(m, value, "__len__")
    if said is not None:
        return specials.whole(m, value, said, int)
    raise Break("GL110", f"the length of {describe(value)}", name_of(value))


def require_new(obj: Value) -> None:
    """Only objects made in the region may be changed in it."""
    if existing(obj) or isinstance(obj, Instance):
        raise Break("GL104", f"{describe(obj)} is changed", name_of(obj))


def plain(m: Machine, value: Value) -> Any:
    """A plain constant or a tuple of such: nothing is guarded by value for it."""
    value = m.read(value)
    if isinstance(value, Constant) and is_plain(value.value):
        return value.value
    if isinstance(value, Sequence) and value.kind == "tuple" and not isinstance(value, NamedTuple):
        return tuple(plain(m, item) for item in value.items)
    raise Break("GL114", f"the value of {describe(value)} is needed here", name_of(value))


def pair_of(m: Machine, value: Value) -> tuple[Value, Value]:
    """The two items of a pair, as ``dict`` takes them."""
    items = items_of(m, value)
    if len(items) != 2:
        raise Break("GL111", f"{describe(value)} is no pair", name_of(value))
    return items[0], items[1]
