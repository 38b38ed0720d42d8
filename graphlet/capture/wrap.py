"""The one way to read a value that was there before: source and example in, value out, and the guard is recorded."""

import types
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from graphlet.arrayops.promotion import is_record
from graphlet.capture.breaks import Break
from graphlet.capture.changes import Changes
from graphlet.capture.state import Scope, Trail
from graphlet.core.pristine import np
from graphlet.guards.check import is_nested, is_writeable
from graphlet.guards.hold import TypeSet, is_constant
from graphlet.guards.kinds import (
    ArrayIs,
    Guard,
    IdentityIs,
    InstanceLacks,
    KeysAre,
    LengthIs,
    SameObject,
    TypeIs,
    UnitIs,
    ValueIs,
)
from graphlet.ir.types import ArrayType, Dim, ScalarType, Sym
from graphlet.sources import (
    CellContents,
    DictItem,
    FunctionGlobal,
    FunctionSlot,
    Global,
    Item,
    LiveIn,
    ShapeItem,
    SlotAttr,
    Source,
)
from graphlet.values.base import Array, Constant, Scalar, Sequence, Slice, Storage, Value
from graphlet.values.objects import Cell, Deque, Function, Instance, Method, Partial, Unread

BY_VALUE = TypeSet(type(None), bool, str, bytes, type(Ellipsis))
NUMBERS = TypeSet(int, float, complex)
BY_IDENTITY = (
    type,
    types.ModuleType,
    np.ufunc,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    type(NotImplemented),
    type(np.sum),
    np.dtype,
    type(np.random.Generator.random),
)
FOLLOWED_KINDS = "biufcmM"
LONGEST_SEQUENCE = 256


