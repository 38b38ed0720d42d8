"""Builtins that make, measure or go over containers."""

import itertools
from collections.abc import Callable
from functools import reduce
from typing import Any

from graphlet.capture import containers
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.handlers.containers import add_to_set
from graphlet.capture.handlers.control import iterate
from graphlet.capture.handlers.operators import binary, compare
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.truth import truth
from graphlet.values.base import Array, Constant, Mapping, Sequence, Slice, Value
from graphlet.values.objects import Iterable, Iterator, Range


def len_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("len", args, kwargs, 1)
    return containers.length(m, args[0])


def range_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("range", args, kwargs, 1, 3)
    parts = [m.read(arg) for arg in args]
    if all(isinstance(part, Constant) for part in parts):
        return Constant(containers.fold_range([m.known(part) for part in parts]))
    if not all(containers.hint_of(part) is not None for part in parts):
        raise Break("GL108", "a range whose bounds are computed", name_of(parts[-1]))
    start, stop, step = (Constant(0), *parts, Constant(1)) if len(parts) == 1 else (*parts, Constant(1))[:3]
    return Range(start, stop, step)


def tuple_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("tuple", args, kwargs, 0, 1)
    if args:
        value = m.read(args[0])
        if isinstance(value, Sequence) and value.kind == "tuple":
            return value
        return Sequence("tuple", containers.items_of(m, value))
    return Sequence("tuple")


def list_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("list", args, kwargs, 0, 1)
    return Sequence("list", containers.items_of(m, args[0]) if args else ())


def set_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("set", args, kwargs, 0, 1)
    made = Sequence("set")
    for item in containers.items_of(m, args[0]) if args else ():
        add_to_set(m, made, item)
    return made


def dict_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("dict", args, kwargs, 0, 1, tuple(kwargs))
    items: dict[Any, Value] = {}
    if args:
        value = containers.as_mapping(m, args[0])
        if isinstance(value, Mapping):
            items.update(value.items)
        else:
            for pair in containers.items_of(m, value):
                key, item = containers.pair_of(m, pair)
                items[containers.key_of(m, key)] = item
    return Mapping({**items, **kwargs})


def slice_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("slice", args, kwargs, 1, 3)
    none = Constant(None)
    if len(args) == 1:
        return Slice(none, args[0], none)
    return Slice(args[0], args[1], args[2] if len(args) == 3 else none)


def enumerate_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("enumerate", args, kwargs, 1, 2, ("start",))
    start = m.known(args[1] if len(args) == 2 else kwargs.get("start", Constant(0)))
    if type(start) is not int:
        raise Break("GL102", "enumerate with these arguments")
    items = containers.items_of(m, args[0])
    pairs = tuple(Sequence("tuple", (Constant(i), item)) for i, item in enumerate(items, start))
    return Iterable(pairs, "enumerate", containers.bases_of(m, args[0]))


def zip_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("zip", args, kwargs, 0, 100, ("strict",))
    columns = [containers.items_of(m, arg) for arg in args]
    if kwargs and m.known(kwargs["strict"]) is True and len({len(column) for column in columns}) > 1:
        raise Break("GL111", "zip of containers of different lengths")
    bases = tuple(base for arg in args for base in containers.bases_of(m, arg))
    return Iterable(tuple(Sequence("tuple", row) for row in zip(*columns, strict=False)), "zip", bases)


def reversed_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("reversed", args, kwargs, 1)
    value = m.read(args[0])
    if isinstance(value, (Array, Iterable, Iterator)) or (isinstance(value, Sequence) and value.kind == "set"):
        raise Break("GL102", f"reversed of {describe(value)}", name_of(value))
    return Iterable(containers.items_of(m, value)[::-1], "reversed", containers.bases_of(m, value))


