"""The two tables that lie beside the code units: handlers of exceptions, and positions in the source."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# (line, end line, column, end column); None where there is none.
Position = tuple[int | None, int | None, int | None, int | None]
NOWHERE: Position = (None, None, None, None)

_ENTRY_START = 0x80
_MORE = 0x40
_SIX_BITS = 0x3F
_MAX_UNITS_PER_LOCATION = 8

# Kinds of location entries (InternalDocs/locations.md); 0-9 are the short form, by column / 8.
_ONE_LINE = 10
_NO_COLUMNS = 13
_LONG = 14
_NONE = 15


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the exception table, in code units: [start, end) is handled at target.

    depth   the stack is cut to this depth
    lasti   the index of the raising instruction is pushed below the exception
    """

    start: int
    end: int
    target: int
    depth: int
    lasti: bool


def read_handlers(table: bytes) -> Iterator[Row]:
    """The rows of ``co_exceptiontable``."""
    numbers = _big_endian_numbers(table)
    for start in numbers:
        length, target, depth_lasti = next(numbers), next(numbers), next(numbers)
        yield Row(start, start + length, target, depth_lasti >> 1, bool(depth_lasti & 1))


def write_handlers(rows: Iterable[Row]) -> bytes:
    """Inverse of ``read_handlers``."""
    out = bytearray()
    for row in rows:
        first = len(out)
        for number in (row.start, row.end - row.start, row.target, row.depth << 1 | row.lasti):
            _append_big_endian(out, number)
        out[first] |= _ENTRY_START
    return bytes(out)


def _big_endian_numbers(table: bytes) -> Iterator[int]:
    value = 0
    for byte in table:
        value = value << 6 | byte & _SIX_BITS
        if not byte & _MORE:
            yield value
            value = 0


def _append_big_endian(out: bytearray, value: int) -> None:
    shift = 6 * max(0, (value.bit_length() - 1) // 6)
    while shift:
        out.append(_MORE | value >> shift & _SIX_BITS)
        shift -= 6
    out.append(value & _SIX_BITS)


def write_positions(runs: Iterable[tuple[Position, int]], first_line: int) -> bytes:
    """``co_linetable`` for runs of (position, number of code units); the inverse of ``co_positions``, run-encoded."""
    out = bytearray()
    line = first_line
    for position, n_units in runs:
        while n_units > 0:
            n_here = min(n_units, _MAX_UNITS_PER_LOCATION)
            line = _append_location(out, position, n_here, line)
            n_units -= n_here
    return bytes(out)


def _append_location(out: bytearray, position: Position, n_units: int, previous_line: int) -> int:
    """Append one entry; returns the line the next one counts from."""
    line, end_line, col, end_col = position
    if line is None:
        out.append(_head(_NONE, n_units))
        return previous_line
    delta = line - previous_line
    if col is None or end_col is None:
        if end_line is None or end_line == line:
            out.append(_head(_NO_COLUMNS, n_units))
            _append_signed(out, delta)
            return line
    elif end_line == line:
        if delta == 0 and col < 80 and 0 <= end_col - col < 16:
            out += bytes((_head(col >> 3, n_units), (col & 7) << 4 | end_col - col))
            return line
        if 0 <= delta < 3 and col < 128 and end_col < 128:
            out += bytes((_head(_ONE_LINE + delta, n_units), col, end_col))
            return line
    out.append(_head(_LONG, n_units))
    _append_signed(out, delta)
    for number in (0 if end_line is None else end_line - line, _plus_one(col), _plus_one(end_col)):
        _append_little_endian(out, number)
    return line


def _head(kind: int, n_units: int) -> int:
    return _ENTRY_START | kind << 3 | n_units - 1


def _plus_one(column: int | None) -> int:
    return 0 if column is None else column + 1


def _append_signed(out: bytearray, value: int) -> None:
    _append_little_endian(out, -value << 1 | 1 if value < 0 else value << 1)


def _append_little_endian(out: bytearray, value: int) -> None:
    while value > _SIX_BITS:
        out.append(_MORE | value & _SIX_BITS)
        value >>= 6
    out.append(value)
