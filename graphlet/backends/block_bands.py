"""Bands: units that go row by row along an axis may run on some rows at a time, one after the other.

A softmax is three loops over one array: the extremes of the rows, exponentials and their sums, quotients. Each alone
takes all of it through memory. Together, on as many rows as fit in the cache, what is in between never leaves it. No
unit of a band may look at other rows, at how many there are, or know an array as a whole that another knows by rows.
So it is with the nearest of a few means to many points, where a "row" of distances is a column: one for each mean.
"""

import operator
from collections.abc import Sequence
from typing import Any

from graphlet.backends.block_members import member_of
from graphlet.backends.block_tails import tail_of
from graphlet.core.pristine import np
from graphlet.ir.graph import CALL_FUNCTION, CONSTANT, PLACEHOLDER, Node
from graphlet.ir.groups import Group, Unit
from graphlet.ir.types import ArrayType, Dim, Sym
from graphlet.runtime.plan import ArrayCheck, BandOut, Bands, Call, Check, Fused, Step

MIN_UNITS, MAX_ARRAYS = 2, 16
WHOLE_AXIS = slice(None)


class Band:
    """Units that may run as one: the dimension they go along, and which arrays they know by rows.

    What comes from outside, and what leaves, has the dimension as its first axis; what is in between has it anywhere.
    """

    def __init__(self, along: Sym) -> None:
        self.along = along
        self.units: list[Unit] = []
        self.made: set[Node] = set()
        self.by_rows: set[Node] = set()
        self.whole: set[Node] = set()

    @staticmethod
    def starting_with(unit: Unit) -> "list[Band]":
        """Bands that begin with this unit, one for each dimension they may go along; a view can wait outside."""
        shape = () if _is_view(unit) else _space(unit)
        along = dict.fromkeys(dim.root() for dim in shape if isinstance(dim, Sym)) if len(shape) > 1 else ()
        return [band for band in map(Band, along) if band.takes(unit)]

    @property
    def nodes(self) -> list[Node]:
        return _nodes(self.units)

    def takes(self, unit: Unit) -> bool:
        """Whether the unit can be part of the band; then it is."""
        space = _space(unit)
        behind = self.axes_from(space)
        made = _nodes([unit])
        if behind is None or not all(self.goes_by_rows(node, behind) for node in made):
            return False
        by_rows, whole = {*self.by_rows, *made}, set(self.whole)
        for source in {source for node in made for source in node.inputs}.difference(made):
            if isinstance(source.type, ArrayType):
                shape = source.type.shape
                if not any(map(self.is_along, shape)):
                    whole.add(source)
                elif self.axes_from(shape) == behind and (source in self.made or self.is_along(shape[0])):
                    by_rows.add(source)
                else:
                    return False
        if by_rows & whole:
            return False
        self.by_rows, self.whole = by_rows, whole
        self.made.update(made)
        self.units.append(unit)
        return True

    def axes_from(self, shape: tuple[Dim, ...]) -> int | None:
        """How many axes there are from the one the band goes along; None where that is not one axis."""
        places = [at for at, dim in enumerate(shape) if self.is_along(dim)]
        return len(shape) - places[0] if len(places) == 1 else None

    def goes_by_rows(self, node: Node, behind: int) -> bool:
        """Whether what the node has of a row, of so many axes, comes from that row of its arguments."""
        axes = self.axes_from(_shape(node))
        if axes is None:
            return False
        member = member_of(node)
        if member is not None:
            return not member.strict and axes == behind
        tail = tail_of(node)
        if tail is not None:
            shape = _shape(tail.source)
            return self.axes_from(shape) == behind and len(shape) - behind not in range(*tail.axes)
        return is_view_of_rows(node) and self.is_along(_shape(node)[0])

    def is_along(self, dim: Dim) -> bool:
        """Whether a dimension is the one the band goes along."""
        return isinstance(dim, Sym) and dim.root() is self.along

    def parts(self) -> "list[Band | Unit]":
        """The band if it is good for something; else its units. Views at the end are not part of it."""
        views: list[Band | Unit] = []
        while self.units and _is_view(self.units[-1]):
            views.append(self.units.pop())
        is_good = len(self.units) >= MIN_UNITS and not _leaks_views(self.units) and self.saves_a_trip()
        if not is_good or not all(self.is_along(_shape(node)[0]) for node in _leaving(self.units)):
            return [*self.units, *views[::-1]]
        return [self, *views[::-1]]

    def saves_a_trip(self) -> bool:
        """Whether something with more than one element a row is read by one unit and made or read by another."""
        touched: dict[Node, int] = {}
        for unit in self.units:
            made = set(_nodes([unit]))
            for node in made.union(*(node.inputs for node in made)):
                others = [dim for dim in _shape(node) if not self.is_along(dim)]
                if len(others) < len(_shape(node)) and not all(type(dim) is int and dim == 1 for dim in others):
                    touched[node] = touched.get(node, 0) + 1
        return any(count > 1 for count in touched.values())


