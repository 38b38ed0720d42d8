"""Methods of strings, lists, dicts and the like, called on values that are known."""

from collections.abc import Callable
from typing import Any

from graphlet.capture import containers, own_names, stores, subscripts
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.equality import equal_items
from graphlet.capture.folding import fold
from graphlet.capture.handlers.operators import compare
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import PLAIN, exact_type
from graphlet.capture.raising import Raised, left_to_python, raises, raises_as
from graphlet.values.base import Constant, Mapping, Sequence, Value
from graphlet.values.objects import Derived, Iterable, Names

# Methods of plain types that call back into user code or make iterators of their own are not folded.
_NOT_FOLDED = ("__getattribute__", "__reduce__", "__reduce_ex__", "format_map", "translate", "__format__", "__iter__")


def fold_method(m: Machine, descriptor: Any, self: Constant, args: Args, kwargs: Kwargs) -> Value:
    """A method of a plain constant, such as ``"a b".split()``."""
    if type(self.value) not in PLAIN or descriptor.__name__ in _NOT_FOLDED:
        raise Break("GL102", f"{describe(self)}.{descriptor.__name__}(...): not followed", name_of(self))
    values = [plain_or_items(m, arg, descriptor.__name__ == "join") for arg in args]
    named = {name: containers.plain(m, value) for name, value in kwargs.items()}
    try:
        result = descriptor(self.value, *values, **named)
    except Exception as error:
        raise raises_as(error) from error
    if type(result) is list:
        return Sequence("list", tuple(containers.wrapped(fold(_same, item)) for item in result))
    return containers.wrapped(fold(_same, result))


def _same(value: Any) -> Any:
    return value


def plain_or_items(m: Machine, value: Value, items_only: bool) -> Any:
    """A plain constant, or a tuple or list of such; ``items_only``: only the items count, as for ``str.join``."""
    value = m.read(value)
    if isinstance(value, (Sequence, Iterable)) and (items_only or exact_type(value) is list):
        return [containers.plain(m, item) for item in value.items]
    return containers.plain(m, value)


def changed_list(m: Machine, value: Value) -> Sequence:
    """A list that may be changed."""
    value = m.read(value)
    value = value.contents if isinstance(value, Derived) else value
    if not isinstance(value, Sequence) or value.kind != "list":
        containers.require_new(value)
        raise Break("GL102", f"a method of {describe(value)}", name_of(value))
    return value


