"""Builtins that make, measure or go over containers."""

import itertools
from collections.abc import Callable
from functools import reduce
from typing import Any

from graphlet.capture import containers, polyfills, sets
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.folding import fold
from graphlet.capture.handlers.control import iterate
from graphlet.capture.handlers.operators import compare
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.namespaces import own_function
from graphlet.capture.pytypes import is_none
from graphlet.capture.raising import raises
from graphlet.capture.truth import truth
from graphlet.values.base import Array, Constant, Mapping, Sequence, Slice, Value
from graphlet.values.objects import Generator, Iterator, NamedTuple, Range

Rule = Callable[[Machine, Args, Kwargs], Value]


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
    if containers.hint_of(step) == 0:
        raise Break("GL111", "ValueError: range() arg 3 must not be zero", name_of(step))
    return Range(start, stop, step)


def tuple_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("tuple", args, kwargs, 0, 1)
    if args:
        value = m.read(args[0])
        if isinstance(value, Sequence) and value.kind == "tuple" and not isinstance(value, NamedTuple):
            return value
        return Sequence("tuple", containers.items_of(m, value))
    return Sequence("tuple")


def list_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("list", args, kwargs, 0, 1)
    return Sequence("list", containers.items_of(m, args[0]) if args else ())


def set_of(kind: type) -> Rule:
    """``set`` and ``frozenset``"""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(kind.__name__, args, kwargs, 0, 1)
        return sets.make(m, kind, m.read(args[0]) if args else None)

    return rule


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
    if isinstance(m.read(args[0]), Generator):
        return ENUMERATE(m, args, kwargs)
    start = m.known(args[1] if len(args) == 2 else kwargs.get("start", Constant(0)))
    if type(start) is not int:
        raise Break("GL102", "enumerate with these arguments")
    items = containers.coming(m, args[0])
    pairs = tuple(Sequence("tuple", (Constant(i), item)) for i, item in enumerate(items, start))
    return Iterator(pairs, bases=containers.bases_of(m, args[0]))


def zip_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("zip", args, kwargs, 0, 100, ("strict",))
    if any(isinstance(m.read(arg), Generator) for arg in args):
        if kwargs and m.known(kwargs["strict"]) is not False:
            raise Break("GL102", "zip of generators with strict=True")
        return ZIP(m, args, {})
    if not kwargs and any(isinstance(m.read(arg), Iterator) for arg in args) and differ(m, args):
        return ZIP(m, args, {})
    bases = _bases(m, args)
    columns = [containers.coming(m, arg) for arg in args]
    if len({len(column) for column in columns}) > 1:
        if kwargs and m.known(kwargs["strict"]) is True:
            raise Break("GL111", "zip of containers of different lengths")
        if any(isinstance(m.read(arg), (Iterator, Generator)) for arg in args):
            raise Break("GL102", "zip of iterators of different lengths")
    return Iterator(tuple(Sequence("tuple", row) for row in zip(*columns, strict=False)), bases=bases)


def differ(m: Machine, args: Args) -> bool:
    """Whether containers and iterators have different numbers of items left."""
    values = [m.read(arg) for arg in args]
    left = [len(value.items) - value.position for value in values if isinstance(value, Iterator)]
    return len({*left, *(len(containers.coming(m, value)) for value in values if not isinstance(value, Iterator))}) > 1


def _bases(m: Machine, args: Args) -> tuple[tuple[Value, Any], ...]:
    return tuple(base for arg in args for base in containers.bases_of(m, arg))


def reversed_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("reversed", args, kwargs, 1)
    value = m.read(args[0])
    if isinstance(value, (Array, Iterator, Generator)) or sets.is_set(value):
        raise Break("GL102", f"reversed of {describe(value)}", name_of(value))
    return Iterator(containers.items_of(m, value)[::-1], bases=containers.bases_of(m, value))


def polyfill(fn: Any, low: int, high: int) -> Rule:
    """A builtin that is followed in its Python form."""
    name, followed = fn.__name__.rstrip("_"), own_function(fn)

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(name, args, kwargs, low, high, tuple(kwargs))
        return m.run(m, followed, args, kwargs)

    return rule


