"""The exception table and the position table."""

import pytest

from graphlet.opcodes import tables

BIG = [0, 1, 63, 64, 4095, 4096, 1 << 18, 1 << 24]


@pytest.mark.parametrize("number", BIG)
def test_handlers_round_trip(number: int) -> None:
    rows = [tables.Row(number, number + 5, number + 9, 3, True), tables.Row(1, 1 + number, 2, number, False)]
    assert list(tables.read_handlers(tables.write_handlers(rows))) == rows


POSITIONS: list[tables.Position] = [
    (None, None, None, None),
    (10, 10, 3, 9),
    (10, 10, 90, 99),
    (12, 12, 0, 120),
    (9, 9, 0, 5),
    (9, 9, None, None),
    (400, 7000, 200, 100),
    (400, 401, None, None),
]


def test_positions_round_trip() -> None:
    def f() -> None:
        pass

    runs = [(position, n_units) for n_units in (1, 8, 9, 30) for position in POSITIONS]
    table = tables.write_positions(runs, 10)
    n_units = sum(n for _, n in runs)
    code = f.__code__.replace(co_code=bytes(2 * n_units), co_linetable=table, co_firstlineno=10)
    wanted = [position for position, n in runs for _ in range(n)]
    assert list(code.co_positions()) == wanted
