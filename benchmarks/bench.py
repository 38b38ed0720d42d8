"""graphlet beside plain NumPy, in one run: ``python -m benchmarks.bench [--quick] [part ...]``.

calls     one operation on eight elements: a guarded call of the whole function against ``np.add``
programs  the programs of ``examples/programs`` at 1e3, 1e5 and 1e7 elements, with geometric mean and minimum
imports   import time of graphlet over NumPy's, in fresh processes
guards, loops, learning, first-calls, memory   see ``benchmarks/goals.py``
compare   the programs of ``benchmarks/cases.py`` from 10 to 1e7 elements, with other ways to make NumPy fast where they
          are installed, each in a process of its own (``python -m benchmarks.compare --help`` has options)

What is compared takes turns. Ratios above 1 mean that graphlet is faster. Exit code 1 if a goal is missed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import graphlet
from benchmarks import compare
from benchmarks import goals as others
from benchmarks.cases import CASES
from benchmarks.goals import Goal, in_turns, nanoseconds
from examples.programs.catalogue import PROGRAMS
from examples.programs.timing import input_maker

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 100_000, 10_000_000)
LARGE = 100_000  # goals are about sizes from here on
GOAL_GEOMEAN = 1.5
GOAL_MINIMUM = 0.95
GOAL_CALL = 2.0
GOAL_IMPORT_MS = 15.0
GOALS_OF_CASES = {1_000: 2.5, 100_000: 4.8, 10_000_000: 4.2}
GOALS_OF_CASE = {  # "nearest" is also to be ahead of torch.compile
    "softmax rows": dict.fromkeys(SIZES, 3.0),
    "layernorm rows": dict.fromkeys(SIZES, 3.0),
    "nearest": {4_000_000: 9.0},
}
IMPORT = """
import time
a = time.perf_counter()
import numpy
b = time.perf_counter()
import graphlet
c = time.perf_counter()
print(b - a, c - b)
"""


def one_op(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """One array operation."""
    return x + y


def calls(quick: bool) -> list[Goal]:
    """A one-op function on eight elements: optimised, plain, and the bare ufunc."""
    x, y = np.arange(8.0), np.ones(8)
    fast = graphlet.optimize(one_op)
    for _ in range(100):
        fast(x, y)
    functions = {"np.add(x, y)": np.add, "plain function": one_op, "graphlet": fast}
    rounds, loops = (15, 2000) if quick else (60, 10_000)
    taken: dict[str, list[float]] = {name: [] for name in functions}
    for i in range(rounds):
        for name in sorted(functions, reverse=bool(i % 2)):
            taken[name].append(nanoseconds(functions[name], (x, y), loops))
    print("\ncalls: one operation on 8 elements, ns per call")
    print(f"  {'':16} {'best':>8} {'median':>8}")
    for name, values in taken.items():
        print(f"  {name:16} {min(values):8.1f} {statistics.median(values):8.1f}")
    ratio = min(taken["np.add(x, y)"]) / min(taken["graphlet"])
    hits = fast.graphlet.stats()["hits"]
    print(f"  {hits} calls ran in the graph")
    text = f"guarded call of one operation: {ratio:.2f} times as fast as np.add (goal {GOAL_CALL})"
    return [Goal(text, ratio >= GOAL_CALL and hits > 0)]


def programs(quick: bool) -> list[Goal]:
    """Every program at every size."""
    sizes = SIZES[:2] if quick else SIZES
    print(f"\nprograms: times faster than NumPy (best of the runs), {', '.join(f'{n:.0e}' for n in sizes)} elements")
    ratios: dict[int, list[float]] = {n: [] for n in sizes}
    for program in PROGRAMS:
        cells = []
        for n in sizes:
            plain, optimised = in_turns(program.run, input_maker(program, n), 0.3 if quick else 2.0)
            ratios[n].append(plain.best / optimised.best)
            cells.append(f"{plain.best * 1e3:10.3f} {optimised.best * 1e3:10.3f} {ratios[n][-1]:6.2f}")
        print(f"  {program.name:14}" + "  ".join(cells), flush=True)
    for n in sizes:
        print(f"  {n:10}: geometric mean {statistics.geometric_mean(ratios[n]):.2f}, minimum {min(ratios[n]):.2f}")
    large = [ratio for n in sizes if n >= LARGE for ratio in ratios[n]]
    mean, least = statistics.geometric_mean(large), min(large)
    return [
        Goal(f"programs at {LARGE} and above, geometric mean {mean:.2f} (goal {GOAL_GEOMEAN})", mean >= GOAL_GEOMEAN),
        Goal(f"programs at {LARGE} and above, minimum {least:.2f} (goal {GOAL_MINIMUM})", least >= GOAL_MINIMUM),
    ]


def imports(quick: bool) -> list[Goal]:
    """Import time in fresh processes: NumPy alone, and graphlet after NumPy."""
    rounds = 5 if quick else 20
    taken: dict[str, list[float]] = {"numpy": [], "graphlet": []}
    with tempfile.TemporaryDirectory() as folder:
        _import_times(folder)  # writes the compiled modules
        for _ in range(rounds):
            numpy_ms, graphlet_ms = _import_times(folder)
            taken["numpy"].append(numpy_ms)
            taken["graphlet"].append(graphlet_ms)
    print(f"\nimports: ms in fresh processes ({rounds} rounds)")
    print(f"  {'':16} {'best':>8} {'median':>8}")
    for name, values in taken.items():
        print(f"  {name:16} {min(values):8.1f} {statistics.median(values):8.1f}")
    over = statistics.median(taken["graphlet"])
    return [Goal(f"import over NumPy's: {over:.1f} ms (goal under {GOAL_IMPORT_MS:.0f})", over < GOAL_IMPORT_MS)]


def _import_times(pycache: str) -> tuple[float, float]:
    """Milliseconds to import NumPy, then graphlet, in a fresh process that keeps compiled modules in a folder."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = pycache
    command = [sys.executable, "-c", IMPORT]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    first, second = map(float, done.stdout.split())
    return first * 1e3, second * 1e3


