"""Elements of arrays that existed before, set by index: ``a[i] = v``, ``a[i] += v``, ``ufunc.at``, ``put`` ..."""

import threading
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.backends.eager import eager
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

V, W = np.array([3.0, -1.5, 2.0, 0.5, 7.0, -2.0]), np.array([0.5, 2.0, -1.0])
M = np.arange(12.0).reshape(3, 4)
I, J = np.array([2, 0, 5]), np.array([1, 1, 4])  # noqa: E741

# Statements whose last word on the array is a store: one graph.
STORES = [
    "V[I] = W", "V[I] = 1.5", "V[J] = W", "V[J] += W", "V[I] *= 2", "V[[0, 2]] = 9", "V[I] = W[0]",
    "V[[1, -1]] -= W[:2]", "M[[0, 2]] = V[:4]", "M[:, [1, 3]] = 0", "M[:, [1, 3]] += 1", "M[[0, 2], [1, 3]] = W[:2]",
    "M[I % 3, 1] = W", "M[1, I % 4] -= W", "M[[[0], [2]], [1, 3]] = 5", "V[1:][I - 1] = W", "V[::-1][I] += W",
    "M.T[[1, 2]] = W", "V[I] = np.exp(W)\n    V[J] = 1", "V[I] = I", "V[np.argsort(V)[:3]] = W",
    "V[np.flatnonzero(V > 1)] = 0.0", "M[..., [0]] = 1", "M[None, [0, 1]] = 2", "V[V > 1] += 1", "V[V > 1] = W[0]",
    "M[M > 3] *= 2", "M[M[:, 0] > 1] = 7", "M[M[:, 0] > 1, 2] = 7", "np.add.at(V, J, W)", "np.add.at(V, J, 1)",
    "np.subtract.at(V, I, W)", "np.maximum.at(V, J, 0)", "np.add.at(M, [0, 0, 2], 1.0)",
    "np.add.at(M, (I % 3, J % 3), W)", "np.multiply.at(V, [1, 1], W[:2])", "np.put(V, I, W)", "np.put(V, [0, 1], 5)",
    "V.put(J, W)", "np.put(M, I, W)", "np.place(V, V > 1, [0.0, 1.0])", "np.place(M, M > 3, W)",
    "np.putmask(V, V > 1, [5.0, 6.0])", "np.putmask(M, M > 2, W)", "np.fill_diagonal(M, 7)",
    "np.fill_diagonal(M, W[0])", "np.add.at(V, J, W)\n    W[:] = 0",
    "np.put_along_axis(M, M.argmax(1, keepdims=True), 0, 1)", "np.put_along_axis(V, I, W, 0)",
    "np.put_along_axis(M, M.argsort(0), M * 2, axis=0)", "np.put_along_axis(M, M[:, :2].argsort(), V[:2], -1)",
    "np.add(M, 1, out=M, where=M > 3)", "np.divide(1, V, out=V, where=V > 1)", "np.sqrt(V, out=V, where=V > 0)",
    "np.multiply(V, V[::-1], out=V, where=V < 1)", "np.exp(W[0], out=M, where=M < 2)",
]  # fmt: skip
# What is read again, or may overlap: the region ends, or stands back.
BROKEN = [
    "V[I] = W\n    r = V * 2", "V[I] = np.exp(W)\n    V[J] += 1", "V[I] = V[::-1][:3]", "V[I] = V[I[::-1]]",
    "I[I % 3] = 0", "V[9 + I] = 1", "V[I] = M", "V[I] = W[:2]", "V[J] += W\n    V[I] = V[J] + 1",
    "np.add.at(V, J, W)\n    r = V.sum()", "np.add.at(V, 2, 1.0)", "np.add.at(V, I + 9, W)",
    "np.put(V, I, W, mode='wrap')", "np.put_along_axis(M, I, 0, 1)", "np.put_along_axis(M, M.argsort(0) + 1, 0, 0)",
    "np.put_along_axis(M, I, 0, None)", "np.put_along_axis(M, M.argsort(0), 0, 2)", "np.put_along_axis(V, W, 0, 0)",
    "np.put_along_axis(values=W, arr=V, axis=0, indices=I)", "np.put_along_axis(V, I, W[:2], 0)",
    "np.add(M, 1, out=M, where=V[:4] > 3)", "np.log(V, out=V, where=V > -9)",
    "np.add(V[:1], 1, out=V[:1], where=V[:1] > 0)",
    "np.add(V, 1j, out=V, where=V > 3)", "np.add(V, V, out=V, where=V)",
    "np.add(V[1:], 1, out=V[:-1], where=V[1:] > 0)",
    "np.less(V, 1, out=V > 0, where=V > 1)", "np.add(I, 0.5, out=I, where=I > 0)",
    "np.fill_diagonal(M, W)", "np.fill_diagonal(V, 1)", "np.put(M.T, I, W)", "V[I] = 1j", "V[I] = [1, 2, 3]",
    "V[I.astype(float)] = 0", "V[(I, I)] = 0", "I[[0, 1]] = W[:2] * 1.5", "I[[0]] = np.nan * W[:1]", "V[True] = 3",
    "np.place(V, V > 1, V)", "np.place(V[1:], V[1:] > 1, V[:-1])", "np.place(V, V > 1, V * 1)",
    "np.divide.at(V, I, 0.0)", "W[[0, 1]] = V[:2]\n    V[[0, 1]] = W[:2]",
]  # fmt: skip


