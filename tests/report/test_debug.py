"""GRAPHLET_DEBUG=1: the whole trace of a small program, and what each kind of line says."""

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import graphlet

PROGRAM = '''
import numpy as np
import graphlet

def scale(v, k):
    return v * k

@graphlet.optimize
def step(x, k):
    y = scale(x, k) + 1.0
    print("half-way", y.shape)
    return np.sqrt(y)

for x in (np.arange(3.0), np.arange(4.0), np.arange(3.0, dtype=np.float32), np.array([-9.0, 1.0])):
    with np.errstate(invalid="ignore" if x[0] == 0.0 else "call"), np.errstate(call=lambda *_: None):
        step(x, 2.0)
'''


def run(tmp_path, **environment: str) -> str:
    script = tmp_path / "prog.py"
    script.write_text(PROGRAM)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GRAPHLET")}
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=True,
        env={**variables, **environment, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return done.stderr


def without_code(trace: str) -> str:
    """The trace without the bytecode tables."""
    return "\n".join(line for line in trace.splitlines() if " | " not in line)


@pytest.mark.smoke
def test_trace(tmp_path, golden: Callable[[str, str], None]) -> None:
    trace = run(tmp_path, GRAPHLET_DEBUG="1")
    assert trace.count("rewritten (+ stub)") >= 1
    golden(f"debug_{sys.version_info[0]}{sys.version_info[1]}", without_code(trace))


def test_level_2_shows_every_run(tmp_path) -> None:
    first, every = (run(tmp_path, GRAPHLET_DEBUG=level).count("EXEC     step#r1.s1") for level in "12")
    assert (first, every) == (1, 3)


def test_nothing_is_said_without_the_setting(tmp_path) -> None:
    assert run(tmp_path) == ""


def test_it_is_a_setting_like_others(capsys) -> None:
    def f(x):
        return x * 2.0 + 1.0

    fast = graphlet.optimize(f)
    with graphlet.config.patch(debug=1):
        fast(np.ones(3))
    shown = capsys.readouterr().err
    fast(np.ones(3, np.float32))
    assert "CAPTURE  f#r1 begins" in shown
    assert "EXEC     f#r1.s1 ran 2 array operations natively" in shown
    assert capsys.readouterr().err == ""


def test_explain_under_it(capsys) -> None:
    def f(x):
        print(end="")
        return np.sqrt(x[0] + x)

    with graphlet.config.patch(debug=1):
        graphlet.explain(f)(np.ones(3))
    assert "| +         " in capsys.readouterr().err
