"""What the block machine runs: a flat list of steps over slots. Plain data; ``_block`` turns it into native structs.

Slots are numbered: the inputs first, then the constants, then the values of steps. A *dimension* in a check is an int:
``n >= 0`` is a static size, ``-1 - k`` is symbol ``k`` (bound by the first array that has it, compared ever after).
"""

from dataclasses import dataclass, field
from typing import Any, Union

import numpy as np


@dataclass(frozen=True, slots=True)
class ArrayCheck:
    """The value must be an exact ndarray of this dtype and these dimensions."""

    dtype: np.dtype[Any]
    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TypeCheck:
    """The value must have this exact type."""

    type: type


@dataclass(frozen=True, slots=True)
class TupleCheck:
    """The value must be an exact tuple (or list) of these."""

    type: type
    items: tuple["Check", ...]


Check = Union[ArrayCheck, TypeCheck, TupleCheck, None]


@dataclass(frozen=True, slots=True)
class Call:
    """``slots[out] = fn(*slots[args], **kwnames)``: the last ``len(kwnames)`` args are keyword arguments.

    out        None: the result is dropped (the function is called for its effect)
    errstate   may raise floating-point flags: runs with every flag that is not ignored turned into an exception
    warns      may issue other warnings: runs with warnings of this thread turned into exceptions
    nonempty   declines when the first argument is an array without elements
    """

    fn: Any
    args: tuple[int, ...]
    out: int | None
    check: Check
    kwnames: tuple[str, ...] = ()
    errstate: bool = False
    warns: bool = False
    nonempty: bool = False
    frees: tuple[int, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Build:
    """``slots[out] = kind(slots[args])``: "tuple", "list", "slice" (three args) or "dict" (key, value, key, value ...)."""

    kind: str
    args: tuple[int, ...]
    out: int
    frees: tuple[int, ...] = ()


Step = Union[Call, Build]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole graph. ``outputs`` are slots, which may repeat and may be inputs or constants."""

    inputs: tuple[Check, ...]
    constants: tuple[Any, ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    n_slots: int
    n_syms: int = 0
    names: dict[int, str] = field(default_factory=dict)