def map_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("map", args, kwargs, 2, 100)
    return (MAP if len(args) == 2 else MAP_ROWS)(m, args, kwargs)


def reduce_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("reduce", args, kwargs, 2, 3)
    return (REDUCE if len(args) == 2 else REDUCE_FROM)(m, args, kwargs)


def iter_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("iter", args, kwargs, 1)
    return iterate(m, args[0])


def next_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("next", args, kwargs, 1, 2)
    iterator = m.read(args[0])
    done = isinstance(iterator, Generator) and iterator.done
    item = containers.next_item(m, iterator)
    if item is not None:
        return item
    if len(args) == 1:
        raise raises(StopIteration, "GL111", "the iterator is exhausted", args=returned(iterator, done))
    return args[1]


def returned(iterator: Value, done: bool) -> tuple[Value, ...]:
    """What a StopIteration brings: the value a generator has just returned, unless that is None."""
    if not isinstance(iterator, Generator) or done:
        return ()
    value: Value = iterator.frame.result
    return () if is_none(value) else (value,)


def sum_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``sum`` adds from the left, starting with 0; from 3.12 that of floats is compensated, so arrays only."""
    check("sum", args, kwargs, 1, 2, ("start",))
    start = args[1] if len(args) == 2 else kwargs.get("start", Constant(0))
    rest = iterate(m, args[0])
    first = containers.next_item(m, rest)
    if first is not None and isinstance(m.read(first), Array):  # each is added before the next one is asked for
        return SUM(m, (first, rest, start), {})
    items = () if first is None else (first, *containers.items_of(m, rest))
    values = tuple(containers.plain(m, item) for item in items)
    return Constant(fold(sum, values, containers.plain(m, start)))


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
    if function is None or is_none(function):
        return m.read(item)
    return m.read(m.call(m, function, (item,), {}))


def sorted_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """Of items with plain constant keys."""
    check("sorted", args, kwargs, 1, 1, ("key", "reverse"))
    of = m.read(args[0])
    items = of.items if isinstance(of, Sequence) else containers.items_of(m, of)
    keys = [containers.plain(m, keyed(m, item, kwargs.get("key"))) for item in items]
    reverse = truth(m, kwargs.get("reverse", Constant(False)))
    try:
        order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
    except TypeError as error:
        raise Break("GL111", f"TypeError: {error}") from error
    return Sequence("list", tuple(items[i] for i in order))


def chain_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("chain", args, kwargs, 0, 100)
    if any(isinstance(m.read(arg), Generator) for arg in args):
        return CHAIN(m, args, kwargs)
    bases = _bases(m, args)
    return Iterator(tuple(item for arg in args for item in containers.coming(m, arg)), bases=bases)


MAP = polyfill(polyfills.map_, 2, 2)
MAP_ROWS = polyfill(polyfills.map_rows, 2, 100)
REDUCE = polyfill(polyfills.reduce_, 2, 2)
REDUCE_FROM = polyfill(polyfills.reduce_from, 3, 3)
ENUMERATE = polyfill(polyfills.enumerate_, 1, 2)
ZIP = polyfill(polyfills.zip_, 1, 100)
CHAIN = polyfill(polyfills.chain_, 1, 100)
SUM = polyfill(polyfills.sum_, 3, 3)

RULES: dict[Any, Rule] = {
    len: len_,
    range: range_,
    tuple: tuple_,
    list: list_,
    set: set_of(set),
    frozenset: set_of(frozenset),
    dict: dict_,
    slice: slice_,
    enumerate: enumerate_,
    zip: zip_,
    reversed: reversed_,
    map: map_,
    filter: polyfill(polyfills.filter_, 2, 2),
    iter: iter_,
    next: next_,
    sum: sum_,
    any: polyfill(polyfills.any_, 1, 1),
    all: polyfill(polyfills.all_, 1, 1),
    min: extreme("min", "<"),
    max: extreme("max", ">"),
    sorted: sorted_,
    reduce: reduce_,
    itertools.chain: chain_,
    itertools.starmap: polyfill(polyfills.starmap_, 2, 2),
}
