"""Ufuncs and what behaves like one: casts, ``np.where``, ``**`` with NumPy's fast paths."""

import operator
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from numpy._core import umath  # np.clip is a function around this module's ufunc of that name

from graphlet.arrayops.binding import bind
from graphlet.arrayops.broadcasting import broadcast, broadcast_into, shape_of
from graphlet.arrayops.layout import elementwise_order, order_argument
from graphlet.arrayops.promotion import check_cast, dtype_literal, is_record, operand, probe, resolve, scalar_of
from graphlet.core.pristine import np
from graphlet.ir.op import VIEW, InferenceError, Op
from graphlet.ir.types import ArrayType, Dim, ObjectType, ScalarType, Type

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]

# Same bits with the operands exchanged; not add, multiply, maximum: which NaN or zero survives depends on the order.
COMMUTATIVE = frozenset(
    {
        *("bitwise_and", "bitwise_or", "bitwise_xor", "logical_and", "logical_or", "logical_xor"),
        *("equal", "not_equal", "gcd", "lcm"),
    }
)
MAY_RAISE = frozenset({"np_power"})  # integers to negative powers


def arrays_among(args: Args) -> tuple[ArrayType, ...]:
    """The array operands."""
    return tuple([arg for arg in args if isinstance(arg, ArrayType)])


def result(dtype: np.dtype, shape: tuple[Dim, ...], args: Args) -> ArrayType | ScalarType:
    """What a ufunc returns: a new array in K order, or a NumPy scalar if there is no dimension."""
    if not shape:
        return scalar_of(dtype)
    return ArrayType(dtype, shape, elementwise_order(shape, arrays_among(args)))


def loop_dtype(kwargs: Kwargs) -> np.dtype | None:
    """The ``dtype=`` argument, the only keyword that is followed."""
    if not kwargs:
        return None
    if any(key != "dtype" for key in kwargs):
        raise InferenceError(f"ufunc with {', '.join(kwargs)}")
    dtype = kwargs.get("dtype")
    return None if dtype is None else dtype_literal(dtype)


def infer_ufunc(ufunc: np.ufunc, args: Args, kwargs: Kwargs) -> Type:
    """A ufunc of one or more results."""
    if len(args) != ufunc.nin:
        raise InferenceError(f"{ufunc.__name__} with {len(args)} positional arguments")
    dtypes = resolve(ufunc, args, loop_dtype(kwargs))
    shape = broadcast([shape_of(arg) for arg in args])
    if ufunc.nout == 1:
        return result(dtypes[-1], shape, args)
    return ObjectType(tuple, tuple(result(dtype, shape, args) for dtype in dtypes[ufunc.nin :]))


def ufunc_row(ufunc: np.ufunc, name: str = "") -> Op:
    """The row of a ufunc."""
    name = name or ufunc.__name__
    return Op(
        name,
        ufunc,
        partial(infer_ufunc, ufunc),
        "elementwise" if ufunc.nout == 1 else "opaque",
        may_raise=name in MAY_RAISE,
        commutative=name in COMMUTATIVE,
    )


def numpy_ufuncs() -> tuple[np.ufunc, ...]:
    """NumPy's elementwise ufuncs, each once."""
    found = {id(u): u for u in vars(np).values() if isinstance(u, np.ufunc) and u.signature is None}
    return tuple(found.values())


CLIP = ufunc_row(umath.clip, "clip")  # type: ignore[attr-defined]

# -- power: the operator takes short cuts for some exponents, with other result dtypes

EXPONENTS: dict[type, tuple[Any, ...]] = {
    bool: (True, False),
    int: (0, 1, 2, 3),
    float: (0.0, 0.5, 1.0, 2.0, 3.7, -1.0),
    complex: (0j, 1 + 0j, 2 + 0j, 0.5 + 0j, 1j),
}


def exponents_of(exponent: Any) -> tuple[Any, ...]:
    """The literal, or values of a run-time scalar on all of NumPy's paths."""
    if not isinstance(exponent, ScalarType):
        return (exponent,)
    if exponent.dtype is None:
        return EXPONENTS[exponent.pytype]
    kind = {"b": bool, "f": float, "c": complex}.get(exponent.dtype.kind, int)
    return tuple(exponent.dtype.type(value) for value in EXPONENTS[kind])


