"""Types of graph values: symbolic dimensions, arrays, scalars and plain Python objects."""

from dataclasses import dataclass
from typing import Union

import numpy as np


class Sym:
    """A dimension whose size is known only at run time.

    ``hint`` is the size seen during capture. Two symbols that met in a broadcast are the same dimension:
    ``unify`` joins them (union-find); ``root`` is the representative.
    """

    __slots__ = ("_parent", "hint", "name")

    def __init__(self, name: str, hint: int) -> None:
        self.name = name
        self.hint = hint
        self._parent: Sym = self

    def root(self) -> "Sym":
        """The representative of this symbol's class."""
        node = self
        while node._parent is not node:
            node._parent = node._parent._parent
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
    return ra


def same_dim(a: Dim, b: Dim) -> bool:
    """Whether two dimensions are known to be equal for every run of the graph."""
    if isinstance(a, Sym) and isinstance(b, Sym):
        return a.root() is b.root()
    return not isinstance(a, Sym) and not isinstance(b, Sym) and a == b


def dim_hint(dim: Dim) -> int:
    """The size of a dimension as it was during capture."""
    return dim.hint if isinstance(dim, Sym) else dim


@dataclass(frozen=True, slots=True)
class ArrayType:
    """An exact ``numpy.ndarray``.

    ``shape`` has static ints (1s that broadcasting relied on, literal sizes) and symbols.
    ``order`` says what is known of the memory layout: "C" (C-contiguous), "F" (F- but not C-contiguous), "K" (anything).
    """

    dtype: np.dtype
    shape: tuple[Dim, ...]
    order: str = "C"

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
    """Any other Python object an operation makes or takes, such as a tuple of arrays; ``items`` types a tuple's parts."""

    pytype: type
    items: tuple["Type", ...] | None = None

    def __str__(self) -> str:
        return self.pytype.__name__


Type = Union[ArrayType, ScalarType, ObjectType]
