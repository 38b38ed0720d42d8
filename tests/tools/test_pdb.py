"""pdb goes through optimised code line by line, stops, jumps and shows as it does through plain code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = '''
import numpy as np
import graphlet


@graphlet.optimize
def inner(x, k):
    y = x * k
    z = np.sqrt(np.abs(y)) + 1
    return z


def outer(x, n):
    total = 0.0
    for i in range(n):
        y = inner(x, i + 1.0)
        total += float(y.sum())
    w = x + total
    v = w * 2
    return v


def fails(x):
    y = x * 2
    return y.reshape(5, 5)


X = np.arange(4.0)
with graphlet.enable(include="*"):
    for _ in range(4):
        outer(X, 3)
        inner(X, 2.0)
    LEARNT
    result = outer(X, 2)
    print(result)
    fails(X)
'''
# From where everything has been learnt, line 33.
SESSIONS = {
    "steps": [*["s"] * 30, "c", "q"],
    "next": ["b outer", "c", *["n"] * 12, "p total", "p y.tolist()", "c", "q"],
    "breakpoints": ["b 9", "c", "p x, k", "a", "c", "p y", "w", "c", "q"],
    "conditional": ["b 17, i == 1", "c", "p i, total", "l", "cl 1", "c", "q"],
    "up and down": ["b 9", "c", "w", "u", "p i, total", "d", "p y.tolist()", "r", "n", "p y", "q"],
    "changed variable": ["b 18", "c", "!total = 100.0", "!x[0] = 5", "n", "p w.tolist()", "c", "q"],
    "jump": ["b 18", "c", "j 19", "p 'w' in dir()", "!w = x", "n", "c", "q"],
    "until and return": ["n", "s", "unt 18", "p total", "r", "p __return__.tolist()", "c", "q"],
    "once and on": ["tb 16", "c", "c", "q"],
    "post mortem": ["c", "w", "p y", "u", "p X", "q"],
}


def session(way: str, commands: list[str], graphlet: str, script: Path) -> str:
    """What the debugger shows of the program: run by it from the start, or called in the middle."""
    root = Path(__file__).parents[2]
    env = {**os.environ, "GRAPHLET": graphlet, "PYTHONPATH": str(root)}
    from_start = way == "from the start"
    script.write_text(PROGRAM.replace("LEARNT", "print('learnt')" if from_start else "breakpoint()"))
    done = subprocess.run(
        [sys.executable, *(["-m", "pdb"] if from_start else []), str(script)],
        env=env,
        input="\n".join([*(["b 33", "c"] if from_start else []), *commands]) + "\n",
        capture_output=True,
        text=True,
        cwd=script.parent,
    )
    return re.sub("0x[0-9a-f]+", "0x", done.stdout + done.stderr)


@pytest.mark.parametrize("way", ["from the start", "from the middle"])
@pytest.mark.parametrize("name", SESSIONS)
def test_same_session(name: str, way: str, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    plain = session(way, SESSIONS[name], "0", script)
    assert "(Pdb)" in plain
    assert session(way, SESSIONS[name], "1", script) == plain
