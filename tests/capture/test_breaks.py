"""The table of GL codes."""

import re
from pathlib import Path

import numpy as np
import pytest

from graphlet.capture import breaks
from graphlet.capture.breaks import CODES, Break
from graphlet.capture.options import Options
from tests.capture.playing import captured

X = np.linspace(0.1, 1.0, 5)
FOLDER = Path(breaks.__file__).parent


def marker(reason=""):
    """Stands for graphlet.graph_break."""


def asks():
    """Stands for graphlet.is_compiling."""


def test_codes_are_well_formed() -> None:
    assert all(re.fullmatch(r"GL[1239]\d\d", code) for code in CODES)
    assert list(CODES) == sorted(CODES)
    for code, entry in CODES.items():
        assert entry.title and entry.cause and entry.fix, code
        assert not entry.title.endswith("."), code


def test_every_code_raised_stands_in_the_table() -> None:
    used = {code for path in FOLDER.rglob("*.py") for code in re.findall(r'"(GL\d{3})"', path.read_text())}
    assert used <= CODES.keys()


def test_every_graph_break_of_the_table_is_raised_somewhere() -> None:
    raised = {
        code
        for path in FOLDER.rglob("*.py")
        if path.name != "breaks.py"
        for code in re.findall(r'"(GL1\d\d)"', path.read_text())
    }
    assert {code for code in CODES if code.startswith("GL1")} == raised


def test_break_says_why() -> None:
    reason = Break("GL101", "print(...): side effect", "print")
    assert str(reason) == "GL101 print(...): side effect"
    assert (reason.variable, reason.before) == ("print", None)


@pytest.mark.parametrize(("args", "detail"), [((), "graph_break() was called"), (("because",), "because")])
def test_explicit_break(args: tuple, detail: str) -> None:
    def function(x):
        y = x + 1
        marker(*args)
        return y

    outcome = captured(function, X, options=Options(breaks=frozenset({marker})))
    assert (outcome.break_.code, outcome.break_.detail) == ("GL113", detail)


def test_functions_with_a_known_answer() -> None:
    def function(x):
        return x + 1 if asks() else x

    outcome = captured(function, X, options=Options(constants={asks: True}))
    assert outcome.break_ is None and outcome.array_ops == 1
