"""Symbolic values of Python objects that are neither numbers nor arrays: functions, cells, iterators, instances."""

from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

from graphlet.ir.graph import Node
from graphlet.sources import Source
from graphlet.values.base import Array, Mapping, Sequence, Value
from graphlet.values.steps import Step


@dataclass(eq=False, slots=True)
class Unread(Value):
    """An object that was there before and has not been looked at: no guard has been recorded for it yet."""

    example: Any


@dataclass(eq=False, slots=True)
class Kept(Value):
    """An item of the entry stack that is not passed to the region: it can stay where it is or be dropped."""

    depth: int
    droppable: bool


@dataclass(eq=False, slots=True)
class Saved(Value):
    """What a local held when it was put aside, for a local that is not passed to the region (it may be unbound)."""

    name: str


@dataclass(eq=False, slots=True)
class Instance(Value):
    """An existing object of exactly this type, read attribute by attribute; never compared, called or changed."""

    type: type
    example: Any


@dataclass(eq=False, slots=True)
class Stream(Value):
    """A generator of random numbers made in the region, by a node."""

    type: type
    node: Node


@dataclass(eq=False, slots=True)
class Made(Value):
    """An object of a builtin class that a node makes, such as bytes; nothing else is known of it."""

    type: type
    node: Node


@dataclass(eq=False, slots=True)
class Record(Value):
    """One element of an array of records, whose memory it shares; ``node``: what makes the object, if it is needed."""

    array: Array
    index: Value
    node: Node | None = None


@dataclass(eq=False, slots=True)
class Object(Value):
    """An object of a Python class, made in the region. ``at``: where the class is; ``entries``: attributes, slots."""

    type: type
    at: Source
    entries: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Derived(Object):
    """An object, made in the region, of a Python class derived from ``dict`` or ``list``, which holds ``contents``."""

    contents: Mapping | Sequence = field(kw_only=True)


@dataclass(eq=False, slots=True)
class Names(Value):
    """The dictionary of an object made in the region: what it holds is looked up in the object."""

    obj: Object


@dataclass(eq=False, slots=True)
class Error(Object):
    """An exception made in the region; ``args`` None: not known. It does not leave the region."""

    args: tuple[Value, ...] | None = None


@dataclass(eq=False, slots=True)
class Group(Error):
    """An ``ExceptionGroup`` made in the region; ``exceptions`` is a tuple of exceptions made there, too."""

    exceptions: Sequence = field(kw_only=True)


@dataclass(eq=False, slots=True)
class Handled(Value):
    """What lies on the stack while an exception is handled: the one that was handled before it, if that is known.

    ``own``: by the same frame.
    """

    before: Error | None
    own: bool = False


@dataclass(eq=False, slots=True)
class Traceback(Value):
    """The traceback of an exception: not looked at."""


@dataclass(eq=False, slots=True)
class Ambient(Value):
    """The exception that is being handled where the region begins, or its class or traceback, if there is one."""


@dataclass(eq=False, slots=True)
class NamedTuple(Sequence):
    """An object of a class derived from ``tuple``, made in the region. ``at``: where its class is."""

    type: type = field(kw_only=True)
    at: Source = field(kw_only=True)


@dataclass(eq=False, slots=True)
class Deque(Sequence):
    """A ``collections.deque`` made in the region (its ``kind`` is "deque")."""

    longest: int | None = None


@dataclass(eq=False, slots=True)
class DefaultDict(Mapping):
    """A ``collections.defaultdict`` made in the region."""

    factory: Value = field(kw_only=True)


@dataclass(eq=False, slots=True)
class Ordered(Mapping):
    """A ``collections.OrderedDict`` made in the region."""


@dataclass(eq=False, slots=True)
class Getter(Value):
    """An ``operator.itemgetter``, ``attrgetter`` or ``methodcaller`` (``type``) made in the region."""

    type: type
    args: tuple[Value, ...]
    kwargs: dict[str, Value]


@dataclass(eq=False, slots=True)
class Cell(Value):
    """A cell: an existing one (``source``) or one made in the region. ``contents`` None means empty."""

    contents: Value | None = None
    existed: bool = False


