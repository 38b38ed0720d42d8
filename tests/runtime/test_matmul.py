"""Products of matrices go straight to the loop of np.matmul, with the steps it is used to: the same bits."""

from typing import Any

import numpy as np
import pytest

import graphlet
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

SHAPES = [
    ((3, 3), (3, 3)), ((3, 4), (4, 5)), ((3, 4), (4,)), ((4,), (4, 5)), ((1, 4), (4, 1)), ((4, 1), (1, 4)),
    ((1, 1), (1, 1)), ((1,), (1, 3)), ((3, 1), (1,)), ((1, 4), (4,)), ((4,), (4, 1)), ((17, 33), (33, 9)),
    ((64, 64), (64, 64)), ((100, 7), (7,)), ((7,), (7, 100)), ((40, 90), (90, 30)), ((0, 3), (3, 2)), ((2, 0), (0, 3)),
    ((0,), (0, 3)), ((2, 3, 4), (4, 5)), ((3, 4), (2, 4, 5)), ((2, 3, 4), (4,)), ((3, 4), (3, 4)), ((4,), (3, 4)),
]  # fmt: skip


def product(x: Any, y: Any) -> Any:
    return x @ y


def filled(shape: tuple[int, ...], dtype: str, seed: int) -> Any:
    random = np.random.default_rng(seed)
    values = random.standard_normal(shape) * 50 + (1j * random.standard_normal(shape) if dtype in "FDG" else 0)
    return values.astype(dtype)


def laid_out(array: Any) -> list[Any]:
    """The same numbers in other places."""
    wide = np.zeros([2 * size for size in array.shape], array.dtype)
    spread = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    spread[...] = array
    columns = np.zeros((*array.shape[:-1], 2 * array.shape[-1] + 3), array.dtype)[..., 1 : 1 + array.shape[-1]]
    columns[...] = array
    odd = np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
    odd[...] = array
    parts = [array[::-1], array[..., ::-1], array[:1], array[..., :1]]
    return [array, np.asfortranarray(array), spread, columns, odd, *parts]


def dotted(x: Any, y: Any) -> Any:
    return np.dot(x, y)


@pytest.mark.parametrize("fn", [product, dotted])
@pytest.mark.parametrize("dtype", "?bBhHiIlLqQefdgFDG")
def test_shapes_and_dtypes(fn: Any, dtype: str) -> None:
    for left, right in SHAPES:
        differential(fn, (filled(left, dtype, 1), filled(right, dtype, 2)))


@pytest.mark.parametrize("fn", [product, dotted])
@pytest.mark.parametrize("dtype", "fdFDi")
@pytest.mark.parametrize(("left", "right"), SHAPES[:16])
def test_layouts(fn: Any, left: Any, right: Any, dtype: str) -> None:
    x, y = filled(left, dtype, 3), filled(right, dtype, 4)
    differential(fn, *((a, b) for a in laid_out(x) for b in laid_out(y)))


def test_signs_of_zero() -> None:
    for shape in [((2, 3), (3, 2)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 1), (1, 2)), ((1, 3), (3, 1))]:
        x, y = np.zeros(shape[0]), -np.ones(shape[1])
        for fn in (product, dotted):
            differential(fn, (x, y), (-x, y), (x, -y), (-x, -y))


@pytest.mark.parametrize("dtype", "fdFD")
def test_a_matrix_and_itself(dtype: str) -> None:
    """NumPy multiplies a matrix with its transpose in another way."""

    def gram(x: Any) -> Any:
        return np.dot(x, x.T), np.dot(x.T, x), x @ x.T, x.T @ x, x @ x.copy().T, x[:, :3] @ x[:, :3].T, x @ x.T[:, ::-1]

    differential(gram, (filled((5, 9), dtype, 5),), (filled((70, 40), dtype, 6),), (filled((9, 5), dtype, 7).T,))


def test_broadcast_operands() -> None:
    x = filled((4, 4), "d", 8)
    row, column = np.broadcast_to(x[:1], (4, 4)), np.broadcast_to(x[:, :1], (4, 4))
    pairs = [(x, x), (row, x), (x, row), (column, x), (x, column), (row, column), (x, np.broadcast_to(2.0, 4))]
    differential(product, *pairs)


@pytest.mark.parametrize("mode", ["ignore", "warn", "raise"])
def test_flags(mode: Any) -> None:
    fine, huge, tiny = np.ones((3, 3)), np.full((3, 3), 1e308), np.full((3, 3), 1e-300)
    bad, none = np.full((3, 3), np.inf), np.full((3, 3), np.nan)

    def under(x: Any, y: Any) -> Any:
        with np.errstate(all=mode):
            return x @ y, y @ x[0], np.dot(x, y)

    with np.errstate(all=mode):
        differential(under, (fine, fine), (huge, huge), (fine, bad), (bad, -bad), (none, fine), (tiny, tiny))


def test_results_are_new_and_may_be_written() -> None:
    def steps(a: Any, x: Any) -> Any:
        for _ in range(5):
            x = a @ x
            x /= np.abs(x).max()
        return x, a @ a, (a @ a) @ x - x @ a

    random = np.random.default_rng(9)
    differential(steps, *((random.random((n, n)), random.random(n)) for n in (2, 3, 50, 200)))


def test_no_call_of_numpy_is_left() -> None:
    whole(product, filled((5, 4), "d", 1), filled((4, 3), "d", 2))
    graph = graphlet.capture(product)(filled((5, 4), "d", 1), filled((4,), "d", 2))
    assert [node.row.name for node in graph.nodes if node.op == "call_function"] == ["matmul"]