def program(statement: str) -> Any:
    space: dict[str, Any] = {"np": np}
    exec(f"def function(V, W, M, I, J):\n    W = W * 1.0\n    r = 0\n    {statement}\n    return W + 1, r", space)
    return space["function"]


def calls() -> list[tuple[Any, ...]]:
    again = (V[::-1] + 1, W * 3, np.asfortranarray(M) - 5, I[::-1], J)
    return [(V, W, M, I, J), again, (V.astype("f4"), W, M * 2, I.astype("i4"), J)]


@pytest.mark.parametrize("statement", [*STORES, *BROKEN])
def test_same_as_numpy(statement: str) -> None:
    differential(program(statement), *calls())


@pytest.mark.parametrize("statement", STORES)
def test_one_graph(statement: str) -> None:
    whole(program(statement), V, W, M, I, J)
    report = differential(program(statement), (V, W, M, I, J), (V * 2, W, M, I[::-1], J))
    assert report.last_share.native == 1.0, report.last_share


def test_overlap_and_layouts() -> None:
    def function(a, b, i):
        c = b * 2
        a[i] = b[:2]
        a[i] += c[:2]
        return c

    line = np.arange(20.0)
    for a, b in ((line[:10], line[5:15]), (line[::2], line[1::2]), (line[::-1], line), (line[10:], line[:10])):
        differential(function, (a, b, np.array([1, 2])), (a, b + 0, np.array([3, 3])))
    same = np.broadcast_to(line, (3, 20)).copy()
    differential(function, (same[:, 1], same[1], np.array([0, 2])))
    frozen = line.copy()
    frozen.flags.writeable = False
    differential(function, (frozen, line, np.array([1, 2])))


@pytest.mark.parametrize("dtype", "?bBhHiIlLefdgFDG")
def test_all_kinds_of_numbers(dtype: str) -> None:
    def function(a: Any, i: Any, b: Any) -> Any:
        a[i] = b[:2]
        np.add.at(a, i, b[:2])
        c = b + b
        a[i] = True
        return c

    for values in (np.arange(6), np.arange(6)[::-1]):
        a = values.astype(dtype)
        differential(function, (a, np.array([1, 3]), a + a), (a, np.array([-1, 3]), a), (a, [0, 0], a))


