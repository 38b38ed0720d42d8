"""Code units as a list that can be edited: jumps and handlers point at items, not at numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType

from graphlet.opcodes import units, versions
from graphlet.opcodes.tables import NOWHERE, Position, Row, read_handlers, write_handlers, write_positions


@dataclass(slots=True, eq=False)
class Item:
    """One instruction.

    target      the item it jumps to
    offset      byte offset in the code it was read from, -1 for a new one
    n_extended  EXTENDED_ARGs in front of it: grows when the argument does, never shrinks
    """

    op: int
    arg: int = 0
    position: Position = NOWHERE
    target: "Item | None" = None
    offset: int = -1
    n_extended: int = 0

    @property
    def n_units(self) -> int:
        return self.n_extended + 1 + units.CACHE_COUNT[self.op]


@dataclass(slots=True, eq=False)
class Handler:
    """A row of the exception table between items; ``end`` is the first item not covered."""

    start: Item
    end: Item
    target: Item
    depth: int
    lasti: bool


@dataclass(slots=True, eq=False)
class Body:
    """The instructions of a code object. ``end`` stands behind the last one; it has no code unit."""

    items: list[Item]
    handlers: list[Handler]
    end: Item


def read(code: CodeType) -> Body:
    """The items of ``code``."""
    positions = tuple(code.co_positions())
    found = tuple(units.read(code))
    items = [_item(unit, positions) for unit in found]
    end = Item(units.CACHE, offset=len(code.co_code))
    at = {item.offset: item for item in items} | {end.offset: end}
    for unit, item in zip(found, items, strict=True):
        if unit.target >= 0:
            item.target = at[unit.target]
    return Body(items, [_handler(row, at) for row in read_handlers(code.co_exceptiontable)], end)


def _item(unit: units.Unit, positions: tuple[Position, ...]) -> Item:
    n_extended = (unit.end - unit.offset) // units.UNIT - 1 - units.CACHE_COUNT[unit.op]
    return Item(unit.op, unit.arg, positions[unit.offset // units.UNIT], None, unit.offset, n_extended)


def _handler(row: Row, at: dict[int, Item]) -> Handler:
    start, end, target = (at[units.UNIT * number] for number in (row.start, row.end, row.target))
    return Handler(start, end, target, row.depth, row.lasti)


def assemble(code: CodeType, body: Body, consts: tuple[object, ...], stack_depth: int) -> CodeType:
    """``code`` with other instructions."""
    starts = _lay_out(body)
    return code.replace(
        co_code=_encode(body.items),
        co_consts=consts,
        co_stacksize=stack_depth,
        co_exceptiontable=write_handlers(_rows(body.handlers, starts)),
        co_linetable=write_positions(_runs(body.items), code.co_firstlineno),
    )


def _lay_out(body: Body) -> dict[Item, int]:
    """Gives jumps their arguments; returns the first code unit of each item. Growing to a fixed point."""
    counts = units.CACHE_COUNT
    jumps = [item for item in body.items if item.target is not None]
    for item in body.items:
        if item.arg > 0xFF and item.target is None:
            item.n_extended = max(item.n_extended, _n_extended(item.arg))
    grown = True
    while grown:
        starts: dict[Item, int] = {}
        at = 0
        for item in body.items:
            starts[item] = at
            at += item.n_extended + 1 + counts[item.op]
        starts[body.end] = at
        grown = False
        for item in jumps:
            item.arg = _distance(item, starts)
            needed = _n_extended(item.arg)
            if needed > item.n_extended:
                item.n_extended = needed
                grown = True
    return starts


def _n_extended(arg: int) -> int:
    return max(0, (arg.bit_length() - 1) // 8)


def _distance(item: Item, starts: dict[Item, int]) -> int:
    """Code units from behind the jump to its target; raises ValueError if that is the wrong way."""
    assert item.target is not None
    behind = starts[item] + item.n_units
    distance = starts[item.target] - behind
    if item.op in units.BACKWARD_JUMPS:
        distance = -distance
    if distance < 0:
        raise ValueError(f"jump of {item} goes the wrong way by {distance} units")
    return distance


def _encode(items: Iterable[Item]) -> bytes:
    counts = units.CACHE_COUNT
    out = bytearray()
    for item in items:
        for byte in range(item.n_extended, 0, -1):
            out += bytes((units.EXTENDED_ARG, item.arg >> 8 * byte & 0xFF))
        out.append(item.op)
        out.append(item.arg & 0xFF)
        if counts[item.op]:
            out += bytes(units.UNIT * counts[item.op])
    return bytes(out)


def _rows(handlers: Iterable[Handler], starts: dict[Item, int]) -> Iterator[Row]:
    for handler in handlers:
        start, end = starts[handler.start], starts[handler.end]
        if start < end:
            yield Row(start, end, starts[handler.target], handler.depth, handler.lasti)


def _runs(items: Iterable[Item]) -> Iterator[tuple[Position, int]]:
    """The position of each item and how many units it has; neighbours with one position together where compilers do."""
    merges = versions.current().merges_locations
    counts = units.CACHE_COUNT
    position, n_units = NOWHERE, 0
    for item in items:
        if n_units and not (merges and item.position == position):
            yield position, n_units
            n_units = 0
        position = item.position
        n_units += item.n_extended + 1 + counts[item.op]
    if n_units:
        yield position, n_units
