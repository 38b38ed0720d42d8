"""NumPy's functions that give as many results as an array has rows or columns, whose number is guarded or checked."""

from collections.abc import Callable
from typing import Any

from graphlet.arrayops.given import HAS_ELEMENTS
from graphlet.capture import arrays
from graphlet.capture.arrays_nodes import argument
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.callees.arrayloops import known_size
from graphlet.capture.callees.sequences import polyfill
from graphlet.capture.effects import emit
from graphlet.capture.machine import Machine
from graphlet.core.pristine import np
from graphlet.values.base import Array, Constant, Value

Rule = Callable[[Machine, Args, Kwargs], Value]


def unstack_(x: Any, axis: Any) -> Any:
    rows = np.moveaxis(x, axis, 0)
    return tuple([rows[i] for i in range(rows.shape[0])])


def columns_(sample: Any, count: Any) -> Any:
    return tuple([sample[:, i] for i in range(count)])


UNSTACK = polyfill(unstack_, 2, 2)
COLUMNS = polyfill(columns_, 2, 2)


def few(m: Machine, array: Array, axis: int, what: str) -> Constant:
    """The number of results."""
    count = known_size(m, array, axis)
    if not 0 <= count.value <= m.options.unroll_limit:
        raise Break("GL108", f"{what} of an array with {count.value} of them")
    return count


def unstack(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.unstack(x, axis=0)``"""
    array = m.read(args[0]) if len(args) == 1 else None
    axis = m.known(kwargs["axis"]) if "axis" in kwargs else 0
    if not isinstance(array, Array) or kwargs.keys() - {"axis"} or type(axis) is not int:
        raise Break("GL107", "np.unstack with these arguments")
    if not -array.type.ndim <= axis < array.type.ndim:
        raise Break("GL111", "np.unstack along an axis that is not there")
    few(m, array, axis % array.type.ndim, "np.unstack")
    return UNSTACK(m, (array, Constant(axis)), {})


def tile(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.tile(array, reps)``: new memory, but for an array without elements."""
    given, named = tuple(map(m.read_deep, args)), {name: m.read_deep(value) for name, value in kwargs.items()}
    array = given[0] if given else named.get("A")
    if isinstance(array, Array) and array.type.ndim:
        emit(m, HAS_ELEMENTS, (argument(m, array),))
    return arrays.call_function(m, np.tile, given, named)


def histogramdd(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.histogramdd(sample, ...)``: of a matrix by columns, as NumPy takes a list of vectors."""
    given = [m.read_deep(arg) for arg in args]
    sample = given[0] if given else None
    if isinstance(sample, Array):
        if sample.type.ndim != 2:
            raise Break("GL107", "np.histogramdd of something that is no matrix")
        given[0] = m.read_deep(COLUMNS(m, (sample, few(m, sample, 1, "np.histogramdd")), {}))
    return arrays.call_function(m, np.histogramdd, tuple(given), {k: m.read_deep(v) for k, v in kwargs.items()})


RULES: dict[Any, Rule] = {
    np.tile: tile,
    np.histogramdd: histogramdd,
    **({np.unstack: unstack} if hasattr(np, "unstack") else {}),  # from NumPy 2.1 on
}
