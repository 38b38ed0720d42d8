"""Matrices with corners, in all layouts, for programs that must give the bits of NumPy."""

from types import FunctionType

import numpy as np

import graphlet
from graphlet.runtime import _block

INTEGERS = ("plain", "plain", "zero")  # what programs that end in integers can be given
FLOATS = (*INTEGERS, "nan", "inf", "huge")


def layouts(x):
    yield x
    yield np.asfortranarray(x)
    yield x[:, ::-1]
    yield np.repeat(x, 2, axis=1)[:, ::2]
    yield np.repeat(x, 3, axis=0)[::3]


def anew(fn):
    """The function with code of its own, which nothing has been learned about."""
    return FunctionType(fn.__code__.replace(co_name=f"{fn.__name__}_"), fn.__globals__)


def outcome(fn, x, y):
    """Bits and layouts of the results, or the error that a floating-point flag is."""
    try:
        results = fn(x, y)
    except FloatingPointError as error:
        return str(error)
    results = results if isinstance(results, tuple) else (results,)
    return [(type(r), r.dtype, r.shape, r.strides, r.tobytes()) for r in results]


def specials(kind, x):
    """Something in the rows that has corners."""
    x = x.copy()
    if kind == "nan":
        x[::2, x.shape[1] // 2] = np.nan
        x[0, 0] = -np.nan
    elif kind == "zero":
        x[:] = np.where(x > 0.5, -0.0, 0.0)
    elif kind == "inf":
        x[-1, 0], x[0, -1] = np.inf, -np.inf
    elif kind == "huge":
        x *= np.finfo(x.dtype).max
    return x


def same_bits(fn, char, shapes, kinds):
    """A program of two matrices gives NumPy's bits for all of these, and runs in generated code."""
    rng = np.random.default_rng(8)
    with graphlet.config.patch(compile="at once"):
        fast, before = graphlet.optimize(anew(fn)), _block.work()[0]
        for shape in shapes:
            x, y = rng.random((2, *shape)).astype(char)
            for kind in kinds:
                for left, right in zip(layouts(specials(kind, x)), layouts(y), strict=True):
                    for mode in ("ignore", "raise"):
                        with np.errstate(all=mode):
                            assert outcome(fast, left, right) == outcome(fn, left, right), (shape, kind, left.strides)
        assert _block.work()[0] > before
