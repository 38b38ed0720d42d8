"""Builtins written in Python: they are followed like callees, so that their laziness and short cuts are Python's own.

Their lines are not the user's: nodes made inside get the place of the call.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

END = ("no further item",)


def any_(items: Iterable[Any]) -> bool:
    for item in items:  # noqa: SIM110
        if item:
            return True
    return False


def all_(items: Iterable[Any]) -> bool:
    for item in items:  # noqa: SIM110
        if not item:
            return False
    return True


def map_(function: Callable[..., Any], items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        yield function(item)


def map_rows(function: Callable[..., Any], *columns: Iterable[Any]) -> Iterator[Any]:
    for row in zip(*columns, strict=False):
        yield function(*row)


def filter_(function: Callable[[Any], Any] | None, items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        if item if function is None else function(item):
            yield item


def starmap_(function: Callable[..., Any], rows: Iterable[Any]) -> Iterator[Any]:
    for row in rows:
        yield function(*row)


def enumerate_(items: Iterable[Any], start: int = 0) -> Iterator[Any]:
    at = start
    for item in items:
        yield (at, item)
        at += 1


def zip_(*columns: Iterable[Any]) -> Iterator[Any]:
    iterators = [iter(column) for column in columns]
    while True:
        row: tuple[Any, ...] = ()
        for iterator in iterators:
            item = next(iterator, END)
            if item is END:
                return
            row = (*row, item)
        yield row


def chain_(*parts: Iterable[Any]) -> Iterator[Any]:
    for part in parts:
        for item in part:  # noqa: UP028
            yield item


def accumulate_(items: Iterable[Any], function: Any, initial: Any) -> Iterator[Any]:
    it = iter(items)
    total = initial
    if initial is None:
        total = next(it, END)
        if total is END:
            return
    yield total
    for item in it:
        total = total + item if function is None else function(total, item)
        yield total


def islice_(items: Iterable[Any], start: int, stop: int | None, step: int) -> Iterator[Any]:
    it = iter(items)
    at, coming = 0, start
    while True:
        while at < coming:
            if next(it, END) is END:
                return
            at += 1
        if stop is not None and at >= stop:
            return
        item = next(it, END)
        if item is END:
            return
        at += 1
        coming += step
        if stop is not None and coming > stop:
            coming = stop
        yield item


def batched_(items: Iterable[Any], count: int) -> Iterator[Any]:
    batch: tuple[Any, ...] = ()
    for item in items:
        batch = (*batch, item)
        if len(batch) == count:
            yield batch
            batch = ()
    if batch:
        yield batch


def zip_longest_(fill: Any, *columns: Iterable[Any]) -> Iterator[Any]:
    iterators = [iter(column) for column in columns]
    while True:
        row: tuple[Any, ...] = ()
        found = False
        for iterator in iterators:
            item = next(iterator, END)
            if item is END:
                item = fill
            else:
                found = True
            row = (*row, item)
        if not found:
            return
        yield row


def repeat_(value: Any) -> Iterator[Any]:
    while True:
        yield value


def count_(start: Any, step: Any) -> Iterator[Any]:
    at = start
    while True:
        yield at
        at = at + step


def cycle_(items: Iterable[Any]) -> Iterator[Any]:
    seen: tuple[Any, ...] = ()
    for item in items:
        yield item
        seen = (*seen, item)
    while seen:
        for item in seen:
            yield item


def pairwise_(items: Iterable[Any]) -> Iterator[Any]:
    it = iter(items)
    before = next(it, END)
    for item in it:
        yield (before, item)
        before = item


def takewhile_(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        if not function(item):
            return
        yield item


def dropwhile_(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    it = iter(items)
    for item in it:
        if not function(item):
            yield item
            break
    for item in it:
        yield item


def filterfalse_(function: Callable[[Any], Any] | None, items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        if not (item if function is None else function(item)):
            yield item


def compress_(items: Iterable[Any], selectors: Iterable[Any]) -> Iterator[Any]:
    for item, wanted in zip(items, selectors, strict=False):
        if wanted:
            yield item


def chain_all(parts: Iterable[Iterable[Any]]) -> Iterator[Any]:
    for part in parts:
        for item in part:  # noqa: UP028
            yield item


def sum_(first: Any, items: Iterable[Any], start: Any) -> Any:
    total = start + first
    for item in items:
        total = total + item
    return total


def reduce_(function: Callable[[Any, Any], Any], items: Iterable[Any]) -> Any:
    it = iter(items)
    total = next(it)
    for item in it:
        total = function(total, item)
    return total


def reduce_from(function: Callable[[Any, Any], Any], items: Iterable[Any], start: Any) -> Any:
    total = start
    for item in items:
        total = function(total, item)
    return total


def groupby_(group: Callable[..., Iterator[Any]], items: Iterable[Any], key: Any = None) -> Iterator[Any]:
    it = iter(items)
    item = next(it, END)
    if item is END:
        return
    coming = [item, item if key is None else key(item)]
    while coming[0] is not END:
        part = group(it, key, coming, coming[1])
        yield (coming[1], part)
        for _ in part:
            pass


def group_(it: Iterator[Any], key: Any, coming: list[Any], wanted: Any) -> Iterator[Any]:
    while coming[0] is not END and (wanted == coming[1] or wanted is coming[1]):
        yield coming[0]
        item = next(it, END)
        coming[0] = item
        if item is not END:
            coming[1] = item if key is None else key(item)


def dispatched(self: Any, obj: Any, cls: Any = None) -> Callable[..., Any]:
    dispatch = self.dispatcher.dispatch

    def method(*args: Any, **kwargs: Any) -> Any:
        if not args:
            raise TypeError("requires at least 1 positional argument")
        return dispatch(args[0].__class__).__get__(obj, cls)(*args, **kwargs)

    return method