def map_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``map`` is lazy; what it calls is followed here and now, which is the same if it has no effects."""
    check("map", args, kwargs, 2, 100)
    columns = [containers.items_of(m, arg) for arg in args[1:]]
    _short(m, columns[0])
    rows = zip(*columns, strict=False)
    return Iterable(tuple(m.call(m, args[0], row, {}) for row in rows), "map", _bases(m, args[1:]))


def filter_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("filter", args, kwargs, 2)
    items = containers.items_of(m, args[1])
    _short(m, items)
    function = m.read(args[0])
    is_none = isinstance(function, Constant) and function.value is None
    kept = tuple(item for item in items if truth(m, item if is_none else m.call(m, function, (item,), {})))
    return Iterable(kept, "filter", _bases(m, args[1:]))


def _bases(m: Machine, args: Args) -> tuple[tuple[Value, Any], ...]:
    return tuple(base for arg in args for base in containers.bases_of(m, arg))


def _short(m: Machine, items: tuple[Value, ...]) -> None:
    if len(items) > m.options.unroll_limit:
        raise Break("GL108", f"a loop over {len(items)} items")


def iter_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("iter", args, kwargs, 1)
    return iterate(m, args[0])


def next_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("next", args, kwargs, 1, 2)
    iterator = m.read(args[0])
    if isinstance(iterator, Iterable) and iterator.kind in ("zip", "enumerate", "map", "filter", "reversed"):
        raise Break("GL102", f"next of a {iterator.kind}")
    if not isinstance(iterator, Iterator):
        raise Break("GL102", f"next of {describe(iterator)}", name_of(iterator))
    if not containers.unchanged(iterator.bases):
        raise Break("GL103", "the container is changed while it is iterated")
    if iterator.position == len(iterator.items):
        if len(args) == 1:
            raise Break("GL111", "the iterator is exhausted")
        return args[1]
    m.trail.set(iterator, "position", iterator.position + 1)
    return iterator.items[iterator.position - 1]


def sum_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``sum`` adds from the left, starting with 0."""
    check("sum", args, kwargs, 1, 2, ("start",))
    value = m.read(args[0])
    items = containers.items_of(m, value)
    total = args[1] if len(args) == 2 else kwargs.get("start", Constant(0))
    if not any(isinstance(m.read(item), Array) for item in items):
        return _sum_numbers(m, total, items)
    for item in items:
        total = binary(m, "+", total, item)
    return total


def _sum_numbers(m: Machine, total: Value, items: Args) -> Value:
    """Of plain constants only: from 3.12 ``sum`` of floats is compensated."""
    values = [containers.plain(m, item) for item in items]
    return Constant(containers.fold(sum, tuple(values), containers.plain(m, total)))


def any_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("any", args, kwargs, 1)
    return Constant(any(truth(m, item) for item in containers.items_of(m, args[0])))


def all_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("all", args, kwargs, 1)
    return Constant(all(truth(m, item) for item in containers.items_of(m, args[0])))


def extreme(name: str, symbol: str) -> Callable[[Machine, Args, Kwargs], Value]:
    """``min`` and ``max``: the first of the best items, by comparisons that are known now."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(name, args, kwargs, 1, 100, ("key", "default"))
        items = containers.items_of(m, args[0]) if len(args) == 1 else args
        if not items:
            if "default" in kwargs and len(args) == 1:
                return kwargs["default"]
            raise Break("GL111", f"{name} of nothing")
        if "default" in kwargs and len(args) > 1:
            raise Break("GL111", f"{name} with a default and several arguments")
        keys = [keyed(m, item, kwargs.get("key")) for item in items]
        best = 0
        for i in range(1, len(items)):
            if truth(m, compare(m, symbol, keys[i], keys[best])):
                best = i
        return items[best]

    return rule


def keyed(m: Machine, item: Value, key: Value | None) -> Value:
    """``key(item)``, or the item itself."""
    function = None if key is None else m.read(key)
    if function is None or (isinstance(function, Constant) and function.value is None):
        return m.read(item)
    return m.read(m.call(m, function, (item,), {}))


def sorted_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """Of items with plain constant keys."""
    check("sorted", args, kwargs, 1, 1, ("key", "reverse"))
    items = containers.items_of(m, args[0])
    keys = [containers.plain(m, keyed(m, item, kwargs.get("key"))) for item in items]
    reverse = truth(m, kwargs.get("reverse", Constant(False)))
    try:
        order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
    except TypeError as error:
        raise Break("GL111", f"TypeError: {error}") from error
    return Sequence("list", tuple(items[i] for i in order))


def reduce_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("reduce", args, kwargs, 2, 3)
    items = (*args[2:], *containers.items_of(m, args[1]))
    _short(m, items)
    if not items:
        raise Break("GL111", "reduce of nothing")
    total = items[0]
    for item in items[1:]:
        total = m.call(m, args[0], (total, item), {})
    return total


def chain_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("chain", args, kwargs, 0, 100)
    items = tuple(item for arg in args for item in containers.items_of(m, arg))
    return Iterable(items, "chain", _bases(m, args))


def product_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("product", args, kwargs, 1, 100)
    columns = [containers.items_of(m, arg) for arg in args]
    if len(columns) * max(map(len, columns)) > containers.LONGEST:
        raise Break("GL108", "a long product")
    rows = tuple(itertools.islice(itertools.product(*columns), containers.LONGEST))
    _short(m, rows)
    return Iterable(tuple(Sequence("tuple", row) for row in rows), "product")


RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {
    len: len_,
    range: range_,
    tuple: tuple_,
    list: list_,
    set: set_,
    dict: dict_,
    slice: slice_,
    enumerate: enumerate_,
    zip: zip_,
    reversed: reversed_,
    map: map_,
    filter: filter_,
    iter: iter_,
    next: next_,
    sum: sum_,
    any: any_,
    all: all_,
    min: extreme("min", "<"),
    max: extreme("max", ">"),
    sorted: sorted_,
    reduce: reduce_,
    itertools.chain: chain_,
    itertools.product: product_,
}
