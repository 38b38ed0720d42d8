"""Types of graph values: symbolic dimensions, arrays, scalars and plain Python objects."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Union

from graphlet.core.pristine import np

_clock = itertools.count(1)


class Sym:
    """A dimension whose size is known only at run time.

    ``hint`` is the size seen during capture. Two symbols that met in a broadcast are the same dimension:
    ``unify`` joins them (union-find); ``root`` is the representative. Paths are not shortened, and each join keeps
    its time, so that ``separate`` can undo the latest ones.
    """

    __slots__ = ("_joined", "_parent", "hint", "name")

    def __init__(self, name: str, hint: int) -> None:
        self.name = name
        self.hint = hint
        self._parent: Sym | None = None  # not itself: no ring
        self._joined = 0

    def root(self) -> "Sym":
        """The representative of this symbol's class."""
        node = self
        while node._parent is not None:
            node = node._parent
        return node

    def __repr__(self) -> str:
        return self.root().name


Dim = Union[int, Sym]


def unify(a: Sym, b: Sym) -> Sym:
    """Declare two symbols equal; the kernel checks at run time that they are. Returns the representative."""
    ra, rb = a.root(), b.root()
    if ra is not rb:
        rb._parent = ra
        rb._joined = next(_clock)
    return ra


def now() -> int:
    """A point in time for ``separate``."""
    return next(_clock)


def separate(syms: Iterable[Sym], since: int) -> None:
    """Undo every ``unify`` that happened after ``since``; ``syms`` are all symbols that may have been joined."""
    for sym in syms:
        if sym._joined > since:
            sym._parent = None
            sym._joined = 0


def same_dim(a: Dim, b: Dim) -> bool:
    """Whether two dimensions are known to be equal for every run of the graph."""
    if isinstance(a, Sym) and isinstance(b, Sym):
        return a.root() is b.root()
    return not isinstance(a, Sym) and not isinstance(b, Sym) and a == b


def same_shape(left: tuple[Dim, ...], right: tuple[Dim, ...]) -> bool:
    """Whether two shapes are known to be equal for every run of the graph."""
    return len(left) == len(right) and all(map(same_dim, left, right))


def dim_hint(dim: Dim) -> int:
    """The size of a dimension as it was during capture."""
    return dim.hint if isinstance(dim, Sym) else dim


@dataclass(frozen=True, slots=True)
class ArrayType:
    """An exact ``numpy.ndarray``.

    ``shape`` has static ints (1s that broadcasting relied on, literal sizes) and symbols.
    ``order`` says what is known of the memory layout: "C" (C-contiguous), "F" (F- but not C-contiguous), "K" (any).
    ``axes`` says for "K" how strides are sorted: "C" if they fall from the first axis to the last (a slice of a C
    array), "F" if they rise, "" if not known. An elementwise result of such an array has that order, contiguous.
    """

    dtype: np.dtype
    shape: tuple[Dim, ...]
    order: str = "C"
    axes: str = field(default="", compare=False)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def shape_hint(self) -> tuple[int, ...]:
        """The shape as it was during capture."""
        return tuple(dim_hint(d) for d in self.shape)

    def __str__(self) -> str:
        dims = ", ".join(str(d) for d in self.shape)
        return f"{self.dtype}[{dims}]{'' if self.order == 'C' else ' ' + self.order}"


@dataclass(frozen=True, slots=True)
class ScalarType:
    """A scalar object: exact Python ``bool``/``int``/``float``/``complex``, or a NumPy scalar.

    ``pytype`` is the exact type; ``dtype`` is set for NumPy scalars only (Python scalars are weak, NEP 50).
    """

    pytype: type
    dtype: np.dtype | None = None

    def __str__(self) -> str:
        return str(self.dtype) + "()" if self.dtype is not None else self.pytype.__name__


@dataclass(frozen=True, slots=True)
class ObjectType:
    """Any other Python object an operation makes or takes, such as a tuple of arrays; ``items``: a tuple's parts."""

    pytype: type
    items: tuple["Type", ...] | None = None

    def __str__(self) -> str:
        return self.pytype.__name__


Type = Union[ArrayType, ScalarType, ObjectType]


def type_of(value: Any) -> Type:
    """The type of a real object, with static sizes."""
    if type(value) is np.ndarray:
        return ArrayType(value.dtype, value.shape, order_of(value))
    if isinstance(value, np.generic):
        return ScalarType(type(value), value.dtype)
    if type(value) in (bool, int, float, complex):
        return ScalarType(type(value))
    if type(value) is tuple:
        return ObjectType(tuple, tuple(type_of(item) for item in value))
    return ObjectType(type(value))


def order_of(array: np.ndarray) -> str:
    """The memory layout class of an array, as in ``ArrayType.order``."""
    if array.flags.c_contiguous:
        return "C"
    return "F" if array.flags.f_contiguous else "K"


def syms_of(type_: Type | None) -> Iterator[Sym]:
    """The symbols in a type."""
    if isinstance(type_, ArrayType):
        yield from (dim for dim in type_.shape if isinstance(dim, Sym))
    elif isinstance(type_, ObjectType):
        for item in type_.items or ():
            yield from syms_of(item)
