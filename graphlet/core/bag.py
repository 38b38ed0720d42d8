"""A set of objects that does not keep them alive and may change, in any thread, while it is looked through.

``weakref.WeakSet`` raises when another thread adds to it meanwhile, and runs Python code when something in it dies,
which a tracer would see.
"""

import weakref
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class WeakBag(Generic[T]):
    """Objects told apart by identity, or by their own ``==`` and hash where they have one."""

    __slots__ = ("_refs",)

    def __init__(self) -> None:
        self._refs: set[weakref.ref[T]] = set()

    def add(self, item: T) -> None:
        """Have it in the bag as long as it lives."""
        self._refs.add(weakref.ref(item, self._refs.discard))

    def discard(self, item: T) -> None:
        """Take it out if it is there."""
        self._refs.discard(weakref.ref(item))

    def clear(self) -> None:
        """Take everything out."""
        self._refs.clear()

    def __contains__(self, item: T) -> bool:
        return weakref.ref(item) in self._refs

    def __iter__(self) -> Iterator[T]:
        """What is in it now: later changes are not seen."""
        # list() of a set runs no Python code, so no other thread comes in between.
        alive = [ref() for ref in list(self._refs)]
        return iter([item for item in alive if item is not None])

    def __len__(self) -> int:
        return len(self._refs)
