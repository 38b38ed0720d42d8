"""All callables with a rule, by identity; and those known to have effects."""

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from graphlet.capture.callees import (
    arrayloops,
    collections_,
    draws,
    dtypes,
    errstate,
    functional,
    generators,
    indextricks,
    iteration,
    mathematics,
    methods,
    operators,
    sequences,
    setmethods,
    types_,
)
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.machine import Machine
from graphlet.values.base import Value

Rule = Callable[[Machine, Args, Kwargs], Value]

_GROUPS: tuple[dict[Any, Rule], ...] = (
    sequences.RULES,
    iteration.RULES,
    types_.RULES,
    methods.RULES,
    mathematics.RULES,
    functional.RULES,
    generators.RULES,
    errstate.RULES,
    dtypes.RULES,
    arrayloops.RULES,
    indextricks.RULES,
    setmethods.RULES,
    operators.RULES,
    collections_.RULES,
    draws.RULES,
)

CALLEES: dict[int, Rule] = {id(fn): rule for group in _GROUPS for fn, rule in group.items()}

EFFECTS: dict[int, str] = {
    id(np.seterr): "changes how NumPy treats errors",
    id(np.seterrcall): "changes how NumPy treats errors",
    **{
        id(fn): "draws random numbers, or changes those to come"
        for kind in (np.random.Generator, np.random.RandomState)
        for name, fn in vars(kind).items()
        if isinstance(fn, type(np.random.Generator.random)) and not name.startswith("_") and id(fn) not in CALLEES
    },
    id(builtins.print): "side effect",
    id(builtins.input): "side effect",
    id(builtins.open): "side effect",
    id(builtins.exec): "runs code that is not known",
    id(builtins.eval): "runs code that is not known",
    id(builtins.delattr): "changes an object",
    id(builtins.locals): "looks at the frame",
    id(builtins.globals): "looks at the frame",
    id(builtins.vars): "looks at the frame",
    id(builtins.dir): "looks at the frame",
}
