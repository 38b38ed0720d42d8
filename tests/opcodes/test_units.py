"""Reading code units: the same instructions as the ``dis`` module sees."""

import dis
import opcode
from typing import Any

from graphlet.opcodes import units
from tests.opcodes.corpus import sample


def test_dis_sees_the_same() -> None:
    for code in sample()[::5]:
        theirs = [i for i in dis.get_instructions(code) if i.opname not in ("EXTENDED_ARG", "CACHE")]
        ours = list(units.read(code))
        assert [unit.name for unit in ours] == [i.opname for i in theirs]
        for unit, instruction in zip(ours, theirs, strict=True):
            assert unit.offset <= instruction.offset < unit.end
            assert instruction.arg is None or unit.arg == instruction.arg
            if unit.target >= 0:
                assert unit.target == instruction.argval


def test_instructions_follow_each_other() -> None:
    for code in sample()[::5]:
        at = 0
        for unit in units.read(code):
            assert unit.offset == at
            at = unit.end
        assert at == len(code.co_code)


def test_slots_are_those_of_the_interpreter() -> None:
    for code in sample():
        names: Any = code._varname_from_oparg  # type: ignore[attr-defined]
        assert units.slot_names(code) == tuple(names(n) for n in range(len(units.slot_names(code))))


def test_caches_are_known() -> None:
    assert units.CACHE_COUNT[opcode.opmap["LOAD_GLOBAL"]] > 0
    assert units.CACHE_COUNT[opcode.opmap["LOAD_FAST"]] == 0


def test_loops_are_seen() -> None:
    def looping(n: int) -> int:
        while n > 3:
            n -= 1
        return n

    def straight(n: int) -> int:
        return n if n > 3 else -n

    assert units.has_loop(looping.__code__)
    assert not units.has_loop(straight.__code__)