def in_bands(units: Sequence[Unit]) -> "list[Band | Unit]":
    """All units in an order in which they can run, those that follow each other in bands where that is good."""
    result: list[Band | Unit] = []
    bands: list[Band] = []  # of the same units, along different dimensions
    for unit in units:
        if isinstance(unit, Node) and unit.op in (PLACEHOLDER, CONSTANT):
            result.append(unit)  # needs nothing
            continue
        going = [band for band in bands if band.takes(unit)]
        if not going:
            result.extend(_best(bands))
            going = Band.starting_with(unit)
            if not going:
                result.append(unit)
        bands = going
    return [*result, *_best(bands)]


def _best(bands: list[Band]) -> "list[Band | Unit]":
    """The first of some bands that is good for something, as parts; the units where none is."""
    found: list[Band | Unit] = []
    for band in bands:
        found = band.parts()
        if any(isinstance(part, Band) for part in found):
            break
    return found


def _is_view(unit: Unit) -> bool:
    return isinstance(unit, Node) and tail_of(unit) is None


def _leaks_views(units: Sequence[Unit]) -> bool:
    """Whether a view is used behind the band: it would be one of a few rows."""
    inside = set(_nodes(units))
    views = [unit for unit in units if isinstance(unit, Node) and _is_view(unit)]
    return any(user not in inside for view in views for user in view.users)


def _leaving(units: Sequence[Unit]) -> list[Node]:
    """What is made here and used elsewhere."""
    inside = set(_nodes(units))
    return [node for node in inside if any(user not in inside for user in node.users)]


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


def band(
    steps: Sequence[Step], along: int, by_rows: frozenset[int], outputs: dict[int, Check], between: dict[int, Check]
) -> list[Step]:
    """The steps as one; as they are where one of them turned out to be something else than a loop or a view.

    ``outputs`` and ``between`` say what arrays are that are used outside, and inside only.
    """
    dtypes: dict[int, np.dtype[Any]] = {}
    for step in steps:
        if isinstance(step, Fused) and not step.strict and step.walk in ("plain", "rows", "columns"):
            dtypes.update({result.slot: result.dtype for result in step.outputs})
            dtypes.update({result.slot: result.dtype for result in step.tails})
        elif not isinstance(step, Call) or step.fn is not operator.getitem:
            return list(steps)
    written = {slot for step in steps for slot in step.writes}
    reads = tuple(dict.fromkeys(slot for step in steps for slot in step.reads if slot not in written))
    inputs = tuple(slot for slot in reads if slot in by_rows)

    def arrays(checks: dict[int, Check]) -> tuple[BandOut, ...]:
        return tuple(
            BandOut(slot, dtypes[slot], check.dims)
            for slot, check in checks.items()
            if isinstance(check, ArrayCheck) and slot in dtypes
        )

    results = arrays(outputs)
    if not results or len(results) != len(outputs) or len(results) + len(inputs) > MAX_ARRAYS:
        return list(steps)
    return [Bands(tuple(steps), along, inputs, results, arrays(between), reads)]
