"""The tool that compares the packages' own tests."""

import json
from pathlib import Path

import pytest

from tests.conformance import strangers
from tests.conformance.known import Known
from tests.conformance.packages import PACKAGES, Package
from tests.conformance.strangers import Result, Run

COUNTS = {"frames": 3, "graphs": 2, "array_ops_native": 7, "failures": 0, "errors": []}
RESULT = Result(
    "numpy.tests",
    Run({"a": "passed", "b": "passed", "c": "skipped"}, {}, 1.0, {"errors": []}),
    Run({"a": "passed", "b": "failed", "d": "passed"}, {"b": "E  assert 1 == 2"}, 1.5, COUNTS),
)


def reported(result: Result, *lines: Known) -> bool:
    options = strangers.parse(["numpy"])
    options.known, options.n_groups = lines, 1
    return strangers.report("numpy", [result], options)


def test_differences_are_by_test() -> None:
    assert RESULT.differences == [f"numpy.tests: {test}" for test in "bcd"]


def test_a_difference_nobody_knows_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert reported(RESULT)
    shown = capsys.readouterr().out
    assert "NEW b: passed -> failed  E assert 1 == 2" in shown
    assert "3 tests, 3 differ, 3 of them new; 3 functions got stubs, 2 graphs, 7 array operations" in shown
    assert "1.50 times" in shown


def test_known_differences_may_only_shrink(capsys: pytest.CaptureFixture[str]) -> None:
    assert not reported(RESULT, Known("numpy.tests: [bcd]", "a reason"))
    assert reported(RESULT, Known("numpy.tests: [bcd]", "a reason"), Known("numpy.tests: a", "a reason"))
    assert "GONE numpy.tests: a" in capsys.readouterr().out


def test_a_failure_inside_graphlet_fails(capsys: pytest.CaptureFixture[str]) -> None:
    same = Run({"a": "passed"}, {}, 1.0, {**COUNTS, "failures": 1, "errors": ["x.py:1 f: ValueError() at y.py:2 g"]})
    assert reported(Result("numpy.tests", same, same))
    assert "FAILURE INSIDE GRAPHLET x.py:1 f: ValueError() at y.py:2 g" in capsys.readouterr().out


def test_what_differs_once_varies(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = iter([{"a": "passed", "b": "passed"}, {"a": "failed", "b": "failed"},
                 {"a": "passed", "b": "passed"}, {"a": "passed", "b": "failed"}])  # fmt: skip
    monkeypatch.setattr(strangers, "run", lambda *_: Run(next(runs)))
    options = strangers.parse(["numpy"])
    options.known = ()
    result = strangers.compare("numpy.tests", ["numpy.tests.test_a"], options)
    assert (result.differences, result.varies) == (["numpy.tests: b"], {"a"})


def test_modules_of_a_part_run_together() -> None:
    modules = ["a.b.tests.test_c", "a.b.e.tests.test_f", "a.g.tests.test_c"]
    assert strangers.groups(modules) == {"a.b": modules[:2], "a.g": modules[2:]}


def test_a_run_without_its_last_line_did_not_end(tmp_path: Path) -> None:
    lines = [{"test": "a", "outcome": "passed", "said": ""}, {"seconds": 2.0, "counts": {"frames": 1}}]
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert strangers.read(path) == Run({"a": "passed"}, {}, 2.0, {"frames": 1})
    path.write_text(json.dumps(lines[0]) + "\n")
    assert strangers.read(path) == Run({"a": "passed"})


@pytest.mark.skipif(not PACKAGES["numpy"].modules(), reason="this NumPy has no tests")
def test_one_module_of_numpy(capsys: pytest.CaptureFixture[str]) -> None:
    """Quick, and full of floating-point flags."""
    assert strangers.main(["--modules", "numpy._core.tests.test_errstate"]) == 0
    shown = capsys.readouterr().out
    assert " 0 differ, 0 of them new" in shown
    assert " 0 functions got stubs" not in shown


def test_a_module_that_does_not_run_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert strangers.main(["--modules", "numpy.no_such_module"]) != 0
    assert "2 differ, 2 of them new" in capsys.readouterr().out


def test_a_package_that_is_not_there_is_said_to_be_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PACKAGES, "no_such_package", Package("no_such_package", ("*",)))
    assert strangers.main(["no_such_package"]) == 0
    assert "LEFT OUT: no_such_package" in capsys.readouterr().out


def test_packages_are_those_of_the_table() -> None:
    with pytest.raises(SystemExit):
        strangers.parse(["no_such_package"])
