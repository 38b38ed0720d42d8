"""NumPy's functions without a shape rule of their own: nodes that call NumPy, with sizes that only the call tells.

A sample says the type, dtype and rank of the result; each run is checked against that. Left out is what may return an
argument itself, what writes, what calls back, and what looks at anything but its arguments.
"""

import functools
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MethodDescriptorType
from typing import Any

from graphlet.arrayops.broadcasting import UNKNOWN, dim_of_size, fresh_sym
from graphlet.arrayops.promotion import MAX_PROBE_NDIM, call_sample, check_dtype, kind_of, number_of
from graphlet.core.pristine import np
from graphlet.ir.op import EITHER, FRESH, InferenceError, Op
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Type, dim_hint

# Samples, one after the other: some functions want three elements, others squares or pairs, others take a number that
# has to be smaller than the size, and others want elements that differ, or the very sizes of the first call.
AS_MET = 0
SAMPLES = ((3, False), (2, False), (65, False), (65, True), (3, True), (AS_MET, True))
MAX_SAMPLE = 1 << 14  # elements
WRITTEN = ("out", "overwrite_input")  # arguments that say what is written to
MAX_UNNAMED = 64
_NAMED_OR_NOT, _UNNAMED = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY
COUNT = 1  # stands for a run-time integer that the type of the result does not depend on
WITH_ONES = (np.ix_, np.meshgrid)  # sizes of one in their results are so by construction, not by the data

_NEW: dict[Any, tuple[str, ...]] = {
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
        *("busday_count", "busday_offset", "is_busday", "piecewise", "histogramdd"),
    ),
    np.linalg: (
        *("cond", "eig", "eigh", "eigvals", "eigvalsh", "lstsq", "matrix_power", "matrix_rank", "multi_dot", "qr"),
        *("slogdet", "svd", "svdvals", "tensorinv", "tensorsolve", "matrix_norm", "vector_norm", "outer", "cross"),
        *("matmul", "vecdot", "tensordot", "trace"),
    ),
    np.fft: ("fftfreq", "rfftfreq", "fftshift", "ifftshift", "hfft", "ihfft", "rfft2", "irfft2", "rfftn", "irfftn"),
}
_VIEWS: dict[Any, tuple[str, ...]] = {
    np: ("array_split", "split", "hsplit", "vsplit", "dsplit", "rollaxis", "rot90", "trim_zeros"),
    np.linalg: ("diagonal", "matrix_transpose"),
    np.lib.stride_tricks: ("sliding_window_view", "as_strided"),
}
# Functions with rows that say more; what those do not know of is asked as here. Their results are new arrays.
_WIDER: dict[Any, tuple[str, ...]] = {
    np: (
        *("sum", "prod", "mean", "std", "var", "max", "min", "amax", "amin", "any", "all", "argmax", "argmin", "ptp"),
        *("median", "quantile", "percentile", "count_nonzero", "nansum", "nanprod", "nancumsum", "nancumprod"),
        *("average", "diff", "digitize", "searchsorted", "interp", "gradient", "histogram", "unique", "nan_to_num"),
        *("einsum", "tensordot", "dot", "inner", "outer", "vdot", "meshgrid", "sort", "argsort", "take", "repeat"),
        *("linspace", "bincount", "pad", "trapezoid", "convolve", "correlate", "kron", "allclose", "isclose"),
        *("partition", "argpartition", "take_along_axis", "trace", "extract", "cumsum", "cumprod", "roll", "tile"),
        *("diag", "angle", "sinc", "argwhere", "flatnonzero", "triu", "tril", "eye", "array_equal"),
        *("full", "concatenate", "stack", "vstack", "hstack", "dstack", "column_stack"),
    ),
    np.linalg: ("norm", "solve", "inv", "det", "cholesky", "pinv", "eigvalsh"),
    np.fft: ("fft", "ifft", "rfft", "irfft", "fft2", "ifft2", "fftn", "ifftn"),
    np.ndarray: (
        *("sum", "prod", "mean", "std", "var", "max", "min", "any", "all", "argmax", "argmin", "cumsum", "cumprod"),
        *("take", "searchsorted", "argsort", "trace", "dot", "repeat"),
    ),
}


