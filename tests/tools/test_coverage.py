"""coverage.py counts the same lines and branches, whichever of its cores measures, from whenever on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

coverage = pytest.importorskip("coverage", reason="needs coverage.py: pip install -e .[tools]")

CORES = ["ctrace", "pytrace", *(["sysmon"] if sys.version_info >= (3, 12) else [])]
PROGRAM = Path(__file__).parent / "watched.py"
LATE = """
import coverage, graphlet, sys
from tests.tools import watched
cov = coverage.Coverage(data_file=sys.argv[1], branch="--branch" in sys.argv, include="*watched.py")
watched.main(cov.start)
cov.stop()
cov.save()
print(graphlet.counters()["hits"])
"""


def measured(way: str, kind: str, graphlet: str, core: str, folder: Path) -> tuple[list[object], object, str]:
    """Lines or branches by file name, and what the program printed."""
    data_file = folder / f"{way}{kind}{graphlet}{core}"
    command = ["-c", LATE, str(data_file), kind]
    if way == "from the start":
        command = ["-m", "coverage", "run", f"--data-file={data_file}", "--include=*watched.py", kind, str(PROGRAM)]
    root = Path(__file__).parents[2]
    env = {**os.environ, "COVERAGE_CORE": core, "GRAPHLET": graphlet, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, *filter(None, command)], env=env, capture_output=True, text=True, cwd=root)
    assert done.returncode == 0, done.stderr
    data = coverage.CoverageData(str(data_file))
    data.read()
    if way == "from the middle":
        assert (int(done.stdout) > 0) == (graphlet == "1")
    (name,) = data.measured_files()
    arcs = data.arcs(name)
    return sorted(data.lines(name)), arcs and sorted(arcs), done.stderr


@pytest.mark.parametrize("way", ["from the start", "from the middle"])
@pytest.mark.parametrize("kind", ["--branch", ""])
@pytest.mark.parametrize("core", CORES)
def test_same_lines_and_branches(core: str, kind: str, way: str, tmp_path: Path) -> None:
    plain = measured(way, kind, "0", core, tmp_path)
    assert len(plain[0]) > 25
    assert measured(way, kind, "1", core, tmp_path) == plain
