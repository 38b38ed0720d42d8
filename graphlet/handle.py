"""Optimised functions: making one from a plain function, and the handle at ``f.graphlet``."""

import weakref
from types import FunctionType
from typing import Any

from graphlet._guards import own_entry
from graphlet.cache import CodeCache, Options, Record, original_code
from graphlet.driver import Learner
from graphlet.rewrite.install import adopt, cache_for, forget
from graphlet.rewrite.pickled import own_code

# Calls after which a function has seen what can be learnt from one set of arguments.
MAX_WARMUP_CALLS = 16


class Handle:
    """What ``f.graphlet`` is: the optimised function's view of what became of it.

    ``original`` is the plain function.
    """

    __slots__ = ("_function", "cache", "original")

    def __init__(self, function: FunctionType, original: FunctionType, cache: CodeCache) -> None:
        self._function = weakref.ref(function)
        self.cache = cache
        self.original = original

    def belongs_to(self, function: Any) -> bool:
        """Whether this is the function's own handle, not one copied by ``functools.wraps``."""
        return self._function() is function

    @property
    def specializations(self) -> tuple[Record, ...]:
        """The specialisations made so far, by entry."""
        return tuple(record for entry in self.cache.all_entries() for record in entry.records)

    def stats(self) -> dict[str, int]:
        """Counts of this function's code: entries, graphs, hits, misses, declines."""
        regions = [entry.region for entry in self.cache.all_entries()]
        return {
            "entries": len(regions),
            "graphs": len(self.specializations),
            "breaks": sum(len(entry.breaks) for entry in self.cache.all_entries()),
            "hits": sum(region.hits for region in regions),
            "misses": sum(region.misses for region in regions),
            "declines": sum(region.declines for region in regions),
        }

    def reset(self) -> None:
        """Drop the compiled code; the function learns anew."""
        forget(self.cache)

    def warmup(self, *args: Any, **kwargs: Any) -> None:
        """Call the function until these arguments teach it nothing new; its effects happen each time."""
        for _ in range(MAX_WARMUP_CALLS):
            function = self._function()
            before = self.cache.version, len(self.specializations)
            if function is None:
                return
            function(*args, **kwargs)
            if before == (self.cache.version, len(self.specializations)):
                return

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickled function takes its handle along; what has been learnt stays here."""
        function = self._function()
        if function is None:
            raise TypeError("the function of this handle is gone")
        return revived, (function, self.original, self.cache.options)

    def __repr__(self) -> str:
        return f"<graphlet of {self.cache.name}: {self.stats()}>"


def handle_of(fn: Any) -> Handle | None:
    """The handle of an optimised function; None for anything else."""
    handle = own_entry(fn, "graphlet", None) if isinstance(fn, FunctionType) else None
    return handle if isinstance(handle, Handle) and handle.belongs_to(fn) else None


def optimized_copy(fn: FunctionType, options: Options) -> FunctionType:
    """A new function like ``fn`` (same namespace, closure, defaults) whose code has stubs; ``fn`` is not touched."""
    copy = plain_copy(fn)
    copy.__wrapped__ = fn  # type: ignore[attr-defined]
    cache = cache_for(fn.__code__, options, Learner)
    copy.graphlet = Handle(copy, fn, cache)  # type: ignore[attr-defined]
    adopt(cache, copy)
    return copy


def revived(function: FunctionType, original: FunctionType, options: Options) -> Handle:
    """The handle of an optimised function that comes out of a pickle: it gets its stubs anew."""
    found = handle_of(function)
    if found is not None:
        return found
    original.__code__ = own_code(original.__code__)
    cache = cache_for(original_code(original.__code__), options, Learner)
    adopt(cache, function)
    return Handle(function, original, cache)


def plain_copy(fn: FunctionType) -> FunctionType:
    """A function that shares everything with ``fn`` but is another object."""
    copy = FunctionType(fn.__code__, fn.__globals__, fn.__name__, fn.__defaults__, fn.__closure__)
    copy.__kwdefaults__ = dict(fn.__kwdefaults__) if fn.__kwdefaults__ is not None else None
    copy.__dict__.update(fn.__dict__)
    copy.__doc__ = fn.__doc__
    copy.__module__ = fn.__module__
    copy.__qualname__ = fn.__qualname__
    if getattr(fn, "__annotate__", None) is not None:  # 3.14 and later: not evaluated before somebody asks
        setattr(copy, "__annotate__", getattr(fn, "__annotate__"))  # noqa: B009, B010
    else:
        copy.__annotations__ = fn.__annotations__
    if hasattr(fn, "__type_params__"):  # 3.12 and later
        setattr(copy, "__type_params__", getattr(fn, "__type_params__"))  # noqa: B009, B010
    return copy
