"""The benchmark measures what it says and says whether goals were reached."""

import pytest

from benchmarks import bench


def test_calls_run_in_graphs(capsys: pytest.CaptureFixture[str]) -> None:
    (goal,) = bench.calls(quick=True)
    out = capsys.readouterr().out
    assert "np.add(x, y)" in out
    assert "graphlet" in out
    assert "times as fast" in goal.text
    assert " 0 calls ran in the graph" not in out


def test_imports_are_measured_in_fresh_processes(capsys: pytest.CaptureFixture[str]) -> None:
    (goal,) = bench.imports(quick=True)
    assert "import over NumPy's" in goal.text
    assert "5 rounds" in capsys.readouterr().out


def test_exit_code_follows_the_goals(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bench, "PARTS", {"calls": lambda quick: [bench.Goal("a", True), bench.Goal("b", False)]})
    assert bench.main([]) == 1
    assert "MISSED   b" in capsys.readouterr().out
    monkeypatch.setattr(bench, "PARTS", {"calls": lambda quick: [bench.Goal("a", True)]})
    assert bench.main(["calls"]) == 0


def test_unknown_part_is_refused() -> None:
    with pytest.raises(SystemExit):
        bench.main(["nosuch"])
