"""The kinds of guards: each a fact about a source. Plain data; ``lower`` turns a plan of them into native code."""

from dataclasses import dataclass
from typing import Any, Union

from graphlet.core.pristine import np
from graphlet.sources import Source


@dataclass(frozen=True, slots=True)
class TypeIs:
    """The value's exact type."""

    source: Source
    type: type


@dataclass(frozen=True, slots=True, eq=False)
class IdentityIs:
    """The value is this very object. User objects are held weakly; ``value`` must then be weakly referenceable."""

    source: Source
    value: Any


@dataclass(frozen=True, slots=True)
class ValueIs:
    """The value has this exact type and equals this constant: None, bool, int, float, complex, str, bytes, Ellipsis.

    Floats compare by bits, so that -0.0, 0.0 and NaN are told apart.
    """

    source: Source
    value: Any


@dataclass(frozen=True, slots=True)
class ArrayIs:
    """An exact ndarray of this kind.

    ones      per dimension, whether its size is 1
    order     "C": C-contiguous; "F": F- and not C-contiguous; "K": neither (any strides);
              "S": neither, and each axis steps over all that lies behind it, as in a slice of a C array: strides
              fall from the first axis to the last, and no two elements share memory
    aligned   must be aligned; writeable None means either
    """

    source: Source
    dtype: np.dtype
    ones: tuple[bool, ...]
    order: str
    aligned: bool = True
    writeable: bool | None = None

    @property
    def ndim(self) -> int:
        return len(self.ones)


@dataclass(frozen=True, slots=True)
class LengthIs:
    """Length of an exact tuple, list or deque, or the number of items in a dict, which may be of a derived class."""

    source: Source
    length: int


@dataclass(frozen=True, slots=True)
class KeysAre:
    """The keys of a dict, which may be of a derived class, in order; constants as in DictItem."""

    source: Source
    keys: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class InstanceLacks:
    """The instance's own ``__dict__`` has no such key (so the type's attribute is the one that is read)."""

    source: Source
    name: str


@dataclass(frozen=True, slots=True)
class TypeLacks:
    """Nothing on the method resolution order of the value's type has such a name (so what the instance has is read)."""

    source: Source
    name: str


@dataclass(frozen=True, slots=True)
class ClassLacks:
    """The value is a class, and nothing on its method resolution order has such a name."""

    source: Source
    name: str


@dataclass(frozen=True, slots=True)
class NotOverlapping:
    """The memory of two arrays does not meet (by the byte ranges they span)."""

    left: Source
    right: Source


@dataclass(frozen=True, slots=True)
class SameObject:
    """Two sources are one object (``same``) or two different ones."""

    left: Source
    right: Source
    same: bool = True


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of Python ints or floats came out as it did during capture.

    ``left``/``right`` are sources of exact int/float/bool values, or constants wrapped in ``Known``;
    ``op`` is one of "<" "<=" "==" "!=" ">" ">=".
    """

    left: Source
    op: str
    right: Source
    outcome: bool


@dataclass(frozen=True, slots=True)
class TokenIs:
    """``source``, a function written in C, gives this number: ``abc.get_cache_token`` as long as no class is registered
    with an abstract one, ``error_modes`` as long as NumPy treats floating-point errors the same way,
    ``asyncgen_hooks`` as long as nobody but event loops is told of asynchronous generators."""

    source: Source
    token: int


@dataclass(frozen=True, slots=True)
class UnitIs:
    """The value is a ``datetime64`` or ``timedelta64`` of this unit, as ``np.datetime_data`` of its dtype says it."""

    source: Source
    unit: tuple[str, int]


Guard = Union[
    TypeIs,
    IdentityIs,
    ValueIs,
    ArrayIs,
    LengthIs,
    KeysAre,
    InstanceLacks,
    TypeLacks,
    ClassLacks,
    NotOverlapping,
    SameObject,
    Compare,
    TokenIs,
    UnitIs,
]
