"""Bands: units that go row by row along the first axis may run on some rows at a time, one after the other.

A softmax is three loops over one array: the extremes of the rows, exponentials and their sums, quotients. Each alone
takes all of it through memory. Together, on as many rows as fit in the cache, what is in between never leaves it. No
unit of a band may look at other rows, at how many there are, or know an array as a whole that another knows by rows.
"""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphlet.backends.block_members import member_of
from graphlet.backends.block_tails import ROWS, tail_of
from graphlet.ir.graph import CALL_FUNCTION, CONSTANT, PLACEHOLDER, Node
from graphlet.ir.groups import Group, Unit
from graphlet.ir.types import ArrayType, Dim, Sym
from graphlet.runtime.plan import ArrayCheck, BandOut, Bands, Call, Check, Fused, Step

MIN_UNITS, MAX_ARRAYS = 2, 16
WHOLE_AXIS = slice(None)


class Band:
    """Units that may run as one: the dimension they go along, and which arrays they know by rows."""

    def __init__(self, along: Sym) -> None:
        self.along = along
        self.units: list[Unit] = []
        self.by_rows: set[Node] = set()
        self.whole: set[Node] = set()

    @staticmethod
    def starting_with(unit: Unit) -> "Band | None":
        """A band that begins with this unit; None if there is none."""
        shape = _space(unit)
        if len(shape) < 2 or not isinstance(shape[0], Sym):
            return None
        band = Band(shape[0].root())
        return band if band.takes(unit) else None

    @property
    def nodes(self) -> list[Node]:
        return _nodes(self.units)

    def takes(self, unit: Unit) -> bool:
        """Whether the unit can be part of the band; then it is."""
        space = _space(unit)
        if not space or not self.is_along(space[0]) or any(map(self.is_along, space[1:])):
            return False
        made = _nodes([unit])
        if not all(self.goes_by_rows(node) for node in made):
            return False
        by_rows, whole = {*self.by_rows, *made}, set(self.whole)
        for source in {source for node in made for source in node.inputs}.difference(made):
            if isinstance(source.type, ArrayType):
                (by_rows if self.has_rows(source, space) else whole).add(source)
        if by_rows & whole or any(any(map(self.is_along, _shape(node))) for node in whole):
            return False
        if any(any(map(self.is_along, _shape(node)[1:])) for node in by_rows):
            return False
        self.by_rows, self.whole = by_rows, whole
        self.units.append(unit)
        return True

    def goes_by_rows(self, node: Node) -> bool:
        """Whether a row of the node's result comes from a row of its arguments."""
        shape = _shape(node)
        if not shape or not self.is_along(shape[0]):
            return False
        member = member_of(node)
        if member is not None:
            return not member.strict
        tail = tail_of(node)
        if tail is not None:
            return tail.walk == ROWS
        return is_view_of_rows(node)

    def has_rows(self, source: Node, space: tuple[Dim, ...]) -> bool:
        """Whether an array is read row by row."""
        shape = _shape(source)
        return len(shape) == len(space) and self.is_along(shape[0])

    def is_along(self, dim: Dim) -> bool:
        """Whether a dimension is the one the band goes along."""
        return isinstance(dim, Sym) and dim.root() is self.along

    def parts(self) -> "list[Band | Unit]":
        """The band if it is good for something; else its units. Views at the end are not part of it."""
        views: list[Band | Unit] = []
        while self.units and _is_view(self.units[-1]):
            views.append(self.units.pop())
        if len(self.units) < MIN_UNITS or _leaks_views(self.units) or not _saves_a_trip(self.units):
            return [*self.units, *views[::-1]]
        return [self, *views[::-1]]


def in_bands(units: Sequence[Unit]) -> "list[Band | Unit]":
    """All units in an order in which they can run, those that follow each other in bands where that is good."""
    result: list[Band | Unit] = []
    band: Band | None = None
    for unit in units:
        if isinstance(unit, Node) and unit.op in (PLACEHOLDER, CONSTANT):
            result.append(unit)  # needs nothing
        elif band is None or not band.takes(unit):
            if band is not None:
                result.extend(band.parts())
            band = Band.starting_with(unit)
            if band is None:
                result.append(unit)
    return result if band is None else [*result, *band.parts()]


def _is_view(unit: Unit) -> bool:
    return isinstance(unit, Node) and tail_of(unit) is None


def _leaks_views(units: Sequence[Unit]) -> bool:
    """Whether a view is used behind the band: it would be one of a few rows."""
    inside = set(_nodes(units))
    views = [unit for unit in units if isinstance(unit, Node) and _is_view(unit)]
    return any(user not in inside for view in views for user in view.users)


def _saves_a_trip(units: Sequence[Unit]) -> bool:
    """Whether something as large as the space is read by one unit and made or read by another."""
    ndim = max(len(_shape(node)) for node in _nodes(units))
    touched: dict[Node, int] = {}
    for unit in units:
        made = set(_nodes([unit]))
        for node in made.union(*(node.inputs for node in made)):
            if len(_shape(node)) == ndim and not all(type(dim) is int and dim == 1 for dim in _shape(node)[1:]):
                touched[node] = touched.get(node, 0) + 1
    return any(count > 1 for count in touched.values())


def _nodes(units: Sequence[Unit]) -> list[Node]:
    return [node for unit in units for node in (unit.nodes if isinstance(unit, Group) else [unit])]


def is_view_of_rows(node: Node) -> bool:
    """``a[:, None]`` and the like: all rows, in order."""
    if node.op != CALL_FUNCTION or node.target is not operator.getitem or node.kwargs or len(node.args) != 2:
        return False
    source, key = node.args
    if not isinstance(source, Node) or not isinstance(source.type, ArrayType) or not isinstance(node.type, ArrayType):
        return False
    return type(key) is tuple and bool(key) and all(k is None or k == WHOLE_AXIS for k in key) and key[0] is not None


def _space(unit: Unit) -> tuple[Dim, ...]:
    if isinstance(unit, Group):
        return unit.space
    tail = tail_of(unit)
    if tail is not None:
        return _shape(tail.source)
    return _shape(unit.args[0]) if is_view_of_rows(unit) else ()


def _shape(node: Node) -> tuple[Dim, ...]:
    return node.type.shape if isinstance(node.type, ArrayType) else ()


def band(steps: Sequence[Step], along: int, by_rows: frozenset[int], outputs: dict[int, Check]) -> list[Step]:
    """The steps as one; as they are where one of them turned out to be something else than a loop or a view."""
    dtypes: dict[int, np.dtype[Any]] = {}
    for step in steps:
        if isinstance(step, Fused) and not step.strict and step.walk in ("plain", "rows"):
            dtypes.update({result.slot: result.dtype for result in step.outputs})
            dtypes.update({result.slot: result.dtype for result in step.tails})
        elif not isinstance(step, Call) or step.fn is not operator.getitem:
            return list(steps)
    written = {slot for step in steps for slot in step.writes}
    reads = tuple(dict.fromkeys(slot for step in steps for slot in step.reads if slot not in written))
    inputs = tuple(slot for slot in reads if slot in by_rows)
    results = [
        BandOut(slot, dtypes[slot], check.dims)
        for slot, check in outputs.items()
        if isinstance(check, ArrayCheck) and slot in dtypes
    ]
    if not results or len(results) != len(outputs) or len(results) + len(inputs) > MAX_ARRAYS:
        return list(steps)
    return [Bands(tuple(steps), along, inputs, tuple(results), reads)]