def append(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("append", args, kwargs, 2)
    longer = stores.growing(m, args[0])
    if longer is not None:
        stores.append(m, longer, args[1])
        return Constant(None)
    target = changed_list(m, args[0])
    stores.refill(m, target, (*target.items, args[1]))
    return Constant(None)


def extend(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("extend", args, kwargs, 2)
    for items in containers.in_portions(m, args[1]):
        longer = stores.growing(m, args[0])
        if longer is not None:
            for item in items:
                stores.append(m, longer, item)
        else:
            target = changed_list(m, args[0])
            stores.refill(m, target, target.items + items)
    return Constant(None)


def extended(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``list += items``"""
    extend(m, args, kwargs)
    return args[0]


def insert(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("insert", args, kwargs, 3)
    target, at = changed_list(m, args[0]), place(m, args[1])
    insert_at(m, target, at, args[2])
    return Constant(None)


def place(m: Machine, value: Value) -> int:
    """Where to insert."""
    at = m.known(value)
    if type(at) is not int:
        raise Break("GL111", "insert at something that is no integer")
    return at


def insert_at(m: Machine, target: Sequence, at: int, item: Value) -> None:
    """An item more, at a place."""
    items = list(target.items)
    items.insert(at, item)
    stores.refill(m, target, tuple(items))


def pop(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("pop", args, kwargs, 1, 2)
    target, at = changed_list(m, args[0]), m.known(args[1]) if len(args) == 2 else -1
    if type(at) is not int or not -len(target.items) <= at < len(target.items):
        raise raises(IndexError, "GL111", "pop of an item that is not there")
    items = list(target.items)
    taken = items.pop(at)
    stores.refill(m, target, tuple(items))
    return taken


def remove(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("remove", args, kwargs, 2)
    remove_from(m, changed_list(m, args[0]), args)
    return Constant(None)


def remove_from(m: Machine, target: Sequence, args: Args) -> None:
    """The first item that is ``args[1]``."""
    at = m.known(index(m, args, {}))
    stores.refill(m, target, target.items[:at] + target.items[at + 1 :])


def sort(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """In place; while keys are made, the list is empty and must stay so."""
    check("sort", args, kwargs, 1, 1, ("key", "reverse"))
    target = changed_list(m, args[0])
    before = Sequence("list", target.items)
    m.trail.set(target, "items", ())
    try:
        made = m.read(m.call(m, Constant(sorted), (before,), kwargs))
    except Raised as raised:  # the list gets its items back
        raise left_to_python(raised) from None
    if target.items or not isinstance(made, Sequence):
        raise Break("GL104", "a list is changed while it is sorted")
    m.trail.set(target, "items", before.items)
    stores.refill(m, target, made.items)
    return Constant(None)


def pop_last(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("popitem", args, kwargs, 1)
    target = mapping(m, args[0])
    if not target.items:
        raise raises(KeyError, "GL117", f"{describe(target)} is empty")
    key = next(reversed(target.items))
    return Sequence("tuple", (containers.wrapped(key), pop_key(m, (target, containers.wrapped(key)), {})))


def reverse(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("reverse", args, kwargs, 1)
    target = changed_list(m, args[0])
    stores.refill(m, target, target.items[::-1])
    return Constant(None)


def clear(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("clear", args, kwargs, 1)
    target = containers.as_mapping(m, args[0])
    if not isinstance(target, Mapping):
        stores.refill(m, changed_list(m, target), ())
        return Constant(None)
    for key in tuple(target.items):
        delete_key(m, target, key)
    return Constant(None)


def delete_key(m: Machine, target: Mapping, key: Any) -> None:
    """A dict loses an item it has."""
    there_before = stores.dict_there_before(m, target)
    if there_before is not None:
        stores.delete_item(m, there_before, key)
        return
    containers.require_new(target)
    m.trail.set(target, "items", {name: item for name, item in target.items.items() if name != key})


def copy(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("copy", args, kwargs, 1)
    value = containers.as_mapping(m, args[0])
    if isinstance(value, Mapping):
        return Mapping(dict(value.items))
    if isinstance(value, Sequence):
        return Sequence(value.kind, value.items)
    raise Break("GL102", f"a copy of {describe(value)}", name_of(value))


def index(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("index", args, kwargs, 2)
    value = m.read(args[0])
    if isinstance(value, Sequence):
        for i, item in enumerate(value.items):
            if equal_items(m, item, args[1], compare):
                return Constant(i)
        raise raises(ValueError, "GL111", f"index of an item that is not in {describe(value)}", name_of(value))
    raise Break("GL111", f"index of an item of {describe(value)}", name_of(value))


def count(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("count", args, kwargs, 2)
    return Constant(sum(equal_items(m, item, args[1], compare) for item in containers.items_of(m, args[0])))


def mapping(m: Machine, value: Value) -> Mapping:
    """A dict of which all keys are known."""
    found = containers.as_mapping(m, value)
    if not isinstance(found, Mapping):
        raise Break("GL102", f"a method of {describe(found)}", name_of(found))
    return found


def get(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("get", args, kwargs, 2, 3)
    default = args[2] if len(args) == 3 else Constant(None)
    return mapping(m, args[0]).items.get(containers.key_of(m, args[1]), default)


def view(kind: str) -> Callable[[Machine, Args, Kwargs], Value]:
    """``keys``, ``values`` and ``items`` of a dict."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(kind, args, kwargs, 1)
        value, bases = mapping(m, args[0]), containers.bases_of(m, args[0])
        keys = [containers.wrapped(key) for key in value.items]
        rows: dict[str, tuple[Value, ...]] = {
            "keys": tuple(keys),
            "values": tuple(value.items.values()),
            "items": tuple(Sequence("tuple", pair) for pair in zip(keys, value.items.values(), strict=True)),
        }
        return Iterable(rows[kind], f"dict_{kind}", bases)

    return rule


def setdefault(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("setdefault", args, kwargs, 2, 3)
    target, key = mapping(m, args[0]), containers.key_of(m, args[1])
    if key not in target.items:
        subscripts.setitem(m, target, args[1], args[2] if len(args) == 3 else Constant(None))
    return target.items[key]


def update(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("update", args, kwargs, 1, 2, tuple(kwargs))
    added = mapping(m, args[1]).items if len(args) == 2 else {}
    names = m.read(args[0])
    if isinstance(names, Names):
        for key, value in {**added, **kwargs}.items():
            own_names.put(m, names, key, value)
        return Constant(None)
    target = mapping(m, names)
    there_before = stores.dict_there_before(m, target)
    if there_before is not None:
        for key, value in {**added, **kwargs}.items():
            stores.set_item(m, there_before, key, value)
        return Constant(None)
    containers.require_new(target)
    m.trail.set(target, "items", {**target.items, **added, **kwargs})
    return Constant(None)


def from_keys(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``dict.fromkeys(keys, value)``; the class comes first."""
    check("fromkeys", args, kwargs, 2, 3)
    if m.known(args[0]) is not dict:
        raise Break("GL102", f"{describe(args[0])}.fromkeys", name_of(args[0]))
    value = args[2] if len(args) == 3 else Constant(None)
    return Mapping({containers.key_of(m, key): value for key in containers.items_of(m, args[1])})


def pop_key(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("pop", args, kwargs, 2, 3)
    target, key = mapping(m, args[0]), containers.key_of(m, args[1])
    if key not in target.items:
        if len(args) == 3:
            return args[2]
        raise raises(KeyError, "GL117", f"{describe(target)} has no key {key!r}", args=(containers.wrapped(key),))
    taken = target.items[key]
    delete_key(m, target, key)
    return taken


RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {
    list.append: append,
    list.__iadd__: extended,
    list.extend: extend,
    list.insert: insert,
    list.pop: pop,
    list.remove: remove,
    list.sort: sort,
    list.reverse: reverse,
    list.clear: clear,
    list.copy: copy,
    list.index: index,
    list.count: count,
    tuple.index: index,
    tuple.count: count,
    dict.get: get,
    dict.keys: view("keys"),
    dict.values: view("values"),
    dict.items: view("items"),
    dict.setdefault: setdefault,
    dict.update: update,
    dict.pop: pop_key,
    dict.popitem: pop_last,
    dict.copy: copy,
    dict.clear: clear,
    dict.__dict__["fromkeys"]: from_keys,
}