def infer_power(args: Args, kwargs: Kwargs) -> Type:
    """``base ** exponent`` with at least one array."""
    if kwargs or len(args) != 2 or not arrays_among(args):
        raise InferenceError("power without an array")
    for arg in args:
        kind = operand(arg)
        if isinstance(kind, np.dtype) and kind.kind in "mM":
            raise InferenceError("a power of dates")
    kinds = {probe(operator.pow, (args[0], exponent), {}) for exponent in exponents_of(args[1])}
    dtypes = {kind.dtype for kind in kinds if isinstance(kind, (ArrayType, ScalarType))}
    if len(dtypes) != 1:
        raise InferenceError("the dtype of the power depends on the exponent's value")
    dtype = dtypes.pop()
    assert dtype is not None
    return result(dtype, broadcast([shape_of(arg) for arg in args]), args)


POWER = Op("power", operator.pow, infer_power, "opaque", may_raise=True)

# -- where, casts, copies


def infer_where(args: Args, kwargs: Kwargs) -> Type:
    """``np.where(condition, x, y)``."""
    if kwargs or len(args) != 3:
        raise InferenceError("np.where with one argument has a result of unknown size")
    for arg in args:
        operand(arg)
    kind = probe(np.where, args, {})
    assert isinstance(kind, ArrayType)  # also for scalars: a 0-d array
    shape = broadcast([shape_of(arg) for arg in args])
    return ArrayType(kind.dtype, shape, elementwise_order(shape, arrays_among(args)))


WHERE = Op("where", np.where, infer_where, "opaque")

CASTINGS = ("no", "equiv", "safe", "same_kind", "unsafe")
ASTYPE_PARAMETERS = ("array", "dtype", "order", "casting", "subok", "copy")


def infer_astype(args: Args, kwargs: Kwargs) -> Type:
    """``array.astype(dtype)``: always a new array, as ``copy=False`` is refused."""
    bound = bind(ASTYPE_PARAMETERS, args, kwargs, required=2)
    array, dtype = bound["array"], dtype_literal(bound["dtype"])
    if bound.get("copy", True) is not True:
        raise InferenceError("astype with copy=False may return the array itself")
    casting = bound.get("casting", "unsafe")
    if isinstance(array, ScalarType):
        if array.dtype is None or set(bound) > {"array", "dtype"}:
            raise InferenceError(f"astype of {array}")
        check_cast(operand(array), dtype)
        return scalar_of(dtype)
    if not isinstance(array, ArrayType):
        raise InferenceError("astype of something that is no array")
    if casting not in CASTINGS:
        raise InferenceError(f"astype with casting={casting!r}")  # NumPy 2.4's "same_value" depends on the elements
    check_cast(operand(array), dtype)
    if not np.can_cast(array.dtype, dtype, casting=casting):
        raise InferenceError(f"{array.dtype} cannot be cast to {dtype} with casting={casting!r}")
    return ArrayType(dtype, array.shape, order_argument(bound.get("order", "K"), array))


ASTYPE = Op("astype", np.ndarray.astype, infer_astype, "opaque")


def infer_scalar_astype(args: Args, kwargs: Kwargs) -> Type:
    """``scalar.astype(dtype)`` of a NumPy scalar."""
    if len(args) != 2 or not isinstance(args[0], ScalarType):
        raise InferenceError("astype of something that is no scalar")
    return infer_astype(args, kwargs)


SCALAR_ASTYPE = Op("scalar_astype", np.generic.astype, infer_scalar_astype, "opaque")


