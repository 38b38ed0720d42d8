"""The ``math`` module on constants: numbers known at run time only are left to the array rules."""

import cmath
import math
from collections.abc import Callable
from typing import Any

from graphlet.capture import arrays, containers
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.folding import fold
from graphlet.capture.machine import Machine
from graphlet.values.base import Array, Constant, Scalar, Value

_LEFT_OUT = ("factorial", "comb", "perm", "fsum", "prod", "sumprod", "dist", "lcm", "ldexp", "isqrt")


def function(fn: Callable[..., Any]) -> Callable[[Machine, Args, Kwargs], Value]:
    """A function of numbers."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        values = tuple(m.read(arg) for arg in args)
        if any(isinstance(value, (Array, Scalar)) for value in values):
            return arrays.call_function(m, fn, values, kwargs)
        named = {name: containers.plain(m, value) for name, value in kwargs.items()}
        return containers.wrapped(fold(fn, *(containers.plain(m, value) for value in values), **named))

    return rule


def of_known(fn: Callable[..., Any], largest: int = 300) -> Callable[[Machine, Args, Kwargs], Value]:
    """A function of numbers that decide how long it takes: they are fixed by guards, and not large."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        given = [m.known(m.read_deep(arg)) for arg in args]
        if kwargs or not all(is_moderate(value, largest) for value in given):
            raise Break("GL114", f"math.{fn.__name__} of such numbers")
        return Constant(fold(fn, *given))

    return rule


def is_moderate(value: Any, largest: int) -> bool:
    """A number of Python's that is not large, or a short sequence of such."""
    if type(value) in (list, tuple):
        return len(value) <= largest and all(is_moderate(item, largest) for item in value)
    return type(value) in (bool, float) or (type(value) is int and abs(value) <= largest)


RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {
    fn: function(fn)
    for module in (math, cmath)
    for name, fn in vars(module).items()
    if callable(fn) and name not in _LEFT_OUT and not name.startswith("_")
} | {getattr(math, name): of_known(getattr(math, name)) for name in _LEFT_OUT if hasattr(math, name)}
