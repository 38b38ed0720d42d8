"""How long graphlet takes before it gains anything: ``python -m benchmarks.latency``.

* the first call of a function of one operation and of twenty, beside the same function in NumPy, once graphlet's own
  modules are loaded: processor time of the process, that of a thread that compiles beside it included;
* the first call in a fresh process, which finds compiled code on disk or none, and with the block machine: processor
  time and time on the clock, the processes in turns;
* from the call that makes a function hot to its compiled code in place, llvmlite loaded: time on the clock.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import graphlet
from graphlet.backends import llvm_host, llvm_service
from graphlet.core.config import config

LINES = (  # each with its number of operations
    ("a = x * y + 1.0", 2), ("a = a - x", 1), ("a = np.sqrt(a * a + 0.5)", 3), ("b = a / (y + 2.0)", 2),
    ("a = a + b * 0.25", 2), ("b = np.exp(-b)", 2), ("a = np.maximum(a, b)", 1), ("a = a * 0.5", 1),
    ("b = b + a", 1), ("a = np.sin(a)", 1), ("a = a + b", 1), ("b = np.abs(b)", 1), ("a = a - b * 2.0", 2),
)  # fmt: skip
HOT = {
    "one operation": "return x + y * 2.0",
    "chain": "; ".join(line for line, _ in LINES) + "; return a",
    "softmax": "z = np.exp(x - x.max(axis=1, keepdims=True)); return z / z.sum(axis=1, keepdims=True)",
    "standardise": "return (x - x.mean()) / x.std() + y",
}
FEW = np.linspace(0.1, 1.0, 1000)
MANY = np.linspace(0.1, 1.0, 200_000).reshape(400, 500)


def made(body: str, arguments: str = "x, y") -> Callable[..., Any]:
    """A function of these arguments, new each time."""
    namespace: dict[str, Any] = {"np": np}
    exec(f"def f({arguments}):\n    {body}\n", namespace)
    function: Callable[..., Any] = namespace["f"]
    return function


def of_operations(wanted: int) -> str:
    """A body of so many operations, or one more."""
    if wanted == 1:
        return "return x * y"
    lines, count = [], 0
    while count < wanted:
        line, number = LINES[len(lines) % len(LINES)]
        lines.append(line)
        count += number
    return "; ".join((*lines, "return a"))


def ms(seconds: Iterable[float]) -> str:
    """The median in milliseconds, and the least."""
    times = sorted(seconds)
    return f"{1e3 * statistics.median(times):.2f} ms (least {1e3 * times[0]:.2f})"


def took(clock: Callable[[], float], work: Callable[[], Any]) -> float:
    """How long it takes."""
    began = clock()
    work()
    return clock() - began


def first_calls(n_operations: int, rounds: int) -> tuple[list[float], list[float]]:
    """First calls of fresh functions, in turns with NumPy: seconds of processor time, graphlet's and NumPy's."""
    body, y = of_operations(n_operations), FEW + 1.0
    with_graphlet, plain = [], []
    for number in range(rounds + 3):
        function, fast = made(body), graphlet.optimize(made(body))
        here = took(time.process_time, lambda fast=fast: fast(FEW, y))  # type: ignore[misc]
        there = took(time.process_time, lambda function=function: function(FEW, y))  # type: ignore[misc]
        if number >= 3:
            with_graphlet.append(here)
            plain.append(there)
    print(f"first call, {n_operations} operations: {ms(with_graphlet)}; NumPy {ms(plain)}")
    return with_graphlet, plain


def first_call_here() -> None:
    """What a fresh process is asked: processor time and time on the clock of its first call."""
    function, y = graphlet.optimize(made(of_operations(20))), FEW + 1.0
    clock, processor = time.perf_counter(), time.process_time()
    function(FEW, y)
    print(time.process_time() - processor, time.perf_counter() - clock)
    for _ in range(50):
        function(FEW, y)
    llvm_service.wait()


def fresh_processes(rounds: int) -> dict[str, list[list[float]]]:
    """First calls of fresh processes, the ways in turns: seconds of processor time and on the clock."""
    with tempfile.TemporaryDirectory() as folder:
        ways = {
            "block machine": {"GRAPHLET_BACKEND": "block"},
            "llvm, nothing on disk": {"GRAPHLET_CACHE_DIR": "off"},
            "llvm, code on disk": {"GRAPHLET_CACHE_DIR": folder},
        }
        found: dict[str, list[list[float]]] = {way: [] for way in ways}
        command = [sys.executable, "-m", "benchmarks.latency", "--first"]
        for number in range(rounds + 1):
            for way, settings in ways.items():
                run = subprocess.run(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, check=True)
                if number:  # the first leaves its code on disk
                    found[way].append([float(text) for text in run.stdout.split()])
    for way, times in found.items():
        processor, clock = zip(*times, strict=True)
        print(f"first call in a fresh process, {way}: processor {ms(processor)}, clock {ms(clock)}")
    return found


def until_in_place() -> list[float]:
    """From the hot call to compiled code, each function for the first time: seconds on the clock."""
    before, config.cache_dir = config.cache_dir, "off"
    y, clocks = MANY + 1.0, []
    for name, body in {"the first of all": "return x * 3.0 - y", **HOT}.items():
        function = graphlet.optimize(made(body))
        function(MANY, y)
        began, processor = time.perf_counter(), time.process_time()
        function(MANY, y)
        llvm_service.wait()
        clocks.append(time.perf_counter() - began)
        print(f"hot call to compiled code, {name}: clock {1e3 * clocks[-1]:.1f} ms, ", end="")
        print(f"processor {1e3 * (time.process_time() - processor):.1f} ms")
    config.cache_dir = before
    return clocks


def main() -> None:
    """All three."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.latency", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.first:
        first_call_here()
        return
    first_calls(1, options.rounds)
    first_calls(20, options.rounds)
    fresh_processes(options.rounds)
    if llvm_host.can_compile():
        until_in_place()


if __name__ == "__main__":
    main()