def comparison(quick: bool) -> list[Goal]:
    """The cases, beside the peers that are here."""
    print("\ncompare: times as fast as NumPy")
    options = compare.parser().parse_args(["--sizes", "1e3,1e5", "--seconds", "0.2"] if quick else [])
    options.cases = list(CASES)
    rows = compare.run(options)
    reached, best = compare.means(rows), compare.best_of_peers(rows)
    goals = []
    for n, goal in GOALS_OF_CASES.items():
        if (n, "graphlet") in reached:
            mean, least, _ = reached[n, "graphlet"]
            goals.append(Goal(f"cases at {n}: geometric mean {mean:.2f} (goal {goal})", mean >= goal))
            goals.append(Goal(f"cases at {n}: minimum {least:.2f} (goal {GOAL_MINIMUM})", least >= GOAL_MINIMUM))
            if n in best:
                goals.append(Goal(f"cases at {n}: the best of the peers {best[n]:.2f}", mean >= best[n]))
    return goals + _of_single_cases(rows)


def _of_single_cases(rows: list[compare.Row]) -> list[Goal]:
    """Programs with goals of their own."""
    ratios = {(row.case, row.n, row.peer): row.ratio for row in rows if not row.error}
    goals = []
    for (case, n, peer), ratio in ratios.items():
        goal = GOALS_OF_CASE.get(case, {}).get(n)
        if goal is not None and peer == "graphlet":
            rival = max(goal, ratios.get((case, n, "torch.compile"), 0.0) if case == "nearest" else 0.0)
            goals.append(Goal(f"{case} at {n}: {ratio:.2f} (goal {rival:.2f})", ratio >= rival))
    return goals


PARTS: dict[str, Callable[[bool], list[Goal]]] = {
    "calls": calls,
    "programs": programs,
    "imports": imports,
    **others.PARTS,
    "compare": comparison,
}


def main(argv: list[str] | None = None) -> int:
    """Run the chosen parts and print what was reached."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)} (all)")
    parser.add_argument("--quick", action="store_true", help="less time, without the largest size")
    options = parser.parse_args(argv)
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        parser.error(f"no part called {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}")
    goals = [goal for name, part in PARTS.items() if not options.parts or name in options.parts
             for goal in part(options.quick)]  # fmt: skip
    print("\n" + "\n".join(map(str, goals)))
    return 0 if all(goal.reached for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
