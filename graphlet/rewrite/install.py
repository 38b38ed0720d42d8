"""Giving functions their stubs, newer versions of their code, and their own code back."""

import copyreg
import threading
import weakref
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from graphlet import _evalframe
from graphlet.cache import CodeCache, Entry, Options, caches_of, original_code, remember_original
from graphlet.core import events
from graphlet.core.config import config
from graphlet.core.forks import freed_by_fork
from graphlet.core.location import Location
from graphlet.core.modes import REDUCE_OVERHEAD
from graphlet.core.totals import totals
from graphlet.opcodes import versions
from graphlet.opcodes.candidates import candidates
from graphlet.opcodes.flow import Flow
from graphlet.opcodes.recent import flow_of
from graphlet.rewrite.entrance import entrance_of
from graphlet.rewrite.idle import is_useless
from graphlet.rewrite.legal import MAX_LIVE_INS, spare_local
from graphlet.rewrite.pickled import reduced
from graphlet.rewrite.presets import Presets
from graphlet.rewrite.splice import splice
from graphlet.rewrite.stubs import Stub
from graphlet.rewrite.verify import verify

copyreg.pickle(_evalframe.StubHandle, reduced)

# One thread compiles or installs at a time; the compiled paths never take this lock.
lock = freed_by_fork(threading.RLock())

# Entries per function: each costs a stub.
MAX_ENTRIES = 64

# With fullgraph=True every call that is no whole graph is an error, however many there were.
ASK_ALWAYS = 2**62

NO_STUB = "NumPy alone was faster or nothing could run, time and again: no stub stands here any more"

# Makes what a region calls when no specialisation fits: learner(cache, byte offset of the entry).
Learner = Callable[[CodeCache, int], Callable[..., bool]]


def attach(function: FunctionType, options: Options, learner: Learner) -> CodeType | None:
    """Give a function stubs in place; returns its new code, or None when it has stubs already or cannot have any."""
    if function.__code__ is not original_code(function.__code__):
        return None
    return adopt(cache_for(function.__code__, options, learner), function)


def detach(function: FunctionType) -> None:
    """Give a function its own code back."""
    original = original_code(function.__code__)
    if original is function.__code__:
        return
    for cache in list(caches_of(original).values()):
        cache.functions.discard(function)
    function.__code__ = original


def cache_for(code: CodeType, options: Options, learner: Learner) -> CodeCache:
    """The cache of an original code object under these options; made with its first entries if there is none."""
    caches = caches_of(code)
    return caches.get(options) or caches.setdefault(options, new_cache(code, options, learner))


def new_cache(code: CodeType, options: Options, learner: Learner) -> CodeCache:
    """A cache with the entries a static look suggests, shared with nobody."""
    cache = CodeCache(code.co_name, weakref.ref(code), options, learner)
    _add_first_entries(cache, code)
    return cache


def _add_first_entries(cache: CodeCache, code: CodeType) -> None:
    flow = flow_of(code)
    presets = Presets(flow.decoded, flow)
    for candidate in candidates(code, flow):
        entry = add_entry(cache, flow, candidate.offset, candidate.kind)
        if entry is not None:
            entry.exits.extend(presets.of(candidate.offset))


def add_entry(cache: CodeCache, flow: Flow, offset: int, kind: str) -> Entry | None:
    """A new entry in front of the instruction at ``offset``, or None where none may be."""
    code = flow.code
    if offset in cache.entries or len(cache.entries) >= MAX_ENTRIES:
        return None
    if not flow.reachable(offset) or flow.illegal_entry(offset) is not None:
        return None
    cell_names = frozenset(code.co_cellvars) | frozenset(code.co_freevars)
    usable = flow.certain(offset) | _borrowed(flow, offset)
    locals_in, cells_in = tuple(sorted(usable - cell_names)), tuple(sorted(flow.live(offset) & cell_names))
    stack_in = tuple(depth for depth, item in enumerate(flow.stack(offset)) if item == "value")
    slots_in = _slots_in(flow, offset, cell_names)
    if len(locals_in) + len(cells_in) + len(stack_in) + len(slots_in) > MAX_LIVE_INS:
        return None
    region = _evalframe.Region(cache.next_id(), offset)
    entry = Entry(
        id=cache.next_id(),
        offset=offset,
        kind=kind,
        region=region,
        locals_in=locals_in,
        cells_in=cells_in,
        stack_in=stack_in,
        slots_in=slots_in,
    )
    region.n_frame_slots = flow.frame_slot(len(flow.stack(offset)))
    region.on_miss = cache.learner(cache, offset)
    region.on_idle = Gardener(cache)
    if cache.options.fullgraph:
        region.budget = ASK_ALWAYS
    if cache.options.mode == REDUCE_OVERHEAD:
        region.trust()
    cache.entries[offset] = entry
    return entry


def _borrowed(flow: Flow, offset: int) -> frozenset[str]:
    """A local whose slot serves to drop NULLs: where reading it might raise, the stub has to find that out before."""
    empty = {"null", "maybe_null"}.intersection(flow.stack(offset))
    name = spare_local(flow, offset) if empty and versions.current().checks_locals else None
    return frozenset() if name is None else frozenset({name})


