"""Functions that make new arrays from shapes and numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphlet.arrayops.binding import bind, refuse
from graphlet.arrayops.broadcasting import UNKNOWN, dim_of, dim_of_size, equal, fresh_sym
from graphlet.arrayops.layout import contiguous, order_argument
from graphlet.arrayops.promotion import (
    call_sample,
    check_all_weak,
    check_cast,
    dtype_literal,
    is_record,
    kind_of,
    operand,
    probe,
)
from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ArrayType, Dim, ObjectType, ScalarType, Type, dim_hint

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]

MAX_COUNTED = 10_000_000  # literal ranges longer than this are not laid out to learn their length


def shape_literal(shape: Any) -> tuple[Dim, ...]:
    """A ``shape=`` argument: an integer, or a tuple or list of integers."""
    sizes = tuple(shape) if type(shape) in (tuple, list) else (shape,)
    return tuple(dim_of(size) for size in sizes)


def given_dtype(bound: Mapping[str, Any], default: Any = np.float64) -> np.dtype:
    """The ``dtype=`` argument."""
    dtype = bound.get("dtype")
    return np.dtype(default) if dtype is None else dtype_literal(dtype)


def order_of_new(bound: Mapping[str, Any], shape: tuple[Dim, ...]) -> str:
    """The ``order=`` argument of a function that makes an array."""
    order = bound.get("order", "C")
    if order not in ("C", "F"):
        raise InferenceError(f"order {order!r}")
    return contiguous(shape, order)


def fill_type(fill: Any) -> np.dtype:
    """The dtype of an array filled with a scalar."""
    kind = operand(fill)
    if isinstance(fill, ArrayType):
        raise InferenceError("an array as fill value")
    check_all_weak((fill,), (kind,))
    return kind if isinstance(kind, np.dtype) else np.dtype(kind)


def infer_new(args: Args, kwargs: Kwargs) -> Type:
    """zeros, ones, empty"""
    bound = bind(("shape", "dtype", "order"), args, kwargs)
    shape = shape_literal(bound["shape"])
    dtype = record_literal(bound.get("dtype")) or given_dtype(bound)
    return ArrayType(dtype, shape, order_of_new(bound, shape))


def record_literal(dtype: Any) -> np.dtype | None:
    """The dtype of records that a list of names and types gives, or a dtype; None for all others."""
    is_list = type(dtype) is list and all(type(field) is tuple and len(field) > 1 for field in dtype)
    if not isinstance(dtype, np.dtype) and not is_list:
        return None
    if type(dtype) is list:
        for _, kind, *_ in dtype:
            dtype_literal(kind)
    try:
        found = np.dtype(dtype)
    except (TypeError, ValueError) as error:
        raise InferenceError(str(error)) from None
    return found if is_record(found) else None


def infer_full(args: Args, kwargs: Kwargs) -> Type:
    """``np.full(shape, fill)``"""
    bound = bind(("shape", "fill_value", "dtype", "order"), args, kwargs, required=2)
    shape = shape_literal(bound["shape"])
    fill = bound["fill_value"]
    dtype = fill_type(fill) if bound.get("dtype") is None else dtype_literal(bound["dtype"])
    if isinstance(fill, ArrayType):
        raise InferenceError("an array as fill value")
    check_cast(operand(fill), dtype)
    return ArrayType(dtype, shape, order_of_new(bound, shape))


def like(name: str, fn: Callable[..., Any], parameters: tuple[str, ...]) -> Op:
    """zeros_like and its kind."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        bound = bind(parameters, args, kwargs, required=2 if "fill_value" in parameters else 1)
        array = bound["a"]
        if not isinstance(array, ArrayType) or isinstance(bound.get("fill_value"), ArrayType):
            raise InferenceError(f"{name} of something that is no array")
        dtype = given_dtype(bound, array.dtype)
        if "fill_value" in bound:
            check_cast(operand(bound["fill_value"]), dtype)
        operand(array)
        order = bound.get("order", "K")
        if order not in ("C", "F", "A", "K"):
            raise InferenceError(f"order {order!r}")
        return ArrayType(dtype, array.shape, order_argument(order, array))

    return Op(name, fn, infer, "creation", quiet="fill_value" not in parameters)


