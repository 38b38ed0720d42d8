"""Functions that may give back an argument."""

from typing import Any

import numpy as np
import pytest

from tests.capture.array_programs import whole
from tests.oracle.runner import differential

V, W = np.array([3.0, -1.5, 2.0, 0.5]), np.array([-2.0, 0.5, 1.0, 4.0])
M = np.arange(12.0).reshape(3, 4)
C = M + 1j

# The oracle looks at the flags of what np.broadcast_arrays made.
pytestmark = pytest.mark.filterwarnings("ignore:future versions will not create:FutureWarning")

TEXTS = [
    "np.broadcast_arrays(V, M)", "np.broadcast_arrays(V, W)", "np.broadcast_arrays(V, W[:1])",
    "np.broadcast_arrays(V, V[:, None])[1] * 2",
    "[a.sum() for a in np.broadcast_arrays(V, M)]", "np.asfortranarray(M) * 2", "np.asfortranarray(M.T)",
    "np.asfortranarray(V)", "np.asfortranarray(M[:, ::2])", "np.histogram(V, bins=W)", "np.histogram(M, W, weights=M)",
    "np.histogram(V, np.linspace(-2, 4, 5), density=True)", "np.asarray([V[0], 1.0])", "np.atleast_2d(V, W)[0]",
    "np.lib.stride_tricks.sliding_window_view(V, 2).mean(axis=1)",
    "np.lib.stride_tricks.sliding_window_view(M, (2, 2), axis=(0, 1))",
    "np.lib.stride_tricks.as_strided(V, shape=(3, 2), strides=(8, 8)) * 2",
]  # fmt: skip


def program(text: str, after: str = "pass") -> Any:
    space: dict[str, Any] = {"np": np}
    body = f"V, M = V * 1.0, M * 1.0\n    r = {text}\n    {after}\n    return r, V, W, M"
    exec(f"def function(V, W, M):\n    {body}", space)
    return space["function"]


@pytest.mark.parametrize("text", TEXTS)
def test_same_as_numpy(text: str) -> None:
    differential(program(text), (V, np.sort(W), M), (W, V[:2] * 0 + [1, 2], M[:2]))
    differential(program(text), (V, np.sort(W), np.asfortranarray(M)))


@pytest.mark.parametrize("text", [text for text in TEXTS if "atleast" not in text])
def test_one_graph(text: str) -> None:
    whole(program(text), V, W, M)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_a_view_changes_with_the_array(text: str) -> None:
    differential(program(text, "V += 1; M += 1"), (V, np.sort(W), M), (V, np.sort(W), M + 2))


def test_a_number_of_bins_in_an_array() -> None:
    def function(a, n):
        counts, edges = np.histogram(a, n)
        return counts, edges * 2

    differential(function, *[(V, np.array(n)) for n in (3, 5, 3)], (V, np.int64(4)), (V, np.array([-9, 0, 9])))


def test_views_that_repeat_elements_are_written_by_numpy() -> None:
    def function(v: Any) -> Any:
        u = v * 1.0
        w = np.lib.stride_tricks.as_strided(u, shape=(3, 2), strides=(8, 8))
        w += 1
        return u, w

    def read_only(v: Any) -> Any:
        w = np.lib.stride_tricks.sliding_window_view(v * 1.0, 2)
        w[0] = 1
        return w

    differential(function, (V,), (W,))
    differential(read_only, (V,), (W,))


# -- the methods of ufuncs, masks among other indices

METHODS = [
    "np.add.reduceat(V, [0, 2, 1])", "np.multiply.reduceat(M, [0, 2], axis=1)", "np.maximum.reduce([V, W, V * W])",
    "np.logical_and.reduce([V > 0, W > 0])", "np.maximum.reduce(M, axis=1, initial=5.0)",
    "np.add.reduce(V, where=V > 0)", "np.add.reduce(M, axis=(0, 1), keepdims=True)", "np.add.accumulate(M, 1)",
    "np.multiply.outer(V, 2.0)", "np.subtract.outer(V, [1.0, 2.0])", "np.add.reduce(V, dtype='f4')",
    "M[[True, False, True]]", "M[M[:, 0] > 1, 1]", "M[:, V > 0]", "M[[[0], [1]], [1, 2]]", "M[[0, 2, 1], V > 0]",
    "M[M > 3]", "M[None, M[:, 0] > 1, ..., 0]", "M[[0, 1]][:, [1, 2]]", "V[[[0, 1], [2, 3]]]",
]  # fmt: skip


@pytest.mark.parametrize("text", METHODS)
def test_methods_and_indices(text: str) -> None:
    differential(program(text), (V, W, M), (W, V, M[::-1] + 2))
    whole(program(text), V, W, M)


@pytest.mark.parametrize("dtype", "?bBhHiIlLefdgFD")
def test_all_kinds_of_numbers(dtype: str) -> None:
    def function(m: Any) -> Any:
        a, b = np.broadcast_arrays(m, m[:1])
        w = np.lib.stride_tricks.sliding_window_view(m, 2, axis=0)
        return a + b, np.asfortranarray(m) + m, w + w, np.maximum.reduce([m, m]), m[m[:, 0] == m[:, 0], 0] + m[0, 0]

    for shape in ((3, 4), (2, 1), (5, 0)):
        if 0 not in shape:
            differential(function, (np.arange(np.prod(shape)).reshape(shape).astype(dtype),))