def _slots_in(flow: Flow, offset: int, cell_names: frozenset[str]) -> tuple[str | int, ...]:
    """What only the stub's handle can look at: locals that may be unbound, and stack items that may be NULL."""
    if not _evalframe.SUPPORTED:
        return ()
    unsure = flow.live(offset) & flow.maybe_bound(offset) - flow.bound(offset) - cell_names
    items = (depth for depth, item in enumerate(flow.stack(offset)) if item == "maybe_null")
    return (*sorted(unsure), *items)


def adopt(cache: CodeCache, function: FunctionType) -> CodeType | None:
    """Let a function run the cache's present code, and later versions of it."""
    if not cache.functions:  # no other thread can be at work on it, so there is no need to wait for what they do
        return _adopted(cache, function)
    with lock:
        return _adopted(cache, function)


def _adopted(cache: CodeCache, function: FunctionType) -> CodeType | None:
    code = cache.current() or _rewrite(cache)
    if code is None:
        return None
    totals["frames"] += 1
    cache.functions.add(function)
    function.__code__ = code
    return code


def install(cache: CodeCache) -> None:
    """Give every function with this code the newest version; running frames finish on the one they have."""
    if not cache.functions:  # nobody runs it: whoever does next gets new code
        cache.current = _nothing
        return
    original = cache.original()
    code = _rewrite(cache) or original
    if code is None:
        return
    for function in cache.functions:
        if original_code(function.__code__) is original:
            function.__code__ = code
        else:  # the user gave it other code
            cache.functions.discard(function)


class Gardener:
    """Takes stubs away that only cost time, when a region says so. Holds its cache weakly: that owns the regions."""

    __slots__ = ("_cache",)

    def __init__(self, cache: CodeCache) -> None:
        self._cache = weakref.ref(cache)

    def retire(self) -> None:
        """One of the regions has run nothing for long."""
        cache = self._cache()
        original = cache.original() if cache is not None else None
        if cache is None or original is None or cache.options.fullgraph:
            return
        with lock:
            useless = [entry for entry in cache.all_entries() if entry.has_stub and is_useless(entry)]
            for entry in useless:
                entry.has_stub = False
                if not entry.given_up:
                    entry.given_up = "GL204"
                    loc = Location(original.co_filename, original.co_firstlineno, cache.name)
                    events.emit(events.Fallback(entry.id, loc, "GL204", NO_STUB))
            if useless:
                install(cache)


def _nothing() -> None:
    return None


def forget(cache: CodeCache) -> None:
    """Drop all entries and specialisations of a cache and start over with its first stubs."""
    with lock:
        original = cache.original()
        if original is None:
            return
        for entry in cache.entries.values():
            entry.region.on_miss = None
            entry.region.clear()
        cache.entries.clear()
        _add_first_entries(cache, original)
        install(cache)


def _rewrite(cache: CodeCache) -> CodeType | None:
    """New code with a stub for each entry, remembered as the cache's present one; None when that is impossible."""
    original = cache.original()
    if original is None:
        return None
    flow = flow_of(original)
    stubs = _stubs(cache, flow)
    if not stubs:
        cache.current = _nothing
        return None
    rewritten = splice(original, stubs, flow)
    # The original stays alive as long as code made from it.
    rewritten = rewritten.replace(co_consts=(*rewritten.co_consts, original))
    if config.verify:
        verify(original, rewritten)
    remember_original(rewritten, original)
    _open_entrance(rewritten, stubs, flow)
    cache.current = weakref.ref(rewritten)
    cache.version += 1
    if events.listening():
        loc = Location(original.co_filename, original.co_firstlineno, cache.name)
        names = {offset: entry.id for offset, entry in sorted(cache.entries.items()) if entry.has_stub}
        names = {**dict.fromkeys(cache.probes, "probe"), **names}
        events.emit(events.Installed(cache.name, loc, original, rewritten, cache.version, names))
    return rewritten


def _open_entrance(rewritten: CodeType, stubs: list[Stub], flow: Flow) -> None:
    """Where the stub at the start may see the whole call through, callers need no frame."""
    entrance = entrance_of(stubs[0], flow)
    if entrance is not None:
        _evalframe.set_entrance(rewritten, stubs[0].region, entrance.live_ins, entrance.returns)


def _stubs(cache: CodeCache, flow: Flow) -> list[Stub]:
    """The stubs of the entries, and probes where there is none."""
    entries = {offset: entry for offset, entry in cache.entries.items() if entry.has_stub}
    stubs = {**cache.probes, **{offset: _stub(entry, flow) for offset, entry in entries.items()}}
    return [stubs[offset] for offset in sorted(stubs)]


def _stub(entry: Entry, flow: Flow) -> Stub:
    exits = tuple(entry.exits)
    bare = len(exits) == 1 and len(exits[0].stores) + sum(exits[0].pushes) == 1
    slots = tuple(map(flow.frame_slot, entry.slots_in))
    handle: Any = _evalframe.StubHandle(entry.region, len(exits), bare, slots)
    return Stub(entry.offset, handle, entry.locals_in, entry.cells_in, entry.stack_in, exits, bare)
