"""Operators, indexing and scalars: captured whole, and the same as NumPy in value, type, layout and mutation."""

import numpy as np
import pytest

from graphlet.capture import arrays
from graphlet.sources import LiveIn, ShapeItem
from tests.arrayops.cases import DTYPES, filled, layouts
from tests.capture.array_programs import whole
from tests.capture.playing import ops, stopped
from tests.oracle.runner import differential

A, B = filled((4, 5)) + 0.5, filled((5,)) + 0.25
NUMBERS = (3, 2.5, True, np.float64(1.5), np.float32(2), np.int8(3), np.uint64(5), np.bool_(True))


def arithmetic(a, b):
    return a + b, a - b, a * b, a / b, a // b, a % b, -a, +a, abs(a), divmod(a, b)


def test_arithmetic():
    for array in layouts((4, 5)):
        whole(arithmetic, array, B)
    for number in (3, 2.5, np.float64(1.5), np.float32(2), np.int8(3)):
        whole(arithmetic, A, number)
    for dtype in "bBhilfdg":
        whole(arithmetic, filled((4, 5), dtype), filled((5,), dtype))


def comparisons(a, b):
    big, small = a > 1, b < 2
    return a < b, a <= b, a == b, a != b, a > b, a >= b, big & small, big | small, ~big, big ^ small


def test_comparisons():
    whole(comparisons, A, B)
    for number in NUMBERS:
        whole(lambda a, n: (a < n, a == n, n >= a), A, number)


def test_integers():
    def f(a, n):
        return a << n, a >> 1, a & n, a | 3, a ^ n, ~a, n << a

    for dtype in "bBhiIlL":
        whole(f, filled((4,), dtype), filled((4,), dtype))


def powers(a):
    return a**2, a**0.5, a**-1, a**0, a**1, a**3, a**2.5, 2**a, a**a


def test_powers():
    for array in (filled((4, 5)), filled((4, 5), order="F"), filled((3,), "f"), filled((3,), "D"), filled(())):
        whole(powers, array)
    assert "power" in ops(whole(lambda a, n: a**n, A, 3))
    whole(lambda a, n: a**n, filled((3,), "l"), 2)


def test_numbers():
    def f(s, t):
        return s + t, s * t, s - t, s / t, s // t, s % t, -s, +s, s < t, s == t, abs(s), divmod(s, t)

    for s in (3, 2.5, True, np.float64(1.5), np.float32(2), np.int8(3)):
        for t in (2, 1.5, np.float64(2.5), np.int64(2)):
            whole(f, s, t)


def test_scalars_of_reductions():
    def f(a):
        m = a.mean()
        s = a.std()
        return (a - m) / s, m * 2, m > s, np.sqrt(m), m.dtype, m.shape, float(m) + 1, a[0, 0] + a.max()

    whole(f, A)
    whole(f, A.astype("f"))


def test_arrays_of_rank_zero():
    whole(lambda x: (x + 1, x * x, -x, x**2, x.sum(), x.shape, x[()], x[...], np.sin(x)), filled(()))


def indices(a, i, j):
    return a[i], a[i, j], a[-i:], a[:j:2], a[..., j], a[None, i, :, None], a[i, j] + 1, a[1:, 1:][::2], a[()], a[...]


def test_basic_indices():
    for array in layouts((4, 5)):
        whole(indices, array, 1, 2)
    whole(indices, A, np.int64(1), 2)


def test_sizes_follow_the_indices():
    def f(a, n):
        t = a[1:n]
        return t.shape, t.shape[0] * 2, t.size, len(t), t.sum() / t.size

    outcome = whole(f, A, 3)
    assert {"size", "total_size"} <= set(ops(outcome))
    assert whole(lambda a: a.shape[0] * 2, A).inputs == (ShapeItem(LiveIn(0, "a"), 0),)


def test_index_arrays_and_masks():
    def f(a, i):
        return a[i], a[[0, 2]], a[i, i], a[a > 1], a[a > 1] * 2, a[:, i], a[i][0]

    whole(f, A, np.array([0, 1, 1]))
    whole(lambda a, i: a[[i, 0]], A, 1)


def test_rows_of_an_array():
    def f(a):
        total = 0.0
        for row in a:
            total += row.sum()
        return total

    whole(f, A)


def test_indices_that_numpy_refuses():
    stopped(lambda a: a + a[7], A, code="GL107")
    stopped(lambda a: a * 2 + a[0, 0, 0], A, code="GL107")
    stopped(lambda a: a + a["x"], A, code="GL107")


