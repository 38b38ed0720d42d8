"""graphlet beside NumPy and its peers: ``python -m benchmarks.compare [case ...] [--sizes 1e3,1e5] [--peers ...]``.

Each peer runs in a process of its own, and the processes take turns, so that a noisy machine is noisy for all. Printed
are times as fast as NumPy (medians; the spread is that of the middle half), the first call in a process that finds no
compiled code and in one that does, the memory a call needs at its peak, and for programs that memory bounds the share
of the speed at which this machine copies. Peers that are not installed are left out: see the extra ``bench``.
"""

import argparse
import contextlib
import importlib.util
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import CASES, Case
from benchmarks.peers import PEERS, environment
from benchmarks.plot import draw

ROOT = Path(__file__).resolve().parent.parent
BURST = 0.02  # seconds a peer runs before it is the next one's turn
MISMATCH = 3
COPIED = 4_000_000  # elements: more than caches hold


@dataclass(frozen=True, slots=True)
class Row:
    """One peer on one program at one size. Seconds; ``error`` says why there are none."""

    case: str
    n: int
    peer: str
    median: float = 0.0
    spread: float = 0.0  # of the middle half of the calls, relative to the median
    ratio: float = 0.0  # times as fast as NumPy
    first: float = 0.0
    second: float = 0.0  # the first call of a second process
    memory: int | None = None
    bandwidth: float | None = None
    likeness: str = ""
    error: str = ""


class Process:
    """A worker; commands go to it and come back as JSON lines."""

    def __init__(self, peer: str, folder: Path, threads: int | None) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", peer]
        self.peer = peer
        self.running = subprocess.Popen(
            command, cwd=ROOT, env=environment(folder, threads), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def ask(self, do: str, **details: Any) -> dict[str, Any]:
        """One command; a worker that is gone answers with an error."""
        assert self.running.stdin is not None and self.running.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps({"do": do, **details}), file=self.running.stdin, flush=True)
        line = self.running.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the process ended"}
        return answer

    def end(self) -> None:
        """No more commands."""
        assert self.running.stdin is not None and self.running.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.running.stdin.close()
        self.running.wait()
        self.running.stdout.close()


@contextlib.contextmanager
def processes(peers: list[str], folder: Path, threads: int | None) -> Iterator[list[Process]]:
    """A process for each peer."""
    started = [Process(peer, folder / peer.replace(" ", "-"), threads) for peer in peers]
    try:
        yield started
    finally:
        for process in started:
            process.end()


def copy_speed() -> float:
    """Bytes a second, read and written, of copying into memory that is there."""
    source, target = np.ones(COPIED), np.zeros(COPIED)
    taken = []
    for _ in range(7):
        start = time.perf_counter()
        np.copyto(target, source)
        taken.append(time.perf_counter() - start)
    return 2 * source.nbytes / min(taken)


