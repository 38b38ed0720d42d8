"""Times of two functions that take turns, so that a noisy machine is noisy for both."""

import contextlib
import io
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from examples.programs.catalogue import Program

SEED = 20240


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of each run of one function."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of the runs took no longer."""
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        """The fastest run."""
        return min(self.seconds)


def interleaved(
    functions: tuple[Callable[..., Any], ...], make_args: Callable[[], tuple[Any, ...]], budget: float, most: int = 200
) -> tuple[Times, ...]:
    """Run the functions in turn, each on fresh arguments, until ``budget`` seconds are used (at least three rounds)."""
    taken: tuple[list[float], ...] = tuple([] for _ in functions)
    end = time.perf_counter() + budget
    while len(taken[0]) < 3 or (time.perf_counter() < end and len(taken[0]) < most):
        order = range(len(functions)) if len(taken[0]) % 2 == 0 else reversed(range(len(functions)))
        for i in order:
            taken[i].append(_timed(functions[i], make_args()))
    return tuple(Times(tuple(seconds)) for seconds in taken)


def _timed(fn: Callable[..., Any], args: tuple[Any, ...]) -> float:
    with contextlib.redirect_stdout(io.StringIO()):
        start = time.perf_counter()
        fn(*args)
        return time.perf_counter() - start


def input_maker(program: Program, n: int) -> Callable[[], tuple[Any, ...]]:
    """A function that returns the same arguments each time, with arrays of their own."""
    template = program.make_inputs(n, np.random.default_rng(SEED))
    return lambda: tuple(v.copy() if isinstance(v, np.ndarray) else v for v in template)


def warm_up(fn: Callable[..., Any], make_args: Callable[[], tuple[Any, ...]], rounds: int = 4) -> None:
    """Let the function learn; what it prints is dropped."""
    for _ in range(rounds):
        _timed(fn, make_args())
