"""The backend that prints what it does."""

import numpy as np
import pytest

from graphlet.backends.debug import debug
from tests.ir.test_graph import small


def test_debug_prints_table_and_code_once_and_runs(capsys: pytest.CaptureFixture[str]) -> None:
    g = small()
    x, y = np.arange(4.0), np.ones(4)
    run = debug(g, (x, y))
    text = capsys.readouterr().out
    assert text.startswith("graph graph(x float64[4], y float64[4])\nopcode ")
    assert g.code in text
    assert run(x, y)[0].tolist() == [2.0, 4.0, 6.0, 8.0]
    assert capsys.readouterr().out == ""
