"""From symbolic values back to objects: recipes for what must stand in the frame where a region ends."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable
from functools import partial
from types import SimpleNamespace
from typing import Any

from numpy._core.umath import _make_extobj

from graphlet.arrayops.indexing import RECORD
from graphlet.capture.arrays_nodes import argument
from graphlet.capture.breaks import Break
from graphlet.capture.effects import memory_node
from graphlet.capture.machine import Machine
from graphlet.capture.outcome import Build, Commit, FromConst, FromGraph, FromSource, FromTemp, Recipe
from graphlet.core.pristine import np
from graphlet.ir.graph import Node, iter_nodes
from graphlet.ir.op import InferenceError
from graphlet.sources import Known
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Slice, Value
from graphlet.values.objects import (
    DefaultDict,
    Deque,
    Derived,
    Error,
    ErrorModes,
    Made,
    NamedTuple,
    Names,
    Object,
    Ordered,
    Range,
    Record,
    Set,
    Stream,
)

_COUNTED = (Sequence, Mapping, Slice, Range, Object, Names, Set)


class UnbuildableError(Exception):
    """A value cannot be made outside the region."""


class Recipes:
    """Makes recipes for values, together: an object that is needed twice is made once."""

    def __init__(self, m: Machine, values: Iterable[Value]) -> None:
        self._m = m
        self._outputs: dict[Node, int] = {}
        self._temps: dict[Value, int] = {}
        self._counts: dict[Value, int] = {}
        self.temps: list[Recipe] = []
        for value in values:
            self._count(value, ())

    @property
    def outputs(self) -> tuple[Node, ...]:
        """The nodes that FromGraph numbers."""
        return tuple(self._outputs)

    def _count(self, value: Value, inside: tuple[Value, ...]) -> None:
        if value in inside:
            raise UnbuildableError("a container that contains itself")
        if value.source is not None or not (isinstance(value, _COUNTED) or is_range(value)):
            return
        self._counts[value] = self._counts.get(value, 0) + 1
        if self._counts[value] == 1:
            for part in parts(value):
                self._count(part, (*inside, value))

    def commit(self, target: Node, value: Node, index: Any, is_result: bool) -> Commit:
        """A write to existing memory. All must still be what they were when the write was met."""
        current = self._m.builder.current
        if any(current(node) is not node for node in (target, value, *iter_nodes(index))):
            raise UnbuildableError("what was written has changed since")
        place = None if index is None else self._index(index)
        return Commit(self._output(target), self._output(value), place, is_result)

    def _index(self, index: Any) -> Recipe:
        """The index of a write: nodes and literals, nested."""
        if isinstance(index, Node):
            return self._output(index)
        if isinstance(index, slice):
            return Build("slice", tuple(map(self._index, (index.start, index.stop, index.step))))
        if type(index) in (tuple, list):
            return Build(type(index).__name__, tuple(map(self._index, index)))
        return FromConst(index)

    def _output(self, node: Node) -> FromGraph:
        return FromGraph(self._outputs.setdefault(node, len(self._outputs)))

    def recipe(self, value: Value) -> Recipe:
        """How to get the object. Raises UnbuildableError if there is no way."""
        source = value.source
        if isinstance(source, Known):
            return FromConst(source.value)
        if source is not None:
            return FromSource(source)
        if isinstance(value, Constant) and not is_range(value):
            return FromConst(value.value)
        if isinstance(value, (Array, Scalar)):
            return self._output(self._node(value))
        if isinstance(value, Record):
            return self._output(self._record(value))
        if isinstance(value, (Made, Stream)):
            return self._output(value.node)
        if value in self._temps:
            return FromTemp(self._temps[value])
        built = self._build(value)
        if self._counts.get(value, 0) < 2:
            return built
        self._temps[value] = len(self.temps)
        self.temps.append(built)
        return FromTemp(self._temps[value])

    def _node(self, value: Array | Scalar) -> Node:
        if isinstance(value, Scalar):
            return self._m.node(value)
        try:
            return memory_node(self._m, value)
        except Break as error:
            raise UnbuildableError(error.detail) from error

    def _record(self, value: Record) -> Node:
        """One object for one value, as it is needed outside."""
        if value.node is None:
            array = self._node(value.array)
            try:
                self._m.trail.set(value, "node", self._m.emit(RECORD, (array, argument(self._m, value.index))))
            except (Break, InferenceError) as error:
                raise UnbuildableError(str(error)) from error
        assert value.node is not None
        return value.node

    def _build(self, value: Value) -> Recipe:
        if isinstance(value, Constant):
            return Build("range", tuple(FromConst(getattr(value.value, name)) for name in ("start", "stop", "step")))
        if isinstance(value, DefaultDict):
            entries = self._build(Mapping(value.items))
            return Build("made", (FromConst(defaultdict), self.recipe(value.factory), entries))
        if isinstance(value, Ordered):
            return Build("made", (FromConst(OrderedDict), self._build(Mapping(value.items))))
        if isinstance(value, Deque):
            items = self._build(Sequence("list", value.items))
            return Build("made", (FromConst(deque), items, FromConst(value.longest)))
        if isinstance(value, Mapping):
            flat: list[Recipe] = []
            for key, item in value.items.items():
                flat += [FromConst(key), self.recipe(item)]
            return Build("dict", tuple(flat))
        if isinstance(value, Names):
            return Build("made", (FromConst(vars), self.recipe(value.obj)))
        if isinstance(value, ErrorModes):
            modes: dict[str, Any] = dict(value.modes)
            return Build("made", (FromConst(partial(_make_extobj, **modes)),))
        if isinstance(value, Error):
            raise UnbuildableError("an exception made in the region")
        if isinstance(value, Derived):
            names, own = FromConst(tuple(value.entries)), map(self.recipe, value.entries.values())
            return Build("made", (FromConst(derived), FromSource(value.at), self._build(value.contents), names, *own))
        if isinstance(value, Object) and value.type is SimpleNamespace:
            given = map(self.recipe, value.entries.values())
            return Build("made", (FromConst(namespace), FromConst(tuple(value.entries)), *given))
        if isinstance(value, Object) and value.type is np.poly1d:
            given = map(self.recipe, value.entries.values())
            return Build("made", (FromConst(polynomial), FromConst(tuple(value.entries)), *given))
        if isinstance(value, Object):
            named = [part for name, item in value.entries.items() for part in (FromConst(name), self.recipe(item))]
            made_of = FromConst(value.type) if isinstance(value.at, Known) else FromSource(value.at)
            return Build("object", (made_of, *named))
        if isinstance(value, NamedTuple):
            made_by = FromConst(value.type) if isinstance(value.at, Known) else FromSource(value.at)
            return Build("named_tuple", (made_by, *map(self.recipe, value.items)))
        if isinstance(value, Set):
            return Build("made", (FromConst(value.items.replay),))
        if isinstance(value, Sequence) and value.kind in ("tuple", "list"):
            return Build(value.kind, tuple(self.recipe(item) for item in value.items))
        if isinstance(value, (Slice, Range)):
            kind = "slice" if isinstance(value, Slice) else "range"
            return Build(kind, tuple(self.recipe(part) for part in parts(value)))
        raise UnbuildableError(f"a {type(value).__name__.lower()} made in the region")


def namespace(names: tuple[str, ...], *values: Any) -> SimpleNamespace:
    """``SimpleNamespace(**dict(zip(names, values)))``"""
    return SimpleNamespace(**dict(zip(names, values, strict=True)))


def polynomial(names: tuple[str, ...], *values: Any) -> np.poly1d:
    """A ``np.poly1d`` as ``__init__`` left it: properties of its class have the names of what it keeps."""
    made = np.poly1d.__new__(np.poly1d)
    made.__dict__.update(zip(names, values, strict=True))
    return made


def derived(kind: type, contents: dict[Any, Any] | list[Any], names: tuple[str, ...], *values: Any) -> Any:
    """An object of a class derived from ``dict`` or ``list``, as ``__init__`` left it."""
    base: Any = type(contents)
    made = base.__new__(kind)
    (dict.update if base is dict else list.extend)(made, contents)
    for name, value in zip(names, values, strict=True):
        object.__setattr__(made, name, value)
    return made


def is_range(value: Value) -> bool:
    """A range of constants, which is made anew each time, as the program does."""
    return isinstance(value, Constant) and type(value.value) is range


def parts(value: Value) -> tuple[Value, ...]:
    """The values inside a container."""
    if isinstance(value, DefaultDict):
        return (value.factory, *value.items.values())
    if isinstance(value, Mapping):
        return tuple(value.items.values())
    if isinstance(value, Names):
        return (value.obj,)
    if isinstance(value, Derived):
        return (*parts(value.contents), *value.entries.values())
    if isinstance(value, Object):
        return tuple(value.entries.values())
    if isinstance(value, Sequence):
        return value.items
    if isinstance(value, (Slice, Range)):
        return (value.start, value.stop, value.step)
    return ()
