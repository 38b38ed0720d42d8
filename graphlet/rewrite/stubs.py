"""Stubs: what is inserted at an entry point. Plain data; ``splice`` turns it into code units."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Exit:
    """One way on from a stub after a hit.

    offset   byte offset of the original instruction to jump to
    keep     entry-stack items that stay, from the bottom
    pushes   the slots above them, bottom first: True a value from the result, False a NULL
    stores   locals and cells to store, in the order their values stand in the result
    deletes  locals to unbind
    """

    offset: int
    keep: int
    pushes: tuple[bool, ...] = ()
    stores: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stub:
    """One entry point: the call of ``region`` with its live-ins, and the exits.

    The region is called with: the values of ``locals_in``, the cell objects of ``cells_in``, then the values of the
    stack slots ``stack_in`` (depths counted from the bottom, bottom first). It returns None (declined: nothing
    changed) or
      one exit:      a tuple: the values of ``stores`` in order, then the values of ``pushes`` in order (bottom first)
      several exits: a pair (that tuple, number of the exit)
    ``bare``: there is one exit and one value; it returns the value, or itself (declined).
    """

    offset: int
    region: Any
    locals_in: tuple[str, ...] = ()
    cells_in: tuple[str, ...] = ()
    stack_in: tuple[int, ...] = ()
    exits: tuple[Exit, ...] = ()
    bare: bool = False
