"""Reductions and scans along axes, as functions and as methods."""

from collections.abc import Callable, Mapping
from typing import Any

from graphlet.arrayops.binding import bind, refuse
from graphlet.arrayops.broadcasting import axes_literal, flat_dim, reduced_axes
from graphlet.arrayops.layout import contiguous, sorting
from graphlet.arrayops.promotion import check_cast, dtype_literal, operand, probe
from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ArrayType, Dim, ScalarType, Type

# Parameters behind the array, in order.
SUM = ("axis", "dtype", "out", "keepdims", "initial", "where")
MAX = ("axis", "out", "keepdims", "initial", "where")
MEAN = ("axis", "dtype", "out", "keepdims", "where")
VAR = ("axis", "dtype", "out", "ddof", "keepdims", "where", "mean", "correction")
ALL = ("axis", "out", "keepdims", "where")
ARG = ("axis", "out", "keepdims")
SCAN = ("axis", "dtype", "out")
MEDIAN = ("axis", "out", "overwrite_input", "keepdims")
COUNT = ("axis", "keepdims")
QUANTILE = ("q", "axis", "out", "overwrite_input", "method", "keepdims", "weights", "interpolation")

REFUSED_ARGUMENTS = ("out", "initial", "mean", "correction", "overwrite_input", "weights", "interpolation")


def reduced_shape(array: ArrayType, bound: Mapping[str, Any]) -> tuple[Dim, ...]:
    """The shape left when the axes are gone, or 1."""
    keepdims = bound.get("keepdims", False)
    if type(keepdims) is not bool:
        raise InferenceError("keepdims is not known during capture")
    axes = reduced_axes(bound.get("axis"), array.ndim)
    if keepdims:
        return tuple(1 if axis in axes else dim for axis, dim in enumerate(array.shape))
    return tuple(dim for axis, dim in enumerate(array.shape) if axis not in axes)


def reduced_order(array: ArrayType, shape: tuple[Dim, ...]) -> str:
    """The result is laid out as the axes that remain."""
    return contiguous(shape, sorting(array) or "K")


def the_array(bound: Mapping[str, Any]) -> ArrayType:
    """Argument ``a`` as an array."""
    array = bound["a"]
    if not isinstance(array, ArrayType):
        raise InferenceError("reduction of something that is no array")
    operand(array)
    return array


def checked(bound: Mapping[str, Any]) -> ArrayType:
    """The array, with the arguments that are not followed refused."""
    refuse(bound, *REFUSED_ARGUMENTS)
    if "where" in bound:  # None is false everywhere
        raise InferenceError("argument 'where' is given")
    array = the_array(bound)
    if bound.get("dtype") is not None:
        check_cast(array.dtype, dtype_literal(bound["dtype"]))
    return array


def typed(kind: Type, shape: tuple[Dim, ...], order: str) -> Type:
    """What a probe said, with the right sizes."""
    if isinstance(kind, ScalarType) and not shape:
        return kind
    if isinstance(kind, ArrayType) and kind.ndim == len(shape):
        return ArrayType(kind.dtype, shape, order)
    raise InferenceError(f"result {kind} where {len(shape)} dimensions were expected")


def reduction(name: str, fn: Callable[..., Any], names: tuple[str, ...], kind: str = "reduction") -> Op:
    """A row for ``fn(a, axis, ...)``."""
    parameters = ("a", *names)

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        bound = bind(parameters, args, kwargs)
        array = checked(bound)
        shape = reduced_shape(array, bound)
        order = reduced_order(array, shape) if kind == "reduction" else "K"
        return typed(probe(fn, args, kwargs), shape, order)

    return Op(name, fn, infer, kind)


def arg_reduction(name: str, fn: Callable[..., Any]) -> Op:
    """argmin and argmax: one axis or all; the result is in C order."""

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        bound = bind(("a", *ARG), args, kwargs)
        array = checked(bound)
        shape = reduced_shape(array, bound)
        return typed(probe(fn, args, kwargs), shape, "C" if sorting(array) == "C" else "K")

    return Op(name, fn, infer, "reduction")


def scan(name: str, fn: Callable[..., Any]) -> Op:
    """cumsum and cumprod: the array's shape, or flat without an axis."""

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        bound = bind(("a", *SCAN), args, kwargs)
        array = checked(bound)
        if bound.get("axis") is None:
            return typed(probe(fn, args, kwargs), (flat_dim(array.shape),), "C")
        reduced_axes(bound["axis"], array.ndim)
        return typed(probe(fn, args, kwargs), array.shape or (1,), "C" if sorting(array) == "C" else "K")

    return Op(name, fn, infer, "opaque")


