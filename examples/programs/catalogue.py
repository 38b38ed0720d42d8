"""The programs by name: the function to run, its inputs, and whether it ends graphs on purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from examples.programs import black_scholes, distances, image, kmeans, logistic, softmax, solver, stencil


@dataclass(frozen=True, slots=True)
class Program:
    """One program. ``make_inputs(n, rng)`` makes arguments of about ``n`` array elements."""

    name: str
    run: Callable[..., Any]
    make_inputs: Callable[[int, np.random.Generator], tuple[Any, ...]]
    breaks: bool


def _program(module: ModuleType) -> Program:
    name = module.__name__.rpartition(".")[2]
    return Program(name, module.PROGRAM, module.make_inputs, getattr(module, "BREAKS", False))


PROGRAMS = tuple(map(_program, (kmeans, black_scholes, softmax, stencil, distances, image, logistic, solver)))
