"""Compares CPython's own tests, test by test: ``python -m tests.conformance.run [--mode stubs --density 0.35]``.

Modes: "stubs" (stubs that always decline in every function), "hook" (an armed frame hook that changes nothing),
"enable" (graphlet switched on for every module), "learn" (and every function that is called gets stubs). Each module
runs plainly and in the mode, in processes of its own. Differences that ``known/`` does not explain are listed; exit
code 3 if there are any, or failures inside graphlet. ``--mode hook --against thunk`` compares the hook with the least
hook there can be, a jump to CPython's own evaluation of frames.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance import known
from tests.conformance.modules import SMOKE, TIMED, available, everything, exists

MISMATCH = 3
USAGE = 2
DENSITY = 0.35  # the known differences are those with it
ROOT = Path(__file__).parents[2]
ABSENT = "absent"
VARIES = "varies"


@dataclass(slots=True)
class ModuleResult:
    """Outcomes of one module, both ways. ``broken`` says why a run has no result."""

    name: str
    plain: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)
    seconds: tuple[float, float] = (0.0, 0.0)
    broken: str = ""

    @property
    def differences(self) -> list[str]:
        """``module: test`` for each test whose outcome differs."""
        if self.broken:
            return [f"{self.name}: did not run"]
        tests = sorted({*self.plain, *self.other})
        found = [f"{self.name}: {test}" for test in tests if self.plain.get(test) != self.other.get(test)]
        return [name for name in found if name not in TIMED or self._failed(name)]

    def _failed(self, name: str) -> bool:
        test = name.partition(": ")[2]
        return not {self.plain.get(test), self.other.get(test)} <= {"pass", "skip"}

    def describe(self, difference: str) -> str:
        """One difference with both outcomes."""
        test = difference.partition(": ")[2]
        if self.broken:
            return f"{difference}: {self.broken}"
        outcomes = self.plain.get(test, ABSENT), self.other.get(test, ABSENT)
        detail = self.details.get(test, "").strip().splitlines()[-1:]
        return f"{difference}: {outcomes[0]} -> {outcomes[1]}  {''.join(detail)[:160]}"


def run_modules(way: str, modules: Iterable[str], folder: Path, options: argparse.Namespace) -> None:
    """Run modules one way; results are JSON files in the folder. A line of progress for each."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(modules)
    command = [sys.executable, "-m", "tests.conformance.worker", *names, "--way", way, "--folder", str(folder)]
    command += [] if options.loaded else ["--imported-only"]
    command += ["--density", str(options.density), "--seed", str(options.seed), "--seconds", str(options.seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        for number, line in enumerate(process.stdout or ()):
            if options.progress:
                print(f"  {way}: {line.strip()} ({number} of {len(names)})", file=sys.stderr, flush=True)


def collect(name: str, plain: Path, other: Path) -> ModuleResult:
    """Both results of a module, from the files."""
    result = ModuleResult(name)
    first, second = _read(plain / f"{name}.json"), _read(other / f"{name}.json")
    result.broken = f"plain run: {first['broken']}" if "broken" in first else second.get("broken", "")
    if any(test.startswith("unittest.loader._FailedTest") for test in first.get("outcomes", ())):
        result.broken = "cannot be loaded"
    if not result.broken:
        result.plain, result.other = first["outcomes"], second["outcomes"]
        result.details, result.counts = second["details"], second["counts"]
        result.seconds = first["seconds"], second["seconds"]
    return result


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {"broken": "no result was written"}


def compare(modules: tuple[str, ...], options: argparse.Namespace) -> list[ModuleResult]:
    """Run all modules both ways. A module that differs runs once more both ways: a difference must show twice."""
    with tempfile.TemporaryDirectory() as text:
        folder = options.folder or Path(text)
        results = _both(modules, folder / "first", options)
        again = tuple(r.name for r in results if known.unexplained(r.differences, options.known))
        second = {r.name: r for r in _both(again, folder / "second", options)} if again else {}
    return [_stable(r, second[r.name]) if r.name in second else r for r in results]


def _stable(first: ModuleResult, second: ModuleResult) -> ModuleResult:
    """The first result, with the outcomes that the second run does not confirm taken as equal."""
    if first.broken or second.broken:
        return first if second.broken else second
    confirmed = set(second.differences)
    for difference in first.differences:
        if difference not in confirmed:
            test = difference.partition(": ")[2]
            first.other[test] = first.plain[test] = f"{VARIES} ({first.plain.get(test)}, {first.other.get(test)})"
    return first


def _both(modules: tuple[str, ...], folder: Path, options: argparse.Namespace) -> list[ModuleResult]:
    plain, other = folder / options.against, folder / options.mode
    tasks = [(way, modules[i :: options.jobs], path) for way, path in ((options.against, plain), (options.mode, other))
             for i in range(min(options.jobs, len(modules)))]  # fmt: skip
    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        list(pool.map(lambda task: run_modules(task[0], task[1], task[2], options), tasks))
    return [collect(name, plain, other) for name in modules]


def summary(results: list[ModuleResult], mode: str) -> str:
    """The counts, in a line or two."""
    outcomes = Counter(outcome for r in results for outcome in r.other.values())
    counts: Counter[str] = Counter()
    before: Counter[str] = Counter()  # shared by modules: counted once
    errors: list[str] = []
    for r in results:
        counts.update({k: v for k, v in r.counts.items() if k not in ("errors", "before")})
        before |= Counter(r.counts.get("before", {}))
        errors += r.counts.get("errors", [])
    shown = ", ".join(f"{n} {k}" for k, n in outcomes.most_common())
    lines = [f"{mode}, CPython {known.this_version()}: {len(results)} modules, {sum(outcomes.values())} tests: {shown}"]
    lines.append(
        f"  {', '.join(f'{n} {k}' for k, n in (counts + before).items())}, {len(set(errors))} errors inside graphlet"
    )
    plain, other = (sum(r.seconds[i] for r in results) for i in (0, 1))
    lines.append(
        f"  processor time: {plain:.0f} s without, {other:.0f} s with: {other / max(plain, 1e-3):.2f} times;"
        f" most is added by {_slower(results)}"
    )
    return "\n".join([*lines, *(f"  {text}" for text in sorted(set(errors))[:10])])


def _slower(results: list[ModuleResult], most: int = 5) -> str:
    slower = sorted(results, key=lambda r: r.seconds[0] - r.seconds[1])[:most]
    return ", ".join(f"{r.name} ({r.seconds[0]:.1f} s, {r.seconds[1]:.1f} s)" for r in slower)


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.run", description=__doc__)
    parser.add_argument("--mode", choices=("stubs", "hook", "enable", "learn"), default="enable", help="(enable)")
    parser.add_argument("--against", choices=("plain", "thunk"), default="plain", help="the other way (plain)")
    parser.add_argument("--modules", nargs="+", metavar="NAME", help="test modules, such as test_grammar (all)")
    parser.add_argument("--all", action="store_true", help="every module of the package test, not only those listed")
    parser.add_argument("--smoke", action="store_true", help="a few modules only")
    parser.add_argument(
        "--imported-only", dest="loaded", action="store_false", help="leave functions alone that were loaded before"
    )
    parser.add_argument("--density", type=float, default=DENSITY, help="share of instructions that get a stub (0.35)")
    parser.add_argument("--seed", type=int, default=0, help="which instructions get one (0)")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time (1)")
    parser.add_argument("--seconds", type=float, default=900.0, help="a module may take so long (900)")
    parser.add_argument("--folder", type=Path, help="keep the results of each module here")
    parser.add_argument("--no-progress", dest="progress", action="store_false")
    options = parser.parse_args(argv)
    options.known = known.read(options.mode if options.against == "plain" else options.against)
    return options


def main(argv: list[str] | None = None) -> int:
    """Compare, print differences and counts."""
    options = parse(argv)
    modules = tuple(name for name in chosen(options) if exists(name))
    if not modules:
        print("this CPython has no tests of its own (package 'test'); nothing was compared", file=sys.stderr)
        return USAGE
    results = compare(modules, options)
    failed = report(results, options)
    print(summary(results, options.mode))
    return MISMATCH if failed else 0


def chosen(options: argparse.Namespace) -> tuple[str, ...]:
    """The names of the modules to run."""
    if options.modules:
        return tuple(options.modules)
    if options.smoke:
        return SMOKE
    return everything() if options.all else available()


def report(results: list[ModuleResult], options: argparse.Namespace) -> bool:
    """Print differences; whether there is one that must not be."""
    differences = [d for r in results for d in r.differences]
    by_name = {r.name: r for r in results}
    new = known.unexplained(differences, options.known)
    for difference in new:
        print("NEW", by_name[difference.partition(":")[0]].describe(difference))
    for r in results:
        for test, outcome in r.other.items():
            if outcome.startswith(VARIES):
                print(f"VARIES {r.name}: {test}: {outcome} the first time, the same the second")
    ran = [f"{r.name}: {test}" for r in results for test in r.other]
    as_listed = (options.density, options.seed, options.loaded) == (DENSITY, 0, True)
    old = known.stale(differences, options.known, ran) if as_listed else []
    for pattern in old:
        print("GONE", pattern, "no longer differs: take the line out")
    print(f"{len(differences)} tests differ, {len(differences) - len(new)} of them known")
    return bool(new or old or any(r.counts.get("errors") for r in results))


if __name__ == "__main__":
    sys.exit(main())