@dataclass(eq=False, slots=True)
class Function(Value):
    """A Python function: an existing one (``fn`` and ``source``) or one made in the region, from parts."""

    code: CodeType
    scope: Any  # where its globals are read; belongs to capture
    fn: FunctionType | None = None
    defaults: tuple[Value, ...] = ()
    kwdefaults: dict[str, Value] = field(default_factory=dict)
    closure: tuple[Value, ...] = ()


@dataclass(eq=False, slots=True)
class Method(Value):
    """A callable with a first argument bound: ``callee(self, ...)``. A builtin method has a descriptor as callee."""

    callee: Value
    self: Value


@dataclass(eq=False, slots=True)
class ArrayMethod(Value):
    """A bound method of an array or a number, known by its name."""

    self: Value
    name: str


@dataclass(eq=False, slots=True)
class Facet(Value):
    """``array.flags`` or ``array.flat`` (``name``): looks at the array whenever it is asked."""

    array: Array
    name: str


@dataclass(eq=False, slots=True)
class Partial(Value):
    """functools.partial of a callable."""

    callee: Value
    args: tuple[Value, ...]
    kwargs: dict[str, Value]


@dataclass(eq=False, slots=True)
class Range(Value):
    """A range with bounds known only at run time (a range of known bounds is a Constant)."""

    start: Value
    stop: Value
    step: Value


@dataclass(eq=False, slots=True)
class Iterator(Value):
    """An iterator made in the region over items that are all known or ``Awaited``; ``position`` of the next one.

    ``bases`` are the lists and dicts it goes over, with what they held: changing them ends the region.
    """

    items: tuple[Value, ...]
    position: int = 0
    bases: tuple[tuple[Value, Any], ...] = ()


@dataclass(eq=False, slots=True)
class Awaited(Value):
    """A number in an array that is gone over: read when its turn comes, for the array may be written before that."""

    array: Array
    index: int


@dataclass(eq=False, slots=True)
class Generator(Value):
    """A generator made in the region; ``frame`` is its frame as capture follows it."""

    frame: Any
    done: bool = False


@dataclass(eq=False, slots=True)
class Coroutine(Value):
    """A coroutine made in the region; it runs as a generator does when it is awaited, which may be once."""

    generator: Generator
    awaited: bool = False


@dataclass(eq=False, slots=True)
class AsyncGenerator(Value):
    """An asynchronous generator made in the region."""

    generator: Generator


@dataclass(eq=False, slots=True)
class Wrapped(Value):
    """What an asynchronous generator yields itself, not what it is suspended for."""

    value: Value


@dataclass(eq=False, slots=True)
class Advance(Value):
    """What ``__anext__``, ``asend``, ``athrow`` and ``aclose`` (``kind``) of such a generator return, to be awaited."""

    of: AsyncGenerator
    kind: str
    given: Value
    result: Value | None = None


@dataclass(eq=False, slots=True)
class Set(Value):
    """A set or frozenset of plain constants, made in the region: ``items`` says how, so that its order is known.

    ``now``: a set made that way; never changed, and never seen by the program.
    """

    items: Step
    now: Any


@dataclass(eq=False, slots=True)
class Iterable(Value):
    """Something to go over that cannot itself leave the region (zip, enumerate, dict views)."""

    items: tuple[Value, ...]
    kind: str
    bases: tuple[tuple[Value, Any], ...] = ()


@dataclass(eq=False, slots=True)
class Errstate(Value):
    """``np.errstate(...)`` made in the region: (kind, mode) pairs; ``before``: what it replaced."""

    modes: tuple[tuple[str, str], ...]
    before: tuple[tuple[str, str], ...] | None = None


@dataclass(eq=False, slots=True)
class ErrorModes(Value):
    """What ``np.seterr`` sets: (kind, mode) pairs."""

    modes: tuple[tuple[str, str], ...]


@dataclass(eq=False, slots=True)
class Super(Value):
    """``super()`` of a known type and an existing object."""

    type: type
    obj: Value


def is_dict(value: Value) -> bool:
    """A dict that was there before, of whatever class."""
    return isinstance(value, Instance) and issubclass(value.type, dict)
