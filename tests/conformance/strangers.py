"""NumPy's own tests with graphlet switched on, test by test: ``python -m tests.conformance.strangers [module ...]``.

Each test module runs plainly and under ``enable()``, with every function of the test files considered, in processes of
its own. Differences that ``known/numpy-<version>.txt`` does not explain are listed; exit code 3 if there are any.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.conformance import known
from tests.conformance.run import MISMATCH, ROOT

# What needs a compiler, much memory or a network, or is about NumPy's own build, says nothing about graphlet.
LEFT_OUT = frozenset({"test_cython", "test_limited_api", "test_extending", "test_f2py", "test_simd", "test_mem_policy"})
FOLDERS = ("_core", "lib", "linalg", "fft", "ma", "matrixlib", "polynomial", "random")


@dataclass(frozen=True, slots=True)
class Result:
    """One module, both ways: outcome by test, seconds, and graphlet's counters."""

    module: str
    plain: dict[str, str]
    enabled: dict[str, str]
    seconds: tuple[float, float]
    counters: dict[str, Any]

    @property
    def differences(self) -> list[str]:
        """``module: test`` for each test whose outcome differs."""
        tests = sorted({*self.plain, *self.enabled})
        return [f"{self.module}: {test}" for test in tests if self.plain.get(test) != self.enabled.get(test)]


def modules() -> tuple[str, ...]:
    """NumPy's test modules, if it was installed with its tests."""
    base = Path(np.__file__).parent
    found = [path for folder in FOLDERS for path in sorted((base / folder / "tests").glob("test_*.py"))]
    return tuple(f"numpy.{path.parts[-3]}.tests.{path.stem}" for path in found if path.stem not in LEFT_OUT)


def run(module: str, way: str, folder: Path) -> tuple[dict[str, Any], float]:
    """Run a module one way."""
    target = folder / f"{way}.json"
    environment = {**os.environ, "CONFORMANCE_WAY": way, "CONFORMANCE_RESULT": str(target), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conformance.plugin", "-p", "no:cacheprovider"]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--pyargs", module], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    result = json.loads(target.read_text()) if target.exists() else {"outcomes": {}, "counters": {}}
    if not result["outcomes"]:
        # The way's name makes two silent runs differ: a comparison of nothing shows no sameness.
        result["outcomes"] = {"all": f"no result of the run '{way}': {(done.stdout + done.stderr).strip()[-400:]}"}
    return result, seconds


def compare(module: str) -> Result:
    """Run a module both ways."""
    with tempfile.TemporaryDirectory() as text:
        plain, plain_seconds = run(module, "plain", Path(text))
        enabled, enabled_seconds = run(module, "enable", Path(text))
    seconds = plain_seconds, enabled_seconds
    return Result(module, plain["outcomes"], enabled["outcomes"], seconds, enabled["counters"])


def report(results: Iterable[Result]) -> bool:
    """Print each module as it comes, then the totals; whether there is a difference nobody knows."""
    explained = known.read("numpy")
    totals: Counter[str] = Counter()
    seconds = [0.0, 0.0]
    all_new: list[str] = []
    for number, result in enumerate(results, 1):
        new = known.unexplained(result.differences, explained)
        all_new += new
        totals.update({name: count for name, count in result.counters.items() if isinstance(count, int)})
        totals["tests"] += len(result.enabled)
        totals["differ"] += len(result.differences)
        seconds = [total + one for total, one in zip(seconds, result.seconds, strict=True)]
        print(f"{number:4} {result.module}: {len(result.enabled)} tests, {len(result.differences)} differ", flush=True)
        for name in new:
            test = name.partition(": ")[2]
            print(f"     NEW {test}: {result.plain.get(test, 'absent')} -> {result.enabled.get(test, 'absent')}")
    print(
        f"NumPy {np.__version__}, CPython {known.this_version()}: {totals['tests']} tests, {totals['differ']} differ, "
        f"{len(all_new)} of them new; {totals['frames']} functions got stubs, {totals['graphs']} graphs, "
        f"{totals['array_ops_native']} array operations in graphs, {totals['failures']} failures of our own; "
        f"{seconds[1] / max(seconds[0], 1e-9):.2f} times the time"
    )
    return bool(all_new)


def main(argv: list[str]) -> int:
    """All modules, or those named."""
    wanted = argv or modules()
    if not wanted:
        print("this NumPy was installed without its tests; nothing was compared")
        return 0
    return MISMATCH if report(map(compare, wanted)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
