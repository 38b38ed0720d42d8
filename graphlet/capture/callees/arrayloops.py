"""NumPy's functions that loop or call back, in their Python form: ``ndindex``, ``ndenumerate``, ``fromfunction``.

They are followed like callees. Where a loop is long it stays a loop, as any other.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.callees.sequences import polyfill
from graphlet.capture.machine import Machine
from graphlet.values.base import Array, Sequence, Value

Rule = Callable[[Machine, Args, Kwargs], Value]


def ndindex_(*shape: Any) -> Iterator[Any]:
    if len(shape) == 1 and isinstance(shape[0], tuple):
        shape = shape[0]
    for index in product(*map(range, shape)):  # noqa: UP028
        yield index


def ndenumerate_(arr: Any) -> Iterator[Any]:
    for index in product(*map(range, arr.shape)):
        yield (index, arr[index])


def fromfunction_(function: Callable[..., Any], shape: Any, dtype: Any = float, **kwargs: Any) -> Any:
    return function(*tuple(np.indices(shape, dtype=dtype)[i] for i in range(len(shape))), **kwargs)


NDINDEX = polyfill(ndindex_, 1, 33)
NDENUMERATE = polyfill(ndenumerate_, 1, 1)
FROMFUNCTION = polyfill(fromfunction_, 2, 2)


def ndindex(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.ndindex(2, 3)``, ``np.ndindex((2, 3))``"""
    given = m.read(args[0]) if len(args) == 1 else None
    sizes = given.items if isinstance(given, Sequence) and given.kind == "tuple" else args
    known = [m.known(m.read(size)) for size in sizes]
    if any(type(size) is not int or size < 0 for size in known):
        raise Break("GL111", "np.ndindex of something that is no shape")
    return NDINDEX(m, args, kwargs)


def ndenumerate(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.ndenumerate(array)``"""
    if len(args) != 1 or not isinstance(m.read(args[0]), Array):
        raise Break("GL107", "np.ndenumerate of something that is no array")
    return NDENUMERATE(m, args, kwargs)


def fromfunction(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.fromfunction(function, shape)``"""
    if "like" in kwargs or len(args) != 2 or not isinstance(m.read(args[1]), Sequence):
        raise Break("GL107", "np.fromfunction with these arguments")
    return FROMFUNCTION(m, args, kwargs)


RULES: dict[Any, Rule] = {
    np.ndindex: ndindex,
    np.ndenumerate: ndenumerate,
    np.fromfunction: fromfunction,
}
