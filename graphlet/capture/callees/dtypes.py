"""What NumPy says about dtypes and shapes without looking at any element: asked of NumPy, now."""

from collections.abc import Callable
from typing import Any

from graphlet.arrayops.promotion import PYTHON_NUMBERS
from graphlet.capture import containers
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import is_plain
from graphlet.core.pristine import np
from graphlet.values.base import Array, Constant, Scalar, Sequence, Value

Rule = Callable[[Machine, Args, Kwargs], Value]


def dtype_or_plain(m: Machine, value: Value) -> Any:
    """What stands for a value where only its type counts; Python's own numbers count by value."""
    value = m.read(value)
    if isinstance(value, (Array, Scalar)) and value.type.dtype is not None:
        return value.type.dtype
    if isinstance(value, Scalar):
        return m.known(value)
    if isinstance(value, Constant) and (is_plain(value.value) or names_dtype(value.value)):
        return value.value
    if isinstance(value, Sequence) and value.kind in ("tuple", "list"):
        items = [dtype_or_plain(m, item) for item in value.items]
        return tuple(items) if value.kind == "tuple" else items
    raise Break("GL102", f"a question about the dtype of {describe(value)}", name_of(value))


def names_dtype(value: Any) -> bool:
    """A dtype, or a class of numbers of Python's or NumPy's own."""
    if isinstance(value, np.dtype):
        return value.metadata is None and value.names is None
    if not isinstance(value, type):
        return False
    is_numpys = issubclass(value, np.generic) and value.__module__ == "numpy"
    return is_numpys or any(value is kind for kind in PYTHON_NUMBERS)


def asked(fn: Callable[..., Any], low: int, high: int, names: tuple[str, ...] = (), n_values: int = 0) -> Rule:
    """A function of dtypes, that takes ``n_values`` arrays or numbers in place of the first ones."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(fn.__name__, args, kwargs, low, high, names)
        for value in map(m.read, (*args[n_values:], *kwargs.values())):
            if isinstance(value, (Array, Scalar)):
                raise Break("GL111", f"np.{fn.__name__} of {describe(value)}", name_of(value))
        given = [dtype_or_plain(m, arg) for arg in args]
        named = {name: dtype_or_plain(m, value) for name, value in kwargs.items()}
        try:
            return containers.wrapped(fn(*given, **named))
        except (TypeError, ValueError) as error:
            raise Break("GL111", f"{type(error).__name__}: {error}") from error

    return rule


def dtype_of(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.dtype(...)`` of a name, class or dtype."""
    check("dtype", args, kwargs, 1)
    given = m.read(args[0])
    if not isinstance(given, Constant) or not (type(given.value) is str or names_dtype(given.value)):
        raise Break("GL102", f"np.dtype of {describe(given)}", name_of(given))
    try:
        found = np.dtype(given.value)
    except TypeError as error:
        raise Break("GL111", f"TypeError: {error}") from error
    if found.names is not None or found.subdtype is not None or found.kind == "O":
        raise Break("GL102", f"np.dtype of {describe(given)}")
    return Constant(found)


def min_scalar_type(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.min_scalar_type``: of an array with axes its dtype; of a number, one that holds it."""
    check("min_scalar_type", args, kwargs, 1)
    value = m.read(args[0])
    if isinstance(value, Array) and value.type.ndim:
        return Constant(value.type.dtype)
    return asked(np.min_scalar_type, 1, 1)(m, (Constant(m.known(value)),), {})


def is_scalar(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.isscalar``"""
    check("isscalar", args, kwargs, 1)
    value = m.read(args[0])
    if isinstance(value, Scalar) or (isinstance(value, Constant) and is_plain(value.value)):
        return Constant(isinstance(value, Scalar) or np.isscalar(value.value))
    if isinstance(value, (Array, Sequence)):
        return Constant(False)
    raise Break("GL102", f"np.isscalar of {describe(value)}", name_of(value))


def common_type(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.common_type`` of arrays and numbers, which are asked for their dtypes alone."""
    check("common_type", args, kwargs, 0, 64)
    given: list[Any] = []
    for value in map(m.read, args):
        if not isinstance(value, (Array, Scalar)) or value.type.dtype is None:
            raise Break("GL102", f"np.common_type of {describe(value)}", name_of(value))
        given.append(np.empty(0, value.type.dtype))
    try:
        return Constant(np.common_type(*given))
    except TypeError as error:
        raise Break("GL111", f"TypeError: {error}") from error


def is_iterable(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.iterable`` of arrays, numbers, lists and tuples"""
    check("iterable", args, kwargs, 1)
    value = m.read(args[0])
    if isinstance(value, Array):
        return Constant(value.type.ndim > 0)
    if isinstance(value, Sequence) or (isinstance(value, Constant) and is_plain(value.value)):
        return Constant(isinstance(value, Sequence) or np.iterable(value.value))
    if isinstance(value, Scalar):
        return Constant(False)
    raise Break("GL102", f"np.iterable of {describe(value)}", name_of(value))


def is_complex(wanted: bool) -> Rule:
    """``np.iscomplexobj`` and ``np.isrealobj``: by the dtype alone."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check("iscomplexobj", args, kwargs, 1)
        value = m.read(args[0])
        if not isinstance(value, (Array, Scalar)):
            raise Break("GL102", f"whether {describe(value)} is complex", name_of(value))
        kind = value.type.dtype or np.dtype(value.type.pytype)
        return Constant((kind.kind == "c") is wanted)

    return rule


TODAY = ("now", "today")


def date(kind: Any) -> Rule:
    """``np.datetime64("2020-01-01")``, ``np.timedelta64(3, "D")`` of what is known, but not of today."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        given = [m.known(arg) for arg in args]
        allowed = (str, int, np.datetime64, np.timedelta64)
        if kwargs or not all(type(value) in allowed and str(value).lower() not in TODAY for value in given):
            raise Break("GL102", f"np.{kind.__name__}(...): not followed")
        try:
            return Constant(kind(*given))
        except (TypeError, ValueError, OverflowError) as error:
            raise Break("GL111", f"{type(error).__name__}: {error}") from error

    return rule


RULES: dict[Any, Rule] = {
    np.datetime64: date(np.datetime64),
    np.timedelta64: date(np.timedelta64),
    np.can_cast: asked(np.can_cast, 2, 3, ("casting",), 1),
    np.promote_types: asked(np.promote_types, 2, 2),
    np.result_type: asked(np.result_type, 1, 64, n_values=64),
    np.issubdtype: asked(np.issubdtype, 2, 2),
    np.isdtype: asked(np.isdtype, 2, 2, ("kind",)),
    np.min_scalar_type: min_scalar_type,
    np.broadcast_shapes: asked(np.broadcast_shapes, 0, 32),
    np.dtype: dtype_of,
    np.isscalar: is_scalar,
    np.iterable: is_iterable,
    np.common_type: common_type,
    np.iscomplexobj: is_complex(True),
    np.isrealobj: is_complex(False),
}
