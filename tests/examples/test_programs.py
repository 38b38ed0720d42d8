"""The real programs do the same under graphlet, run in graphs, and the runner says so."""

import numpy as np
import pytest

from examples.programs import run
from examples.programs.catalogue import PROGRAMS, Program
from examples.programs.timing import input_maker, interleaved
from tests.oracle.runner import compare_runs

NATIVE = 0.9
WITH_BREAKS = 0.5


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_same_and_native(program: Program) -> None:
    sizes = [input_maker(program, n) for n in (50, 5000, 1)]
    report = compare_runs(program.run, sizes, rounds=4)
    assert report.same, str(report)
    share = compare_runs(program.run, [input_maker(program, 2000)], rounds=10).share
    assert share.native >= (WITH_BREAKS if program.breaks else NATIVE), str(share)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_inputs_are_the_same_each_time(program: Program) -> None:
    make = input_maker(program, 1000)
    for a, b in zip(make(), make(), strict=True):
        assert type(a) is type(b)
        assert np.array_equal(a, b)
        assert a is not b or not isinstance(a, np.ndarray)


def test_runner_prints_a_row_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["softmax", "solver", "--size", "1000", "--seconds", "0.01"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["softmax", "solver"]
    assert all(line.endswith("yes") for line in lines[2:])


def test_runner_reports_a_difference(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def wrong(*arguments: object, **keywords: object) -> object:
        return compare_runs(lambda x: x, [(np.ones(2),)], optimizer=lambda fn: lambda x: x * 2)

    monkeypatch.setattr(run, "compare_runs", wrong)
    assert run.main(["softmax", "--size", "1000", "--seconds", "0.01"]) == run.MISMATCH
    assert "NO" in capsys.readouterr().out


def test_unknown_program_is_refused() -> None:
    with pytest.raises(SystemExit):
        run.main(["nosuch"])


def test_interleaved_takes_turns() -> None:
    calls: list[str] = []
    first, second = interleaved((lambda: calls.append("a"), lambda: calls.append("b")), tuple, 0.0)
    assert calls == ["a", "b", "b", "a", "a", "b"]
    assert len(first.seconds) == len(second.seconds) == 3
    assert first.best <= first.median
