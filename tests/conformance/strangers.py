"""The packages' own tests with graphlet switched on, test by test: ``python -m tests.conformance.strangers scipy``.

The test modules of ``packages.py`` run plainly and switched on, those of a part in a process of their own; every
function of the package and of its tests is considered. What differs runs again both ways. Differences that ``known/``
does not explain are listed, and so are failures inside graphlet; exit code 3 if there are any of either. A package
that is not installed is said to be left out.
"""

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance import known
from tests.conformance.packages import PACKAGES, Package
from tests.conformance.run import ABSENT, MISMATCH, ROOT

# Times are those of the processor, of one thread; NumPy's tests that want gigabytes skip themselves.
LIMITS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NPY_AVAILABLE_MEM": "1 GB"}
SHOWN = 25  # differences of a group
DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # where it is not called as it is imported


@dataclass(slots=True)
class Run:
    """A group of modules, one way: outcome by test, what failing tests said, seconds, and graphlet's counters."""

    outcomes: dict[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    counts: dict[str, Any] | None = None  # None: the run did not come to its end

    @property
    def errors(self) -> list[str]:
        """Failures inside graphlet, with their places."""
        return (self.counts or {}).get("errors", [])  # type: ignore[no-any-return]


@dataclass(slots=True)
class Result:
    """A group of modules, both ways; tests that differ only once are no difference."""

    group: str
    plain: Run
    enabled: Run
    varies: frozenset[str] = frozenset()

    @property
    def differences(self) -> list[str]:
        """``group: test`` for each test whose outcome differs."""
        first, second = self.plain.outcomes, self.enabled.outcomes
        tests = sorted({*first, *second} - self.varies)
        return [f"{self.group}: {test}" for test in tests if first.get(test) != second.get(test)]

    def describe(self, difference: str) -> str:
        """One difference, with both outcomes and what the test said."""
        test = difference.partition(": ")[2]
        outcomes = (run.outcomes.get(test, ABSENT) for run in (self.plain, self.enabled))
        said = self.enabled.details.get(test) or self.plain.details.get(test, "")
        return f"{test}: {' -> '.join(outcomes)}  {' '.join(said.split())[-300:]}"


def groups(modules: Iterable[str]) -> dict[str, list[str]]:
    """The modules by the part of the package they are in: those of a part share what is learned about the package."""
    by_part: dict[str, list[str]] = {}
    for module in modules:
        by_part.setdefault(".".join(module.split(".")[:2]), []).append(module)
    return by_part


def run(group: str, modules: Sequence[str], way: str, options: argparse.Namespace) -> Run:
    """Run a group one way; all pytest says is kept beside the result."""
    target = (options.folder / f"{group}-{way}.jsonl").resolve()
    target.unlink(missing_ok=True)
    package = PACKAGES[group.partition(".")[0]]
    environment = {**os.environ, "CONFORMANCE_WAY": way, "CONFORMANCE_RESULT": str(target), "PYTHONPATH": str(ROOT)}
    environment |= LIMITS
    environment |= {"GRAPHLET_COST_MODEL": "0"} if options.unlimited else {}
    command = [sys.executable, "-m", "pytest", "-v", "-p", "tests.conformance.plugin", "-p", "no:cacheprovider"]
    command += ["-c", os.devnull, "--rootdir", str(package.folder), "--pyargs", *modules]
    with tempfile.TemporaryDirectory() as scratch, target.with_suffix(".log").open("w") as log:
        try:
            subprocess.run(
                command, cwd=scratch, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                timeout=options.seconds, check=False,
            )  # fmt: skip
            why = "ended early"
        except subprocess.TimeoutExpired:
            why = f"no end after {options.seconds:.0f} s"
    result = read(target)
    if result.counts is None or not result.outcomes:
        # The way's name makes two silent runs differ: a comparison of nothing shows no sameness.
        said = target.with_suffix(".log").read_text(errors="replace").strip()
        result.outcomes[f"the run '{way}'"] = f"{why}: {' '.join(said.split())[-600:]}"
    return result


def read(path: Path) -> Run:
    """What a run has written: a line for each test, and a last one if it came to its end."""
    result = Run()
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        item = json.loads(line)
        if "counts" in item:
            result.counts, result.seconds = item["counts"], item["seconds"]
        else:
            result.outcomes[item["test"]] = item["outcome"]
            if item["said"]:
                result.details[item["test"]] = item["said"]
    return result


def compare(group: str, modules: Sequence[str], options: argparse.Namespace) -> Result:
    """Run a group both ways; modules with a difference nobody knows once more: it must show twice."""
    first = _both(group, modules, options)
    if not known.unexplained(first.differences, options.known):
        return first
    second = _both(group, modules, options)
    prefix = f"{group}: "
    once = {*first.differences} ^ {*second.differences}
    return Result(group, second.plain, second.enabled, frozenset(name.removeprefix(prefix) for name in once))


def _both(group: str, modules: Sequence[str], options: argparse.Namespace) -> Result:
    return Result(group, run(group, modules, "plain", options), run(group, modules, options.mode, options))


class Totals:
    """What is added up over the modules of a package."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.seconds = [0.0, 0.0]
        self.new: list[str] = []
        self.differences: list[str] = []
        self.errors: set[str] = set()
        self.ran: list[str] = []

    def add(self, result: Result, new: list[str]) -> None:
        """One group more."""
        counts = result.enabled.counts or {}
        self.counts.update({name: count for name, count in counts.items() if isinstance(count, int)})
        self.seconds = [self.seconds[0] + result.plain.seconds, self.seconds[1] + result.enabled.seconds]
        self.new += new
        self.differences += result.differences
        self.errors |= set(result.enabled.errors)
        self.ran += [f"{result.group}: {test}" for test in result.enabled.outcomes]

    def __str__(self) -> str:
        counts = self.counts
        return (
            f"{len(self.ran)} tests, {len(self.differences)} differ, {len(self.new)} of them new; "
            f"{counts['frames']} functions got stubs, {counts['graphs']} graphs, "
            f"{counts['array_ops_native']} array operations in graphs, {counts['failures']} failures of our own; "
            f"{self.seconds[0]:.0f} s without, {self.seconds[1]:.0f} s with: "
            f"{self.seconds[1] / max(self.seconds[0], 1e-9):.2f} times"
        )


def report(package: str, results: Iterable[Result], options: argparse.Namespace) -> bool:
    """Print each group as it comes, then the totals; whether there is something that must not be."""
    totals = Totals()
    for number, result in enumerate(results, 1):
        new = known.unexplained(result.differences, options.known)
        totals.add(result, new)
        seconds = f"{result.plain.seconds:.1f} s, {result.enabled.seconds:.1f} s"
        counts = f"{len(result.enabled.outcomes)} tests, {len(result.differences)} differ"
        print(f"{number:4} of {options.n_groups} {result.group}: {counts}, {seconds}", flush=True)
        for name in new[:SHOWN]:
            print(f"     NEW {result.describe(name)}", flush=True)
        for name in sorted(result.varies):
            print(f"     VARIES {name}: a difference in one of two runs", flush=True)
        for error in sorted(set(result.enabled.errors)):
            print(f"     FAILURE INSIDE GRAPHLET {error}", flush=True)
    gone = known.stale(totals.differences, options.known, totals.ran)
    for pattern in gone:
        print("GONE", pattern, "no longer differs: take the line out")
    mode = f"{options.mode}{', unlimited' * options.unlimited}"
    print(f"{package} {version(package)}, {mode}, CPython {known.this_version()}: {totals}", flush=True)
    return bool(totals.new or totals.errors or totals.counts["failures"] or gone)


def version(package: str) -> str:
    """The package's version."""
    return importlib.metadata.version(DISTRIBUTIONS.get(package, package))


def one_package(package: Package, options: argparse.Namespace) -> bool:
    """Compare a package's tests; whether there is something that must not be."""
    chosen = options.modules or package.modules()
    if not chosen:
        print(f"LEFT OUT: {package.name} is not installed with its tests: nothing of it was compared", flush=True)
        return False
    by_part = groups(chosen)
    options.n_groups = len(by_part)
    options.known = known.read(f"{package.name}-{options.mode}")
    return report(package.name, (compare(*group, options) for group in by_part.items()), options)


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.strangers", description=__doc__)
    parser.add_argument("packages", nargs="*", metavar="package", help=f"{', '.join(PACKAGES)} (all)")
    parser.add_argument("--mode", choices=("enable", "learn"), default="enable", help="as for CPython's tests (enable)")
    parser.add_argument("--modules", nargs="+", metavar="NAME", help="test modules, as in numpy.fft.tests.test_helper")
    parser.add_argument("--seconds", type=float, default=3600.0, help="a part may take so long (3600)")
    parser.add_argument("--folder", type=Path, help="keep the results and output here")
    parser.add_argument(
        "--unlimited", action="store_true", help="learn whatever time it takes, and run what is slower: shows the most"
    )
    options = parser.parse_args(argv)
    options.packages = options.packages or list(PACKAGES)
    if options.modules:
        options.packages = sorted({name.partition(".")[0] for name in options.modules})
    if unknown := sorted(set(options.packages) - set(PACKAGES)):
        parser.error(f"no package {', '.join(unknown)} in the table; there are {', '.join(PACKAGES)}")
    return options


def main(argv: list[str] | None = None) -> int:
    """The packages named, or all, or the modules named."""
    options = parse(argv)
    modules = options.modules
    failed = False
    with tempfile.TemporaryDirectory() as text:
        options.folder = options.folder or Path(text)
        options.folder.mkdir(parents=True, exist_ok=True)
        for name in options.packages:
            options.modules = [module for module in modules or () if module.partition(".")[0] == name]
            failed |= one_package(PACKAGES[name], options)
    return MISMATCH if failed else 0


if __name__ == "__main__":
    sys.exit(main())
