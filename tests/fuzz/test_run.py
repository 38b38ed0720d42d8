"""The fuzzer finds nothing where nothing is wrong, and finds, shrinks and prints what is wrong."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.fuzz import run
from tests.fuzz.check import check
from tests.fuzz.generate import program
from tests.fuzz.levels import CORE
from tests.oracle.runner import identity

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_optimised_programs_do_the_same(seed: int) -> None:
    verdict = run.run_seed(seed)
    assert verdict is None or not verdict.failed, run.script(seed, program(seed), verdict)


@pytest.mark.parametrize("seed", SEEDS)
def test_core_programs_do_the_same(seed: int) -> None:
    verdict = run.run_seed(seed, level=CORE)
    assert verdict is None or not verdict.failed, run.script(seed, program(seed, CORE), verdict)


def test_identity_finds_nothing() -> None:
    totals = run.Totals()
    for seed, verdict in run.run_batch(list(range(12)), identity).items():
        totals.add(seed, verdict)
    assert totals.programs >= 10
    assert not totals.failures
    assert totals.raised < totals.programs


def copying(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Wrong on purpose: never gives back an argument or a view of one."""

    def wrong(*args: Any) -> Any:
        result = fn(*args)
        return result.copy() if isinstance(result, np.ndarray) else result

    return wrong


def crashing(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Wrong on purpose: takes the process down."""
    return lambda *args: os.kill(os.getpid(), signal.SIGKILL)


PROGRAM = """
import numpy as np
from tests.fuzz.arguments import arr

def f(a0, a1):
    v1 = a0 * 2
    for i in range(3):
        v1 += a1
    if v1.sum() > 0:
        print(v1)
    return a0[1:]

def call_0():
    return (arr('float64', (4,)), 2)

CALLS = [call_0]
"""


def test_wrong_aliasing_is_found_and_made_small() -> None:
    verdict = check(PROGRAM, copying)
    assert "alias" in verdict.kinds
    small = run.shrink(PROGRAM, lambda source: "alias" in check(source, copying).kinds)
    assert "for" not in small
    assert "print" not in small
    assert "return a0" in small


def test_crash_is_a_kind_of_difference() -> None:
    assert check(PROGRAM, crashing).kinds == {"crash"}


def test_wrong_programs_are_no_failures() -> None:
    assert not check("f = 1\n", identity).failed
    assert not check("def f(:", identity).failed


def imprecise(graph: Any, example_inputs: Any) -> Callable[..., Any]:
    """A backend that is wrong in the last bit of whatever it computes in float64."""

    def run_graph(*inputs: Any) -> tuple[Any, ...]:
        return tuple(
            np.nextafter(out, np.inf) if isinstance(out, np.ndarray) and out.dtype == np.float64 and out.base is None
            else out
            for out in graph.forward(*inputs)
        )  # fmt: skip

    return run_graph


def test_wrong_backend_is_found() -> None:
    def optimizer(fn: Callable[..., Any]) -> Callable[..., Any]:
        return graphlet.optimize(fn, backend=imprecise)

    verdicts = run.run_batch(list(range(12)), optimizer).values()
    failed = [v for v in verdicts if v is not None and v.failed]
    assert len(failed) >= 2
    assert any("value" in v.kinds for v in failed)


def test_script_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "fuzz_1.py"
    path.write_text(run.script(1, PROGRAM, check(PROGRAM, copying), identity))
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, str(path)], cwd=root, env=environment, check=False)
    assert done.returncode == 0


def test_command_line_prints_progress_and_share(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--seeds", "3:5", "--optimizer", "identity"]) == 0
    assert "2 programs, 0 with a difference" in capsys.readouterr().out