def infer_arange(args: Args, kwargs: Kwargs) -> Type:
    """``np.arange(start, stop, step)`` of scalars."""
    dtype = kwargs.get("dtype")
    if is_dates(dtype) or any(isinstance(arg, (str, np.datetime64)) for arg in args):
        return known_dates(np.arange, args, kwargs)
    if any(key != "dtype" for key in kwargs) or not 1 <= len(args) <= 3:
        raise InferenceError("arange with keywords")
    for arg in args:
        operand(arg)
        if isinstance(arg, ArrayType):
            raise InferenceError("arange of arrays")
        if isinstance(arg, ScalarType) and arg.dtype is not None and arg.dtype.kind in "mM":
            raise InferenceError("a range of dates that are not known during capture")
    if dtype is not None:
        for arg in args:
            check_cast(operand(arg), dtype_literal(dtype))
    kind = kind_of(np.arange(*(_as_bound(arg) for arg in args), dtype=dtype)[:0])
    assert isinstance(kind, ArrayType)
    return ArrayType(kind.dtype, (arange_dim(args),), "C")


def is_dates(dtype: Any) -> bool:
    """Whether a ``dtype=`` is one of dates, or of times between them."""
    return dtype is not None and dtype_literal(dtype).kind in "mM"


def known_dates(fn: Callable[..., Any], args: Args, kwargs: Kwargs) -> Type:
    """An array of dates that are all literals."""
    if any(word in repr((args, kwargs)).lower() for word in ("now", "today")):
        raise InferenceError("dates of today")
    kind = kind_of(call_sample(fn, args, kwargs, literal))
    if not isinstance(kind, ArrayType):
        raise InferenceError(f"the result is {kind}")
    return ArrayType(kind.dtype, tuple(dim_of_size(dim_hint(dim)) for dim in kind.shape), "C")


def literal(arg: Any) -> Any:
    """A literal, or a list of such, as it is."""
    if isinstance(arg, (ArrayType, ScalarType, ObjectType)):
        raise InferenceError("dates that are not known during capture")
    return type(arg)(map(literal, arg)) if type(arg) in (tuple, list) else arg


def _as_bound(arg: Any) -> Any:
    """A small value of the same type."""
    if isinstance(arg, ScalarType):
        return arg.pytype(1)
    if isinstance(arg, int) and not -(2**63) <= arg < 2**63:
        raise InferenceError("a range beyond 64 bits")
    return type(arg)(1)


def arange_dim(args: Args) -> Dim:
    """The length of a range: known for literal integers."""
    if len(args) == 3 and not isinstance(args[2], ScalarType) and args[2] == 0:
        raise InferenceError("a range with step 0")
    if all(type(arg) is int for arg in args):
        return dim_of_size(len(range(*args)))
    if any(isinstance(arg, ScalarType) for arg in args):
        return fresh_sym()
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    counted = abs((stop - start) / step) < MAX_COUNTED
    return fresh_sym(len(np.arange(*args)) if counted else UNKNOWN)


def infer_linspace(args: Args, kwargs: Kwargs) -> Type:
    """``np.linspace(start, stop, num)`` of scalars."""
    bound = bind(("start", "stop", "num", "endpoint", "retstep", "dtype"), args, kwargs, required=2)
    if bound.get("retstep"):
        raise InferenceError("linspace with retstep")
    if isinstance(bound["start"], ArrayType) or isinstance(bound["stop"], ArrayType):
        raise InferenceError("linspace between arrays")
    if bound.get("dtype") is not None:
        for name in ("start", "stop"):
            check_cast(operand(bound[name]), dtype_literal(bound["dtype"]))
    n_points = dim_of(bound.get("num", 50))
    kind = probe(np.linspace, (), {**bound, "num": 2})
    assert isinstance(kind, ArrayType)
    return ArrayType(kind.dtype, (n_points,), "C")


