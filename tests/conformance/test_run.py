"""CPython's tests run the same over rewritten code and under the hook; the comparison sees what does not."""

import argparse
import platform
import unittest
from pathlib import Path

import pytest

from tests.conformance import run, worker
from tests.conformance.modules import SMOKE, TIMED, available, everything, exists
from tests.conformance.run import ModuleResult
from tests.conformance.ways import Thunk

needs_tests = pytest.mark.skipif(not exists(SMOKE[0]), reason="this Python was installed without its tests")


def options(tmp_path: Path, mode: str, **changes: object) -> argparse.Namespace:
    made = run.parse(["--mode", mode, "--folder", str(tmp_path), "--no-progress"])
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@needs_tests
def test_enough_modules() -> None:
    assert len(available()) >= 60


@needs_tests
def test_everything_is_every_module_once() -> None:
    names = everything()
    assert len(set(names)) == len(names) > 2 * len(available())
    assert set(available()) < set(names)
    assert all(map(exists, names))
    assert run.chosen(run.parse(["--all", "--no-progress"])) == names
    assert run.chosen(run.parse(["--no-progress"])) == available()


@needs_tests
def test_a_module_that_will_not_be_loaded_is_a_skipped_test(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise unittest.SkipTest("not here")

    monkeypatch.setattr(unittest.defaultTestLoader, "loadTestsFromName", refuse)
    outcomes = worker.run_module("test_with")
    assert outcomes.by_id == {"test_with": "skip"}
    assert outcomes.details == {"test_with": "not here"}


@needs_tests
@pytest.mark.parametrize(("mode", "modules"), [("stubs", ("test_with", "test_scope")), ("hook", SMOKE)])
def test_same_outcomes(mode: str, modules: tuple[str, ...], tmp_path: Path) -> None:
    chosen = options(tmp_path, mode, density=0.2, loaded=False)
    results = run.compare(modules, chosen)
    differences = [d for r in results for d in r.differences]
    assert run.known.unexplained(differences, chosen.known) == []
    assert sum(len(r.plain) for r in results) > 50
    assert all(r.counts["code objects"] > 0 for r in results)
    assert all(not r.counts["errors"] for r in results)
    if mode == "stubs":
        assert all(r.counts["declined calls"] > 100 for r in results)


@needs_tests
@pytest.mark.skipif(platform.machine() not in Thunk.JUMPS, reason="no machine code for a jump on this machine")
def test_hook_differs_in_nothing_from_a_jump(tmp_path: Path) -> None:
    """What the hook changes, the least hook there can be changes too."""
    chosen = options(tmp_path, "hook", against="thunk", known=())
    modules = ("test_opcache", "test_frame", "test_sys_setprofile")
    results = run.compare(tuple(filter(exists, modules)), chosen)
    assert [d for r in results for d in r.differences] == []
    assert all(r.plain for r in results)


def test_differences_are_found() -> None:
    result = ModuleResult("test_x", {"a": "pass", "b": "pass", "c": "skip"}, {"a": "pass", "b": "fail"})
    assert result.differences == ["test_x: b", "test_x: c"]
    assert "pass -> fail" in result.describe("test_x: b")
    assert "skip -> absent" in result.describe("test_x: c")


def test_crash_is_a_difference(tmp_path: Path) -> None:
    chosen = options(tmp_path, "hook")
    (result,) = run.compare(("no_such_module",), chosen)
    assert result.differences == ["no_such_module: did not run"]
    assert run.report([result], chosen)


def test_what_modules_share_is_counted_once() -> None:
    counts = {"stubs": 1, "before": {"stubs": 10}, "errors": []}
    results = [ModuleResult(name, {"a": "pass"}, {"a": "pass"}, counts=counts) for name in ("test_x", "test_y")]
    assert "12 stubs, 0 errors inside graphlet" in run.summary(results, "stubs")


def test_varying_outcome_is_no_difference() -> None:
    first = ModuleResult("test_x", {"a": "pass", "b": "pass"}, {"a": "fail", "b": "fail"})
    second = ModuleResult("test_x", {"a": "pass", "b": "pass"}, {"a": "pass", "b": "fail"})
    assert run._stable(first, second).differences == ["test_x: b"]


def test_what_skips_itself_by_the_clock_may_do_so_one_way_only() -> None:
    name = min(TIMED).partition(": ")[2]
    assert ModuleResult("test_int", {name: "pass"}, {name: "skip"}).differences == []
    assert ModuleResult("test_int", {name: "pass"}, {name: "fail"}).differences == [f"test_int: {name}"]
    assert ModuleResult("test_int", {"b": "pass"}, {"b": "skip"}).differences == ["test_int: b"]


def test_known_differences_may_only_shrink(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = options(tmp_path, "hook", known=(run.known.Known("test_x: gone", "a reason"),))
    result = ModuleResult("test_x", {"gone": "pass"}, {"gone": "pass"})
    assert run.report([result], chosen)
    assert "GONE test_x: gone" in capsys.readouterr().out
    chosen.density = 0.1
    assert not run.report([result], chosen)
