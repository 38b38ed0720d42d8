"""Decoding: every opcode of the running version, offsets, parts and arguments."""

import opcode
from itertools import pairwise
from typing import Any

import pytest

from graphlet.opcodes import units, versions
from graphlet.opcodes.canon import CANON
from graphlet.opcodes.decode import decode
from tests.opcodes.corpus import sample

# What the interpreter uses inside, and what co_code never shows.
NOT_IN_CODE = {"EXTENDED_ARG", "INTERPRETER_EXIT", "RESERVED", "EXIT_INIT_CHECK", "ENTER_EXECUTOR"}


def real_opcodes() -> list[str]:
    return [
        name
        for name, op in opcode.opmap.items()
        if op < 256 and name not in NOT_IN_CODE and not name.startswith("INSTRUMENTED_")
    ]


def ops(function: Any) -> list[tuple[str, Any]]:
    return [(instr.op, instr.arg) for instr in decode(function.__code__).instrs if instr.op != "NOP"]


@pytest.mark.parametrize("name", real_opcodes())
def test_every_opcode_is_lowered(name: str) -> None:
    assert name in versions.current().lowerings


def test_no_row_is_stale() -> None:
    assert set(versions.current().lowerings) <= set(real_opcodes()) | {"CACHE"}


def test_corpus_is_canonical() -> None:
    for code in sample():
        decoded = decode(code)
        offsets = {unit.offset for unit in units.read(code)}
        assert decoded.at.keys() == offsets
        for index, instr in enumerate(decoded.instrs):
            row = CANON[instr.op]
            assert (instr.part == 0) == (decoded.at[instr.offset] == index)
            assert not row.jumps or instr.arg in offsets
            assert row.arg == "object" or (row.arg == "") == (instr.arg is None), (instr, row.arg)


def test_arguments_are_decoded() -> None:
    def f(a: Any, b: Any) -> Any:
        a += b
        return a.real < 3

    decoded = ops(f)
    assert ("BINARY_OP", "+=") in decoded
    assert ("LOAD_ATTR", "real") in decoded
    assert ("COMPARE_OP", "<") in decoded
    assert ("LOAD_CONST", 3) in decoded
    assert decoded[-1] == ("RETURN_VALUE", None)


def test_truth_is_an_instruction_of_its_own() -> None:
    def f(a: Any) -> Any:
        if a:
            return 1
        return not a

    decoded = [op for op, _ in ops(f)]
    assert decoded.count("TO_BOOL") == 2
    assert decoded[decoded.index("TO_BOOL") + 1] == "POP_JUMP_IF_FALSE"
    assert decoded[decoded.index("UNARY_NOT") - 1] == "TO_BOOL"


def test_calls_have_two_slots_below() -> None:
    def f(a: Any) -> Any:
        return len(a)

    decoded = [op for op, _ in ops(f)]
    null, load = decoded.index("PUSH_NULL"), decoded.index("LOAD_GLOBAL")
    assert null == load - 1 if decode(f.__code__).null_below else null == load + 1


def test_exhausted_loop_goes_on_behind_the_end() -> None:
    def f(a: Any) -> Any:
        for _ in a:
            pass
        return a

    decoded = decode(f.__code__)
    loop = next(instr for instr in decoded.instrs if instr.op == "FOR_ITER")
    behind = decoded.instrs[decoded.at[loop.arg]]
    assert (behind.op, behind.arg) in {("LOAD_FAST", "a"), ("NOP", None)}


def test_cell_is_a_closure_load() -> None:
    def f(a: Any) -> Any:
        return lambda: a

    assert ("LOAD_CLOSURE", "a") in ops(f)
    assert decode(f.__code__).cells == {"a"}


def test_format_with_conversion_and_spec() -> None:
    def f(a: Any, width: int) -> str:
        return f"{a!r:{width}}"

    decoded = ops(f)
    assert ("CONVERT_VALUE", "repr") in decoded
    assert ("FORMAT_WITH_SPEC", None) in decoded


def test_next_offset_skips_parts_and_caches() -> None:
    def f(a: Any) -> Any:
        return len(a)

    decoded = decode(f.__code__)
    starts = list(decoded.at)
    for here, behind in pairwise(starts):
        assert decoded.next_offset(here) == behind


def test_unknown_python_cannot_decode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "why_not_supported", lambda: "CPython 3.99 is not known")
    with pytest.raises(versions.UnsupportedPythonError, match=r"3\.99"):
        decode(ops.__code__)
