"""Which share of the instructions of real code there are rules for."""

from pathlib import Path

import pytest

from graphlet import cli
from graphlet.report import real_code

SOURCE = '''
import numpy as np

class Kept:                       # the body of a class that is made once is no function
    def total(self, x):
        return sum(x * 2.0)

def whole(x):
    return [row + 1 for row in x]

def with_a_class(x):
    class Inner:
        pass
    return x
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "code.py").write_text(SOURCE)
    (tmp_path / "broken.py").write_text("def f(:")
    return tmp_path


def test_functions_are_counted_and_what_is_left_is_named(folder: Path) -> None:
    found = real_code.count(str(folder))
    assert {code.co_name for code in real_code.functions(folder / "code.py")} >= {"total", "whole", "with_a_class"}
    assert found.left == {"LOAD_BUILD_CLASS": 1} and found.functions - found.whole == 1
    assert found.followed == 1 - 1 / found.instructions
    assert found.reasons() == ["       1 LOAD_BUILD_CLASS            GL103 part of a class definition"]


def test_places(folder: Path) -> None:
    assert real_code.count(str(folder / "code.py")).instructions == real_code.count(str(folder)).instructions
    assert real_code.sources("json")[0].name == "__init__.py" and len(real_code.sources("json")) > 1
    assert real_code.count(str(folder / "broken.py")).followed == 1
    for place in ("no_such_module", "sys", "no.such.module"):
        with pytest.raises(ValueError, match="is no file, no folder and no module written in Python"):
            real_code.count(place)


def test_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ops", "--left", "--code", str(folder / "code.py")]) == cli.OK
    out = capsys.readouterr().out
    assert " % followed; " in out and "LOAD_BUILD_CLASS" in out
    assert cli.main(["ops", "--code", "no_such_module"]) == cli.ERROR
