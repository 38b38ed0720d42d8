"""Functions of NumPy's written in Python that choose, pick, compare or multiply: what stands behind them instead."""

from collections.abc import Callable
from typing import Any

from graphlet.arrayops.elementwise import ASTYPE
from graphlet.arrayops.given import FINITE
from graphlet.arrayops.indexing import FANCY
from graphlet.arrayops.promotion import operand
from graphlet.capture import arrays
from graphlet.capture.arrays_given import as_array, row_of
from graphlet.capture.arrays_nodes import argument, bound, call, hinted, size
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.callees.sequences import polyfill
from graphlet.capture.effects import emit
from graphlet.capture.machine import Machine
from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError
from graphlet.values.base import Array, Constant, Scalar, Sequence, Value

INT64 = np.iinfo(np.int64)
Rule = Callable[[Machine, Args, Kwargs], Value]


def instead(
    rule: Callable[[Machine, dict[str, Value]], Value | None], fn: Any, names: tuple[str, ...], required: int = 2
) -> Rule:
    """A call of ``fn``: what ``rule`` makes of it, or a call of NumPy's function where that is None or a break."""

    def called(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        given = tuple(m.read_deep(arg) for arg in args)
        named = {name: m.read_deep(value) for name, value in kwargs.items()}
        mark, guards, depth = m.builder.mark(), m.trail.mark(), len(m.frames)
        try:
            made = rule(m, bound(names, given, named, required))
        except Break:
            made = None
            del m.frames[depth:]
        if made is not None:
            return made
        m.trail.rollback(guards)
        m.builder.rollback(mark)
        return arrays.call_function(m, fn, given, named)

    return called


def select(m: Machine, named: dict[str, Value]) -> Value | None:
    """``np.select(conditions, choices, default)``: ``np.where`` from the last choice to the first."""
    conditions, choices = named["condlist"], named["choicelist"]
    if not isinstance(conditions, Sequence) or not isinstance(choices, Sequence):
        return None
    tests, chosen = conditions.items, [as_choice(m, item) for item in choices.items]
    if not tests or len(tests) != len(chosen) or not is_mask(tests[0]):
        return None
    result = as_choice(m, named.get("default", Constant(0)))
    dtype = common_dtype([*chosen, result])
    if dtype.kind == "u" and any(map(is_integer, chosen)):  # signed to NumPy, which does not cast those
        return None
    result, *chosen = [no_more_than_64_bits(m, value) for value in (result, *chosen)]
    for test, choice in reversed(list(zip(tests, chosen, strict=True))):
        if is_mask(test):
            result = call(m, row_of(np.where), (test, cast(m, choice, dtype), cast(m, result, dtype)))
            continue
        never, result = (result, choice) if settled(test) else (choice, result)
        if isinstance(never, Array):  # it has a part in the shape
            return None
    result = cast(m, result, dtype)
    is_c = isinstance(result, Array) and result.type.ndim > 0 and result.type.order == "C"
    return result if is_c else None  # NumPy's is in C order whatever it is made of


def is_mask(value: Value) -> bool:
    """An array of truth values."""
    return isinstance(value, Array) and value.type.dtype == np.bool_


def settled(value: Value) -> bool:
    """A condition that is a literal."""
    if not isinstance(value, Constant) or type(value.value) is not bool:
        raise Break("GL107", "np.select with conditions that are no truth values")
    return value.value


def as_choice(m: Machine, value: Value) -> Value:
    """A number as it is, an array, or what a list is as an array."""
    return value if isinstance(value, (Array, Scalar, Constant)) else as_array(m, (value,), {})


def no_more_than_64_bits(m: Machine, value: Value) -> Value:
    """NumPy makes arrays of integers, and objects of those that are larger, which it refuses: no graph has those."""
    if not is_integer(value):
        return value
    if isinstance(value, Constant):
        if not INT64.min <= value.value <= INT64.max:
            raise Break("GL107", "np.select of an integer with more than 64 bits")
        return value
    return as_array(m, (value,), {})


def is_integer(value: Value) -> bool:
    """An ``int`` of Python's, known or not."""
    if isinstance(value, Constant):
        return type(value.value) is int
    return isinstance(value, Scalar) and value.type.pytype is int


def common_dtype(values: list[Value]) -> np.dtype:
    """What ``np.result_type`` says: Python's numbers have a kind only, but truth values are arrays to NumPy."""
    try:
        kinds = [operand(hinted(value)) for value in values]
        return np.result_type(*(kind if isinstance(kind, np.dtype) else kind(1) for kind in kinds))
    except (InferenceError, TypeError) as error:
        raise Break("GL107", str(error)) from error


def cast(m: Machine, value: Value, dtype: np.dtype) -> Value:
    """An array of this dtype; numbers are cast where they are used."""
    if not isinstance(value, Array) or value.type.dtype == dtype:
        return value
    return call(m, ASTYPE, (value, Constant(dtype)))


def extract(m: Machine, named: dict[str, Value]) -> Value | None:
    """``np.extract(condition, array)`` of two arrays of one shape: the elements that a mask picks."""
    condition, array = named["condition"], named["arr"]
    if not is_mask(condition) or not isinstance(condition, Array) or not isinstance(array, Array):
        return None
    if not array.type.ndim or array.type.shape_hint != condition.type.shape_hint:
        return None
    return call(m, FANCY, (array, condition))


def isclose_(x: Any, y: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    with np.errstate(invalid="ignore"):  # of infinities
        close = np.less_equal(np.abs(x - y), atol + rtol * np.abs(y)) & np.isfinite(y) | (x == y)
        if equal_nan:
            close |= np.isnan(x) & np.isnan(y)
    return close[()]


def allclose_(x: Any, y: Any, rtol: float, atol: float, equal_nan: bool) -> bool:
    return bool(np.all(isclose_(x, y, rtol, atol, equal_nan)))


def close(fn: Any) -> Callable[[Machine, dict[str, Value]], Value | None]:
    """``np.isclose`` or ``np.allclose`` of two arrays of real numbers, with literal tolerances."""
    followed = polyfill(fn, 5, 5)

    def rule(m: Machine, named: dict[str, Value]) -> Value | None:
        left, right = named["a"], named["b"]
        rest = [named.get(name, Constant(value)) for name, value in TOLERANCES.items()]
        if not isinstance(left, Array) or not isinstance(right, Array) or not max(left.type.ndim, right.type.ndim):
            return None
        if left.type.dtype.kind not in "biuf" or right.type.dtype.kind not in "biuf" or not all(map(is_finite, rest)):
            return None
        right = cast(m, right, np.result_type(right.type.dtype, 1.0))  # against abs() of the least integer
        return followed(m, (left, right, *rest), {})

    return rule


def is_finite(value: Value) -> bool:
    """A literal that is a finite real number or a truth value."""
    return isinstance(value, Constant) and type(value.value) in (bool, int, float) and abs(value.value) < np.inf


def finite(m: Machine, made: Value) -> Value:
    """An array, all elements of which are finite: else the graph does not finish."""
    emit(m, FINITE, (argument(m, made),))
    return made


def cross_(a: Any, b: Any, dtype: Any) -> Any:
    first = a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1]
    product = np.empty((*first.shape, 3), dtype)
    product[..., 0] = first
    product[..., 1] = a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2]
    product[..., 2] = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return product[...]


