"""``itertools``: followed in its Python form, or row by row where all items are known at once."""

import itertools
import math
from collections.abc import Callable
from typing import Any

from graphlet.capture import containers, polyfills
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.callees.sequences import Rule, polyfill
from graphlet.capture.machine import Machine
from graphlet.capture.namespaces import own_function
from graphlet.capture.pytypes import exact_type
from graphlet.values.base import Array, Constant, Sequence, Value
from graphlet.values.objects import Generator, Iterator

NONE = Constant(None)


def rows_of(make: Callable[..., Any], m: Machine, columns: list[tuple[Value, ...]], count: int, *args: Any) -> Iterator:
    """All that ``make`` gives, as tuples, unless it is much."""
    if count > containers.LONGEST:
        raise Break("GL108", f"{make.__name__} of many items")
    return Iterator(tuple(Sequence("tuple", row) for row in make(*columns, *args)))


def product_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("product", args, kwargs, 1, 100, ("repeat",))
    times = m.known(kwargs.get("repeat", Constant(1)))
    if type(times) is not int or not 0 <= times <= 8:
        raise Break("GL108", "product with this number of repetitions")
    columns = [containers.items_of(m, arg) for arg in args] * times
    return rows_of(itertools.product, m, columns, math.prod(map(len, columns)))


def choice(make: Callable[..., Any], counted: Callable[[int, int], int], shortest: int = 2) -> Rule:
    """``combinations`` and its like, of a known length."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(make.__name__, args, kwargs, shortest, 2)
        items = containers.items_of(m, args[0])
        length = m.known(args[1]) if len(args) == 2 else len(items)
        if type(length) is not int or length < 0:
            raise Break("GL111", f"{make.__name__} of this length")
        return rows_of(make, m, [items], counted(len(items), length), length)

    return rule


def accumulate(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("accumulate", args, kwargs, 1, 2, ("func", "initial"))
    function = args[1] if len(args) == 2 else kwargs.get("func", NONE)
    return ACCUMULATE(m, (args[0], function, kwargs.get("initial", NONE)), {})


def islice(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("islice", args, kwargs, 2, 4)
    bounds = [m.known(arg) for arg in args[1:]]
    start, stop = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
    step = bounds[2] if len(bounds) == 3 else None
    for bound, least in ((start, 0), (stop, 0), (step, 1)):
        if bound is not None and (type(bound) is not int or bound < least):
            raise Break("GL102", "islice with these arguments")
    return ISLICE(m, (args[0], Constant(start or 0), Constant(stop), Constant(step or 1)), {})


def zip_longest(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("zip_longest", args, kwargs, 1, 100, ("fillvalue",))
    return ZIP_LONGEST(m, (kwargs.get("fillvalue", NONE), *args), {})


def repeat(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("repeat", args, kwargs, 1, 2)
    if len(args) == 1:
        return REPEAT(m, args, {})
    times = m.known(args[1])
    if type(times) is not int or times > containers.LONGEST:
        raise Break("GL108", "repeat many times")
    return Iterator((args[0],) * times)


def count(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("count", args, kwargs, 0, 2, ("start", "step"))
    start = (*args, kwargs.get("start", Constant(0)))[0]
    step = args[1] if len(args) == 2 else kwargs.get("step", Constant(1))
    if exact_type(m.read(start)) is bool:
        raise Break("GL102", "count from a bool")
    return COUNT(m, (start, step), {})


def tee(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """Iterators that go over the same known items, each at its own pace."""
    check("tee", args, kwargs, 1, 2)
    times, of = m.known(args[1]) if len(args) == 2 else 2, m.read(args[0])
    if type(times) is not int or not 0 <= times <= 16 or isinstance(of, (Array, Generator)):
        raise Break("GL102", "tee with these arguments")
    bases, items = containers.bases_of(m, of), containers.coming(m, of)
    return Sequence("tuple", tuple(Iterator(items, bases=bases) for _ in range(times)))


def batched(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("batched", args, kwargs, 2)
    count = m.known(args[1])
    if type(count) is not int or count < 1:
        raise Break("GL111", "batched of such a length")
    return BATCHED(m, (args[0], Constant(count)), {})


def chain_all(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``chain.from_iterable(parts)``; the class comes first."""
    check("from_iterable", args, kwargs, 2)
    return CHAIN_ALL(m, args[1:], {})


def groupby(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("groupby", args, kwargs, 1, 2, ("key",))
    return GROUPBY(m, (own_function(polyfills.group_), *args), kwargs)


ACCUMULATE = polyfill(polyfills.accumulate_, 3, 3)
GROUPBY = polyfill(polyfills.groupby_, 2, 3)
BATCHED = polyfill(polyfills.batched_, 2, 2)
ISLICE = polyfill(polyfills.islice_, 4, 4)
ZIP_LONGEST = polyfill(polyfills.zip_longest_, 2, 101)
REPEAT = polyfill(polyfills.repeat_, 1, 1)
COUNT = polyfill(polyfills.count_, 2, 2)
CHAIN_ALL = polyfill(polyfills.chain_all, 1, 1)

RULES: dict[Any, Rule] = {
    itertools.accumulate: accumulate,
    itertools.chain.__dict__["from_iterable"]: chain_all,
    itertools.combinations: choice(itertools.combinations, math.comb),
    itertools.combinations_with_replacement: choice(
        itertools.combinations_with_replacement, lambda n, k: math.comb(n + k - 1, k) if n else 0
    ),
    itertools.permutations: choice(itertools.permutations, math.perm, 1),
    itertools.product: product_,
    itertools.compress: polyfill(polyfills.compress_, 2, 2),
    itertools.count: count,
    itertools.cycle: polyfill(polyfills.cycle_, 1, 1),
    itertools.dropwhile: polyfill(polyfills.dropwhile_, 2, 2),
    itertools.groupby: groupby,
    itertools.filterfalse: polyfill(polyfills.filterfalse_, 2, 2),
    itertools.islice: islice,
    itertools.pairwise: polyfill(polyfills.pairwise_, 1, 1),
    itertools.repeat: repeat,
    itertools.tee: tee,
    **({itertools.batched: batched} if hasattr(itertools, "batched") else {}),
    itertools.takewhile: polyfill(polyfills.takewhile_, 2, 2),
    itertools.zip_longest: zip_longest,
}