def infer_eye(args: Args, kwargs: Kwargs) -> Type:
    """``np.eye(N, M)``"""
    bound = bind(("N", "M", "k", "dtype", "order"), args, kwargs)
    rows = dim_of(bound["N"])
    columns = rows if bound.get("M") is None else dim_of(bound["M"])
    return ArrayType(given_dtype(bound), (rows, columns), order_of_new(bound, (rows, columns)))


def infer_identity(args: Args, kwargs: Kwargs) -> Type:
    """``np.identity(n)``"""
    bound = bind(("n", "dtype"), args, kwargs)
    size = dim_of(bound["n"])
    return ArrayType(given_dtype(bound), (size, size), "C")


def infer_array(args: Args, kwargs: Kwargs) -> Type:
    """``np.array`` of nested lists and tuples of scalars, or of a list or tuple of arrays."""
    bound = bind(("object", "dtype", "copy", "order"), args, kwargs)
    refuse(bound, "order")
    if bound.get("copy", True) is not True:
        raise InferenceError("np.array with copy")
    dtype = None if bound.get("dtype") is None else dtype_literal(bound["dtype"])
    items = bound["object"]
    if dtype is not None and dtype.kind in "mM":
        return known_dates(np.array, args, kwargs)
    if type(items) in (tuple, list) and items and all(isinstance(item, ArrayType) for item in items):
        shape = _shape_of_all(items, dtype)
        kind = probe(np.array, args, kwargs)
        assert isinstance(kind, ArrayType)
        return ArrayType(kind.dtype, shape, "C")
    _check_items(items, dtype)
    kind = probe(np.array, args, kwargs)
    if not isinstance(kind, ArrayType):
        raise InferenceError("np.array of something else than numbers")
    return ArrayType(kind.dtype, tuple(dim_of_size(size) for size in kind.shape if isinstance(size, int)), "C")


def _shape_of_all(items: Sequence[ArrayType], dtype: np.dtype | None) -> tuple[Dim, ...]:
    """The shape of an array of arrays, which must be of one shape and can be cast."""
    first = items[0]
    if any(item.ndim != first.ndim for item in items):
        raise InferenceError("np.array of arrays of different rank")
    shape = first.shape
    for item in items:
        if dtype is not None:
            check_cast(item.dtype, dtype)
        shape = tuple(equal(dim, other) for dim, other in zip(shape, item.shape, strict=True))
    return (dim_of_size(len(items)), *shape)


def _check_items(value: Any, dtype: np.dtype | None) -> None:
    """Numbers whose dtype does not depend on their value."""
    if type(value) in (tuple, list):
        for item in value:
            _check_items(item, dtype)
        return
    kind = operand(value)
    if isinstance(value, ArrayType):
        raise InferenceError("np.array of arrays")
    if dtype is None:
        check_all_weak((value,), (kind,))
    else:
        check_cast(kind, dtype)


FUNCTIONS: tuple[Op, ...] = (
    Op("zeros", np.zeros, infer_new, "creation", may_raise=True),
    Op("ones", np.ones, infer_new, "creation", may_raise=True),
    Op("empty", np.empty, infer_new, "creation", may_raise=True),
    Op("full", np.full, infer_full, "creation", may_raise=True),
    like("zeros_like", np.zeros_like, ("a", "dtype", "order")),
    like("ones_like", np.ones_like, ("a", "dtype", "order")),
    like("empty_like", np.empty_like, ("a", "dtype", "order")),
    like("full_like", np.full_like, ("a", "fill_value", "dtype", "order")),
    Op("arange", np.arange, infer_arange, "opaque", may_raise=True),
    Op("linspace", np.linspace, infer_linspace, "opaque", may_raise=True),
    Op("eye", np.eye, infer_eye, "creation", may_raise=True),
    Op("identity", np.identity, infer_identity, "creation", may_raise=True),
    Op("array", np.array, infer_array, "opaque", may_raise=True),
)
