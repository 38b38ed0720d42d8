"""Fuzzes: ``python -m tests.fuzz.run --seeds 0:2000 [--jobs 2] [--keep DIR]``.

Each seed is a random program; the oracle compares it plain and optimised. A failing program is made smaller and printed
as a script that fails on its own. Progress on the way, native share at the end. Exit code 3 if anything differed.
"""

import argparse
import contextlib
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import graphlet
from tests.fuzz.arguments import GROWTH
from tests.fuzz.check import PROGRAM_MODULE, Verdict, check
from tests.fuzz.generate import program
from tests.fuzz.isolate import isolated
from tests.fuzz.levels import FULL, LEVELS, Level
from tests.fuzz.shrink import shrink
from tests.oracle.observe import OWN_FILES
from tests.oracle.runner import Optimizer, identity
from tests.oracle.share import Share

OWN_FILES.add(__file__)
MISMATCH = 3
BATCH = 10
_CODE_IN_TEXT = re.compile("`[^`]*`")
GENERATE_SECONDS = 60.0
SCRIPT = '''"""{title}

Run from the root of the project: python {name}
"""

import graphlet
from tests.fuzz.arguments import GROWTH
from tests.oracle.runner import differential

GROWTH["times"] = {growth}
{source}

if __name__ == "__main__":
    with graphlet.config.patch(cost_model=0):
        print(differential(f, *CALLS))
'''


