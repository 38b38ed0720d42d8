"""Operations of Python and NumPy scalars: result types found by trying them on sample values of the same types."""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from numpy import errstate

from graphlet.arrayops.promotion import PYTHON_NUMBERS, SUPPORTED, check_dtype, kind_of, number_of
from graphlet.core.comparisons import COMPARISONS
from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ObjectType, ScalarType, Type

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


def sample_scalar(arg: Any, value: int = 1) -> Any:
    """A value of a scalar type; a literal is itself."""
    if isinstance(arg, ScalarType):
        return arg.pytype(value) if arg.dtype is None else number_of(check_dtype(arg.dtype), value)
    if type(arg) in PYTHON_NUMBERS:
        return arg
    if isinstance(arg, np.generic):
        check_dtype(arg.dtype)
        return arg
    raise InferenceError(f"operand of type {type(arg).__name__}")


def try_out(fn: Callable[..., Any], args: Args, kwargs: Kwargs) -> Type:
    """The type of ``fn`` of samples."""
    if kwargs:
        raise InferenceError("keywords")
    result = _result(fn, args, 1) or _result(fn, args, 0)  # some functions are not defined at 1
    parts = result.items if isinstance(result, ObjectType) else (result,)
    if parts is None or not all(isinstance(part, ScalarType) for part in parts):
        raise InferenceError(f"the result is {result}")
    assert result is not None
    return result


def _result(fn: Callable[..., Any], args: Args, value: int) -> Type | None:
    """The type of ``fn`` of samples; None where it raises ValueError or ZeroDivisionError."""
    values = [sample_scalar(arg, value) for arg in args]
    with errstate(all="ignore"):
        try:
            return kind_of(fn(*values))
        except (ValueError, ZeroDivisionError):
            return None
        except (TypeError, OverflowError) as error:
            raise InferenceError(f"{type(error).__name__}: {error}") from None


def python_type(arg: Any) -> type | None:
    """The type of a Python number, None for NumPy scalars."""
    if isinstance(arg, ScalarType):
        return arg.pytype if arg.dtype is None else None
    return type(arg) if type(arg) in PYTHON_NUMBERS else None


def infer_pow(args: Args, kwargs: Kwargs) -> Type:
    """``base ** exponent``: its type depends on the values of Python numbers unless a literal exponent settles it."""
    base, exponent = (python_type(arg) for arg in args)
    if base is None or exponent is None or complex in (base, exponent):
        return try_out(operator.pow, args, kwargs)
    if isinstance(args[1], ScalarType):
        raise InferenceError("the type of a power of Python numbers depends on their values")
    settled = float(args[1]).is_integer() and (base is float or args[1] >= 0)
    if not settled:
        raise InferenceError("the type of a power of Python numbers depends on their values")
    return try_out(operator.pow, args, kwargs)


def scalar_row(name: str, fn: Callable[..., Any], infer: Callable[[Args, Kwargs], Type] | None = None) -> Op:
    """A row for a function of scalars."""
    if infer is None:

        def infer(args: Args, kwargs: Kwargs) -> Type:
            return try_out(fn, args, kwargs)

    return Op(name, fn, infer, "scalar", may_raise=True)


def real_only(fn: Callable[..., Any]) -> Callable[[Args, Kwargs], Type]:
    """Conversions of complex NumPy scalars to real numbers warn."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        for arg in args:
            dtype = arg.dtype if isinstance(arg, (ScalarType, np.generic)) else None
            if dtype is not None and dtype.kind == "c":
                raise InferenceError("a complex number is made real")
        return try_out(fn, args, kwargs)

    return infer


def no_bool(fn: Callable[..., Any]) -> Callable[[Args, Kwargs], Type]:
    """``~True`` warns from Python 3.12 on."""

    def infer(args: Args, kwargs: Kwargs) -> Type:
        if python_type(args[0]) is bool:
            raise InferenceError("bitwise inversion of a bool is deprecated")
        return try_out(fn, args, kwargs)

    return infer


SYMBOLS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    **COMPARISONS,
    "neg": operator.neg,
    "pos": operator.pos,
    "abs": abs,
    "not": operator.not_,
}

OPERATORS: dict[str, Op] = {
    **{symbol: scalar_row(fn.__name__.strip("_"), fn) for symbol, fn in SYMBOLS.items()},
    "**": scalar_row("pow", operator.pow, infer_pow),
    "invert": scalar_row("invert", operator.invert, no_bool(operator.invert)),
}

MATH = (
    *("sqrt", "exp", "log", "log2", "log10", "log1p", "expm1", "pow", "hypot", "fabs", "copysign", "fmod"),
    *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "degrees", "radians"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "gamma", "lgamma"),
    *("floor", "ceil", "trunc", "isnan", "isinf", "isfinite"),
)
NUMPY_TYPES = tuple(np.dtype(char).type for char in sorted(SUPPORTED))

ITEM = scalar_row("item", operator.methodcaller("item"))
PARTS: dict[str, Op] = {name: scalar_row(name, operator.attrgetter(name)) for name in ("real", "imag")}

FUNCTIONS: tuple[Op, ...] = (
    scalar_row("float", float, real_only(float)),
    scalar_row("int", int, real_only(int)),
    scalar_row("complex", complex),
    scalar_row("bool", bool),
    OPERATORS["abs"],
    scalar_row("divmod", divmod),
    scalar_row("round", round),
    *(scalar_row(name, getattr(math, name), real_only(getattr(math, name))) for name in MATH),
    *(scalar_row(kind.__name__, kind, None if kind(1).dtype.kind in "cb" else real_only(kind)) for kind in NUMPY_TYPES),
)
