"""Attributes of arrays and numbers."""

from collections.abc import Callable

from graphlet.arrayops import scalar
from graphlet.arrayops.indexing import TOTAL_SIZE
from graphlet.arrayops.shaping import IMAG, REAL, SWAPAXES, TRANSPOSE
from graphlet.capture.arrays_facets import base, flags, flat, strides
from graphlet.capture.arrays_nodes import call, size
from graphlet.capture.breaks import Break
from graphlet.capture.effects import emit, memory_node
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.core.pristine import np
from graphlet.ir.types import ScalarType, Sym
from graphlet.values.base import Array, Constant, Scalar, Sequence, Value


def get_attribute(m: Machine, obj: Array | Scalar, name: str) -> Value:
    """``obj.name`` for a data attribute; methods are values of their own."""
    of_number = _PYTHON_NUMBER if obj.type.dtype is None else _NUMPY_SCALAR
    table = ARRAY_ATTRIBUTES if isinstance(obj, Array) else of_number
    rule = table.get(name)
    if rule is None:
        raise Break("GL110", f"the attribute `{name}` of {describe(obj)}", name_of(obj))
    return rule(m, obj)


def shape(m: Machine, array: Array) -> Value:
    """A tuple of run-time sizes; sizes that are always 1 are constants."""
    return Sequence("tuple", tuple(size(m, array, axis) for axis in range(array.type.ndim)))


def total_size(m: Machine, array: Array) -> Value:
    """The number of elements."""
    symbolic = [axis for axis, dim in enumerate(array.type.shape) if isinstance(dim, Sym)]
    if not symbolic:
        return Constant(int(np.prod(array.type.shape_hint, dtype=int)))
    others = [dim for dim in array.type.shape if not isinstance(dim, Sym)]
    if len(symbolic) == 1 and all(dim == 1 for dim in others):
        return size(m, array, symbolic[0])
    hints = array.type.shape_hint
    hint = None if -1 in hints else int(np.prod(hints, dtype=int))
    return Scalar(ScalarType(int), emit(m, TOTAL_SIZE, (memory_node(m, array),)), hint)


def nbytes(m: Machine, array: Array) -> Value:
    """The number of bytes of the elements."""
    count, itemsize = total_size(m, array), array.type.dtype.itemsize
    if isinstance(count, Constant):
        return Constant(count.value * itemsize)
    return call(m, scalar.OPERATORS["*"], (count, Constant(itemsize)))


def transposed(m: Machine, array: Array) -> Value:
    """``array.T``"""
    return call(m, TRANSPOSE, (array,))


def matrix_transposed(m: Machine, array: Array) -> Value:
    """``array.mT``"""
    return call(m, SWAPAXES, (array, Constant(-1), Constant(-2)))


def real(m: Machine, array: Array) -> Value:
    """``array.real``: the array itself unless it is complex."""
    return call(m, REAL, (array,)) if array.type.dtype.kind == "c" else array


def imag(m: Machine, array: Array) -> Value:
    """``array.imag`` of a complex array."""
    return call(m, IMAG, (array,))


def _scalar_part(name: str) -> Callable[[Machine, Scalar], Value]:
    def rule(m: Machine, number: Scalar) -> Value:
        return call(m, scalar.PARTS[name], (number,))

    return rule


ARRAY_ATTRIBUTES: dict[str, Callable[..., Value]] = {
    "shape": shape,
    "ndim": lambda m, array: Constant(array.type.ndim),
    "dtype": lambda m, array: Constant(array.type.dtype),
    "itemsize": lambda m, array: Constant(array.type.dtype.itemsize),
    "size": total_size,
    "nbytes": nbytes,
    "T": transposed,
    "mT": matrix_transposed,
    "real": real,
    "imag": imag,
    "flags": flags,
    "flat": flat,
    "strides": strides,
    "base": base,
    "device": lambda m, array: Constant("cpu"),
}
_PYTHON_NUMBER: dict[str, Callable[..., Value]] = {name: _scalar_part(name) for name in ("real", "imag")}
_NUMPY_SCALAR: dict[str, Callable[..., Value]] = {
    "shape": lambda m, number: Constant(()),
    "ndim": lambda m, number: Constant(0),
    "dtype": lambda m, number: Constant(number.type.dtype),
    "itemsize": lambda m, number: Constant(number.type.dtype.itemsize),
    "nbytes": lambda m, number: Constant(number.type.dtype.itemsize),
    "size": lambda m, number: Constant(1),
    "T": lambda m, number: number,
    **_PYTHON_NUMBER,
}