def hooked(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function itself, called while the frame hook is armed."""

    def call(*args: Any) -> Any:
        with graphlet.enable(include=(PROGRAM_MODULE,)):
            return fn(*args)

    return call


def compiled(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Optimised by the llvm backend, which compiles at once what the second round needs."""
    graphlet.config.compile = "at once"
    return graphlet.optimize(fn, backend="llvm")


def checked(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Optimised, each graph beside NumPy's; a MismatchError is a difference, too."""
    graphlet.set_stance("check")
    return graphlet.optimize(fn)


OPTIMIZERS: dict[str, Optimizer] = {
    "optimize": graphlet.optimize,
    "llvm": compiled,
    "reduce-overhead": graphlet.optimize(mode="reduce-overhead"),
    "eager": graphlet.optimize(backend="eager"),
    "hook": hooked,
    "check": checked,
    "identity": identity,
}


@dataclass(slots=True)
class Totals:
    """What a run of many seeds came to."""

    programs: int = 0
    raised: int = 0
    skipped: int = 0
    failures: dict[int, Verdict] = field(default_factory=dict)
    share: Share = field(default_factory=Share)
    unbroken: int = 0  # programs that do not raise and were captured without a break
    whole: int = 0  # those of them of which, as far as the counters see, nothing was left to Python in the last round
    breaks: Counter[str] = field(default_factory=Counter)  # the first one of each of the others

    def add(self, seed: int, verdict: Verdict | None) -> None:
        """Count one seed; None: the program could not be written in time, or does not do the same twice."""
        if verdict is None or "invalid" in verdict.kinds:
            self.skipped += 1
            return
        self.programs += 1
        self.raised += verdict.raised
        self.share += verdict.share
        self.unbroken += not verdict.raised and not verdict.real_breaks
        self.whole += verdict.whole
        if not verdict.raised:
            self.breaks.update({f"{code} {_CODE_IN_TEXT.sub('`...`', text)}" for code, text in verdict.real_breaks[:1]})
        if verdict.failed:
            self.failures[seed] = verdict

    def __str__(self) -> str:
        return (
            f"{self.programs} programs, {len(self.failures)} with a difference, {self.raised} ending in an exception, "
            f"{self.skipped} skipped; {self.share}; of those that end without an exception "
            f"{self.unbroken / max(self.programs - self.raised, 1):.2f} without a break, "
            f"{self.whole / max(self.programs - self.raised, 1):.2f} with nothing left to Python"
        )


def run_seed(seed: int, optimizer: Optimizer | None = None, level: Level = FULL) -> Verdict | None:
    """Write and check program number ``seed``, in child processes; None if it cannot be, or differs from itself."""
    written = isolated(lambda: program(seed, level), GENERATE_SECONDS)
    if written.kind != "ok":
        return None
    verdict = check(written.value, optimizer)
    varies = verdict.failed and check(written.value, identity).failed  # it shows memory that nobody wrote, for example
    return None if varies else verdict


def run_batch(seeds: list[int], optimizer: Optimizer | None = None, level: Level = FULL) -> dict[int, Verdict | None]:
    """The verdicts of some seeds."""
    return {seed: run_seed(seed, optimizer, level) for seed in seeds}


def minimal(seed: int, verdict: Verdict, optimizer: Optimizer | None = None, level: Level = FULL) -> str:
    """The smallest program found that fails like program number ``seed``."""

    def fails(source: str) -> bool:
        return bool(check(source, optimizer, seconds=20.0).kinds & verdict.kinds)

    return shrink(program(seed, level), fails)


def script(seed: int, source: str, verdict: Verdict, optimizer: Optimizer | None = None) -> str:
    """A stand-alone script of a failing program."""
    found = check(source, optimizer)
    title = f"Seed {seed}: {', '.join(sorted(verdict.kinds))} differ\n\n{found.text}"
    title = title.replace("\\", "\\\\").replace('"""', "'''")
    return SCRIPT.format(title=title, name=f"fuzz_{seed}.py", source=source, growth=GROWTH["times"])


def _batches(first: int, last: int) -> Iterator[list[int]]:
    for start in range(first, last, BATCH):
        yield list(range(start, min(start + BATCH, last)))


def _seeds(text: str) -> tuple[int, int]:
    first, colon, last = text.partition(":")
    return (int(first or 0), int(last)) if colon else (int(first), int(first) + 1)


def main(argv: list[str] | None = None) -> int:
    """Run the seeds, print progress, then failing programs and the native share."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, default=(0, 2000), metavar="FIRST:LAST", help="seeds to run (0:2000)")
    parser.add_argument("--level", choices=tuple(LEVELS), default="full", help="what programs are made of (full)")
    parser.add_argument("--breaks", action="store_true", help="list the graph breaks, most frequent first")
    parser.add_argument("--jobs", type=int, default=1, help="programs at a time (1)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write failing programs to this folder")
    parser.add_argument("--no-shrink", action="store_true", help="show failing programs as they are")
    parser.add_argument("--shrink-most", type=int, default=5, help="failing programs to make smaller (5)")
    parser.add_argument("--optimizer", choices=tuple(OPTIMIZERS), default="optimize", help="what to compare")
    parser.add_argument("--cost-model", action="store_true", help="let regions that are slower than NumPy rest")
    parser.add_argument("--grow", type=int, default=1, help="arrays so many times as long along each axis (1)")
    options = parser.parse_args(argv)
    GROWTH["times"] = options.grow
    # Most programs work on a few numbers, where NumPy alone is often faster: without this, little would be compared.
    with graphlet.config.patch(cost_model=int(options.cost_model)):
        return _report(options)


def _report(options: argparse.Namespace) -> int:
    optimizer = OPTIMIZERS[options.optimizer]
    level = LEVELS[options.level]
    totals = _run_all(options.seeds, options.jobs, optimizer, level)
    for number, (seed, verdict) in enumerate(sorted(totals.failures.items())):
        _show(seed, verdict, optimizer, level, options.keep, not options.no_shrink and number < options.shrink_most)
    if options.breaks:
        print("\n".join(f"{count:6} {text}" for text, count in totals.breaks.most_common()))
    print(totals)
    return MISMATCH if totals.failures else 0


def load_all(optimizer: Optimizer) -> None:
    """Use the optimizer, so that child processes need not load its modules one by one again."""
    fast = optimizer(lambda q: q * 2 + q)
    for _ in range(2):
        fast(np.ones(3))


@contextlib.contextmanager
def _mapping(jobs: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """``map`` in so many threads; in this one if it is one, for CPython 3.13 has no signals in children of threads."""
    if jobs <= 1:
        yield map
    else:
        with ThreadPoolExecutor(jobs) as pool:
            yield pool.map


def _run_all(seeds: tuple[int, int], jobs: int, optimizer: Optimizer | None, level: Level) -> Totals:
    totals, start = Totals(), time.monotonic()
    load_all(optimizer or graphlet.optimize)
    with _mapping(jobs) as each:
        for verdicts in each(lambda batch: run_batch(batch, optimizer, level), _batches(*seeds)):
            for seed, verdict in verdicts.items():
                totals.add(seed, verdict)
                if verdict is not None and verdict.failed:
                    print(f"seed {seed}: {', '.join(sorted(verdict.kinds))}", flush=True)
            if totals.programs % 100 < BATCH:
                print(f"{time.monotonic() - start:6.0f} s  {totals}", flush=True)
    return totals


def _show(
    seed: int, verdict: Verdict, optimizer: Optimizer | None, level: Level, keep: Path | None, smaller: bool
) -> None:
    source = minimal(seed, verdict, optimizer, level) if smaller else program(seed, level)
    text = script(seed, source, verdict, optimizer)
    print(f"{'-' * 30} seed {seed}\n{text}")
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"fuzz_{seed}.py").write_text(text)


if __name__ == "__main__":
    sys.exit(main())
