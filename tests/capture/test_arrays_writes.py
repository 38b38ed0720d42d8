"""NumPy's functions that write, and ``out=``."""

from typing import Any

import numpy as np
import pytest

from tests.capture.array_programs import whole
from tests.capture.playing import stopped
from tests.oracle.runner import differential

V, W = np.array([3.0, -1.5, 2.0, 0.5]), np.array([0.5, 2.0, -1.0, 4.0])
M = np.arange(12.0).reshape(3, 4)
I = np.array([2, 0, 1, 2])  # noqa: E741

# Statements; T and U are made in the function, V, W, M and I are its arguments.
WRITES = [
    "np.copyto(T, W, where=V > 0)", "np.copyto(V, W, where=V > 0)", "np.copyto(V, 1.5, where=W > 0)",
    "np.copyto(V, I, where=V > 0)", "np.copyto(M, V, where=M > 3)", "np.copyto(M[1], V, where=V > 0)",
    "np.copyto(T, W)", "np.putmask(T, T > 1, W)", "np.putmask(V, V > 1, W)", "np.putmask(T, T > 1, [5.0, 6.0])",
    "np.place(T, T > 1, [0.0])", "np.place(T, T > 1, W)", "np.fill_diagonal(U, 7.0)", "np.fill_diagonal(U, V[:3])",
    "np.put_along_axis(U, np.argmax(U, axis=1, keepdims=True), 0.0, axis=1)", "np.put(T, [0, 1], [5.0, 6.0])",
    "np.put(T, I, W)", "np.put(U, [20], [1.0], mode='wrap')",
    "np.sum(M, axis=0, out=T)", "M.mean(axis=0, out=T)", "np.max(M, axis=0, out=V)", "np.cumsum(V, out=T)",
    "np.dot(W, U.T, out=U[:, 0].copy())", "V.cumprod(out=W)", "np.std(M, axis=0, out=V)", "np.take(V, I, out=T)",
    "np.concatenate([V[:2], W[:2]], out=T)", "np.argmax(M, axis=0, out=I)", "np.any(M > 3, axis=0, out=V > 0)",
    "T[:] = [1.0, 2.0, 3.0, 4.0]", "U[0] = (1, 2, 3, V[0])", "M[1] = [1, 2, 3, 4]", "U[[0, 2]] = V",
    "T[1:3] = [True, 2]",
    "T.flat[2] = 9.0", "U.flat[::3] = 0.0", "M.flat[5] = V[0]", "U[:, V > 0] = 1.0", "U[[[0], [2]], [1, 3]] = 5.0",
    "C = T + 1j * W\n    C.real = V\n    C.imag = W * 2\n    T = abs(C)", "C = np.empty(4, complex)\n    C.real = 1",
]  # fmt: skip
# Memory that existed before and is written in part by index, what overlaps, other layouts and dtypes.
LEFT = [
    "np.place(V, V > 1, [0.0])", "np.fill_diagonal(M, 7.0)", "np.put(V, [0], [1.0])", "np.cumsum(V, out=V)",
    "np.sum(M, axis=0, out=np.empty(4, 'f'))", "np.sum(M.T, axis=1, out=T)", "np.take(V, I, out=V)",
    "np.sum(M, axis=0, out=M[0])", "np.copyto(T, [1, 2, 3, 4])", "np.putmask(V, V > 1, [5.0, 6.0])",
    "np.concatenate([V[1:3], V[:2]], out=V)", "np.concatenate((T[1:3], W[:2]), out=T)",
    "np.stack([M[1], M[0], M[2]], out=M)",
]  # fmt: skip


def program(statement: str) -> Any:
    space: dict[str, Any] = {"np": np}
    before = "T, U = V * 2, M * 2"
    exec(f"def function(V, W, M, I):\n    {before}\n    {statement}\n    return T * 2, T, U, V, W, M, I", space)
    return space["function"]


def calls() -> list[tuple[Any, ...]]:
    return [(V, W, M, I), (W, V, M[::-1] + 0.5, I[::-1]), (V, V, M, I), (V, W, np.asfortranarray(M), I)]


@pytest.mark.parametrize("statement", [*WRITES, *LEFT])
def test_same_as_numpy(statement: str) -> None:
    differential(program(statement), *calls())


@pytest.mark.parametrize("statement", [text for text in WRITES if not text.startswith(("M", "np.any", "np.dot"))])
def test_one_graph(statement: str) -> None:
    function = program(statement.replace("np.copyto(M[1]", "np.copyto(U[1]"))
    if any(f"({name}, " in statement for name in "VM") or "out=V" in statement:
        differential(function, *calls())  # read again behind the write to what existed: a graph of its own
    else:
        whole(function, V, W, M, I)


def test_what_overlaps_is_left_to_numpy() -> None:
    stopped(program("np.sum(M, axis=0, out=M[0])"), V, W, M, I, code="GL107")


def test_place_reads_what_it_has_written() -> None:
    """NumPy goes through element by element: values from the array itself change on the way."""

    def function(x: Any, y: Any) -> None:
        np.place(x, x > 1, y)

    long = np.concatenate((V, W, V))
    differential(function, (V.copy(), W), (long, long), (long[1:], long[:-1]), (long[2:], long[:3]), (V, W))


