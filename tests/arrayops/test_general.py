"""NumPy's functions without shape rules of their own, beside NumPy."""

from typing import Any

import numpy as np
import pytest

from graphlet.arrayops import general
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

V, W = np.array([3.0, -1.5, 2.0, 0.5]), np.array([0.5, 2.0, -1.0, 4.0])
M = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 5.0]])
I = np.array([2, 0, 1, 2])  # noqa: E741
N = np.array([1.0, np.nan, 3.0, 2.0])
B = I.astype(np.uint8)

# What stands in the parentheses, for those of more than one argument, or of others than V.
ARGUMENTS = {
    "insert": "V, 1, W[0:2]", "delete": "V, 1", "resize": "V, (2, 3)", "tri": "3, 4", "indices": "(2, 3)",
    "block": "[[M, M], [M, M]]", "cov": "M", "corrcoef": "M", "choose": "I % 2, [V, W]", "compress": "V > 0, W",
    "select": "[V > 0, W > 0], [V, W], 2.0", "nanpercentile": "N, 30", "nanquantile": "N, 0.3",
    **dict.fromkeys(("hamming", "hanning", "blackman", "bartlett"), "7"), "kaiser": "7, 3.0",
    "geomspace": "1.0, 100.0, 5", "logspace": "0.0, 2.0, 5", "histogram_bin_edges": "V, 3",
    **dict.fromkeys(("intersect1d", "isin", "setdiff1d", "setxor1d", "union1d"), "V, np.abs(V)"),
    "lexsort": "(V, W)", "packbits": "V > 0", "unpackbits": "B", "polyder": "V", "polyfit": "V, W, 2", "polyint": "V",
    **dict.fromkeys(("tril_indices", "triu_indices", "diag_indices"), "3"),
    **dict.fromkeys(("tril_indices_from", "triu_indices_from", "diag_indices_from"), "M"),
    "ravel_multi_index": "(I, I), (3, 3)", "unravel_index": "I, (3, 3)", "ix_": "I, I", "mask_indices": "3, np.triu",
    "vander": "V, 3", "trim_zeros": "V - 3.0", "rollaxis": "M, 1", "rot90": "M", "poly": "V[0:2]",
    **dict.fromkeys(("array_split", "split", "hsplit"), "V, 2"), "vsplit": "M, 3", "dsplit": "M.reshape(1, 3, 3), 3",
    **dict.fromkeys(("linalg_tensorsolve",), "M, V[:3]"), "linalg_lstsq": "M, V[:3]", "linalg_multi_dot": "[M, M, M]",
    "linalg_matrix_power": "M, 3", "linalg_tensorinv": "M.reshape(3, 3, 1)[:, :, 0], ind=1",
    "stride_tricks_sliding_window_view": "V, 2", "stride_tricks_as_strided": "V, (2, 2), (8, 8)",
    "linalg_vector_norm": "M", "linalg_tensordot": "M, M", "linalg_outer": "V, W", "linalg_matmul": "M, M",
    "is_busday": "I.astype('M8[D]')", "busday_count": "I.astype('M8[D]'), I.astype('M8[D]')[::-1]",
    "busday_offset": "I.astype('M8[D]'), I, roll='forward'",
    "piecewise": "V, [V > 0, V < -1], [1.0, 2.0, V[0]]",
    "fft_fftfreq": "8, 0.1", "fft_rfftfreq": "8", "cumulative_sum": "V",
    **dict.fromkeys(("nanmax", "nanmin", "nanmean", "nanmedian", "nanstd", "nanvar", "nanargmax", "nanargmin"), "N"),
}  # fmt: skip
_PAIRS = (
    *("append", "cross", "polyadd", "polydiv", "polymul", "polysub", "polyval", "histogram2d", "array_equiv"),
    *("vecdot", "linalg_cross", "linalg_vecdot", "shares_memory", "may_share_memory"),
)
_MATRICES = frozenset(
    {"fft_rfft2", "fft_irfft2", "fft_rfftn", "fft_irfftn"}
    | {row.name for row in general.FUNCTIONS if row.name.startswith("linalg_")}
)
# Callbacks, and what warns for these arguments: left to NumPy.
NOT_IN_GRAPHS = {"mask_indices"}


