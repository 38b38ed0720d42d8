"""Taking code apart and putting it together again."""

import opcode
from types import CodeType

import pytest

from graphlet.opcodes import items
from tests.opcodes.corpus import stream


def rebuilt(code: CodeType) -> CodeType:
    return items.assemble(code, items.read(code), code.co_consts, code.co_stacksize)


def test_nothing_changed_is_byte_exact() -> None:
    n_codes = 0
    for code in stream():
        n_codes += 1
        again = rebuilt(code)
        assert again.co_code == code.co_code, code
        assert again.co_exceptiontable == code.co_exceptiontable, code
        assert again.co_linetable == code.co_linetable, code
        assert list(again.co_positions()) == list(code.co_positions()), code
        assert again == code
    assert n_codes > 500


def test_growing_jump_gets_extended_args() -> None:
    def f(a: int) -> int:
        if a:
            return 1
        return 2

    body = items.read(f.__code__)
    jump = next(item for item in body.items if item.target is not None)
    at = body.items.index(jump) + 1
    body.items[at:at] = [items.Item(opcode.opmap["NOP"], position=jump.position) for _ in range(300)]
    grown = items.assemble(f.__code__, body, f.__code__.co_consts, f.__code__.co_stacksize)
    assert jump.n_extended == 1
    f.__code__ = grown
    assert (f(1), f(0)) == (1, 2)


def test_jump_the_wrong_way_is_refused() -> None:
    def f(a: int) -> int:
        if a:
            return 1
        return 2

    body = items.read(f.__code__)
    jump = next(item for item in body.items if item.target is not None)
    jump.target = body.items[0]
    with pytest.raises(ValueError, match="wrong way"):
        items.assemble(f.__code__, body, f.__code__.co_consts, f.__code__.co_stacksize)