def quantile(name: str, fn: Callable[..., Any]) -> Op:
    """One quantile along an axis or of all elements."""

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        bound = bind(("a", *QUANTILE), args, kwargs, required=2)
        array = checked(bound)
        if isinstance(bound["q"], ArrayType) or type(bound["q"]) in (list, tuple):
            raise InferenceError("several quantiles at once")
        return typed(probe(fn, args, kwargs), reduced_shape(array, bound), "K")

    return Op(name, fn, infer, "opaque", may_raise=True)


# -- methods of ufuncs


def ufunc_reduce(ufunc: np.ufunc) -> Op:
    """``ufunc.reduce(array, axis=0)``"""
    fn = ufunc.reduce
    parameters = ("a", *SUM)

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        bound = {"axis": 0, **bind(parameters, args, kwargs)}
        array = checked(bound)
        shape = reduced_shape(array, bound)
        return typed(probe(fn, args, kwargs), shape, reduced_order(array, shape))

    return Op(f"{ufunc.__name__}_reduce", fn, infer, "reduction" if ufunc in REDUCED_BY.values() else "opaque")


def ufunc_accumulate(ufunc: np.ufunc) -> Op:
    """``ufunc.accumulate(array, axis=0)``"""
    fn = ufunc.accumulate

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        bound = {"axis": 0, **bind(("a", *SCAN), args, kwargs)}
        array = checked(bound)
        axes_literal(bound["axis"], array.ndim)
        return typed(probe(fn, args, kwargs), array.shape, "C" if sorting(array) == "C" else "K")

    return Op(f"{ufunc.__name__}_accumulate", fn, infer, "opaque")


def ufunc_outer(ufunc: np.ufunc) -> Op:
    """``ufunc.outer(a, b)`` of arrays"""
    fn = ufunc.outer

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        if kwargs or len(args) != 2 or not all(isinstance(arg, ArrayType) for arg in args):
            raise InferenceError("outer of something else than two arrays")
        known = all(sorting(arg) == "C" for arg in args)
        return typed(probe(fn, args, kwargs), args[0].shape + args[1].shape, "C" if known else "K")

    return Op(f"{ufunc.__name__}_outer", fn, infer, "opaque", may_raise=True)


# What these functions call, with their own axis (NumPy's methods of ufuncs reduce axis 0 unless told).
REDUCED_BY: dict[str, np.ufunc] = {
    "sum": np.add,
    "prod": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
    "any": np.logical_or,
    "all": np.logical_and,
}
UFUNC_METHODS: dict[str, Callable[[np.ufunc], Op]] = {
    "reduce": ufunc_reduce,
    "accumulate": ufunc_accumulate,
    "outer": ufunc_outer,
}

FAMILIES: dict[str, tuple[str, ...]] = {
    "sum": SUM,
    "prod": SUM,
    "max": MAX,
    "min": MAX,
    "mean": MEAN,
    "std": VAR,
    "var": VAR,
    "any": ALL,
    "all": ALL,
}
ALIASES = {"amax": MAX, "amin": MAX}
# Not nanmean, nanmax and their like: they warn from Python code when a slice is all NaN.
OPAQUE: dict[str, tuple[str, ...]] = {
    "ptp": ARG,
    "median": MEDIAN,
    "count_nonzero": COUNT,
    "nansum": SUM,
    "nanprod": SUM,
}

METHODS: dict[str, Op] = {
    **{name: reduction(name, getattr(np.ndarray, name), names) for name, names in FAMILIES.items()},
    **{name: arg_reduction(name, getattr(np.ndarray, name)) for name in ("argmin", "argmax")},
    **{name: scan(name, getattr(np.ndarray, name)) for name in ("cumsum", "cumprod")},
}
FUNCTIONS: tuple[Op, ...] = (
    *(reduction(name, getattr(np, name), names) for name, names in FAMILIES.items()),
    *(reduction(name.removeprefix("a"), getattr(np, name), names) for name, names in ALIASES.items()),
    *(reduction(name, getattr(np, name), names, "opaque") for name, names in OPAQUE.items()),
    *(arg_reduction(name, getattr(np, name)) for name in ("argmin", "argmax")),
    *(scan(name, getattr(np, name)) for name in ("cumsum", "cumprod", "nancumsum", "nancumprod")),
    *(quantile(name, getattr(np, name)) for name in ("quantile", "percentile")),
)