def called(name: str) -> str:
    """The function of a row's name."""
    for module in ("linalg", "fft", "lib.stride_tricks"):
        prefix = module.rpartition(".")[2] + "_"
        if name.startswith(prefix):
            return f"{module}.{name.removeprefix(prefix)}"
    return name


def spelled(name: str) -> str:
    if name in ARGUMENTS:
        return ARGUMENTS[name]
    if name in _PAIRS:
        return "V[:3], W[:3]"
    return "M" if name in _MATRICES else "V"


def program(name: str, tail: str) -> Any:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(V, W, M, I, N, B):\n    r = np.{called(name)}({spelled(name)})\n    return {tail}", space)
    return space["function"]


def calls() -> list[tuple[Any, ...]]:
    return [(V, W, M, I, N, B), (W, V, M * 2, I[::-1], N + 1, B)]


@pytest.mark.parametrize("name", [row.name for row in general.FUNCTIONS])
def test_same_as_numpy(name: str) -> None:
    report = differential(program(name, "r, V * 2"), *calls())
    assert not report.plain[0].error, report.plain[0].error
    assert name in NOT_IN_GRAPHS or report.last_share.native > 0.5, report.last_share


@pytest.mark.parametrize("name", ["split", "rot90", "rollaxis", "linalg_diagonal", "trim_zeros"])
def test_what_shares_memory_is_written_through(name: str) -> None:
    space: dict[str, Any] = {"np": np}
    arguments = spelled(name)
    source = f"""
def function(V, W, M, I, N, B):
    V, M = V * 1, M * 1
    r = np.{called(name)}({arguments})
    M += 1
    V += 1
    return r, V, M
"""
    exec(source, space)
    differential(space["function"], *calls())


def test_named_tuples_keep_their_type() -> None:
    def function(m: Any) -> Any:
        found = np.linalg.eigh(m + m.T)
        values, vectors = found
        return found, found.eigenvalues * 2, values + 1, vectors

    assert differential(function, (M,), (M * 2,)).last_share.native == 1.0


def test_a_type_that_depends_on_the_data() -> None:
    def function(p: Any) -> Any:
        return np.roots(p) * 2

    differential(function, (np.array([1.0, -3.0, 2.0]),), (np.array([1.0, 0.0, 4.0]),), (np.array([1.0, -3.0, 2.0]),))


def test_an_empty_slice_warns_as_ever() -> None:
    def function(x: Any) -> Any:
        return np.nanmean(x) + 1

    differential(function, (N,), (np.full(3, np.nan),), (N,))