# Parameters by name, with their places, whose integers may be others in each call: neither rank nor dtype of the result
# depends on them, nor whether it is new (of integers beyond 64 bits the dtype does: that is seen when it happens).
_COUNTS: dict[Any, tuple[tuple[Any, dict[str, int]], ...]] = {
    np: (
        (("resize",), {"new_shape": 1}),
        (("tile",), {"A": 0, "reps": 1}),
        (("tri",), {"N": 0, "M": 1, "k": 2}),
        (("pad",), {"pad_width": 1}),
        (("bincount",), {"minlength": 2}),
        (("histogram", "histogram_bin_edges"), {"bins": 1}),
        (("histogram2d",), {"bins": 2}),
        (("partition", "argpartition"), {"kth": 1}),
        (("insert",), {"obj": 1, "values": 2}),
        (("delete",), {"obj": 1}),
        (("append",), {"values": 1}),
        (("take",), {"indices": 1}),
        (("diag", "diagflat"), {"k": 1}),
        (("trace",), {"offset": 1}),
        (("vander",), {"N": 1}),
        (("hanning", "hamming", "blackman", "bartlett", "kaiser"), {"M": 0}),
        (("linspace", "geomspace", "logspace"), {"start": 0, "stop": 1, "num": 2}),
        (("indices",), {"dimensions": 0}),
        (("tril_indices", "triu_indices"), {"n": 0, "k": 1, "m": 2}),
        (("diag_indices",), {"n": 0}),
        (("unravel_index",), {"indices": 0, "shape": 1}),
        (("ravel_multi_index",), {"dims": 1}),
        (("full",), {"shape": 0, "fill_value": 1}),
        (("digitize",), {"bins": 1}),
        (("isin",), {"test_elements": 1}),
        (("percentile", "quantile", "nanpercentile", "nanquantile"), {"q": 1}),
        (("nan_to_num",), {"nan": 2, "posinf": 3, "neginf": 4}),
        (("trapezoid",), {"dx": 2}),
        (("gradient",), {"dx": 1}),
        (("polyval",), {"p": 0}),
        (("array",), {"object": 0}),
    ),
    np.fft: ((("fftfreq", "rfftfreq"), {"n": 0}),),
    np.lib.stride_tricks: ((("sliding_window_view",), {"window_shape": 1}),),
}
COUNTS: dict[int, dict[str, int]] = {
    id(getattr(module, name)): places
    for module, rows in _COUNTS.items()
    for names, places in rows
    for name in names
    if hasattr(module, name)
}


def histogram_counts(a: Any, bins: Any, **options: Any) -> Any:
    """The counts of ``np.histogram``; the edges are the bins that are given."""
    return np.histogram(a, bins, **options)[0]


def general(fn: Callable[..., Any], name: str, alias: str) -> Op:
    """A row for a function whose result is described by a sample."""

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        refuse_written(fn, args, kwargs)
        if not any(map(depends, (*args, *kwargs.values()))):
            return exact(result_of(fn, args, kwargs, alias))
        free = COUNTS.get(id(fn), {})
        args = tuple(counted(arg) if at in free.values() else arg for at, arg in enumerate(args))
        kwargs = {name: counted(arg) if name in free else arg for name, arg in kwargs.items()}
        return merged(*two_of(fn, args, kwargs, alias))

    return Op(name, fn, infer, "opaque", alias, may_raise=True)


def depends(arg: Any) -> bool:
    """Whether an argument is another one in each call."""
    if type(arg) in (tuple, list):
        return any(map(depends, arg))
    return isinstance(arg, (ArrayType, ScalarType))


def counted(arg: Any) -> Any:
    """An argument with a number in place of each Python integer that is not known during capture."""
    if type(arg) in (tuple, list):
        return type(arg)(map(counted, arg))
    return COUNT if isinstance(arg, ScalarType) and arg.pytype is int else arg


def two_of(
    fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], alias: str
) -> tuple[Type, Type | None]:
    """What ``fn`` returns of a sample, and of a larger one if sizes of one are to be known."""
    found: list[Type] = []
    problem = ""  # no exception: its traceback would hold this frame, in a ring
    wanted = 2 if fn in WITH_ONES or kwargs.get("keepdims") is True else 1
    for size, differs in SAMPLES:
        try:
            found.append(result_of(fn, args, kwargs, alias, partial(sample, size=size, differs=differs)))
        except InferenceError as error:
            problem = str(error)
        if len(found) == wanted:
            break
    if not found:
        raise InferenceError(problem)
    return found[0], found[1] if found[1:] else None


def result_of(
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    alias: str,
    sampled: Callable[[Any], Any] = lambda arg: arg,
) -> Type:
    """What ``fn`` returns of samples. A new array shares no memory with any of them."""
    values, named = [sampled(arg) for arg in args], {key: sampled(value) for key, value in kwargs.items()}
    result = call_sample(fn, tuple(values), named, lambda arg: arg)
    given = list(arrays_in((*values, *named.values())))
    if alias == FRESH and any(owner(new) is owner(old) for new in arrays_in(result) for old in given):
        raise InferenceError("the result is, or looks into, an argument")
    return _kind(result)


