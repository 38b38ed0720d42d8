"""All callables with a rule, by identity; and those known to have effects."""

import builtins
import random
import time
from collections.abc import Callable
from typing import Any

from graphlet.capture.callees import (
    arrayloops,
    arrayparts,
    choices,
    collections_,
    copies,
    derived,
    draws,
    dtypes,
    errstate,
    functional,
    generators,
    groups,
    heapqueues,
    indextricks,
    iteration,
    mathematics,
    methods,
    norms,
    operators,
    polynomials,
    sequences,
    setmethods,
    types_,
)
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.machine import Machine
from graphlet.core.pristine import np
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
    arrayparts.RULES,
    choices.RULES,
    indextricks.RULES,
    setmethods.RULES,
    operators.RULES,
    polynomials.RULES,
    norms.RULES,
    collections_.RULES,
    copies.RULES,
    draws.RULES,
    derived.RULES,
    heapqueues.RULES,
    groups.RULES,
)

CALLEES: dict[int, Rule] = {id(fn): rule for group in _GROUPS for fn, rule in group.items()}

_CLOCKS = (
    *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
    *("process_time", "process_time_ns", "thread_time", "thread_time_ns", "localtime", "ctime", "sleep"),
)
EFFECTS: dict[int, str] = {
    id(np.seterrcall): "changes how NumPy treats errors",
    **{
        id(fn): "draws random numbers, or changes those to come"
        for kind in (np.random.Generator, np.random.RandomState)
        for name, fn in vars(kind).items()
        if isinstance(fn, type(np.random.Generator.random)) and not name.startswith("_") and id(fn) not in CALLEES
    },
    **{id(getattr(time, name)): "reads the clock" for name in _CLOCKS},
    **{id(fn): "draws random numbers, or changes those to come" for fn in (random.random, random.getrandbits)},
    id(builtins.print): "side effect",
    id(builtins.input): "side effect",
    id(builtins.open): "side effect",
    id(builtins.exec): "runs code that is not known",
    id(builtins.eval): "runs code that is not known",
    id(builtins.delattr): "changes an object",
    id(builtins.locals): "looks at the frame",
    id(builtins.globals): "looks at the frame",
    id(builtins.dir): "looks at the frame",
}

# Why NumPy's functions that are not followed are not, where that says more than that they are not.
_ELEMENTS = "it calls a Python function for each element"
_FILES = "it reads or writes a file"
_TEXT = "it makes text"
_PRINTED = "it says how arrays are printed"
_DATA = "what kind of numbers it returns depends on the data"
REASONS: dict[int, str] = {
    id(fn): reason
    for reason, functions in (
        (_ELEMENTS, (np.vectorize.__init__, np.vectorize.__call__, np.frompyfunc, np.fromiter)),
        (_FILES, (np.save, np.savez, np.savez_compressed, np.savetxt, np.load, np.loadtxt, np.genfromtxt, np.fromfile)),
        (_TEXT, (np.array2string, np.array_repr, np.array_str, np.datetime_as_string, np.base_repr, np.binary_repr)),
        (_TEXT, (np.format_float_positional, np.format_float_scientific)),
        (_PRINTED, (np.set_printoptions, np.get_printoptions, np.printoptions)),
        (_DATA, (np.real_if_close,)),
        ("it goes over elements one by one", (np.nditer, np.ndenumerate, np.ndindex)),
        ("it says how NumPy treats errors now", (np.geterrcall,)),
    )
    for fn in functions
}

# The same for all that a module of NumPy's has.
MODULE_REASONS = {
    "numpy.ma": "masked arrays are left to NumPy",
    "numpy.matrixlib": "matrices are left to NumPy",
    "numpy.testing": "it compares values and raises",
    "numpy.char": "arrays of text are left to NumPy",
    "numpy.strings": "arrays of text are left to NumPy",
    "numpy.lib.scimath": _DATA,
    "numpy.rec": "record arrays are left to NumPy",
}

# What NumPy has written in Python is followed like the user's own code in these functions and modules.
FOLLOWED_CODE = frozenset(
    fn.__code__
    for fn in (
        *(vars(np.poly1d)[name] for name in ("__call__", "__neg__", "__mul__", "__rmul__", "__add__", "__radd__")),
        *(vars(np.poly1d)[name] for name in ("__pow__", "__sub__", "__rsub__", "__len__", "integ", "deriv")),
        *(vars(np.poly1d)[name].fget for name in ("coeffs", "order", "variable", "roots")),
    )
)
FOLLOWED_MODULES = ("numpy.polynomial._polybase", "numpy.polynomial.polyutils")