@pytest.mark.parametrize("dtype", "?bBhHiIlLefdgFD")
def test_all_kinds_of_numbers(dtype: str) -> None:
    def function(a: Any, b: Any) -> Any:
        t = a + a
        np.copyto(t, b, where=b == b)
        np.putmask(t, t == a, b)
        np.place(t, t != b, [1])
        out = np.empty_like(np.cumsum(t))
        np.cumsum(t, out=out)
        return t, out, t + out

    for n in (0, 1, 5):
        a = np.arange(n).astype(dtype)
        differential(function, (a, a[::-1]), (a, a))


def test_errors_come_from_the_statement() -> None:
    for text in (
        *("np.copyto(T, W, where=M > 0)", "np.put(T, [9], 1)", "T[:] = [1.0, 2.0]", "np.sum(M, axis=1, out=T)"),
        *("np.concatenate([V[:2], W[:2]], out=T, dtype=float)", "np.stack([V, V, W], out=U, dtype=T.dtype)"),
    ):
        differential(program(text), *calls())
    frozen = V.copy()
    frozen.flags.writeable = False
    differential(program("np.copyto(V, W, where=W > 0)"), (frozen, W, M, I))


def test_masks_that_are_written_themselves() -> None:
    """NumPy goes over mask and array at the same time."""

    def made(x: Any) -> Any:
        t = x > 1
        t[1:][t[:-1]] = True
        s = x > 1
        s[1:][s[:-1]] = s[0]
        return t, t * 2, s

    def given(x: Any, b: Any) -> Any:
        x[b] = x[0]
        return x + 1

    def stored(x: Any, b: Any, y: Any) -> Any:
        x[b] = y[b]
        return x + 1

    def updated(x: Any, b: Any) -> Any:
        np.subtract(x, 1, out=x, where=b)
        np.add.at(x, b, 1)
        np.putmask(x, b, [2, 3])

    ones = np.array([1, 0, 0, 1, 0, 0, 0, 0, 0, 0], np.uint8)
    apart = ones[1:].copy(), ones[:-1].view(bool).copy()

    def overlapping() -> tuple[Any, ...]:
        fresh = ones.copy()
        return fresh[1:], fresh[:-1].view(bool)

    differential(made, (np.array([2.0, 0, 0, 2, 0, 0]),))
    for function in (given, updated):
        differential(function, apart, apart, overlapping, rounds=4)
    zeros = np.zeros(9, np.uint8)
    differential(stored, (*apart, zeros), (*apart, zeros), lambda: (*overlapping(), zeros), rounds=4)


def test_elements_that_share_memory_are_written_in_the_order_of_numpy() -> None:
    def function(x: Any, y: Any) -> None:
        x[:] = y[::-1]

    def repeated() -> tuple[Any, ...]:
        values = np.arange(20.0)
        return np.lib.stride_tricks.as_strided(values[5:], (6,), (0,), writeable=True), values[3:9][::-1]

    differential(function, (V.copy(), W), repeated, repeated)


SPREAD = ("exp2", "expm1", "log2", "log10", "arctan", "sqrt", "sin")


@pytest.mark.parametrize("name", SPREAD)
@pytest.mark.parametrize("shape", [(2, 33), (4, 2, 33), (33,)])
def test_an_operand_that_lies_backwards_is_spread_as_numpy_goes_through_it(name: str, shape: tuple[int, ...]) -> None:
    """NumPy's loops give other last bits where they go backwards."""
    fn = getattr(np, name)

    def into(x: Any, out: Any) -> Any:
        fn(x, out=out)
        return out

    def into_new(x: Any) -> Any:
        out = np.zeros(shape)
        np.arctan2(x, x, out=out)
        return out

    x = np.linspace(0.1, 3, 33)[::-1]
    for dtype in (np.float64, np.float32):
        differential(into, *[(x[::-1].astype(dtype)[::-1], np.zeros(shape))] * 3)
        differential(into_new, *[(x[::-1].astype(dtype)[::-1],)] * 3)


def test_a_mean_of_float16_is_added_up_in_what_is_written() -> None:
    def into(a: Any, out: Any) -> Any:
        return a.mean(axis=0, out=out)

    for a in (np.full((70, 1), 1000, np.float16), (np.arange(30).reshape(3, 10) * 1.37 - 9).astype(np.float16)):
        differential(into, *[(a, np.zeros(a.shape[1], np.float16))] * 3)


def test_a_shuffle_of_what_shares_memory() -> None:
    def shuffled(seed: int) -> Any:
        a = np.lib.stride_tricks.as_strided(np.arange(8.0), (4, 4), (8, 8))
        np.random.default_rng(seed).shuffle(a)
        return a.copy()

    def given(a: Any, rng: Any) -> Any:
        rng.shuffle(a)
        return a * 1.0

    differential(shuffled, (3,), (4,), (3,))
    for step in (8, 16):
        a = np.lib.stride_tricks.as_strided(np.arange(30.0), (4, 4), (step, 8))
        differential(given, *[(a, np.random.default_rng(5))] * 3)
