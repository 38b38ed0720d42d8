"""Sources: where a value came from, so that it can be loaded again and guarded.

A source is plain data. Loading one never runs user code: a lowered source reads slots, dictionaries and tuples.
"""

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Union


@dataclass(frozen=True, slots=True)
class LiveIn:
    """An argument the stub passes to its region: a local, a cell object, or a stack item; by position."""

    index: int
    name: str
    on_stack: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Global:
    """A name looked up in the running frame's globals, then in its builtins."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Globals:
    """The dictionary of the running frame's globals itself, as the target of a store."""

    def __str__(self) -> str:
        return "globals()"


@dataclass(frozen=True, slots=True)
class FunctionGlobal:
    """A name looked up in the globals of another function (an inlined callee), then in its builtins."""

    base: "Source"
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class CellContents:
    """What a cell object holds; an empty cell fails the guard."""

    base: "Source"

    def __str__(self) -> str:
        return str(self.base)


@dataclass(frozen=True, slots=True)
class FunctionSlot:
    """A field of a function: "__code__", "__defaults__", "__kwdefaults__", "__closure__", "__doc__", "__name__",
    "__qualname__", "__module__", "__globals__"; of a method: "__func__", "__self__"; of a staticmethod or classmethod:
    "__func__".
    """

    base: "Source"
    slot: str

    def __str__(self) -> str:
        return f"{self.base}.{self.slot}"


@dataclass(frozen=True, slots=True)
class ModuleAttr:
    """An entry of a module's dictionary."""

    base: "Source"
    name: str

    def __str__(self) -> str:
        return f"{self.base}.{self.name}"


@dataclass(frozen=True, slots=True)
class InstanceAttr:
    """An entry of an instance's own ``__dict__``; the type guard on the base makes the meaning of the read fixed."""

    base: "Source"
    name: str

    def __str__(self) -> str:
        return f"{self.base}.{self.name}"


@dataclass(frozen=True, slots=True)
class SlotAttr:
    """A ``__slots__`` field, or an object field of a builtin type such as ``property.fget``, read through its member
    descriptor (found on the guarded type)."""

    base: "Source"
    name: str

    def __str__(self) -> str:
        return f"{self.base}.{self.name}"


@dataclass(frozen=True, slots=True)
class TypeAttr:
    """What the method resolution order of a type finds for a name (``_PyType_Lookup``: no descriptor is called)."""

    base: "Source"
    name: str

    def __str__(self) -> str:
        return f"{self.base}.{self.name}"


@dataclass(frozen=True, slots=True)
class TypeOf:
    """The exact type of a value."""

    base: "Source"

    def __str__(self) -> str:
        return f"type({self.base})"


@dataclass(frozen=True, slots=True)
class Mro:
    """The method resolution order of a class: the tuple in ``__mro__``."""

    base: "Source"

    def __str__(self) -> str:
        return f"{self.base}.__mro__"


@dataclass(frozen=True, slots=True)
class Item:
    """An item of an exact list or deque, or of any tuple (a named tuple too), by non-negative constant position."""

    base: "Source"
    index: int

    def __str__(self) -> str:
        return f"{self.base}[{self.index}]"


@dataclass(frozen=True, slots=True)
class DictItem:
    """What a dict holds under a constant str, int, bool, float, None or tuple-of-these key, or under a class that lives
    for ever. The dict may be of a derived class, of which nothing is asked."""

    base: "Source"
    key: Any

    def __str__(self) -> str:
        return f"{self.base}[{self.key!r}]"


@dataclass(frozen=True, slots=True)
class OwnDict:
    """The dictionary of an object of a Python class, made if it is not there yet: what ``vars(obj)`` gives."""

    base: "Source"

    def __str__(self) -> str:
        return f"vars({self.base})"


@dataclass(frozen=True, slots=True)
class Limit:
    """``maxlen`` of a ``collections.deque``."""

    base: "Source"

    def __str__(self) -> str:
        return f"{self.base}.maxlen"


@dataclass(frozen=True, slots=True)
class ShapeItem:
    """``base.shape[axis]`` of an array, as a Python int."""

    base: "Source"
    axis: int

    def __str__(self) -> str:
        return f"{self.base}.shape[{self.axis}]"


@dataclass(frozen=True, slots=True)
class PlainOf:
    """The number or text that an object of a class derived from int, float or str is, as one of that very type."""

    base: "Source"

    def __str__(self) -> str:
        return f"plain({self.base})"


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """An object known for ever, such as a NumPy function; never an object of the user's (that would keep it alive)."""

    value: Any

    def __str__(self) -> str:
        if self.value is sys.modules:
            return "sys.modules"
        return str(self.value.__name__) if type(self.value) is ModuleType else repr(self.value)


Source = Union[
    LiveIn,
    Global,
    Globals,
    FunctionGlobal,
    CellContents,
    FunctionSlot,
    ModuleAttr,
    InstanceAttr,
    SlotAttr,
    TypeAttr,
    TypeOf,
    Mro,
    Item,
    DictItem,
    OwnDict,
    Limit,
    ShapeItem,
    PlainOf,
    Known,
]
