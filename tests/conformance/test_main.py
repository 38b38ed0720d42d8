"""The parts that ``make conformance`` runs."""

import pytest

from tests.conformance import __main__ as parts
from tests.conformance import run, strangers
from tests.conformance.packages import PACKAGES


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    made: list[list[str]] = []
    monkeypatch.setattr(run, "main", lambda argv: made.append(["run", *argv]) or 0)
    monkeypatch.setattr(strangers, "main", lambda argv: made.append(argv) or 3 * (argv[0] == "scipy"))
    return made


def test_parts_get_the_options(calls: list[list[str]]) -> None:
    assert parts.main(["cpython", "--mode", "stubs"]) == 0
    assert parts.main(["numpy", "pandas", "--mode", "learn"]) == 0
    assert calls == [["run", "--mode", "stubs"], ["numpy", "--mode", "learn"], ["pandas", "--mode", "learn"]]


def test_without_a_part_all_run_and_the_worst_counts(calls: list[list[str]]) -> None:
    assert parts.main([]) == 3
    assert [call[0] for call in calls] == ["run", *PACKAGES]


def test_help_and_parts_that_are_none(calls: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert parts.main(["--help"]) == 0
    assert "The parts are cpython, numpy, scipy" in capsys.readouterr().out
    assert parts.main(["nump"]) == 2
    assert calls == []
