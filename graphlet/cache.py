"""The guarded cache: what is known about one code object, its entries and their specialisations.

Ownership goes one way, since the garbage collector does not look into code objects: rewritten code holds its stub
handles and the original code; the original code holds its ``CodeCache`` (as per-code state); that holds entries,
regions and specialisations. Nothing here holds a function, a namespace, or the original code strongly.
"""

import weakref
from _thread import RLock
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FunctionType
from typing import Any

from graphlet import _evalframe
from graphlet.core.bag import WeakBag
from graphlet.core.forks import freed_by_fork
from graphlet.core.marks import PENDING


@dataclass(frozen=True, slots=True)
class Options:
    """How a function is to be optimised; hashable, so that functions with equal options share their entries."""

    backend: str | Callable[..., Any] | None = None
    fullgraph: bool = False
    dynamic: bool | None = None
    mode: str = "default"
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(slots=True, eq=False)
class Record:
    """One specialisation as the reports see it; the running half is the native ``specialization``.

    ``array_ops`` and ``lines`` (line -> number of them) count operations as the user wrote them.
    """

    id: str
    graph: Any
    plan: Any
    specialization: Any
    backend: str
    seconds: float
    array_ops: int
    lines: dict[int, int]


@dataclass(slots=True, eq=False)
class Entry:
    """One entry point: where a stub stands, what it passes, the exits its specialisations use so far.

    ``slots_in``: locals that may be unbound, by name, and stack items that may be NULL, by depth.
    ``stops``: offsets of instructions that regions end in front of, since NumPy always warned there.
    ``unpinned``: sources of numbers that differ from call to call, so that no guard fixes their value again; as
    "len(...)" those of containers whose length or keys do, as "any len(...)" where that was so for several.
    ``has_stub``: newer code has a stub here; it is taken away where it only costs time.
    """

    id: str
    offset: int
    kind: str
    region: Any
    locals_in: tuple[str, ...]
    cells_in: tuple[str, ...]
    stack_in: tuple[int, ...]
    slots_in: tuple[str | int, ...] = ()
    exits: list[Any] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    breaks: dict[str, Any] = field(default_factory=dict)
    unpinned: set[str] = field(default_factory=set)
    stops: set[int] = field(default_factory=set)
    attempts: int = 0
    last_break: str = ""
    same_breaks: int = 0
    given_up: str = ""
    has_stub: bool = True

    @property
    def live_ins(self) -> tuple[str, ...]:
        """The names of what the stub passes, in order."""
        items = (f"{PENDING} {slot}" if isinstance(slot, int) else slot for slot in (*self.stack_in, *self.slots_in))
        return (*self.locals_in, *self.cells_in, *items)


@dataclass(eq=False)
class CodeCache:
    """Everything known about one original code object under one set of options.

    ``probes``: further stubs, by offset, for who wants to see what the interpreter runs; never on shared caches.
    ``stale``: the newest code lacks entries or exits, which can wait until the function is called again.
    """

    name: str
    original: Callable[[], CodeType | None]
    options: Options
    learner: Callable[..., Callable[..., bool]]
    entries: dict[int, Entry] = field(default_factory=dict)
    probes: dict[int, Any] = field(default_factory=dict)
    functions: WeakBag[FunctionType] = field(default_factory=WeakBag)
    current: Callable[[], CodeType | None] = lambda: None
    version: int = 0
    stale: bool = False

    def __post_init__(self) -> None:
        all_caches.add(self)

    def all_entries(self) -> tuple[Entry, ...]:
        """The entries by now, as they were made: a copy, since another thread may be adding one."""
        return tuple(self.entries.values())

    def next_id(self) -> str:
        """The id of the next region: function#r1, function#r2 ..."""
        return f"{self.name}#r{len(self.entries) + 1}"


all_caches: WeakBag[CodeCache] = WeakBag()
_lock = freed_by_fork(RLock())


def caches_of(code: CodeType) -> dict[Options, CodeCache]:
    """The caches kept on an original code object, by options; a fresh dict if there are none yet."""
    state: dict[Options, CodeCache] | None = _evalframe.get_state(code)
    if state is None:
        with _lock:
            state = _evalframe.get_state(code)
            if state is None:
                state = {}
                _evalframe.set_state(code, state)
    return state


# The rewritten code object (kept to be told of its end) and where it came from, by the id of the former. It is
# no weakref.finalize: their common registry may be walked over while the hook finds a function.
_originals: "dict[int, tuple[weakref.ref[CodeType], weakref.ref[CodeType]]]" = {}


def remember_original(rewritten: CodeType, original: CodeType) -> None:
    """Note which code object a rewritten one came from; forgotten when the rewritten one dies."""
    key = id(rewritten)
    forget = partial(_originals.pop, key)  # in C: no signal handler can run in it, whose exception would be lost
    _originals[key] = weakref.ref(rewritten, forget), weakref.ref(original)


def original_code(code: CodeType) -> CodeType:
    """The code the user wrote, for a rewritten code object; any other code object itself."""
    known = _originals.get(id(code))
    return code if known is None else known[1]() or code
