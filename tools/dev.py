#!/usr/bin/env python3
"""Sets up a virtual environment for this Python, builds graphlet in it, and runs one job.

    python3 tools/dev.py demo     real NumPy programs, natively, with the comparison to plain NumPy printed
    python3 tools/dev.py test     the tests
    python3 tools/dev.py smoke    a choice of tests that takes a few seconds
    python3 tools/dev.py lint     ruff, mypy and cython-lint
    python3 tools/dev.py bench    the benchmarks
    python3 tools/dev.py sanitize the tests of the native parts, built with AddressSanitizer and UBSan
    python3 tools/dev.py fuzz     random programs against plain NumPy
    python3 tools/dev.py conformance    the tests of CPython, NumPy, SciPy and others with graphlet switched on
    python3 tools/dev.py tools    the tests with coverage.py, cloudpickle, joblib and Dask
    python3 tools/dev.py setup    only the environment

Needs a Python from 3.11 on and a C compiler. Further arguments go to the job. The environment is ``.venv/<version>``.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv" / "{}.{}".format(*sys.version_info[:2])
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

# job -> (extra of pyproject.toml it needs, command lines run one after the other)
JOBS = {
    "setup": ("test", []),
    "demo": ("test", [["-m", "examples.programs.run"]]),
    "test": ("test", [["-m", "pytest"]]),
    "smoke": ("test", [["-m", "pytest", "-m", "smoke"]]),
    "bench": ("test", [["-m", "benchmarks.bench"]]),
    "fuzz": ("test", [["-m", "tests.fuzz.run"]]),
    "sanitize": ("test", [["tools/sanitize.py"]]),
    "conformance": ("conformance", [["-m", "tests.conformance"]]),
    "tools": ("tools", [["-m", "pytest", "tests/tools", "-rs"]]),
    "lint": (
        "dev",
        [
            ["-m", "ruff", "check", "graphlet", "tests", "examples", "benchmarks", "tools"],
            ["-m", "mypy"],
            ["-m", "cython_lint.cython_lint", "graphlet"],
        ],
    ),
}


def run(*command: object) -> None:
    """Run a command from the project's root; leave with its exit code if it fails."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    status = subprocess.call([str(part) for part in command], cwd=ROOT, env=environment)
    if status != 0:
        sys.exit(status)


def set_up(extra: str) -> None:
    """Make the environment if it is missing, install what the job needs, build what changed."""
    if not PYTHON.exists():
        print(f"making {VENV.relative_to(ROOT)} ...", flush=True)
        run(sys.executable, "-m", "venv", VENV)
    marker = VENV / f"installed-{extra}"
    if not marker.exists() or marker.stat().st_mtime < (ROOT / "pyproject.toml").stat().st_mtime:
        print("installing graphlet and what it needs ...", flush=True)
        run(PYTHON, "-m", "pip", "install", "-q", "setuptools>=77", "cython>=3.1", "numpy>=2.0")
        run(PYTHON, "-m", "pip", "install", "-q", "--no-build-isolation", "-e", f".[{extra}]")
        marker.touch()
    run(PYTHON, "setup.py", "-q", "build_ext", "--inplace")


def main(arguments: list[str]) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  whatever `python3` is starts this file
        sys.exit(f"graphlet needs Python 3.11 or newer, this is {sys.version.split()[0]}: run it with another python3")
    if not arguments or arguments[0] not in JOBS:
        sys.exit(__doc__)
    extra, commands = JOBS[arguments[0]]
    set_up(extra)
    for command in commands:
        run(PYTHON, *command, *arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
