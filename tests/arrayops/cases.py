"""Arrays of all kinds, and the comparison of an inferred type with what NumPy really returns."""

import itertools
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from graphlet.arrayops.broadcasting import UNKNOWN
from graphlet.ir.op import FRESH, VIEW, InferenceError, Op
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Sym, Type

DTYPES = tuple(np.dtype(char) for char in "?bBhHiIlLefdgFDG")
NUMBERS = (True, 2, -3, 1.5, 2 + 1j)
_names = itertools.count()


def filled(shape: tuple[int, ...], dtype: Any = "d", order: str = "C") -> np.ndarray:
    """A new array with small positive values."""
    n_items = int(np.prod(shape, dtype=int))
    return np.asarray((np.arange(n_items) % 3 + 1).reshape(shape), dtype=dtype, order=order)


def layouts(shape: tuple[int, ...], dtype: Any = "d") -> Iterator[np.ndarray]:
    """Arrays of one shape in every memory layout."""
    yield filled(shape, dtype)
    if len(shape) > 1:
        yield filled(shape, dtype, "F")
        yield filled(shape[::-1], dtype).T
    if shape:
        wide = filled((*shape[:-1], shape[-1] * 2), dtype)
        yield wide[..., ::2]
        yield filled(shape, dtype)[::-1]
        yield filled(shape, dtype)[..., ::-1]
    if len(shape) == 3:
        yield filled((shape[1], shape[0], shape[2]), dtype).transpose(1, 0, 2)
    if shape:
        yield np.broadcast_to(filled(shape[1:], dtype), shape)


SHAPES = ((), (4,), (1,), (3, 4), (3, 1), (1, 4), (1, 1), (0, 4), (2, 3, 4), (2, 1, 4), (2, 3, 1))


def every_array(dtype: Any = "d", shapes: tuple[tuple[int, ...], ...] = SHAPES) -> Iterator[np.ndarray]:
    """Arrays of ranks 0 to 3 in every layout."""
    for shape in shapes:
        yield from layouts(shape, dtype)


def abstract(value: Any) -> Any:
    """A real argument as inference sees it; Python and NumPy scalars stay literals."""
    if type(value) is np.ndarray:
        flags = value.flags
        order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "K"
        return ArrayType(value.dtype, tuple(1 if n == 1 else Sym(f"x{next(_names)}", n) for n in value.shape), order)
    if type(value) in (tuple, list):
        return type(value)(abstract(item) for item in value)
    return value


def run_time(value: Any) -> Any:
    """As ``abstract``, with numbers known only at run time."""
    if isinstance(value, np.generic):
        return ScalarType(type(value), value.dtype)
    if type(value) in (bool, int, float, complex):
        return ScalarType(type(value))
    if isinstance(value, slice):
        return slice(run_time(value.start), run_time(value.stop), run_time(value.step))
    if type(value) in (tuple, list):
        return type(value)(run_time(item) for item in value)
    return abstract(value)


def infer(row: Op, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None, view: Any = abstract) -> Type | None:
    """The inferred type, or None if it is refused. Inference never warns."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            inferred = row.infer(view(args), {key: view(value) for key, value in (kwargs or {}).items()})
        except InferenceError:
            inferred = None
    assert not seen, f"{row.name}{describe(args)} {kwargs or ''}: inference warns {seen[0].message}"
    return inferred


def real(row: Op, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None) -> Any:
    """What NumPy returns; an exception is returned as itself."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return row.fn(*args, **(kwargs or {}))
        except Exception as error:
            return error


def check(row: Op, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None = None, view: Any = abstract) -> bool:
    """Compare inference with reality; whether there was something to compare (it was not refused)."""
    inferred = infer(row, args, kwargs, view)
    if inferred is None:
        return False
    value = real(row, args, kwargs)
    what = f"{row.name}{describe(args)} {kwargs or ''}: inferred {inferred}"
    if isinstance(value, Exception):
        assert row.may_raise or view is run_time, f"{what}, NumPy raises {value!r}"
        return False
    compare(inferred, value, what)
    if isinstance(value, np.ndarray):
        compare_memory(row, value, args, what)
    return True


def describe(args: tuple[Any, ...]) -> str:
    """Arguments in short."""
    parts = [
        f"{a.dtype}{a.shape}{a.strides}" if isinstance(a, np.ndarray) else f"{type(a).__name__}({a!r})" for a in args
    ]
    return f"({', '.join(parts)})"


def compare(inferred: Type, value: Any, what: str) -> None:
    """Type, dtype, sizes and layout."""
    if isinstance(inferred, ScalarType):
        assert type(value) is inferred.pytype, f"{what}, got {type(value)}"
        assert inferred.dtype is None or value.dtype == inferred.dtype, what
    elif isinstance(inferred, ObjectType):
        assert type(value) is tuple and inferred.items is not None and len(value) == len(inferred.items), what
        for part, item in zip(inferred.items, value, strict=True):
            compare(part, item, what)
    else:
        assert type(value) is np.ndarray, f"{what}, got {type(value)}"
        assert value.dtype == inferred.dtype and value.dtype.num == inferred.dtype.num, f"{what}, got {value.dtype}"
        sizes = [n if hint == UNKNOWN else hint for hint, n in zip(inferred.shape_hint, value.shape, strict=True)]
        assert tuple(sizes) == value.shape, f"{what}, got {value.shape}"
        assert inferred.order != "C" or value.flags.c_contiguous, f"{what}, got strides {value.strides} {value.shape}"
        assert inferred.order != "F" or value.flags.f_contiguous, f"{what}, got strides {value.strides} {value.shape}"
        if inferred.order == "K" and inferred.axes:
            check_axes(value, inferred.axes, what)


def check_axes(value: np.ndarray, axes: str, what: str) -> None:
    """Strides of axes longer than one fall (C) or rise (F)."""
    strides = [abs(stride) for stride, n in zip(value.strides, value.shape, strict=True) if n > 1]
    if 0 not in value.shape:
        assert strides == sorted(strides, reverse=axes == "C"), f"{what}, axes {axes}, got strides {value.strides}"


def compare_memory(row: Op, value: np.ndarray, args: tuple[Any, ...], what: str) -> None:
    """FRESH results share nothing and are new objects; VIEW results share with argument 0 and are new objects."""
    arrays = [a for arg in args for a in (arg if type(arg) in (tuple, list) else (arg,)) if isinstance(a, np.ndarray)]
    if row.mutates is not None:
        assert value is args[row.mutates], what
        return
    assert row.alias not in (FRESH, VIEW) or all(value is not a for a in arrays), f"{what}, got an argument itself"
    if row.alias == FRESH:
        assert not any(np.shares_memory(value, a) for a in arrays), f"{what}, shares memory"
        assert value.base is None or value.flags.owndata or not any(value.base is a for a in arrays), what
    elif row.alias == VIEW and value.size:
        assert np.shares_memory(value, args[0]), f"{what}, shares no memory"


def count(row: Op, calls: Any, view: Any = abstract) -> int:
    """``check`` for many calls, given as argument tuples; how many were compared."""
    return sum(check(row, args, kwargs, view) for args, kwargs in calls)
