"""The ``math`` module on constants: numbers known at run time only are left to the array rules."""

import cmath
import math
from collections.abc import Callable
from typing import Any

from graphlet.capture import arrays, containers
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.folding import fold
from graphlet.capture.machine import Machine
from graphlet.values.base import Array, Scalar, Value

_LEFT_OUT = ("factorial", "comb", "perm", "fsum", "prod", "sumprod", "dist", "lcm", "ldexp")


def function(fn: Callable[..., Any]) -> Callable[[Machine, Args, Kwargs], Value]:
    """A function of numbers."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        values = tuple(m.read(arg) for arg in args)
        if any(isinstance(value, (Array, Scalar)) for value in values):
            return arrays.call_function(m, fn, values, kwargs)
        named = {name: containers.plain(m, value) for name, value in kwargs.items()}
        return containers.wrapped(fold(fn, *(containers.plain(m, value) for value in values), **named))

    return rule


RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {
    fn: function(fn)
    for module in (math, cmath)
    for name, fn in vars(module).items()
    if callable(fn) and name not in _LEFT_OUT and not name.startswith("_")
}
