"""Reductions the block machine makes itself: those whose order NumPy's own loop keeps when it is called on pieces.

The sum of floats is a tree; products, sums of integers, any and all go on from piece to piece; extremes do, but for the
sign of zero and the payload of NaN, which the machine leaves to NumPy.
"""

import operator
from dataclasses import dataclass
from types import NoneType
from typing import Any

from graphlet.arrayops.binding import bind
from graphlet.arrayops.reduction import ARG, FAMILIES, REDUCED_BY, SUM
from graphlet.backends.block_members import MAX_NDIM, is_number
from graphlet.core.pristine import np
from graphlet.ir.alias import has_own_effect, written_argument
from graphlet.ir.graph import CALL_FUNCTION, Node
from graphlet.ir.op import InferenceError
from graphlet.ir.types import ArrayType
from graphlet.runtime import loops

WHOLE, ROWS, COLUMNS = "whole", "rows", "columns"
UFUNCS = {**REDUCED_BY, "mean": np.add}
METHODS = {f"{ufunc.__name__}_reduce": name for name, ufunc in REDUCED_BY.items()}
ARGS = {"argmin": "arg_min", "argmax": "arg_max"}
PARAMETERS = {**{name: FAMILIES[name] for name in UFUNCS}, **dict.fromkeys(ARGS, ARG), **dict.fromkeys(METHODS, SUM)}
STARTS = {"sum": 0, "mean": 0, "prod": 1, "any": False, "all": True}
FLOATS = frozenset("fdg")
EXACT_BITS = 53  # integers a double can add without rounding


@dataclass(frozen=True, slots=True)
class Tail:
    """A reduction of ``source``, first cast to ``dtype``, with a result of dtype ``result``; see ``plan.TailOut``.

    axes  the first axis that is reduced, and the first behind it that is not
    """

    kind: str
    name: str
    axes: tuple[int, int]
    source: Node
    dtype: np.dtype[Any]
    result: np.dtype[Any]
    loop: Any
    start: bytes
    mean: bool
    mean_limit: int
    keepdims: bool

    @property
    def walk(self) -> str:
        """What is reduced: everything, rows (the last axes), or columns (axes that others follow)."""
        assert isinstance(self.source.type, ArrayType)
        return walk_of(self.axes, self.source.type.ndim)


def tail_of(node: Node) -> Tail | None:
    """The node as a native reduction; None when it has to be called."""
    if node.op != CALL_FUNCTION or node.row is None or node.row.kind != "reduction":
        return None
    if node.row.name not in PARAMETERS:
        return None
    if written_argument(node) is not None or has_own_effect(node):
        return None
    try:
        bound = bind(("a", *PARAMETERS[node.row.name]), node.args, node.kwargs)
    except InferenceError:
        return None
    axis = bound.pop("axis", 0 if node.row.name in METHODS else None)
    source, keepdims = bound.pop("a"), bound.pop("keepdims", False)
    if not isinstance(bound.pop("dtype", None), (NoneType, type, np.dtype, str)):
        return None
    if any(value is not None for value in bound.values()) or type(keepdims) is not bool:
        return None
    if not isinstance(source, Node) or not isinstance(source.type, ArrayType) or not is_number(source.type.dtype):
        return None
    axes = axes_of(axis, source.type.ndim)
    if axes is None or (walk_of(axes, source.type.ndim) == WHOLE and keepdims):
        return None
    name = METHODS.get(node.row.name, node.row.name)
    return _reduction(name, axes, source, source.type.dtype, getattr(node.type, "dtype", None), keepdims)


def axes_of(axis: Any, ndim: int) -> tuple[int, int] | None:
    """The axes that are reduced, from the first to behind the last; None for axes with others between them."""
    if not 0 < ndim <= MAX_NDIM:
        return None
    if axis is None:
        return 0, ndim
    try:
        places = [operator.index(one) for one in (axis if type(axis) is tuple else (axis,))]
    except TypeError:
        return None
    if not places or not all(-ndim <= place < ndim for place in places):
        return None
    found = {place % ndim for place in places}
    first, last = min(found), max(found)
    return (first, last + 1) if len(found) == len(places) == last + 1 - first else None


def walk_of(axes: tuple[int, int], ndim: int) -> str:
    """What it is to reduce these axes."""
    return COLUMNS if axes[1] < ndim else ROWS if axes[0] > 0 else WHOLE


def _reduction(
    name: str, axes: tuple[int, int], source: Node, own: np.dtype[Any], result: Any, keepdims: bool
) -> Tail | None:
    if result is None or not is_number(result):
        return None
    if name in ARGS:
        if own.kind not in "iu" and own.char not in "fd":
            return None
        return Tail(ARGS[name], name, axes, source, own, result, None, neutral(name, own), False, 0, keepdims)
    if own != result and not _can_cast_first(name, own, result):
        return None
    if (result.char not in FLOATS and result.kind not in "biu") or (name in ("any", "all") and own.kind != "b"):
        return None
    limit = mean_limit(own) if own != result and name == "mean" else 0
    if limit is None:
        return None
    loop = loops.find(UFUNCS[name], (result, result, result))
    if loop is None:
        return None
    start = neutral(name, result)
    return Tail(_kind(name, result), name, axes, source, result, result, loop, start, name == "mean", limit, keepdims)


def neutral(name: str, dtype: np.dtype[Any]) -> bytes:
    """Where a reduction starts: NumPy starts extremes from the first element, before which this changes nothing."""
    if name in STARTS:
        return np.array(STARTS[name], dtype).tobytes()
    is_max = name in ("max", "argmax")
    if dtype.kind == "f":
        return np.array(-np.inf if is_max else np.inf, dtype).tobytes()
    if dtype.kind == "b":
        return np.array(not is_max).tobytes()
    info = np.iinfo(dtype)
    return np.array(info.min if is_max else info.max, dtype).tobytes()


def _kind(name: str, result: np.dtype[Any]) -> str:
    if name in ("max", "min"):
        return "extreme"
    return "sum" if result.char in FLOATS and name in ("sum", "mean") else "ordered"


def _can_cast_first(name: str, own: np.dtype[Any], result: np.dtype[Any]) -> bool:
    """NumPy casts in chunks and adds those up: the same only where additions are exact."""
    if own.kind not in "biu":
        return False
    return result == np.float64 if name == "mean" else name in ("sum", "prod") and result.kind in "iu"


def mean_limit(dtype: np.dtype[Any]) -> int | None:
    """How many integers of a dtype can be added as doubles in any order; 0 for any number, None for too few."""
    if dtype.itemsize <= 2:
        return 0
    return 1 << (EXACT_BITS - 8 * dtype.itemsize) if dtype.itemsize == 4 else None