# What functions with rows of their own take besides what those know of.
WIDER = [
    "np.mean(V, where=V > 0)", "V.sum(where=V > 0, initial=1.5)", "np.std(M, axis=0, where=M > 0.6)",
    "V.max(initial=2.5)", "np.min(M, axis=1, initial=0.0, where=M > 0)", "np.any(M, axis=0, where=M > 1)",
    "np.average(V, weights=np.abs(W))", "np.average(M, axis=0, weights=[1, 2, 3])",
    "np.average(V, weights=np.abs(W), returned=True)", "np.var(M, axis=1, mean=M.mean(axis=1, keepdims=True))",
    "np.diff(V, prepend=0)", "np.diff(V, append=V[-1])", "np.diff(M, axis=0, prepend=M[:1])",
    "np.unique(np.round(V), return_counts=True)", "np.unique(I, return_index=True, return_inverse=True)",
    "np.unique(np.round(M), axis=0)", "np.histogram(V, bins=[-2, 0, 1, 4])", "np.histogram(V, bins=4, density=True)",
    "np.histogram(V, bins=3, weights=W)",
    "np.digitize(V, [0.0, 1.0])", "np.searchsorted([0.0, 1.0], V)",
    "np.searchsorted(np.sort(V), W, sorter=I.argsort())",
    "np.interp(V, [0, 1, 2], [1.0, 5.0, 2.0])", "np.gradient(V, W)", "np.gradient(M)", "np.gradient(M, axis=1)",
    "np.gradient(M, 0.1, 0.2)", "np.percentile(V, [25, 75])", "np.quantile(M, (0.1, 0.9), axis=0, keepdims=True)",
    "np.median(M, axis=(0, 1))", "np.nan_to_num(N, nan=1.5)", "np.einsum('...i->...', M)", "np.einsum('ii', M)",
    "np.einsum(V, [0], W, [1], [0, 1])", "np.einsum('...i,...i', M, M)", "np.einsum('ii,i->i', M, V[:3])",
    "np.linalg.solve(np.stack([M, M]), np.ones((2, 3, 1)))", "np.fft.fftn(M, axes=(0,))", "np.fft.fft2(M, s=(4, 4))",
    "np.sort(M, axis=None)", "np.argsort(M, axis=None)", "np.take(V, [0, 1])", "V.take(I, mode='clip')",
    "np.take(M, I % 3, axis=1, mode='wrap')", "np.repeat(V, [1, 2, 0, 3])", "V.repeat(I)",
    "np.linspace(0, 1, 5, retstep=True)", "np.linspace(V, W, 3)", "np.meshgrid(V, W, sparse=True)",
    "np.bincount(I, minlength=6)", "np.pad(V, 2, mode='linear_ramp')", "np.kron(M, V)", "np.sum([V, W], axis=0)",
    "np.max((V, W))", "np.trapezoid(M, M, axis=0)", "np.cumsum([V, W])", "np.mean([V.sum(), 2.0])",
    "np.unravel_index(np.argmax(M), (3, 3))", "np.insert(V, 1, V.mean())", "np.linalg.norm(M, axis=(0, 1))",
    "np.polyfit(V[:3], W[:3], 1)", "np.nanmean(M, axis=0, keepdims=True) * M", "np.ix_([0, 2], [1])",
]  # fmt: skip


@pytest.mark.parametrize("text", WIDER)
def test_what_rows_of_their_own_do_not_know_of(text: str) -> None:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(V, W, M, I, N, B):\n    V = V * 1\n    r = {text}\n    return r, V * 2 + W", space)
    report = differential(space["function"], *calls())
    assert not report.plain[0].error, report.plain[0].error
    whole(space["function"], V, W, M, I, N, B)


def numeric(a: Any) -> Any:
    b = a + a
    return (
        *(np.sum(b, where=b > 1), np.diff(b, prepend=b[:1]), np.unique(b, return_counts=True), np.take(b, [0, 0])),
        *(np.sort(b, axis=None), np.repeat(b, 2), np.average(b, weights=np.ones(b.shape)), np.einsum("...i->...", b)),
    )


@pytest.mark.parametrize("dtype", "?bBhHiIlLefdgFD")
def test_all_kinds_of_numbers(dtype: str) -> None:
    arrays = [np.arange(n).reshape(shape).astype(dtype) for n, shape in ((4, (4,)), (0, (0,)), (6, (2, 3)), (1, ()))]
    for array in arrays:
        differential(numeric, (array,), (array[::-1] if array.ndim else array,))


MAYBE_ARGUMENTS = [
    "np.einsum('ij->ji', M)", "np.einsum('ii->i', M)", "np.einsum('...ij->...ji', M)", "np.linalg.matrix_power(M, 1)",
    "np.polyder(V, 0)", "np.polyint(V, 0)", "np.histogram_bin_edges(W, V)", "np.histogram(W, V)", "np.ix_(I, I)",
    "np.nan_to_num(V, copy=False)", "np.squeeze(M)", "np.broadcast_arrays(V, V)",
]  # fmt: skip


@pytest.mark.parametrize("text", MAYBE_ARGUMENTS)
def test_what_looks_into_an_argument_changes_with_it(text: str) -> None:
    space: dict[str, Any] = {"np": np}
    change = "V += 1\n    M += 1\n    I += 1"
    start = "V, M, I = np.sort(V) * 1, M * 1, I * 1"
    exec(f"def function(V, W, M, I, N, B):\n    {start}\n    r = {text}\n    {change}\n    return r, V, M, I", space)
    report = differential(space["function"], *calls())
    assert not report.plain[0].error, report.plain[0].error
