"""What operators, indexing, attributes and calls mean for arrays and numbers: the rules the interpreter's handlers use.

Values given to them have been read. They return values, and raise ``Break`` for what is left to NumPy.
"""

from typing import Any

from numpy import errstate

from graphlet.arrayops import catalogue
from graphlet.arrayops.broadcasting import UNKNOWN
from graphlet.arrayops.indexing import FANCY, FIELD, GETITEM, OF_LENGTH, is_element, is_fancy
from graphlet.arrayops.promotion import is_record
from graphlet.capture.arrays_attributes import get_attribute
from graphlet.capture.arrays_calls import call_function, call_method, is_array_function
from graphlet.capture.arrays_nodes import call, hinted, size, with_pinned
from graphlet.capture.arrays_reuse import check_layout, check_operand, refuses_truth_values, row_between
from graphlet.capture.arrays_stores import operate_into, setitem
from graphlet.capture.breaks import Break
from graphlet.capture.effects import memory_node, node_of_array
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.core.pristine import np
from graphlet.ir.op import Op
from graphlet.ir.types import dim_hint
from graphlet.values.base import Array, Constant, Scalar, Sequence, Value
from graphlet.values.objects import Record

getattr = get_attribute
NDARRAY = np.ndarray
UNARY = {"-": "neg", "+": "pos", "~": "invert"}


