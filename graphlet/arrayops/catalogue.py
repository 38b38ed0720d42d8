"""From a NumPy object, a method's name or an operator to its row."""

import functools
from types import BuiltinFunctionType, FunctionType
from typing import Any

from graphlet.arrayops import (
    creation,
    elementwise,
    functions,
    general,
    given,
    indexing,
    indextricks,
    linalg,
    polynomials,
    randoms,
    reduction,
    reuse,
    scalar,
    shaping,
)
from graphlet.core.pristine import np
from graphlet.ir.op import Op
from graphlet.ir.types import ArrayType

# Callables whose identity may be asked without running code of theirs.
KINDS = (np.ufunc, FunctionType, BuiltinFunctionType, type, type(np.sum))

_FUNCTIONS: dict[int, Op] = {
    id(row.fn): row
    for row in (
        *general.FUNCTIONS,  # first: rows that say more replace them
        *scalar.FUNCTIONS,
        *elementwise.UFUNCS.values(),
        elementwise.CLIP,
        *elementwise.FUNCTIONS,
        *reduction.FUNCTIONS,
        *shaping.FUNCTIONS,
        *creation.FUNCTIONS,
        *linalg.FUNCTIONS,
        *functions.FUNCTIONS,
    )
}

_METHODS: dict[str, Op] = {
    **elementwise.METHODS,
    **reduction.METHODS,
    **shaping.METHODS,
    **linalg.METHODS,
    **functions.METHODS,
}

_OPERATORS: dict[str, Op] = {**elementwise.OPERATORS, "@": linalg.MATMUL, "[]": indexing.GETITEM}


def lookup(obj: Any) -> Op | None:
    """The row of a NumPy function or ufunc, or of a function of scalars; compared by identity."""
    if not isinstance(obj, KINDS):
        return None
    return _FUNCTIONS.get(id(obj)) or polynomials.functions().get(id(obj))


def wider(row: Op) -> Op | None:
    """A row for the same function that says less, and takes more arguments."""
    return general.WIDER.get(id(row.fn))


def view_of_c(row: Op, array: ArrayType) -> Op:
    """The row for a call on an array: what is a view of any C-contiguous array is one of those."""
    return shaping.VIEW_OF_C.get(row, row) if array.order == "C" else row


def method(name: str) -> Op | None:
    """The row of an ndarray method; its first argument is the array."""
    return _METHODS.get(name)


@functools.cache
def ufunc_method(ufunc: np.ufunc, name: str) -> Op | None:
    """The row of ``reduce``, ``accumulate`` or ``outer`` of one of NumPy's own ufuncs."""
    make = reduction.UFUNC_METHODS.get(name)
    return make(ufunc) if make is not None and has_methods(ufunc) else None


@functools.cache
def wider_ufunc_method(ufunc: np.ufunc, name: str) -> Op | None:
    """A row for a method of a ufunc that takes all that NumPy takes."""
    known = name in ("reduce", "accumulate", "outer", "reduceat") and has_methods(ufunc)
    return general.ufunc_method(ufunc, name) if known else None


def has_methods(ufunc: np.ufunc) -> bool:
    """One of NumPy's own ufuncs that can reduce."""
    return ufunc in elementwise.UFUNCS and (ufunc.nin, ufunc.nout) == (2, 1)


def operator(symbol: str) -> Op:
    """The row of an operator with an array among its operands: "+", "**", "@", "<", "neg", "invert", "abs" ..."""
    return _OPERATORS[symbol]


def scalar_operator(symbol: str) -> Op:
    """The row of an operator between Python or NumPy scalars."""
    return scalar.OPERATORS[symbol]


def rows() -> tuple[Op, ...]:
    """Every row once."""
    special = (
        indexing.FANCY,
        indexing.SETITEM,
        indexing.SIZE,
        indexing.STORED_COPY,
        indexing.MAY_STORE,
        indexing.FIELD,
        given.ASFORTRAN,
        given.FINITE,
        given.HAS_ELEMENTS,
        given.OF_ONE_SHAPE,
        given.BROADCAST_VIEW,
        general.ANY_ARRAY,
        general.ANY_RESHAPE,
        general.HISTOGRAM_COUNTS,
        *indexing.WRITERS.values(),
        indexing.OF_LENGTH,
        indexing.TOTAL_SIZE,
        indexing.ITEM,
        elementwise.SCALAR_ASTYPE,
        elementwise.FILLED_0D,
        elementwise.MASKED,
        scalar.ITEM,
        linalg.EINSUM_VIEW,
        reuse.REUSE,
        reuse.PLAIN_STRIDES,
        *scalar.PARTS.values(),
        *shaping.VIEW_OF_C.values(),
        *general.WIDER.values(),
        *indextricks.ROWS,
        *randoms.ROWS,
    )
    every = (*_FUNCTIONS.values(), *_METHODS.values(), *_OPERATORS.values(), *scalar.OPERATORS.values(), *special)
    return tuple(dict.fromkeys(every))