def test_shapes_that_do_not_fit():
    stopped(lambda a, b: a * 2 + b, A, filled((4,)), code="GL107")
    stopped(lambda a, b: a * 2 @ b, A, A, code="GL107")


def test_operands_that_are_left_to_numpy():
    stopped(lambda a: a * 2 + [1.0] * 5, A, code="GL107")
    stopped(lambda a, b: a * 2 + b, A, np.array(["x"]), code="GL106")


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_python_numbers_are_weak(dtype):
    whole(lambda a: (a * True, a == 2, a != 2.5), filled((3,), dtype))
    whole(lambda a, n: (a + n, a * 2), filled((3,), dtype), 1)
    whole(lambda a, x: (a + x, x / a), filled((3,), dtype), 1.5)


def test_products():
    whole(lambda a, b: (a.T @ a, a @ b, a.dot(b), np.dot(a.T, a), np.outer(b, b), b @ b), A, B)


def test_a_temporary_that_numpy_might_reuse():
    whole(lambda a: (a.T * 2) + 1, A)
    whole(lambda a: a[1:, 1:] * 2 + a[:-1, 1:], A)
    whole(lambda a, b: (a.T * 2) + b, A, filled((5, 4)))
    stopped(lambda a, b: (a.T * 2) + b, filled((200, 300)), filled((300, 200)), code="GL107")
    whole(lambda a, b: b + a.T, A, filled((5, 4)))


def layouts_meet(a, b, t):
    g, h = np.meshgrid(a[0], b[0])
    u = t.transpose(1, 0, 2)
    return np.sqrt(g**2 + h**2) * 2 + g, (a + 1) * (b + 2), u * 2 + u, (u + 1) * (u - 1), u * 2 + t, (a * 2) / b.T.T


@pytest.mark.parametrize("n", [3, 40, 300])
def test_large_temporaries_of_all_layouts(n):
    t = np.ones((min(n, 50),) * 3)
    differential(layouts_meet, (np.ones((n, n)), np.asfortranarray(np.ones((n, n))), t))
    differential(layouts_meet, (np.ones((n, n)).T, np.ones((n, n)), t.transpose(2, 1, 0)))


def left_over(x, k):
    return (
        *(x.sum(axis=1, keepdims=True) * k, x.mean(axis=0, keepdims=True) + 1, 2 * x.max(axis=1, keepdims=True)),
        *(x.var(axis=1, keepdims=True) + x.sum(axis=1, keepdims=True), np.nanmean(x, axis=1, keepdims=True) / k),
    )


@pytest.mark.parametrize("n", [10, 40_000])
def test_strides_of_axes_of_one_element_in_large_temporaries(n):
    x = np.arange(n * 3.0).reshape(n, 3)
    for array in (x, np.asfortranarray(x), x.T, np.asfortranarray(x).T, x[:, ::-1]):
        differential(left_over, (array, 2.0), (array, 3.0))


def views_of_views(x, k):
    m = x * 1.0
    r, s, u = m.ravel(order="F"), m.ravel("K"), np.ravel(m.T, order="F")
    m += 1
    r += 2
    s *= 2
    u -= 1
    return m, r, s, u, m.ravel("A")


def unpacked_and_written(x, k):
    a, b = (x * 2).reshape(2, -1)
    m = x.T * 1.0
    c, d = m[:, :2].T
    c += 5
    a -= 1
    return a * b, m, c, d


def parts_of_one(x, k):
    v = (x * 2)[:1].squeeze()
    v += 1
    return v, np.squeeze(x[k : k + 1]), x - x[:1], x * x[-1:], x[0:1] + x[:, -1:]


@pytest.mark.parametrize("function", [views_of_views, unpacked_and_written, parts_of_one])
def test_orders_and_parts(function):
    x = np.arange(16.0).reshape(4, 4)
    for array in (x, x.T, np.arange(32.0).reshape(4, 8)[:, ::2], x.astype("i4"), x[:2], np.ones((400, 400)).T):
        differential(function, (array, 1), (array, 2))
    whole(function, x, 1)


def test_unpacking_what_has_another_length():
    def function(x, n):
        a, b = x[x > n]
        return a * 2, b

    x = np.array([1.0, 2.0, 3.0, 4.0])
    differential(function, (x, 2), (x, 1), (x, 3), (x, 9), (x, 2))


def test_equality_of_dtypes():
    whole(lambda a: (a.dtype == np.float64, a.dtype == "f4", a.dtype != float, a.dtype == a.T.dtype), A)
    assert arrays.equal_constants(1, 2) is None
    assert arrays.equal_constants(np.dtype("d"), object()) is None
