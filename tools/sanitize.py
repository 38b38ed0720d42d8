#!/usr/bin/env python3
"""Builds the extensions with AddressSanitizer and UBSan and runs the tests of the native parts with them.

The extensions and a copy of the tests stand in a tree of their own, ``build/sanitize-<tag>``; the ordinary ones are not
touched. Whatever a sanitizer reports, in this process or one it starts, is printed, and the exit code is 1.
Further arguments go to pytest in place of the usual tests. Needs GCC with its sanitizers, on Linux.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / "build" / f"sanitize-{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"
REPORTS = TREE / "reports"
COPIED = ("tests", "examples", "benchmarks", "pyproject.toml")
# C++ exceptions have to be known to the sanitizer before the first library that throws any is loaded.
LIBRARIES = ("libasan.so", "libubsan.so", "libstdc++.so")

TESTS = (
    *("tests/runtime", "tests/backends", "tests/guards", "tests/hazards"),
    *("tests/test_guards.py", "tests/test_publish.py", "tests/test_specialization.py", "tests/test_references.py"),
    *sorted(f"tests/{path.name}" for path in (ROOT / "tests").glob("test_evalframe_*.py")),
    *("tests/rewrite/test_hits.py", "tests/test_discover.py"),
)
# What goes by the memory in use: the sanitizer keeps what was freed, to see it used.
LEFT_OUT = ("tests/hazards/test_concurrency.py::test_many_calls_leave_nothing",)


def compiler() -> str:
    """The C compiler that extensions are built with."""
    return (os.environ.get("CC") or sysconfig.get_config_var("CC") or "gcc").split()[0]


def libraries() -> list[str]:
    """What has to be loaded before all else."""
    found = []
    for name in LIBRARIES:
        path = subprocess.check_output([compiler(), f"-print-file-name={name}"], text=True).strip()
        if not os.path.isabs(path):
            sys.exit(f"{compiler()} has no {name}; this job needs GCC with its sanitizers")
        found.append(os.path.realpath(path))
    return found


def build() -> None:
    """The package with its extensions, and what the tests need beside it."""
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    command = [sys.executable, "setup.py", "-q", "build", "--build-lib", TREE, "--build-temp", TREE / "objects"]
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True, env={**os.environ, "BUILD_SANITIZED": "1"})
    for name in COPIED:
        source, target = ROOT / name, TREE / name
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


def environment() -> dict[str, str]:
    """That of the tests. CPython keeps things to its end, so that leaks are not told apart here."""
    return {
        **os.environ,
        "LD_PRELOAD": ":".join(libraries()),
        "ASAN_OPTIONS": f"detect_leaks=0:log_path={REPORTS / 'address'}",
        "UBSAN_OPTIONS": f"print_stacktrace=1:log_path={REPORTS / 'undefined'}",
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": str(TREE),
    }


def main(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    build()
    left_out = [f"--deselect={test}" for test in LEFT_OUT]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *left_out, *(arguments or TESTS)]
    status = subprocess.call(command, cwd=TREE, env=environment())
    reports = sorted(REPORTS.iterdir())
    for path in reports:
        print(f"\n== {path.name}\n{path.read_text(errors='replace')}")
    print(f"{len(reports)} reports of the sanitizers")
    return 1 if reports else status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
