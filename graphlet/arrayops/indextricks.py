"""``np.mgrid[...]``, ``np.ogrid[...]``, ``np.r_[...]``, ``np.c_[...]``: new arrays of slices, numbers and arrays."""

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

from graphlet.arrayops.broadcasting import UNKNOWN, dim_of_size, equal, fresh_sym, is_one, sum_dims
from graphlet.arrayops.general import exact, merged, result_of, sample
from graphlet.arrayops.promotion import is_python_number
from graphlet.core.pristine import np
from graphlet.ir.op import FRESH, InferenceError, Op
from graphlet.ir.types import ArrayType, Dim, ObjectType, ScalarType, Type, dim_hint

Args = tuple[Any, ...]
MAX_TRIED = 1 << 20  # elements: larger grids are not laid out to learn their sizes


def dense(*key: Any) -> Any:
    """``np.mgrid[key]``"""
    return np.mgrid[key]


def sparse(*key: Any) -> Any:
    """``np.ogrid[key]``"""
    return np.ogrid[key]


def dense_line(key: Any) -> Any:
    """``np.mgrid[start:stop:step]``"""
    return np.mgrid[key]


def joined(*parts: Any) -> Any:
    """``np.r_[parts]``"""
    return np.r_[parts]


def columns(*parts: Any) -> Any:
    """``np.c_[parts]``"""
    return np.c_[parts]


def grid(fn: Callable[..., Any]) -> Callable[[Args, Mapping[str, Any]], Type]:
    """Inference for slices with literal ends, or with whole numbers that only the call tells."""

    def infer(args: Args, kwargs: Mapping[str, Any]) -> Type:
        if not all(isinstance(arg, slice) for arg in args):
            raise InferenceError("a grid of something else than slices")
        ends = list(itertools.chain.from_iterable((arg.start, arg.stop, arg.step) for arg in args))
        if all(end is None or is_python_number(end) for end in ends):
            if math.prod(max(count_of(arg), 1) for arg in args) > MAX_TRIED:
                raise InferenceError("a large grid")
            return exact(result_of(fn, args, {}, FRESH))
        return without_sizes(result_of(fn, tuple(map(slice_sample, args)), {}, FRESH), len(args))

    return infer


def count_of(part: slice) -> int:
    """About how many points a slice of a grid has."""
    if isinstance(part.step, complex):
        return int(abs(part.step)) + 1
    step = 1 if part.step is None else part.step
    return int(abs(((part.stop or 0) - (part.start or 0)) / step)) + 1 if step else 1


def slice_sample(part: slice) -> slice:
    """A slice of a few points of the same dtype."""
    for end in (part.start, part.stop, part.step):
        if isinstance(end, ScalarType) and end.pytype is not int:
            raise InferenceError("a grid between numbers that are not known during capture")
    ends = (part.start, part.stop, part.step)
    start, stop, step = (1 if isinstance(end, ScalarType) else end for end in ends)
    if isinstance(part.step, ScalarType) or (isinstance(step, float) and isinstance(part.stop, ScalarType)):
        raise InferenceError("a grid whose step is not known during capture")
    return slice(start, stop, step)


def without_sizes(kind: Type, n_axes: int) -> Type:
    """All axes of a dense grid but the first, and one of each array of a sparse one."""
    if isinstance(kind, ArrayType):
        first = tuple(dim_of_size(dim_hint(dim)) for dim in kind.shape[: kind.ndim - n_axes])
        order = "C" if kind.ndim == n_axes else "K"
        return ArrayType(kind.dtype, (*first, *(fresh_sym() for _ in range(n_axes))), order)
    assert isinstance(kind, ObjectType) and kind.items is not None
    return ObjectType(kind.pytype, tuple(one_axis(item, at) for at, item in enumerate(kind.items)))


def one_axis(kind: Type, at: int) -> Type:
    assert isinstance(kind, ArrayType)
    return ArrayType(kind.dtype, tuple(fresh_sym() if i == at else 1 for i in range(kind.ndim)), "K")


def infer_joined(args: Args, kwargs: Mapping[str, Any]) -> Type:
    """Vectors, numbers and slices behind each other; of other arrays only the rank is known."""
    kind = merged(sampled(joined, args), None)
    if isinstance(kind, ArrayType) and kind.ndim == 1 and all(map(is_line, args)):
        return ArrayType(kind.dtype, (sum_dims([line_of(arg) for arg in args]),), "K")
    return kind


def infer_columns(args: Args, kwargs: Mapping[str, Any]) -> Type:
    """Vectors as columns; of other arrays only the rank is known."""
    kind = merged(sampled(columns, args), None)
    if isinstance(kind, ArrayType) and all(isinstance(arg, ArrayType) and arg.ndim == 1 for arg in args):
        length: Dim = args[0].shape[0]
        for arg in args[1:]:
            length = equal(length, arg.shape[0])
        return ArrayType(kind.dtype, (length, dim_of_size(len(args))), "K")
    return kind


def sampled(fn: Callable[..., Any], args: Args) -> Type:
    """What comes of small arrays."""
    for arg in args:
        known = isinstance(arg, (ArrayType, ScalarType, list, np.generic)) or is_python_number(arg)
        if not known and not is_literal_slice(arg):
            raise InferenceError(f"a part that is a {type(arg).__name__}")
    return result_of(fn, args, {}, FRESH, lambda arg: sample(arg, 3))


def is_literal_slice(arg: Any) -> bool:
    return isinstance(arg, slice) and all(
        end is None or is_python_number(end) for end in (arg.start, arg.stop, arg.step)
    )


def is_line(arg: Any) -> bool:
    """Whether a part adds a vector or one number."""
    if isinstance(arg, ArrayType):
        return arg.ndim <= 1
    return isinstance(arg, ScalarType) or is_python_number(arg)


def line_of(arg: Any) -> Dim:
    """How many elements a part adds."""
    if not isinstance(arg, ArrayType) or not arg.ndim or is_one(arg.shape[0]):
        return 1
    return arg.shape[0] if dim_hint(arg.shape[0]) != UNKNOWN else fresh_sym()


DENSE = Op("mgrid", dense, grid(dense), "opaque", may_raise=True)
DENSE_LINE = Op("mgrid_line", dense_line, grid(dense_line), "opaque", may_raise=True)
SPARSE = Op("ogrid", sparse, grid(sparse), "opaque", may_raise=True)
JOINED = Op("r_", joined, infer_joined, "opaque", may_raise=True)
COLUMNS = Op("c_", columns, infer_columns, "opaque", may_raise=True)
ROWS: tuple[Op, ...] = (DENSE, DENSE_LINE, SPARSE, JOINED, COLUMNS)
