"""Every demo runs and its own assertions hold, as a script and through the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMOS = sorted((ROOT / "examples").glob("[0-9][0-9]_*.py"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("GRAPHLET_DEBUG", None)
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.stem)
def test_demo_runs(path: Path) -> None:
    done = run(str(path))
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_all_six_are_there() -> None:
    assert [path.stem[:2] for path in DEMOS[:6]] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.stem)
def test_first_line_says_what_it_shows(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith('"""')
    assert ":" in first
