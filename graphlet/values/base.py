"""Symbolic values: what the interpreter knows about one Python object. Plain data, no behaviour."""

from dataclasses import dataclass, field
from typing import Any

from graphlet.ir.graph import Node
from graphlet.ir.types import ArrayType, ScalarType
from graphlet.sources import Source


@dataclass(eq=False, slots=True, kw_only=True)
class Value:
    """Anything on the symbolic stack. ``source`` is set while the value is the very object found there."""

    source: Source | None = None


@dataclass(eq=False, slots=True)
class Null(Value):
    """An empty stack slot."""


@dataclass(eq=False, slots=True)
class Constant(Value):
    """A Python object known now: a literal, a guarded value, a function, a module, a type."""

    value: Any


@dataclass(eq=False, slots=True)
class Storage:
    """Memory of an array. ``base`` is the node of the newest version of the whole array that owns it.

    ``existed``   it was there before the region began (so writes to it are commits)
    ``version``   counts writes
    ``root``      source of the pre-existing array, if any
    """

    base: Node | None
    existed: bool
    version: int = 0
    root: Source | None = None


@dataclass(eq=False, slots=True)
class Array(Value):
    """An exact ndarray: a view of a storage. ``node`` computes it and is valid for ``version`` of the storage."""

    type: ArrayType
    storage: Storage
    node: Node | None = None
    version: int = 0
    writeable: bool = True
    example: Any = None  # the array met during capture, for shapes and flags only; None for arrays made in the region


@dataclass(eq=False, slots=True)
class Scalar(Value):
    """A number whose value is known only at run time. ``hint`` is the value met during capture, if there is one."""

    type: ScalarType
    node: Node | None = None
    hint: Any = None


@dataclass(eq=False, slots=True)
class Sequence(Value):
    """An exact tuple or list (``kind``). Lists are mutable: the interpreter replaces ``items`` copy-on-write."""

    kind: str
    items: tuple[Value, ...] = field(default=())


@dataclass(eq=False, slots=True)
class Mapping(Value):
    """An exact dict with constant keys, in order."""

    items: dict[Any, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Slice(Value):
    """A slice object."""

    start: Value
    stop: Value
    step: Value
