"""What graphlet means to reach besides the cases: guards, loops over arrays, learning, first calls, existing memory.

Each part prints what it measured, side by side in one run, and returns its goals; ``benchmarks.bench`` runs them.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import graphlet
from benchmarks import latency
from benchmarks.cases import CASES
from examples.programs.timing import SEED, Times, interleaved, warm_up
from graphlet.backends import llvm_host
from graphlet.handle import handle_of

GUARDS_NS = {2: 10.0, 30: 300.0}  # number of arrays: nanoseconds
LOOPS = ("heat", "relaxation", "wave", "transport", "runge kutta", "bodies")
TURNS = {"bodies": 5}  # of the loop in a call; 20 for others
GOAL_LOOPS = 3.0
BODY_SECONDS = 5e-6, 100e-6  # bodies of loops that the goal is about
STATEMENTS = ("a = a * 0.5 + x", "b = np.sqrt(a * a + 0.5)", "a = np.where(b > a, b, a) * 0.5", "b = b - a * 0.25")
READY_SECONDS = 2.0  # for 300 statements
COPY_SHARE = 0.85
FIRST_CALL = 3.0, 2e-3  # times NumPy's, and seconds beyond that
IN_PLACE_SECONDS = 0.06


@dataclass(frozen=True, slots=True)
class Goal:
    """A number to reach, and the number reached."""

    text: str
    reached: bool

    def __str__(self) -> str:
        return f"{'reached' if self.reached else 'MISSED '}  {self.text}"


def guards(quick: bool) -> list[Goal]:
    """What a call takes more where further arrays are guarded: loading them for the region, and the guards."""
    rounds = 20 if quick else 100
    print("\nguards: ns that a call takes more for so many arrays (best of the runs)")
    goals = []
    for n, most in GUARDS_NS.items():
        names = [f"a{i}" for i in range(n)]
        arguments, dimensions = ", ".join(("x", "y", *names)), " + ".join(f"{name}.ndim" for name in names)
        args = tuple(np.ones(8) for _ in range(n + 2))
        ways = [latency.made(body, arguments) for body in ("return x + y", f"n = {dimensions}; return x + y")]
        fast = [_ready(graphlet.optimize(way), args) for way in ways]
        taken: list[list[float]] = [[], []]
        for turn in range(rounds):
            for k in (0, 1) if turn % 2 else (1, 0):
                taken[k].append(nanoseconds(fast[k], args, 2000))
        more = min(taken[1]) - min(taken[0])
        print(f"  {n:3} arrays {more:8.1f}")
        goals.append(Goal(f"guards of {n} arrays: {more:.1f} ns (goal under {most:.0f})", more < most))
    return goals


def _ready(fast: Callable[..., Any], args: tuple[Any, ...]) -> Callable[..., Any]:
    for _ in range(200):
        fast(*args)
    assert handle_of(fast).stats()["graphs"] == 1
    return fast


def loops(quick: bool) -> list[Goal]:
    """Time loops of a thousand elements, whose bodies are graphs."""
    print("\nloops: us of NumPy for a turn, times as fast (medians), 1000 elements")
    goals = []
    for name in LOOPS:
        case = CASES[name]
        args = case.make(1000, np.random.default_rng(SEED))
        plain, fast = in_turns(case.run, lambda args=args: args, 0.5 if quick else 3.0, 4000, 50)  # type: ignore[misc]
        body, ratio = plain.median / TURNS.get(name, 20), plain.median / fast.median
        print(f"  {name:14} {body * 1e6:8.1f} {ratio:6.2f}")
        if BODY_SECONDS[0] <= body <= BODY_SECONDS[1]:
            goals.append(Goal(f"{name}, 1000 elements: {ratio:.2f} (goal {GOAL_LOOPS})", ratio >= GOAL_LOOPS))
    return goals


def learning(quick: bool) -> list[Goal]:
    """Long functions: processor time of the first call, and whether it grows with the number of statements."""
    print("\nlearning: processor time of the first call")
    seconds = {n: min(_learned(n) for _ in range(3 if quick else 7)) for n in (75, 300)}
    for n, taken in seconds.items():
        print(f"  {n:4} statements {taken * 1e3:8.1f} ms")
    growth = seconds[300] / seconds[75]
    return [
        Goal(f"300 statements ready in {seconds[300]:.2f} s (goal {READY_SECONDS})", seconds[300] <= READY_SECONDS),
        Goal(f"four times the statements take {growth:.1f} times as long (goal 5)", growth <= 5.0),
    ]


def _learned(n: int) -> float:
    body = "; ".join(("a = b = x", *(STATEMENTS[i % len(STATEMENTS)] for i in range(n)), "return a, b"))
    function = graphlet.optimize(latency.made(body, "x"))
    taken = latency.took(time.process_time, lambda: function(latency.FEW))
    function(latency.FEW)
    stats = handle_of(function).stats()
    assert stats["graphs"] == 1 and stats["hits"] >= 1 and stats["breaks"] == 0, stats
    return taken


def first_calls(quick: bool) -> list[Goal]:
    """First calls of new functions and of new processes, and how long generated code takes."""
    print("\nfirst calls")
    fast, plain = map(statistics.median, latency.first_calls(20, 5 if quick else 25))
    times, beyond = FIRST_CALL
    most = times * plain + beyond
    goals = [Goal(f"first call of 20 operations: {fast * 1e3:.2f} ms (goal {most * 1e3:.2f})", fast <= most)]
    if not llvm_host.can_compile():
        return goals
    found = latency.fresh_processes(3 if quick else 25)
    with_code, block = (
        statistics.median(processor for processor, _ in found[way]) for way in ("llvm, code on disk", "block machine")
    )
    text = f"{with_code * 1e3:.2f} ms, of the block machine {block * 1e3:.2f}"
    goals.append(Goal(f"first call of a second process: {text}", with_code <= block))
    slowest = max(latency.until_in_place()[1:])
    text = f"{slowest * 1e3:.1f} ms (goal {IN_PLACE_SECONDS * 1e3:.0f})"
    return [*goals, Goal(f"from the hot call to generated code: {text}", slowest <= IN_PLACE_SECONDS)]


def existing_memory(quick: bool) -> list[Goal]:
    """Chains that write into an array that is there, beside copying as many bytes."""
    n = 1_000_000 if quick else 10_000_000
    print(f"\nmemory: share of the speed of copying, {n} elements, into arrays that are there")
    arrays = tuple(np.full(n, value) for value in (1.5, 0.25, 3.0, 0.0))
    goals = []
    for text, n_moved in (
        ("np.add(x, y, out=o)", 3), ("o[...] = x * y + z", 4), ("o[...] = (x * y + z) * 2.0 - x / 3.0", 4),
        ("o += x * y", 4),
    ):  # fmt: skip
        fast = graphlet.optimize(latency.made(text, "x, y, z, o"))
        warm_up(fast, lambda: arrays)
        copied, made = interleaved((_copy, fast), lambda: arrays, 0.5 if quick else 4.0)
        share = n_moved / 2 * copied.median / made.median
        print(f"  {text:40} {share:7.0%}")
        goals.append(Goal(f"{text}: {share:.0%} of copying (goal {COPY_SHARE:.0%})", share >= COPY_SHARE))
    return goals


def _copy(x: Any, y: Any, z: Any, o: Any) -> None:
    np.copyto(o, x)


def nanoseconds(call: Callable[..., Any], args: tuple[Any, ...], turns: int) -> float:
    """What a call takes, the mean of so many."""
    start = time.perf_counter()
    for _ in range(turns):
        call(*args)
    return (time.perf_counter() - start) / turns * 1e9


def in_turns(
    function: Callable[..., Any],
    make_args: Callable[[], tuple[Any, ...]],
    budget: float,
    most: int = 200,
    rounds: int = 4,
) -> tuple[Times, Times]:
    """Times of a function and of the same optimised, which has learned in so many calls before."""
    fast = graphlet.optimize(function)
    warm_up(fast, make_args, rounds)
    plain, optimised = interleaved((function, fast), make_args, budget, most)
    return plain, optimised


PARTS: dict[str, Callable[[bool], list[Goal]]] = {
    "guards": guards,
    "loops": loops,
    "learning": learning,
    "first-calls": first_calls,
    "memory": existing_memory,
}
