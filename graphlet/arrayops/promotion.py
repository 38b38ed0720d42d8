"""Result types of operations, asked of NumPy: dtypes by its promotion rules, the rest by a probe with tiny arrays."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from numpy import errstate

from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Type

# bool, integers, floats and complex numbers; and dates, which NumPy itself computes with. No objects, strings, records.
SUPPORTED = frozenset("?bBhHiIlLqQefdgFDG")
DATES = frozenset("mM")
PYTHON_NUMBERS = (bool, int, float, complex)
MAX_PROBE_NDIM = 8
_INT64 = np.iinfo(np.int64)

Operand = Any  # what ufunc.resolve_dtypes takes: a dtype, or int, float, complex for a weak Python number


def why_unsupported(dtype: np.dtype) -> str | None:
    """Why arrays of this dtype are left to NumPy, or None."""
    if dtype.char not in SUPPORTED and dtype.char not in DATES:
        return f"dtype {dtype} is left to NumPy"
    if dtype.metadata is not None:
        return "the dtype carries metadata"
    return None


def is_record(dtype: np.dtype) -> bool:
    """Whether elements have named fields, and no objects in them; of such arrays only the fields are followed."""
    return dtype.names is not None and dtype.type is np.void and not dtype.hasobject


def check_dtype(dtype: np.dtype) -> np.dtype:
    """The dtype, or InferenceError if arrays of it are left to NumPy."""
    reason = why_unsupported(dtype)
    if reason is not None:
        raise InferenceError(reason)
    return dtype


def dtype_literal(value: Any) -> np.dtype:
    """The dtype named by a ``dtype=`` argument; only spellings that run no user code."""
    named = isinstance(value, (str, np.dtype)) or (
        isinstance(value, type) and (value in PYTHON_NUMBERS or issubclass(value, np.generic))
    )
    if not named:
        raise InferenceError(f"dtype given as {type(value).__name__}")
    if isinstance(value, str) and value.lstrip("<>=|").startswith("a"):
        raise InferenceError("the alias 'a' for bytes, of which NumPy 2.4 and older warn")
    try:
        return check_dtype(np.dtype(value))
    except TypeError as error:
        raise InferenceError(str(error)) from None


def check_cast(source: Operand, dtype: np.dtype) -> None:
    """InferenceError for complex numbers cast to real ones: NumPy warns, from wherever the cast is made."""
    kind = source.kind if isinstance(source, np.dtype) else np.dtype(source).kind
    if kind == "c" and dtype.kind not in "cb":
        raise InferenceError("complex values cast to real ones")


def scalar_of(dtype: np.dtype) -> ScalarType:
    """The NumPy scalar an array of this dtype gives, always in native byte order."""
    return ScalarType(dtype.type, dtype if dtype.isnative else dtype.newbyteorder("="))


def number_of(dtype: np.dtype, value: int = 1) -> Any:
    """A NumPy scalar of a dtype; a date is one unit behind the first."""
    return np.full((), value, dtype)[()] if dtype.char in DATES else dtype.type(value)


def is_python_number(value: Any) -> bool:
    """Whether the value is an exact Python number (a literal, not a type)."""
    return type(value) in PYTHON_NUMBERS


def operand(arg: Any) -> Operand:
    """An argument as ``ufunc.resolve_dtypes`` wants it."""
    if isinstance(arg, ArrayType):
        return check_dtype(arg.dtype)
    if isinstance(arg, ScalarType):
        if arg.dtype is not None:
            return check_dtype(arg.dtype)
        return np.dtype(bool) if arg.pytype is bool else arg.pytype
    if is_python_number(arg):
        return np.dtype(bool) if type(arg) is bool else type(arg)
    if isinstance(arg, np.generic):
        return check_dtype(arg.dtype)
    raise InferenceError(f"operand of type {arg if isinstance(arg, ObjectType) else type(arg).__name__}")


def check_all_weak(args: tuple[Any, ...], operands: tuple[Operand, ...]) -> None:
    """Python integers alone become int64, uint64 or objects by their value: refuse what is not known to be int64."""
    for kind in operands:
        if isinstance(kind, np.dtype):
            return
    for arg, kind in zip(args, operands, strict=True):
        if kind is int and not (type(arg) is int and _INT64.min <= arg <= _INT64.max):
            raise InferenceError("the dtype of a Python integer depends on its value")


def check_int_literal(arg: Any, dtype: np.dtype) -> None:
    """NumPy raises OverflowError if a Python integer does not fit the dtype it is taken as."""
    if type(arg) is not int or dtype.kind not in "iu":
        return
    info = np.iinfo(dtype)
    if not info.min <= arg <= info.max:
        raise InferenceError(f"Python integer {arg} does not fit {dtype}")


@functools.lru_cache(maxsize=4096)
def _resolve(
    ufunc: np.ufunc, operands: tuple[Operand, ...], dtype: np.dtype | None, chars: tuple[str | None, ...]
) -> tuple[np.dtype, ...]:
    """``chars`` keep apart what is equal and not the same: ``long`` and ``long long``."""
    types = operands + (None,) * ufunc.nout
    if dtype is None:
        return tuple(map(check_dtype, ufunc.resolve_dtypes(types)))
    signature = (None,) * ufunc.nin + (dtype,) * ufunc.nout
    return tuple(map(check_dtype, ufunc.resolve_dtypes(types, signature=signature)))


def resolve(ufunc: np.ufunc, args: tuple[Any, ...], dtype: np.dtype | None = None) -> tuple[np.dtype, ...]:
    """Dtypes of the loop a ufunc takes for these arguments: inputs, then outputs."""
    operands = tuple([operand(arg) for arg in args])
    if operands != (int,) or type(args[0]) is int or not is_same_for_all_integers(ufunc):
        check_all_weak(args, operands)
    try:
        dtypes = _resolve(ufunc, operands, dtype, tuple([getattr(o, "char", None) for o in (*operands, dtype)]))
    except TypeError as error:  # also UFuncTypeError: NumPy would raise
        raise InferenceError(str(error)) from None
    for arg, loop_dtype in zip(args, dtypes, strict=False):
        check_int_literal(arg, loop_dtype)
    return dtypes


@functools.cache
def is_same_for_all_integers(ufunc: np.ufunc) -> bool:
    """Whether the result's dtype is one for all Python integers it has a result for, be they int64 or uint64.

    Larger ones become objects, and an object has to have a method of the ufunc's name.
    """
    if ufunc.nin != 1 or hasattr(int, ufunc.__name__):
        return False
    try:
        outputs = {ufunc.resolve_dtypes((np.dtype(kind), *(None,) * ufunc.nout))[1:] for kind in ("q", "Q")}
    except TypeError:  # there is no loop for integers
        return False
    return len(outputs) == 1 and all(dtype.kind == "f" for (dtype, *_) in outputs)


def sample(arg: Any) -> Any:
    """A tiny real value of a type; literals stand for themselves, containers item by item."""
    if isinstance(arg, ArrayType):
        if arg.ndim > MAX_PROBE_NDIM:
            raise InferenceError(f"{arg.ndim} dimensions")
        return np.ones((2,) * arg.ndim, check_dtype(arg.dtype))
    if isinstance(arg, ScalarType):
        return arg.pytype(1) if arg.dtype is None else number_of(check_dtype(arg.dtype))
    if isinstance(arg, ObjectType):
        raise InferenceError(f"argument of type {arg}")
    if type(arg) in (tuple, list):
        return type(arg)(sample(item) for item in arg)
    return arg


def call_sample(
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    sampled: Callable[[Any], Any] = sample,
) -> Any:
    """``fn`` of samples, made by ``sampled``; InferenceError if that raises."""
    values = [sampled(arg) for arg in args]
    named = {key: sampled(value) for key, value in kwargs.items()}
    with errstate(all="ignore"):
        try:
            return fn(*values, **named)
        except Exception as error:
            raise InferenceError(f"{type(error).__name__}: {error}") from None


def probe(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """What kind of object ``fn`` returns for arguments of these types: scalar type, or dtype and rank (not sizes).

    For functions whose result type depends on the types of the arguments and on literals only.
    """
    return kind_of(call_sample(fn, args, kwargs))


def kind_of(value: Any) -> Type:
    """The type of a real result."""
    if type(value) is np.ndarray:
        return ArrayType(check_dtype(value.dtype), value.shape, "K")
    if isinstance(value, np.generic):
        return scalar_of(check_dtype(value.dtype))
    if is_python_number(value):
        return ScalarType(type(value))
    if type(value) is tuple:
        return ObjectType(tuple, tuple(kind_of(item) for item in value))
    return ObjectType(type(value))
