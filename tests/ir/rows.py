"""A few operations with simple inference, enough to build graphs in tests of the graph itself."""

import operator
from typing import Any

import numpy as np

from graphlet.core.location import Location
from graphlet.ir.build import Builder
from graphlet.ir.op import EITHER, VIEW, InferenceError, Op
from graphlet.ir.types import ArrayType, ScalarType, Sym, Type, type_of, unify

F8 = np.dtype(np.float64)
I8 = np.dtype(np.int64)


def as_type(value: Any) -> Type:
    return value if isinstance(value, (ArrayType, ScalarType)) else type_of(value)


def broadcast(args: tuple[Any, ...], dtype: np.dtype[Any] | None = None) -> Type:
    """Same rank only; sizes that meet are unified; sizes 1 give way."""
    types = [as_type(arg) for arg in args]
    arrays = [type_ for type_ in types if isinstance(type_, ArrayType)]
    if not arrays:
        raise InferenceError("no array among the operands")
    shape = list(arrays[0].shape)
    for other in arrays[1:]:
        if len(other.shape) != len(shape):
            raise InferenceError("ranks differ")
        for axis, dim in enumerate(other.shape):
            if isinstance(dim, Sym) and isinstance(shape[axis], Sym):
                unify(shape[axis], dim)
            elif shape[axis] == 1:
                shape[axis] = dim
    result = dtype if dtype is not None else np.result_type(*(array.dtype for array in arrays))
    return ArrayType(result, tuple(shape))


def number(args: tuple[Any, ...]) -> Type:
    kinds = [as_type(arg).pytype for arg in args]
    return ScalarType(complex if complex in kinds else float if float in kinds else int)


def reduced(args: tuple[Any, ...], kwargs: Any) -> Type:
    return ArrayType(args[0].dtype, args[0].shape[:-1])


def indexed(args: tuple[Any, ...], kwargs: Any) -> Type:
    array, key = args
    if isinstance(key, slice):
        return ArrayType(array.dtype, (Sym("k", 0), *array.shape[1:]))
    if key is Ellipsis:
        return array
    if len(array.shape) == 1:
        return ScalarType(array.dtype.type, array.dtype)
    return ArrayType(array.dtype, array.shape[1:])


def store(array: Any, key: Any, value: Any) -> Any:
    array[key] = value
    return array


def sum_last(array: Any) -> Any:
    return np.add.reduce(array, axis=-1)


ADD = Op("add", np.add, lambda args, kwargs: broadcast(args), "elementwise", commutative=True)
MUL = Op("multiply", np.multiply, lambda args, kwargs: broadcast(args), "elementwise", commutative=True)
DIV = Op("divide", np.divide, lambda args, kwargs: broadcast(args, F8), "elementwise")
LESS = Op("less", np.less, lambda args, kwargs: broadcast(args, np.dtype(bool)), "elementwise")
SQRT = Op("sqrt", np.sqrt, lambda args, kwargs: broadcast(args, F8), "elementwise")
SUM = Op("sum", sum_last, reduced, "reduction")
GET = Op("getitem", operator.getitem, indexed, "view", VIEW)
RAVEL = Op("ravel", np.ravel, lambda args, kwargs: args[0], "view", EITHER)
COPY = Op("copy", np.copy, lambda args, kwargs: args[0], "creation", quiet=True)
SET = Op("setitem", operator.setitem, lambda args, kwargs: args[0], "opaque", mutates=0, quiet=True)
STORE = Op("store", store, lambda args, kwargs: args[0], "opaque", mutates=0)
INV = Op("linalg.inv", np.linalg.inv, lambda args, kwargs: args[0], "opaque", may_raise=True)
RANDOM = Op("random", np.random.random, lambda args, kwargs: ScalarType(float), "opaque", random=True)
EFFECT = Op("effect", np.array, lambda args, kwargs: args[0], "opaque", pure=False)
PLUS = Op("plus", operator.add, lambda args, kwargs: number(args), "scalar")
TIMES = Op("times", operator.mul, lambda args, kwargs: number(args), "scalar")
OVER = Op("over", operator.truediv, lambda args, kwargs: ScalarType(float), "scalar", may_raise=True)

HERE = Location("/somewhere/demo.py", 7)


def vector(name: str, size: int = 4, dtype: Any = F8) -> ArrayType:
    return ArrayType(np.dtype(dtype), (Sym(f"n_{name}", size),))


def matrix(name: str, dtype: Any = F8) -> ArrayType:
    return ArrayType(np.dtype(dtype), (Sym(f"n_{name}", 3), Sym(f"m_{name}", 4)))


def with_vectors(*names: str) -> tuple[Any, ...]:
    """A builder, and an input for each name."""
    builder = Builder()
    return (builder, *(builder.placeholder(name, vector(name)) for name in names))
