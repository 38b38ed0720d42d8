"""NumPy's functions without a shape rule of their own: nodes that call NumPy, with sizes that only the call tells.

A sample says the type, dtype and rank of the result; each run is checked against that. Left out is what may return an
argument itself, what writes, what calls back, and what looks at anything but its arguments.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from graphlet.arrayops.broadcasting import fresh_sym
from graphlet.arrayops.promotion import MAX_PROBE_NDIM, call_sample, check_dtype, kind_of
from graphlet.ir.op import EITHER, FRESH, InferenceError, Op
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Type

# Sizes of the samples, one after the other: some functions want three elements, others squares or pairs, and others
# take a number that has to be smaller than the size.
SAMPLE_SIZES = (3, 2, 65)
MAX_SAMPLE = 1 << 14  # elements

_NEW = {
    np: (
        *("append", "insert", "delete", "resize", "ediff1d", "diagflat", "tri", "vander", "indices", "block"),
        *("cov", "corrcoef", "cross", "cumulative_sum", "cumulative_prod", "unwrap", "choose", "compress", "select"),
        *("nanmax", "nanmin", "nanmean", "nanmedian", "nanstd", "nanvar", "nanpercentile", "nanquantile"),
        *("nanargmax", "nanargmin", "isneginf", "isposinf", "iscomplex", "isreal", "fix", "sort_complex"),
        *("hamming", "hanning", "blackman", "bartlett", "kaiser", "geomspace", "logspace", "histogram_bin_edges"),
        *("intersect1d", "isin", "setdiff1d", "setxor1d", "union1d", "lexsort", "packbits", "unpackbits"),
        *("poly", "polyadd", "polyder", "polyfit", "polyint", "polymul", "polysub", "polyval", "roots", "polydiv"),
        *("histogram2d", "tril_indices", "triu_indices", "tril_indices_from", "triu_indices_from", "diag_indices"),
        *("diag_indices_from", "ravel_multi_index", "unravel_index", "ix_", "vecdot", "matvec", "vecmat"),
        *("unique_all", "unique_counts", "unique_inverse", "unique_values", "array_equiv", "mask_indices"),
        *("iscomplexobj", "isrealobj", "shares_memory", "may_share_memory"),
    ),
    np.linalg: (
        *("cond", "eig", "eigh", "eigvals", "eigvalsh", "lstsq", "matrix_power", "matrix_rank", "multi_dot", "qr"),
        *("slogdet", "svd", "svdvals", "tensorinv", "tensorsolve", "matrix_norm", "vector_norm", "outer", "cross"),
        *("matmul", "vecdot", "tensordot", "trace"),
    ),
    np.fft: ("fftfreq", "rfftfreq", "fftshift", "ifftshift", "hfft", "ihfft", "rfft2", "irfft2", "rfftn", "irfftn"),
}
_VIEWS = {
    np: ("array_split", "split", "hsplit", "vsplit", "dsplit", "rollaxis", "rot90", "trim_zeros", "unstack"),
    np.linalg: ("diagonal", "matrix_transpose"),
}


def general(fn: Callable[..., Any], name: str, alias: str) -> Op:
    """A row for a function whose result is described by a sample."""

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        problem = ""  # no exception: its traceback would hold this frame, in a ring
        for size in SAMPLE_SIZES:
            try:
                return unsized(_kind(call_sample(fn, args, kwargs, partial(sample, size=size))))
            except InferenceError as error:
                problem = str(error)
        raise InferenceError(problem)

    return Op(name, fn, infer, "opaque", alias, may_raise=True)


def sample(arg: Any, size: int) -> Any:
    """A small regular array for an array type; literals stand for themselves, containers item by item."""
    if isinstance(arg, ArrayType):
        if arg.ndim > MAX_PROBE_NDIM:
            raise InferenceError(f"{arg.ndim} dimensions")
        if size**arg.ndim > MAX_SAMPLE:
            raise InferenceError(f"{arg.ndim} dimensions")
        array = np.ones((size,) * arg.ndim, check_dtype(arg.dtype))
        return array + np.eye(size, dtype=array.dtype) if arg.ndim > 1 else array
    if isinstance(arg, (ScalarType, ObjectType)):
        raise InferenceError("an argument is not known during capture")
    if type(arg) in (tuple, list):
        return type(arg)(sample(item, size) for item in arg)
    return arg


def _kind(value: Any) -> Type:
    if isinstance(value, (tuple, list)):
        return ObjectType(type(value), tuple(map(_kind, value)))
    return kind_of(value)


def unsized(kind: Type) -> Type:
    """What a sample said, without its sizes."""
    if isinstance(kind, ArrayType):
        return ArrayType(kind.dtype, tuple(fresh_sym() for _ in kind.shape), "K")
    if isinstance(kind, ObjectType):
        if kind.items is None:
            raise InferenceError(f"the result is a {kind.pytype.__name__}")
        return ObjectType(kind.pytype, tuple(map(unsized, kind.items)))
    return kind


def _rows() -> Iterator[Op]:
    """Older versions of NumPy lack some of them."""
    for names, alias in ((_NEW, FRESH), (_VIEWS, EITHER)):
        for module, chosen in names.items():
            prefix = module.__name__.removeprefix("numpy").replace(".", "") + "_" * (module is not np)
            for name in chosen:
                fn = getattr(module, name, None)
                if fn is not None and not isinstance(fn, np.ufunc):
                    yield general(fn, f"{prefix}{name}", alias)


FUNCTIONS: tuple[Op, ...] = tuple(_rows())
