"""One thread and several, side by side: ``python -m benchmarks.threads [most threads]``.

Each chain runs in turns with 1, 2, 4 ... threads; medians of so many turns, as ratios of one thread's. "shared" is the
share of calls that several threads ran: below the size where that pays, and where it was measured not to, there is one.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import graphlet
from graphlet.runtime import _block
from graphlet.runtime.threads import follow_settings

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
TURNS, WARM_UP = 15, 40
SECONDS = 2.0  # for the turns of one size


def transcendental(x: Any, y: Any) -> Any:
    return np.exp(-(x * x)) * y + np.tanh(x * y)


def arithmetic(x: Any, y: Any) -> Any:
    return (x * y + x) * (y - x) + 1.0


def total(x: Any, y: Any) -> Any:
    return ((x - y) ** 2).sum()


def softmax(x: Any, y: Any) -> Any:
    rows = x.reshape(-1, 100)
    e = np.exp(rows - rows.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def measured(fast: Callable[..., Any], args: tuple[Any, ...], counts: list[int]) -> dict[int, tuple[float, float]]:
    """By number of threads: median seconds, and the share of calls that were shared."""
    times: dict[int, list[float]] = {count: [] for count in counts}
    shared = dict.fromkeys(counts, 0)
    end = time.perf_counter() + SECONDS
    for _ in range(WARM_UP if args[0].size < SIZES[-1] else WARM_UP // 4):
        fast(*args)
    while len(times[1]) < TURNS or (time.perf_counter() < end and len(times[1]) < 50 * TURNS):
        for count in counts:
            graphlet.config.num_threads = count
            before, began = _block.threads()[2], time.perf_counter()
            fast(*args)
            times[count].append(time.perf_counter() - began)
            shared[count] += _block.threads()[2] > before
    return {count: (statistics.median(taken), shared[count] / len(taken)) for count, taken in times.items()}


def main(most: int) -> None:
    """Print the table."""
    counts = [2**i for i in range(most.bit_length()) if 2**i <= most]
    graphlet.config.compile, graphlet.config.cost_model, graphlet.config.num_threads = "at once", 0, most
    rng = np.random.default_rng(1)
    for fn in (transcendental, arithmetic, total, softmax):
        fast = graphlet.optimize(fn)
        for size in SIZES:
            graphlet.config.num_threads = most
            args = (rng.random(size), rng.random(size))
            found = measured(fast, args, counts)
            alone = found[1][0]
            cells = (f"{n}: {alone / taken:5.2f} ({share:4.0%} shared)" for n, (taken, share) in found.items() if n > 1)
            print(f"{fn.__name__:15} {size:9}  1: {alone * 1e6:9.1f} us   {'   '.join(cells)}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.threads", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    follow_settings()
    parser.add_argument("most", type=int, nargs="?", default=_block.threads()[0], help="most threads")
    main(parser.parse_args().most)