class Reader:
    """Reads existing objects. Each source is read once; the same object at two sources is one value."""

    def __init__(
        self,
        trail: Trail,
        guard: Callable[[Guard], None],
        original_code: Any,
        varying: frozenset[str] = frozenset(),
    ) -> None:
        self._trail = trail
        self._guard = guard
        self._original_code = original_code
        self._varying = varying
        self._unread: dict[Source, Unread] = {}
        self._values: dict[Source, Value] = {}
        self._by_id: dict[int, Value] = {}
        self.dims: dict[Dim, Source] = {}  # where the size of a symbol made here can be read
        self.dim_values: dict[Dim, Scalar] = {}
        self._written_cells: list[Cell] = []
        self.changes = Changes(trail, guard, self._unread, self._values, self._by_id)
        self._n_syms = 0

    def unread(self, source: Source, example: Any) -> Unread:
        """The value at a source, not yet looked at."""
        value = self._unread.get(source)
        if value is None:
            self.changes.named(source)
            value = self._unread[source] = Unread(example, source=source)
        return value

    def read(self, value: Unread) -> Value:
        """The value itself, with what was assumed about it recorded as guards. Raises Break for arrays not followed."""
        source = value.source
        assert source is not None
        known = self._values.get(source)
        if known is None:
            known = self._wrap(source, value.example)
            self._trail.put(self._values, source, known)
        return known

    def _wrap(self, source: Source, example: Any) -> Value:
        kind = type(example)
        if kind in BY_VALUE:
            self._guard(ValueIs(source, example))
            return Constant(example, source=source)
        if kind in NUMBERS:
            self._guard(TypeIs(source, kind))
            return Scalar(ScalarType(kind), hint=example, source=source)
        if id(kind) in _SHARED or issubclass(kind, dict):
            return self._shared(source, example)
        if issubclass(kind, np.generic):
            return self._numpy_scalar(source, example)
        frozen = kind is frozenset and lasts(source) and all(map(is_constant, example))
        if frozen or issubclass(kind, BY_IDENTITY) or _is_function_of_module(example):
            self._guard(IdentityIs(source, example))
            return Constant(example, source=source)
        self._guard(TypeIs(source, kind))
        special = _SPECIAL.get(id(kind))
        if special is not None:
            return special(self, source, example)
        return self._instance(source, example)

    def read_already(self, example: Any) -> Value | None:
        """The value of an array or container that has been read, wherever it was found."""
        return self._by_id.get(id(example))

    def found(self, name: str) -> list[Source]:
        """The places where a global name was met."""
        places = [source for source in self._unread if isinstance(source, (Global, FunctionGlobal))]
        return [source for source in places if source.name == name]

    def sized(self, guard: LengthIs | KeysAre) -> None:
        """Guard the length or the keys of a container, unless that failed for several lengths already."""
        if f"any len({guard.source})" in self._varying:
            text = f"the length of `{guard.source}` is needed here, and it differs from call to call"
            raise Break("GL114", text, str(guard.source))
        self._guard(guard)

    def lacks(self, source: Source, name: str) -> None:
        """Guard that an object's own dictionary has no such entry."""
        self.changes.lacking(source, name)
        self._guard(InstanceLacks(source, name))

    def _instance(self, source: Source, example: Any) -> Instance:
        made = Instance(type(example), example, source=source)
        self.changes.met(made)
        return made

    def _shared(self, source: Source, example: Any) -> Value:
        """An array or container: at most one value per object."""
        same = self._by_id.get(id(example))
        if same is not None:
            assert same.source is not None
            self._guard(SameObject(same.source, source))
            return same
        value = _SHARED.get(id(type(example)), Reader._dict)(self, source, example)
        self._trail.put(self._by_id, id(example), value)
        return value

    def _array(self, source: Source, example: Any) -> Value:
        dtype, flags = example.dtype, example.flags
        if not (dtype.kind in FOLLOWED_KINDS or is_record(dtype)) or dtype.metadata is not None:
            raise Break("GL106", f"`{source}` is an array of dtype {dtype}", str(source))
        if not flags.aligned:
            raise Break("GL106", f"`{source}` is an unaligned array", str(source))
        ones = tuple(n == 1 for n in example.shape)
        order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "K"
        nested = order == "K" and is_nested(example)
        self._guard(ArrayIs(source, dtype, ones, "S" if nested else order))
        shape = tuple(1 if n == 1 else self._sym(source, axis, n) for axis, n in enumerate(example.shape))
        storage = Storage(None, existed=True, root=source)
        array_type = ArrayType(dtype, shape, order, "C" if nested else "")
        return Array(array_type, storage, writeable=is_writeable(example), example=example, source=source)

    def _sym(self, source: Source, axis: int, size: int) -> Dim:
        sym = Sym(f"s{self._n_syms}", size)
        self._n_syms += 1
        self.dims[sym] = ShapeItem(source, axis)
        return sym

    def _numpy_scalar(self, source: Source, example: Any) -> Value:
        dtype = example.dtype
        if dtype.kind not in FOLLOWED_KINDS or type(example) is not dtype.type or dtype.metadata is not None:
            raise Break("GL106", f"`{source}` is a NumPy scalar of type {type(example).__name__}", str(source))
        self._guard(TypeIs(source, type(example)))
        if dtype.kind in "mM":
            self._guard(UnitIs(source, np.datetime_data(dtype)))
        return Scalar(ScalarType(type(example), dtype), hint=example, source=source)

    def _sequence(self, source: Source, example: Any) -> Value:
        self._guard(TypeIs(source, type(example)))
        if type(example) is not tuple:
            self.changes.list_read(source, example)
        if len(example) > LONGEST_SEQUENCE:
            return Instance(type(example), example, source=source)
        self.sized(LengthIs(source, len(example)))
        items = tuple(self.unread(Item(source, i), item) for i, item in enumerate(example))
        if type(example) is deque:
            return Deque("deque", items, longest=example.maxlen, source=source)
        return Sequence(type(example).__name__, items, source=source)

    def _dict(self, source: Source, example: Any) -> Value:
        self._guard(TypeIs(source, type(example)))
        return self._instance(source, example)

    def cell(self, source: Source, example: Any) -> Cell:
        """A cell that is passed to the region: certainly a cell, no guard needed."""
        made = self._cell(source, example)
        self._values[source] = self._by_id[id(example)] = made
        return made

    def _cell(self, source: Source, example: Any) -> Cell:
        """A cell; the content is read, and guarded to be there, when it is asked for."""
        for written in self._written_cells:
            assert written.source is not None
            self._guard(SameObject(written.source, source, False))
        try:
            contents = self.unread(CellContents(source), example.cell_contents)
        except ValueError:
            return Cell(None, existed=True, source=source)
        return Cell(contents, existed=True, source=source)

    def write_cell(self, cell: Cell) -> None:
        """A cell that was there before gets other contents: no other cell that is read may be the same."""
        if cell in self._written_cells:
            return
        for other in self._by_id.values():
            if isinstance(other, Cell) and other is not cell:
                assert cell.source is not None and other.source is not None
                self._guard(SameObject(cell.source, other.source, False))
        self._trail.append(self._written_cells, cell)

    def _function(self, source: Source, example: Any) -> Value:
        self._guard(IdentityIs(FunctionSlot(source, "__code__"), example.__code__))
        code = self._original_code(example) if self._original_code else example.__code__
        scope = Scope(example.__globals__, example.__builtins__, source)
        return Function(code, scope, fn=example, source=source)

    def _method(self, source: Source, example: Any) -> Value:
        callee = self.unread(FunctionSlot(source, "__func__"), example.__func__)
        return Method(callee, self.unread(FunctionSlot(source, "__self__"), example.__self__), source=source)

    def _slice(self, source: Source, example: Any) -> Value:
        parts = [self.unread(SlotAttr(source, name), getattr(example, name)) for name in ("start", "stop", "step")]
        return Slice(*map(self.read, parts), source=source)

    def _partial(self, source: Source, example: Any) -> Value:
        names = example.keywords
        if any(type(name) is not str for name in names):
            return Instance(partial, example, source=source)
        self.changes.keywords_read(source)
        keywords, args = SlotAttr(source, "keywords"), SlotAttr(source, "args")
        self._guard(KeysAre(keywords, tuple(names)))
        self._guard(LengthIs(args, len(example.args)))
        return Partial(
            self.unread(SlotAttr(source, "func"), example.func),
            tuple(self.unread(Item(args, i), item) for i, item in enumerate(example.args)),
            {name: self.unread(DictItem(keywords, name), item) for name, item in names.items()},
            source=source,
        )


def lasts(source: Source) -> bool:
    """Whether an object is found from the globals, not from what a call passes: it will hardly be another next time."""
    base: Source | None = source
    while base is not None and not isinstance(base, LiveIn):
        base = getattr(base, "base", None)
    return base is None


def _is_function_of_module(example: Any) -> bool:
    """A function written in C, not a method bound to some object."""
    return type(example) is types.BuiltinFunctionType and isinstance(example.__self__, (types.ModuleType, type))


# By identity of the type: hashing a class of the user's could run code of its metaclass.
_SHARED: dict[int, Callable[[Reader, Source, Any], Value]] = {
    id(np.ndarray): Reader._array,
    id(tuple): Reader._sequence,
    id(list): Reader._sequence,
    id(deque): Reader._sequence,
    id(dict): Reader._dict,
    id(types.CellType): Reader._cell,
}
_SPECIAL: dict[int, Callable[[Reader, Source, Any], Value]] = {
    id(types.FunctionType): Reader._function,
    id(types.MethodType): Reader._method,
    id(partial): Reader._partial,
    id(slice): Reader._slice,
}
