"""The tool that compares NumPy's own tests."""

import pytest

from tests.conformance import strangers
from tests.conformance.strangers import Result

RESULT = Result(
    "numpy.tests.test_a",
    {"a": "passed", "b": "passed", "c": "skipped"},
    {"a": "passed", "b": "failed", "d": "passed"},
    (1.0, 1.5),
    {"frames": 3, "graphs": 2, "array_ops_native": 7, "failures": 0, "declines_by_reason": {}},
)


def test_differences_are_by_test() -> None:
    assert RESULT.differences == [f"numpy.tests.test_a: {test}" for test in "bcd"]


def test_a_difference_nobody_knows_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert strangers.report([RESULT])
    shown = capsys.readouterr().out
    assert "NEW b: passed -> failed" in shown
    assert "3 tests, 3 differ, 3 of them new; 3 functions got stubs, 2 graphs, 7 array operations" in shown
    assert "1.50 times" in shown


@pytest.mark.skipif(not strangers.modules(), reason="this NumPy has no tests")
def test_one_module_of_numpy(capsys: pytest.CaptureFixture[str]) -> None:
    """Quick, and full of floating-point flags."""
    assert strangers.main(["numpy._core.tests.test_errstate"]) == 0
    shown = capsys.readouterr().out
    assert " 0 differ, 0 of them new" in shown
    assert " 0 functions got stubs" not in shown


def test_a_module_that_does_not_run_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert strangers.main(["numpy.no_such_module"]) != 0
    assert "1 differ, 1 of them new" in capsys.readouterr().out