def binary(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """``left <symbol> right`` with a number or an array on both sides."""
    if not isinstance(left, Array) and not isinstance(right, Array):
        return scalar_operation(m, symbol, (left, right))
    check_operands(left, right)
    if symbol not in catalogue_symbols:
        raise Break("GL107", f"the operator {symbol} on arrays")
    row = row_between(m, symbol, catalogue.operator(symbol), right)

    def attempt(args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        if refuses_truth_values(m, symbol, *args):
            raise Break("GL107", f"NumPy refuses `{symbol}` of many truth values that nobody else holds", name_of(left))
        return call(m, row, args, kwargs)

    result = with_pinned(m, attempt, (left, right), {}) if symbol == "**" else attempt((left, right), {})
    check_layout(m, symbol, left, right, result)
    return result


catalogue_symbols = frozenset(
    ("+", "-", "*", "/", "//", "%", "**", "@", "<<", ">>", "&", "|", "^", "<", "<=", "==", "!=", ">", ">=")
)


def check_operands(*operands: Value) -> None:
    """Only arrays and numbers: a list beside an array would have to be converted."""
    for operand in operands:
        if isinstance(operand, Sequence):
            raise Break("GL107", f"{describe(operand)} beside an array", name_of(operand))


def scalar_operation(m: Machine, symbol: str, args: tuple[Value, ...]) -> Value:
    """An operator between numbers."""
    if symbol not in scalar_symbols:
        raise Break("GL111", f"the operator {symbol} on numbers")
    row = catalogue.scalar_operator(symbol)

    def attempt(args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
        if all(isinstance(arg, Constant) for arg in args):
            return Constant(folded(row, [arg.value for arg in args if isinstance(arg, Constant)]))
        result = call(m, row, args, kwargs)
        if isinstance(result, Scalar):
            result.hint = hint_of(row, args)
        return result

    return with_pinned(m, attempt, args, {})


scalar_symbols = catalogue_symbols - {"@"} | {"neg", "pos", "invert", "abs", "not"}
MAX_HINT = 2**62


def folded(row: Op, values: list[Any]) -> Any:
    """The result for known numbers. Raises Break if it raises."""
    if any(is_huge(value) for value in values) or (row.name in ("pow", "lshift") and abs(values[1]) > 64):
        raise Break("GL114", "a number that is huge")
    try:
        with errstate(all="raise"):
            return row.fn(*values)
    except (ArithmeticError, ValueError, TypeError) as error:
        raise Break("GL111", f"{type(error).__name__}: {error}") from error


def is_huge(value: Any) -> bool:
    """A number so large that the result for it could take forever; dates are none."""
    is_number = isinstance(value, (int, float, complex, np.number)) and not isinstance(value, np.timedelta64)
    return is_number and bool(abs(value) > MAX_HINT)


def hint_of(row: Op, args: tuple[Value, ...]) -> Any:
    """The result for the Python numbers met during capture, if it is a number of moderate size."""
    values = [arg.hint if isinstance(arg, Scalar) else hinted(arg) for arg in args]
    if any(type(value) not in (bool, int, float) for value in values):
        return None
    try:
        result = folded(row, values)
    except Break:
        return None
    return result if type(result) is not int or abs(result) < MAX_HINT else None


def compare(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """``left <symbol> right`` for the six comparisons."""
    return binary(m, symbol, left, right)


def inplace(m: Machine, symbol: str, left: Value, right: Value) -> Value:
    """``left <symbol> right`` for ``+=`` and its like: an array on the left is changed, a number is replaced."""
    base = symbol.removesuffix("=")
    if not isinstance(left, Array):
        return binary(m, base, left, right)
    check_operands(right)
    if base not in catalogue_symbols:
        raise Break("GL107", f"the operator {symbol} on arrays")
    if base == "@" and (left.type.ndim != 2 or not isinstance(right, Array) or right.type.ndim != 2):
        raise Break("GL107", "@= of arrays that are no matrices")
    return operate_into(m, left, catalogue.operator(base), (left, right))


def unary(m: Machine, symbol: str, value: Value) -> Value:
    """``-value``, ``+value``, ``~value``"""
    name = UNARY.get(symbol, symbol)
    if isinstance(value, Array):
        result = call(m, catalogue.operator(name), (value,))
        check_operand(m, value, None, result)
        return result
    return scalar_operation(m, name, (value,))


def getitem(m: Machine, array: Value, index: Value) -> Value:
    """``array[index]``"""
    if isinstance(array, Record):
        return getitem(m, field_of(m, array, index), array.index)
    if not isinstance(array, Array):
        raise Break("GL110", f"an item of {describe(array)}", name_of(array))
    if isinstance(index, Constant) and type(index.value) is str:
        return call(m, FIELD, (array, index))
    if is_record(array.type.dtype) and is_element(array.type, hinted(index)):
        return record(m, array, index)
    return call(m, FANCY if is_fancy(hinted(index)) else GETITEM, (array, index))


def record(m: Machine, array: Array, index: Value) -> Record:
    """One element of an array of records: it is there if an element of one of its fields is."""
    for name in array.type.dtype.names or ():
        if array.type.dtype[name].subdtype is None:
            getitem(m, call(m, FIELD, (array, Constant(name))), index)
            return Record(array, index)
    raise Break("GL107", "an element of an array of records without plain fields", name_of(array))


def field_of(m: Machine, record: Record, name: Value) -> Array:
    """The field, in all elements, of which a record has one."""
    if not isinstance(name, Constant) or type(name.value) is not str:
        raise Break("GL107", f"an item of {describe(record)} that is not named")
    found = call(m, FIELD, (record.array, name))
    assert isinstance(found, Array)
    return found


def unpacked(m: Machine, array: Array, count: int) -> tuple[Value, ...]:
    """The items of an array that is unpacked into so many: its length is guarded, or checked when the graph runs."""
    length = array.type.shape[0]
    if dim_hint(length) not in (UNKNOWN, count):
        raise Break("GL111", f"{describe(array)} has not {count} items", name_of(array))
    whole: Value = array
    try:
        m.known(size(m, array, 0))
    except Break:  # no size of an input
        whole = call(m, OF_LENGTH, (array, Constant(count)))
    return tuple(getitem(m, whole, Constant(i)) for i in range(count))


def call_opaque(m: Machine, row: Op, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    """A call of a function that the user has declared to be one pure operation."""
    return call(m, row, args, kwargs)


def equal_constants(left: Any, right: Any) -> bool | None:
    """``left == right`` for dtypes and what names them; None if that is no question of dtypes."""
    if not isinstance(left, np.dtype) and not isinstance(right, np.dtype):
        return None
    for side in (left, right):
        named = isinstance(side, (np.dtype, str)) or (isinstance(side, type) and is_dtype_name(side))
        if not named:
            return None
    try:
        return bool(left == right)
    except TypeError:
        return None


def is_dtype_name(kind: type) -> bool:
    """Whether a class names a dtype without any code of its own."""
    if kind in (bool, int, float, complex, object, str):
        return True
    return issubclass(kind, np.generic) and kind.__module__ == "numpy"


__all__ = [
    "NDARRAY",
    "binary",
    "call_function",
    "call_method",
    "call_opaque",
    "compare",
    "equal_constants",
    "get_attribute",
    "getattr",
    "getitem",
    "inplace",
    "is_array_function",
    "memory_node",
    "node_of_array",
    "setitem",
    "size",
    "unary",
    "unpacked",
]