def cross_of_two_(a: Any, b: Any) -> Any:
    product = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    return np.array(product)[...]


CROSS = polyfill(cross_, 3, 3)
CROSS_OF_TWO = polyfill(cross_of_two_, 2, 2)


def cross(m: Machine, named: dict[str, Value]) -> Value | None:
    """``np.cross(a, b)`` of floating-point vectors in the last axis, which is guarded to have three elements.

    Two single vectors are a matter of single numbers. Of two NaNs those keep another one than arrays do: NumPy does it.
    """
    pair = (named["a"], named["b"])
    if not all(isinstance(side, Array) and side.type.ndim and side.type.dtype.kind == "f" for side in pair):
        return None
    if any(m.known(size(m, side, side.type.ndim - 1)) != 3 for side in pair if isinstance(side, Array)):
        return None
    dtype = common_dtype(list(pair))
    if all(isinstance(side, Array) and side.type.ndim == 1 for side in pair):
        return finite(m, CROSS_OF_TWO(m, pair, {})) if dtype == np.float64 else None
    return CROSS(m, (*(cast(m, side, dtype) for side in pair), Constant(dtype)), {})


TOLERANCES = {"rtol": 1e-05, "atol": 1e-08, "equal_nan": False}
CLOSE = ("a", "b", *TOLERANCES)
RULES: dict[Any, Rule] = {
    np.cross: instead(cross, np.cross, ("a", "b")),
    np.isclose: instead(close(isclose_), np.isclose, CLOSE),
    np.allclose: instead(close(allclose_), np.allclose, CLOSE),
    np.select: instead(select, np.select, ("condlist", "choicelist", "default")),
    np.extract: instead(extract, np.extract, ("condition", "arr")),
}
