"""The table of canonical instructions."""

from collections.abc import Iterator

import pytest

from graphlet.opcodes import versions
from graphlet.opcodes.canon import CANON, KINDS, pushes
from graphlet.opcodes.decode import decode
from graphlet.report.real_code import codes
from tests.opcodes.corpus import CONSTRUCTS, sample

# In no code of the corpus: only other versions have it, or only code written by hand does.
SELDOM = {"POP_ITER", "LOAD_SPECIAL", "BUILD_INTERPOLATION", "BUILD_TEMPLATE", "LOAD_FROM_DICT_OR_GLOBALS"} | {
    "LOAD_CLASSDEREF",
    "SETUP_ANNOTATIONS",
}


def test_constructs_compile() -> None:
    assert len(list(codes(CONSTRUCTS))) > 15


def seen_here() -> Iterator[str]:
    for code in (*codes(CONSTRUCTS), *sample()):
        yield from (instr.op for instr in decode(code).instrs)


def test_names_are_keys() -> None:
    assert all(name == row.name for name, row in CANON.items())


@pytest.mark.parametrize("row", [row for row in CANON.values() if isinstance(row.pushes, str)], ids=lambda r: r.name)
def test_kinds_have_names(row: object) -> None:
    assert set(pushes(row, 0)) <= KINDS.keys()  # type: ignore[arg-type]


def test_what_ends_or_jumps() -> None:
    assert {name for name, row in CANON.items() if row.ends} == {"JUMP", "RETURN_VALUE", "RERAISE", "RAISE_VARARGS"}
    assert {name for name, row in CANON.items() if row.jumps} >= {"FOR_ITER", "JUMP", "POP_JUMP_IF_TRUE", "SEND"}


def test_every_instruction_of_the_corpus_has_a_row() -> None:
    assert set(seen_here()) <= CANON.keys()


def test_few_rows_are_unused_here() -> None:
    """Rows that this version cannot make are those only another version has."""
    others = {
        (3, 11): {"LOAD_FAST_AND_CLEAR", "LOAD_FROM_DICT_OR_DEREF", "LOAD_LOCALS", "LOAD_SUPER_ATTR", "BINARY_SLICE"}
        | {"STORE_SLICE", "CALL_KW", "SET_FUNCTION_ATTRIBUTE", "END_FOR", "SEND", "END_SEND", "CLEANUP_THROW"},
        (3, 12): {"CALL_KW", "SET_FUNCTION_ATTRIBUTE", "JUMP_IF_TRUE_OR_POP", "JUMP_IF_FALSE_OR_POP", "SEND_POP"},
        (3, 13): {"KW_NAMES", "JUMP_IF_TRUE_OR_POP", "JUMP_IF_FALSE_OR_POP", "SEND_POP"},
        (3, 14): {"KW_NAMES", "JUMP_IF_TRUE_OR_POP", "JUMP_IF_FALSE_OR_POP", "SEND_POP", "BEFORE_WITH"}
        | {"BEFORE_ASYNC_WITH", "BUILD_CONST_KEY_MAP"},
    }
    here = next(known for known, version in versions.VERSIONS.items() if version is versions.current())
    assert CANON.keys() - set(seen_here()) - others[here] <= SELDOM
