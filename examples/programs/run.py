"""Runs the programs through graphlet, beside plain NumPy: ``python -m examples.programs.run [--size N] [name ...]``.

For each: time beside plain NumPy (taking turns), number of graphs and breaks, share of array operations run in graphs,
and whether everything that can be seen is the same bit for bit. Ends with exit code 3 if anything was not the same.
"""

import argparse
import sys
from dataclasses import dataclass

import graphlet
from examples.programs.catalogue import PROGRAMS, Program
from examples.programs.timing import Times, input_maker, interleaved, warm_up
from tests.oracle.runner import Report, compare_runs

MISMATCH = 3
HEAD = "program          numpy ms  graphlet ms  median x  best x  graphs  breaks  native  same"


@dataclass(frozen=True, slots=True)
class Row:
    """What is printed about one program."""

    program: Program
    report: Report
    graphs: int
    breaks: int
    plain: Times
    optimised: Times

    def __str__(self) -> str:
        plain, optimised = self.plain, self.optimised
        return (
            f"{self.program.name:14} {plain.median * 1e3:10.3f} {optimised.median * 1e3:12.3f} "
            f"{plain.median / optimised.median:9.2f} {plain.best / optimised.best:7.2f} "
            f"{self.graphs:7} {self.breaks:7} {self.report.share.native:7.2f}  {'yes' if self.report.same else 'NO'}"
        )


def measure(program: Program, size: int, budget: float) -> Row:
    """Compare and time one program."""
    make_args = input_maker(program, size)
    graphlet.reset()
    report = compare_runs(program.run, [make_args], rounds=4)
    totals = graphlet.counters()
    graphlet.reset()
    optimised = graphlet.optimize(program.run)
    warm_up(optimised, make_args)
    plain_times, optimised_times = interleaved((program.run, optimised), make_args, budget)
    return Row(program, report, totals["graphs"], totals["breaks"], plain_times, optimised_times)


def main(argv: list[str] | None = None) -> int:
    """Run the chosen programs and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m examples.programs.run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help="programs to run (all)")
    parser.add_argument("--size", type=int, default=100_000, help="array elements (100000)")
    parser.add_argument("--seconds", type=float, default=0.5, help="time to spend on measuring each program (0.5)")
    options = parser.parse_args(argv)
    known = [p.name for p in PROGRAMS]
    unknown = sorted(set(options.names) - set(known))
    if unknown:
        parser.error(f"no program called {', '.join(unknown)}; there are: {', '.join(known)}")
    print(f"{options.size} elements; x: times faster than NumPy; native: share of array operations run in graphs")
    print(HEAD)
    failures = []
    for program in PROGRAMS:
        if not options.names or program.name in options.names:
            row = measure(program, options.size, options.seconds)
            print(row, flush=True)
            failures += [] if row.report.same else [row.report]
    for report in failures:
        print(report)
    return MISMATCH if failures else 0


if __name__ == "__main__":
    sys.exit(main())
