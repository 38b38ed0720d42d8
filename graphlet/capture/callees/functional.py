"""functools.partial, super, and what else makes callables."""

from collections.abc import Callable
from functools import partial
from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.machine import Machine
from graphlet.values.base import Value
from graphlet.values.objects import Partial


def partial_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    if not args:
        raise Break("GL111", "partial without a function")
    return Partial(m.read(args[0]), args[1:], kwargs)


RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {partial: partial_}