def copy_row(name: str, fn: Callable[..., Any], parameters: tuple[str, ...], order: str) -> Op:
    """A function that copies an array; ``order`` is its default."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        bound = bind(parameters, args, kwargs)
        array = bound["a"]
        if not isinstance(array, ArrayType) or bound.get("subok"):
            raise InferenceError("copy of something that is no array")
        if not is_record(array.dtype):
            operand(array)
        given = bound.get("order", order)
        if given not in ("C", "F", "A", "K"):
            raise InferenceError(f"order {given!r}")
        return ArrayType(array.dtype, array.shape, order_argument(given, array))

    return Op(name, fn, infer, "opaque")


# -- what capture makes of other calls


def filled_0d(value: Any, dtype: np.dtype) -> Any:
    """An array of rank 0 with the value a store into an array of this dtype would leave there."""
    array = np.empty((), dtype)
    array[()] = value
    return array


def infer_filled_0d(args: Args, kwargs: Kwargs) -> Type:
    """An array of rank 0; complex numbers do not go into real arrays."""
    value, dtype = args
    if isinstance(value, ArrayType):
        raise InferenceError("an array stored as one element")
    check_cast(operand(value), dtype)
    return ArrayType(dtype, (), "C")


def masked(out: Any, ufunc: np.ufunc, mask: Any, *inputs: Any) -> Any:
    """``ufunc(*inputs, out=out, where=mask)``"""
    return ufunc(*inputs, out=out, where=mask)


def infer_masked(args: Args, kwargs: Kwargs) -> Type:
    """The array's own type; everything broadcasts to its shape."""
    out, ufunc, mask, *inputs = args
    if not isinstance(out, ArrayType) or not isinstance(mask, ArrayType) or mask.dtype != np.bool_:
        raise InferenceError("where= that is no boolean array")
    dtypes = resolve(ufunc, tuple(inputs))
    if not np.can_cast(dtypes[-1], out.dtype, casting="same_kind"):
        raise InferenceError(f"cannot cast {ufunc.__name__} output from {dtypes[-1]} to {out.dtype}")
    for arg in (mask, *inputs):
        broadcast_into(shape_of(arg), out.shape)
    return out


FILLED_0D = Op("filled_0d", filled_0d, infer_filled_0d, "opaque", may_raise=True)
MASKED = Op("masked", masked, infer_masked, "opaque", VIEW, mutates=0, may_raise=True)

UFUNCS = {ufunc: ufunc_row(ufunc, "np_power" if ufunc is np.power else "") for ufunc in numpy_ufuncs()}
FUNCTIONS: tuple[Op, ...] = (WHERE, copy_row("copy", np.copy, ("a", "order", "subok"), "K"))
METHODS: dict[str, Op] = {
    "astype": ASTYPE,
    "copy": copy_row("copy", np.ndarray.copy, ("a", "order"), "C"),
    "conj": UFUNCS[np.conjugate],
    "conjugate": UFUNCS[np.conjugate],
}

OPERATORS: dict[str, Op] = {
    "+": UFUNCS[np.add],
    "-": UFUNCS[np.subtract],
    "*": UFUNCS[np.multiply],
    "/": UFUNCS[np.true_divide],
    "//": UFUNCS[np.floor_divide],
    "%": UFUNCS[np.remainder],
    "**": POWER,
    "<<": UFUNCS[np.left_shift],
    ">>": UFUNCS[np.right_shift],
    "&": UFUNCS[np.bitwise_and],
    "|": UFUNCS[np.bitwise_or],
    "^": UFUNCS[np.bitwise_xor],
    "<": UFUNCS[np.less],
    "<=": UFUNCS[np.less_equal],
    "==": UFUNCS[np.equal],
    "!=": UFUNCS[np.not_equal],
    ">": UFUNCS[np.greater],
    ">=": UFUNCS[np.greater_equal],
    "neg": UFUNCS[np.negative],
    "pos": UFUNCS[np.positive],
    "invert": UFUNCS[np.invert],
    "abs": UFUNCS[np.absolute],
    "divmod": UFUNCS[np.divmod],
}


# -- loops whose last bit does not depend on how the memory lies

_ALWAYS = (
    *(np.add, np.subtract, np.negative, np.positive, np.conjugate),
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not, np.isnan, np.isinf, np.isfinite, np.signbit),
)
_REAL = (
    *(np.multiply, np.divide, np.floor_divide, np.remainder, np.fmod, np.absolute, np.fabs, np.sign, np.sqrt),
    *(np.square, np.floor, np.ceil, np.trunc, np.rint, np.reciprocal, np.maximum, np.minimum, np.copysign),
    *(np.nextafter, np.spacing, np.hypot, np.deg2rad, np.rad2deg, np.degrees, np.radians, np.heaviside, CLIP.fn),
)
SAME_IN_ANY_LAYOUT = {"c": frozenset(map(id, _ALWAYS)), "f": frozenset(map(id, (*_ALWAYS, *_REAL)))}


def same_in_any_layout(fn: Any, kinds: Iterable[str]) -> bool:
    """Whether NumPy's loop gives the same bits for any strides; its vector code is for some only, and rounds its way.

    ``kinds``: those of the dtypes of operands and result.
    """
    kind = min((kind for kind in kinds if kind in SAME_IN_ANY_LAYOUT), default="")
    return not kind or id(fn) in SAME_IN_ANY_LAYOUT[kind]