def measure(case: Case, n: int, peers: list[str], options: argparse.Namespace) -> list[Row]:
    """All peers on one program at one size."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        with processes(peers, folder, options.threads) as workers:
            fresh = {w.peer: w.ask("first", case=case.name, n=n) for w in workers}
        with processes(peers, folder, options.threads) as workers:
            again = {w.peer: w.ask("first", case=case.name, n=n) for w in workers}
            able = [w for w in workers if "error" not in again[w.peer] and "error" not in fresh[w.peer]]
            taken = take_turns(able, options.seconds)
            memory = {w.peer: w.ask("memory").get("bytes") for w in able}
    medians = {peer: statistics.median(seconds) for peer, seconds in taken.items()}
    rows = []
    for peer in peers:
        error = fresh[peer].get("error", "") or again[peer].get("error", "")
        if error:
            rows.append(Row(case.name, n, peer, error=error))
            continue
        quarters = statistics.quantiles(taken[peer], n=4) if len(taken[peer]) > 1 else [medians[peer]] * 3
        rows.append(
            Row(
                case.name, n, peer, medians[peer], (quarters[2] - quarters[0]) / medians[peer],
                medians["numpy"] / medians[peer], fresh[peer]["seconds"], again[peer]["seconds"], memory[peer],
                case.moved * n / medians[peer] / options.copied if case.moved else None, again[peer]["likeness"],
            )
        )  # fmt: skip
    return rows


def take_turns(workers: list[Process], seconds: float) -> dict[str, list[float]]:
    """Seconds of calls of each peer, in bursts one after the other, forwards and backwards."""
    taken: dict[str, list[float]] = {worker.peer: [] for worker in workers}
    end, turn = time.perf_counter() + seconds * len(workers), 0
    while turn < 3 or time.perf_counter() < end:
        for worker in workers if turn % 2 else reversed(workers):
            taken[worker.peer] += worker.ask("burst", seconds=BURST)["seconds"]
        turn += 1
    return taken


def line(row: Row) -> str:
    """One row of the table."""
    if row.error:
        return f"    {row.peer:15} {row.error[:90]}"
    memory = "" if row.memory is None else f"{row.memory / 1e6:9.1f} MB"
    copied = "" if row.bandwidth is None else f"{row.bandwidth:7.0%} of copying"
    alike = "" if row.likeness == "identical" else f"  {row.likeness}"
    return (
        f"    {row.peer:15} {row.median * 1e6:12.1f} us ±{row.spread / 2:4.0%} {row.ratio:7.2f} times"
        f"   first {row.first * 1e3:9.1f}, {row.second * 1e3:8.1f} ms {memory}{copied}{alike}"
    )


def means(rows: list[Row]) -> dict[tuple[int, str], tuple[float, float, int]]:
    """By size and peer: geometric mean and least of the ratios, and over how many programs."""
    found: dict[tuple[int, str], list[float]] = {}
    for row in rows:
        if not row.error:
            found.setdefault((row.n, row.peer), []).append(row.ratio)
    return {key: (statistics.geometric_mean(values), min(values), len(values)) for key, values in found.items()}


def best_of_peers(rows: list[Row]) -> dict[int, float]:
    """By size: the geometric mean of the best peer of each program, where any but NumPy and graphlet ran."""
    best: dict[int, dict[str, float]] = {}
    for row in rows:
        if not row.error and row.peer not in ("numpy", "graphlet"):
            known = best.setdefault(row.n, {})
            known[row.case] = max(known.get(row.case, 0.0), row.ratio)
    return {n: statistics.geometric_mean(values.values()) for n, values in best.items()}


def run(options: argparse.Namespace) -> list[Row]:
    """Measure what was chosen, printing each row as it is there."""
    rows: list[Row] = []
    peers = [name for name in options.peers if PEERS[name].is_here()]
    absent = [name for name in options.peers if name not in peers]
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {', '.join(peers)}", end="")
    print(f"; not installed: {', '.join(absent)}" if absent else "")
    options.copied = copy_speed()
    print(f"copying: {options.copied / 1e9:.1f} GB/s")
    for name in options.cases:
        case = CASES[name]
        for n in case.sizes:
            if options.sizes and n not in options.sizes:
                continue
            print(f"  {name}, {n} elements", flush=True)
            for row in measure(case, n, peers, options):
                rows.append(row)
                print(line(row), flush=True)
    print("\ntimes as fast as NumPy: geometric mean, least, programs")
    for (n, peer), (mean, least, count) in sorted(means(rows).items()):
        if peer != "numpy":
            print(f"  {n:10} {peer:15} {mean:6.2f} {least:6.2f} {count:4}")
    for n, mean in sorted(best_of_peers(rows).items()):
        print(f"  {n:10} the best of them {mean:5.2f}")
    return rows


def as_json(rows: list[Row], options: argparse.Namespace) -> str:
    """Everything measured, and on what."""
    about = {
        "python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine(),
        "threads": options.threads, "copying_bytes_per_second": options.copied,
    }  # fmt: skip
    return json.dumps({"about": about, "rows": [asdict(row) for row in rows]}, indent=1)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__.split("\n\n")[0])
    made.add_argument("cases", nargs="*", metavar="case", help=f"{', '.join(CASES)} (all)")
    made.add_argument("--sizes", type=_sizes, default=(), help="numbers of elements, as in 1e3,1e5 (all)")
    made.add_argument("--peers", type=_peers, default=list(PEERS), help=f"{', '.join(PEERS)} (those installed)")
    made.add_argument("--seconds", type=float, default=0.5, help="for each peer on a program at a size (0.5)")
    made.add_argument("--threads", type=int, help="threads every peer may use (what it likes)")
    made.add_argument("--json", type=Path, help="write what was measured here")
    made.add_argument("--plot", type=Path, help="draw it here, as .svg or .png (needs matplotlib)")
    return made


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(float(size)) for size in text.split(","))


def _peers(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no peer called {', '.join(unknown)}; there are: {', '.join(PEERS)}")
    return list(dict.fromkeys(["numpy", *names]))


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write. Exit code 3 if a result of graphlet's is not NumPy's bit for bit."""
    grammar = parser()
    options = grammar.parse_args(argv)
    unknown = [name for name in options.cases if name not in CASES]
    if unknown:
        grammar.error(f"no case called {', '.join(unknown)}; there are: {', '.join(CASES)}")
    options.cases = options.cases or list(CASES)
    if options.plot is not None and importlib.util.find_spec("matplotlib") is None:
        grammar.error("--plot needs matplotlib: pip install matplotlib, or -e .[bench] for all peers, too")
    for path in filter(None, (options.json, options.plot)):
        if not path.absolute().parent.is_dir():
            grammar.error(f"no folder {path.absolute().parent}")
    rows = run(options)
    if options.json is not None:
        options.json.write_text(as_json(rows, options))
    if options.plot is not None:
        draw(rows, options.plot)
    wrong = [row for row in rows if row.peer == "graphlet" and row.likeness != "identical"]
    for row in wrong:
        print(f"NOT NUMPY'S RESULT: {row.case} at {row.n}: {row.error or row.likeness}")
    return MISMATCH if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