def arrays_in(value: Any) -> Iterator[np.ndarray]:
    """The arrays in nested tuples and lists."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from arrays_in(item)


def owner(array: np.ndarray) -> np.ndarray:
    """The array whose memory this is, if there is any at all."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def refuse_written(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """InferenceError if an argument is written to."""
    if any(kwargs.get(name) not in (None, False) for name in WRITTEN):
        raise InferenceError("an argument is written to")
    if len(args) > n_before_written(fn):
        raise InferenceError("so many arguments without their names")


@functools.cache
def n_before_written(fn: Callable[..., Any]) -> int:
    """How many arguments without names there can be before one is written to."""
    named_like = getattr(np, fn.__name__, fn) if isinstance(fn, MethodDescriptorType) else fn
    try:
        given = inspect.signature(named_like).parameters.values()
    except ValueError:  # a function in C that does not say
        return MAX_UNNAMED
    unnamed = [parameter.name for parameter in given if parameter.kind in (_NAMED_OR_NOT, _UNNAMED)]
    return min((unnamed.index(name) for name in WRITTEN if name in unnamed), default=MAX_UNNAMED)


def sample(arg: Any, size: int, differs: bool = False) -> Any:
    """A small regular array for an array type; literals stand for themselves, containers item by item."""
    if isinstance(arg, ArrayType):
        shape, dtype = (size,) * arg.ndim if size != AS_MET else arg.shape_hint, check_dtype(arg.dtype)
        if arg.ndim > MAX_PROBE_NDIM or math.prod(shape) > MAX_SAMPLE or UNKNOWN in shape:
            raise InferenceError(f"{arg.ndim} dimensions")
        array = np.ones(shape, dtype)
        if differs:
            array = (np.arange(1, array.size + 1) % 100).reshape(shape).astype(dtype)
        is_matrix = arg.ndim > 1 and size != AS_MET and dtype.kind not in "mM"
        return array + np.eye(size, dtype=dtype) if is_matrix else array
    if isinstance(arg, ScalarType) and arg.dtype is not None:
        return number_of(check_dtype(arg.dtype))
    if isinstance(arg, ScalarType) and arg.pytype in (float, complex):
        return arg.pytype(1)
    if isinstance(arg, (ScalarType, ObjectType)):
        raise InferenceError("an argument is not known during capture")
    if type(arg) in (tuple, list):
        return type(arg)(sample(item, size, differs) for item in arg)
    return arg


def _kind(value: Any) -> Type:
    if isinstance(value, (tuple, list)):
        return ObjectType(type(value), tuple(map(_kind, value)))
    return kind_of(value)


def merged(kind: Type, other: Type | None) -> Type:
    """What samples said, without their sizes: but an axis that has one element in both has one always."""
    if isinstance(kind, ArrayType):
        sizes = other.shape if isinstance(other, ArrayType) and other.ndim == kind.ndim else (None,) * kind.ndim
        shape = (1 if left == right == 1 else fresh_sym() for left, right in zip(kind.shape, sizes, strict=True))
        return ArrayType(kind.dtype, tuple(shape), "K")
    if isinstance(kind, ObjectType):
        known = isinstance(other, ObjectType) and len(other.items or ()) == len(kind.items or ())
        others = other.items if known and isinstance(other, ObjectType) else None
        return ObjectType(kind.pytype, tuple(map(merged, parts(kind), others or (None,) * len(parts(kind)))))
    return kind


def exact(kind: Type) -> Type:
    """What a call with literals only said, which says so each time."""
    if isinstance(kind, ArrayType):
        return ArrayType(kind.dtype, tuple(dim_of_size(dim_hint(dim)) for dim in kind.shape), "K")
    if isinstance(kind, ObjectType):
        return ObjectType(kind.pytype, tuple(map(exact, parts(kind))))
    return kind


def parts(kind: ObjectType) -> tuple[Type, ...]:
    """The types of what is in a tuple or list."""
    if kind.items is None:
        raise InferenceError(f"the result is a {kind.pytype.__name__}")
    return kind.items


def _rows() -> Iterator[Op]:
    """Older versions of NumPy lack some of them."""
    for names, alias in ((_NEW, FRESH), (_VIEWS, EITHER)):
        for module, name, fn in _callables(names):
            yield general(fn, f"{_prefix(module)}{name}", alias)


def _callables(names: Mapping[Any, tuple[str, ...]]) -> Iterator[tuple[Any, str, Callable[..., Any]]]:
    for module, chosen in names.items():
        for name in chosen:
            fn = getattr(module, name, None)
            if fn is not None and not isinstance(fn, np.ufunc):
                yield module, name, fn


def _prefix(module: Any) -> str:
    return "" if module is np else module.__name__.rpartition(".")[2] + "_"


def ufunc_method(ufunc: np.ufunc, name: str) -> Op:
    """``ufunc.reduce`` and its like, with all their arguments."""
    return general(getattr(ufunc, name), f"any_{ufunc.__name__}_{name}", FRESH)


# Of these the results may be views.
_WIDER_VIEWS: dict[Any, tuple[str, ...]] = {np: ("ravel",), np.ndarray: ("ravel",)}
ANY_ARRAY = general(np.array, "any_array", FRESH)
ANY_RESHAPE = general(np.reshape, "any_reshape", EITHER)
COUNTS[id(histogram_counts)] = COUNTS[id(np.histogram)]
HISTOGRAM_COUNTS = general(histogram_counts, "histogram_counts", FRESH)
FUNCTIONS: tuple[Op, ...] = tuple(_rows())
WIDER: dict[int, Op] = {
    id(fn): general(fn, f"any_{_prefix(module)}{name}", alias)
    for names, alias in ((_WIDER, FRESH), (_WIDER_VIEWS, EITHER))
    for module, name, fn in _callables(names)
}
