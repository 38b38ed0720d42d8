"""Random programs are the same for the same seed, compile, and between them use what they should."""

import pytest

from tests.fuzz.generate import program

SEEDS = range(200)


@pytest.fixture(scope="module")
def programs() -> list[str]:
    return [program(seed) for seed in SEEDS]


def test_same_for_the_same_seed(programs: list[str]) -> None:
    assert [program(seed) for seed in range(5)] == programs[:5]
    assert len(set(programs)) == len(programs)


def test_they_compile_and_define_calls(programs: list[str]) -> None:
    for source in programs:
        compile(source, "<fuzz>", "exec")
        assert "def f(" in source
        assert "CALLS = [call_0" in source


BLOCKS = ("yield", "nonlocal", "match ", "finally:", "class h", "default_rng", "np.add.at", "[[0, -1]]", "m8[s]")
STATEMENTS = ("for ", "while ", "if ", "try:", "with np.errstate", "print(", " += ", ".append(", "lambda", "return")
EXPRESSIONS = ("[:", "[::-1]", "np.where(", "helper_0(", ".sum(", "np.concatenate", "TABLE", "BOX", ".T", "astype")
ARGUMENTS = ("float32", "int8", "uint", "bool", "complex", "readonly", "strided")


@pytest.mark.parametrize("part", STATEMENTS + BLOCKS + EXPRESSIONS + ARGUMENTS)
def test_they_use(part: str, programs: list[str]) -> None:
    assert any(part in source for source in programs)