def test_an_index_that_does_not_fit_changes_nothing() -> None:
    def function(a, i, b):
        a[0:2] = b * 2
        try:
            a[i] = b
        except IndexError as error:
            return str(error)
        return "stored"

    differential(function, (V, np.array([0, 1]), W[:2]), (V, np.array([0, 9]), W[:2]), (V, np.array([0, -7]), W[:2]))


def test_threads_that_write_other_elements_lose_nothing() -> None:
    def function(a, i):
        a[i] = i * 2.0 + 1

    fast = graphlet.optimize(function)
    a = np.zeros(40_000)
    parts = [np.arange(k, a.size, 4) for k in range(4)]
    for part in parts:
        fast(a, part)

    def work(part: Any) -> None:
        for _ in range(50):
            a[part] = 0
            fast(a, part)

    threads = [threading.Thread(target=work, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(a, np.arange(a.size) * 2.0 + 1)


# Stores of some elements of V or M, which leave the others alone: V[3] and M[1, 1], where the condition is false.
ELSEWHERE = [
    "V[V > 1] = 5.0", "V[V > 1] = W[0]", "V[V > 1] = W", "V[V > 1] += 1", "V[I] = W", "V[1:][V[1:] > 1] = 2.0",
    "M[M > 6] = 5", "M[M > 6] *= 2", "M[M[:, 0] > 6] = 1", "np.copyto(V, V * 3, where=V > 1)",
    "np.copyto(V, 9.0, where=V > 1)", "np.copyto(M, V[:4], where=M > 6)", "np.putmask(V, V > 1, V + 5)",
    "np.copyto(M, 0.0, where=V[:4] > 1)", "np.place(V, V > 1, [4.0])", "np.add.at(V, I, W)",
    "np.fill_diagonal(M[1:], 3)", "np.add(V, 1, out=V, where=V > 1)",
]  # fmt: skip


@pytest.mark.parametrize("statement", ELSEWHERE)
def test_a_second_writer_loses_nothing(statement: str) -> None:
    """The other writer is at work between what is computed and what is stored."""
    function = program(statement)
    given = V.copy(), W.copy(), M.copy(), I % 3, J

    def disturbed(graph: Any, examples: Any) -> Any:
        run = eager(graph, examples)

        def kernel(*inputs: Any) -> Any:
            outputs = run(*inputs)
            given[0][3] = given[2][0, 3] = 77.0
            return outputs

        return kernel

    fast = graphlet.optimize(function, backend=disturbed)
    fast(*given)
    expected = V.copy(), W.copy(), M.copy(), I % 3, J
    function(*expected)
    expected[0][3] = expected[2][0, 3] = 77.0
    assert fast.graphlet.stats()["hits"] > 0
    for got, want in zip(given, expected, strict=True):
        assert np.array_equal(got, want)


def test_what_is_read_behind_a_masked_store() -> None:
    def function(a, b, m):
        a[m] = 0.25
        c = a * b
        a[a > 1] = b[a > 1]
        a[m] = 3
        return c, a + b, a[::-1].sum()

    for n in (5, 9):
        a = np.linspace(0.1, 2, n)
        differential(function, (a, a[::-1] + 1, a > 1), (a, a, a > 1), (a[::-1], a, a < 1), native=0.8)
    with pytest.raises(IndexError):
        graphlet.optimize(function)(a, a, a[1:] > 1)
    differential(function, (a, a, a > 1), (a, a, a[1:] > 1))


def stored_in_other_byte_order(a):
    a[a >= 1] = 3
    return a.copy(), a + 1, [a.dtype]


def axes_of_one_element(a):
    b = a * 2
    b[a > b] = 0.25
    return b, b + 1


def powers_of_single_elements(a, k):
    for row in a:
        for _ in range(20):
            row **= k


@pytest.mark.parametrize("dtype", [">i4", ">f8", "<f8", ">c16"])
def test_masked_stores_keep_the_byte_order(dtype):
    differential(stored_in_other_byte_order, lambda: (np.arange(3).astype(dtype),), lambda: (np.ones((2, 3), dtype),))


@pytest.mark.parametrize("shape", [(1, 4, 3), (4, 1, 3), (4, 3, 1), (3, 1), (1, 3), (2, 3, 4)])
def test_masked_stores_keep_strides_of_axes_with_one_element(shape):
    def given(order):
        return (np.asarray(np.arange(float(np.prod(shape))).reshape(shape) - 3.0, order=order),)

    differential(axes_of_one_element, lambda: given("F"), lambda: given("C"))


def test_powers_of_single_elements_in_place():
    rng = np.random.default_rng(582)
    numbers, exponents = rng.random((12, 4, 1)) + 0.1, rng.random(12) * 2
    for a, k in zip(numbers, exponents, strict=True):
        differential(powers_of_single_elements, lambda a=a, k=k: (a[::-1, ::-1].copy()[::-1, ::-1], np.array(k)))


def cast_then_in_place(a):
    b = a * 1
    b += 1
    c = a * 1
    np.clip(c, 0, 2, out=c)
    return b, c, b[1:]


@pytest.mark.parametrize("dtype", [">i4", ">f8", ">c16", "f8"])
@pytest.mark.parametrize("shape", [(1, 4, 3), (4, 1, 3), (3, 1), (2, 3)])
def test_arithmetic_with_a_cast_has_strides_of_its_own(dtype, shape):
    whole = np.arange(float(np.prod(shape))).reshape(shape).astype(dtype)
    differential(cast_then_in_place, lambda: (whole.copy(),), lambda: (np.asfortranarray(whole),))


OPERANDS = ["a, a[-1]", "a[-1], a[0]", "a, a", "a, 1.0", "a[::-1], 1.0", "a, a[::-1]", "a.copy(), a[0].copy()"]


@pytest.mark.parametrize("operands", OPERANDS)
@pytest.mark.parametrize("name", ["logical_or", "add", "greater"])
def test_where_an_operand_overlaps_the_result_of_a_masked_operation(operands, name):
    function = one_line(f"np.{name}({operands}, out=a, where=a > 0, casting='unsafe')")
    plain = one_line(f"np.{name}({operands}, out=a, where=a > 0)")
    a = np.random.default_rng(3).normal(size=(7, 2))
    differential(function, lambda: (a.copy(),))
    differential(plain, lambda: (a.copy(),))


def one_line(text):
    namespace = {"np": np}
    exec(f"def f(a):\n    {text}\n    return a.sum()\n", namespace)
    return namespace["f"]


def set_by_index(a, b):
    a *= 2
    b[[1, 3, 0]] = a[:3]
    return b


def set_by_mask(a, b):
    a *= 2
    b[np.array([True, False, True, True])] = a[1:]
    return b


def set_to_the_result(a, b):
    b[b > -9] = np.sin(a, out=a)
    return b


VIEWS = [
    lambda x: (x[:4], x[:4]), lambda x: (x[1:], x[:4]), lambda x: (x[:4], x[1:]), lambda x: (x[3::-1], x[:4]),
    lambda x: (x[:4], x[3::-1]), lambda x: (x[:4].copy(), x[1:]), lambda x: (x[:0:-1], x[3::-1]),
]  # fmt: skip


@pytest.mark.parametrize("apart_first", [False, True])
@pytest.mark.parametrize("views", VIEWS)
@pytest.mark.parametrize("function", [set_by_index, set_by_mask, set_to_the_result])
def test_what_was_written_in_place_is_stored_by_index_where_it_overlaps(function, views, apart_first):
    x = np.array([1.0, -2.0, 3.0, -4.0, 7.0])
    first = [lambda: (x[:4].copy(), x[1:].copy())] * 3 * apart_first
    differential(function, *first, lambda: views(x.copy()))


@pytest.mark.parametrize("views", VIEWS)
def test_a_mask_that_was_written_in_place_overlaps_what_it_masks(views):
    def flip(a, b):
        a ^= True
        b[a] ^= True
        return b

    differential(flip, lambda: views(np.array([True, False, False, True, True])))
