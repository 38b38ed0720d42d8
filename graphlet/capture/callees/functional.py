"""functools.partial, super, and what else makes callables."""

from collections.abc import Callable
from functools import partial
from typing import Any

from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.handlers.attributes import make_super
from graphlet.capture.machine import Machine
from graphlet.values.base import Value
from graphlet.values.objects import Partial


def partial_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    if not args:
        raise Break("GL111", "partial without a function")
    return Partial(m.read(args[0]), args[1:], kwargs)


def super_(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``super()`` finds its class in a cell of the frame, and the object in the first argument."""
    check("super", args, kwargs, 0, 2)
    if len(args) == 2:
        return make_super(m, args[0], args[1])
    frame = m.frame
    cell, names = frame.cells.get("__class__"), frame.decoded.code.co_varnames
    first = frame.locals.get(names[0]) if names else None
    if args or cell is None or cell.contents is None or first is None:
        raise Break("GL110", "super() outside of a method")
    return make_super(m, cell.contents, first)


RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {partial: partial_, super: super_}
