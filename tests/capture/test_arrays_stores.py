"""Statements that change arrays made in the region."""

import numpy as np
import pytest

from tests.arrayops.cases import filled, layouts
from tests.capture.array_programs import whole
from tests.capture.playing import ops, stopped
from tests.oracle.runner import differential

A, B = filled((4, 5)) + 0.5, filled((5,)) + 0.25


def test_stores():
    def f(a, b, i):
        z = np.zeros(a.shape)
        z[0] = b
        z[:, 1] = 2.5
        z[i] = a[0]
        z[1:, ::2] = a[1:, ::2] * 2
        z[i, i] = 7
        z[-1] += 1
        z[[0, 1]] = b
        return z

    for array in layouts((4, 5)):
        whole(f, array, B, 2)


def test_overlapping_parts_of_one_array():
    def f(a):
        b = a.copy()
        b[1:] = b[:-1]
        b[:, 1:] += b[:, :-1]
        b[::-1] = b
        return b

    for array in layouts((4, 5)):
        whole(f, array)


def test_masks():
    def f(a):
        b = a + 0
        b[b > 1] = 0
        b[b == 0] = -1.5
        return b

    assert ops(whole(f, A)).count("where") == 2
    for dtype in "?blfD":
        whole(lambda a: masked(a.copy()), filled((4, 5), dtype))


def masked(b):
    b[b != 1] = 1
    return b


MASKED = [
    "x[m] = y[m]", "x[m] = y[m] * 2 + 1", "x[m] += y[m]", "x[m] = i[m]", "x[m] = np.sort(y[m])", "x[m] = x[m][::-1]",
    "x[m] = x[::-1][m]", "x[x > 1] = x[x > 1] * 0.5", "x[m] = y[:1]", "x[m] = y", "x[m] = y[m][:1]",
    "x[m] = np.nan", "i[m] = y[m]",
]  # fmt: skip


@pytest.mark.parametrize("statement", MASKED)
def test_arrays_stored_by_mask_in_memory_that_existed(statement):
    space = {"np": np}
    exec(f"def function(x, y, i, m):\n    z = x * 2\n    {statement}\n    return z + y, x * 2, i", space)
    x, y, i = np.array([3.0, -1.5, 2.0, 0.5]), np.array([0.5, 2.0, -1.0, 4.0]), np.arange(4)
    m = np.array([True, False, True, True])
    views = np.arange(8.0)[::2], np.arange(4.0)[::-1], i, ~m
    differential(space["function"], (x, y, i, m), (x, x, i, m), views, (x, y, i, m & False), (x, x[::-1], i, m))
    frozen = x.copy()
    frozen.flags.writeable = False
    differential(space["function"], (frozen, y, i, m), (x.astype("f4"), y, i.astype("i1"), m))


def test_a_mask_of_another_shape():
    def f(a, b):
        c = a + 0
        c[b > 1] = 0

    for mask in (B[:1], B[1:]):
        stopped(f, B, mask, code="GL111")


def test_stores_through_views_are_seen_by_all():
    def f(a):
        b = a * 2
        v = b[1:]
        w = b.T
        v[0] = 9
        w[0] = -1
        b[:, 2] = 5
        return b, v, w, v + 1, w.sum(axis=0), b.mean()

    whole(f, A)


def test_operators_that_change_their_array():
    def f(a, b):
        c = a + b
        d = c
        v = c[1:]
        c += 1
        c *= b
        v -= 2
        c **= 2
        c /= 3
        d //= 0.5
        return c, v, c is d

    for array in layouts((4, 5)):
        whole(f, array, B)


def test_operators_keep_the_dtype_of_their_array():
    def f(a, x):
        a = a.copy()
        a += x
        a *= 2
        return a

    for dtype, number in (("f", 2.5), ("f", np.float64(2)), ("b", 3), ("b", np.int64(3)), ("D", 1.5), ("e", 2)):
        whole(f, filled((3, 4), dtype), number)
    stopped(f, filled((3,), "l"), 2.5, code="GL111")


def test_rank_zero():
    def f(x):
        y = x.copy()
        y += 1
        y[...] = y * 2
        return y

    whole(f, filled(()))


def test_whole_arrays_become_other_nodes():
    def f(a, b):
        out = np.empty_like(a)
        np.add(a, b, out=out)
        out *= 2
        out -= out.mean(axis=0)
        return out

    outcome = whole(f, A, B)
    assert not {"setitem", "after"} & set(ops(outcome))


def test_views_made_again_keep_their_sizes():
    def f(a, n):
        c = a * 2
        v = c[1:n]
        c += 1
        return v + np.ones((n - 1, 1)), v.shape, c

    outcome = whole(f, A, 3)
    sizes = {node.type.shape[0].root() for node in outcome.graph.nodes if node.name.startswith("getitem")}
    assert len(sizes) == 1


def test_the_last_step_of_an_operator_on_a_part_stores_nothing():
    def f(a, i):
        b = a.copy()
        b[i] += 1
        b[1:3, 0] *= 2
        return b

    assert ops(whole(f, A, 1)).count("setitem") == 2


def test_numbers_are_replaced_not_changed():
    def f(a):
        s = a.sum()
        t = s
        s += 1
        n = 2.0
        n += a
        return s, t, n

    whole(f, A)


def test_fill_sort_and_copyto():
    def f(a):
        b = np.empty_like(a)
        b.fill(3.5)
        c = a.copy()
        c.sort()
        d = a.copy()
        d.sort(axis=0)
        np.copyto(b[0], a[1])
        return b, c, d

    whole(f, A)


@pytest.mark.parametrize("value", [np.zeros(3), 1j, np.zeros((2, 5))], ids=str)
def test_stores_that_numpy_refuses(value):
    def f(a, value):
        b = a * 2
        b[:, 0] = value

    stopped(f, A, value, code="GL107")


def test_read_only_views():
    def f(a):
        b = np.broadcast_to(a * 2, (2, 4, 5))
        b[0] = 1

    stopped(f, A, code="GL111")


def test_nested_lists_are_left_to_numpy():
    def f(a):
        b = a * 2
        b[:] = [[1.0] * 5] * 4

    stopped(f, A, code="GL107")


def add_to(a, out):
    out += a


OUTPUTS = [
    (lambda a, out: np.sin(a[None], out=out), A, A * 0),
    (lambda a, out: np.add(a, 1, out=out), A, B * 0),
    (add_to, A, B * 0),
    (lambda a, out: np.matmul(a[:1], a.T, out=out), A, np.zeros((4, 4))),
]


@pytest.mark.parametrize("number", range(len(OUTPUTS)))
def test_outputs_of_another_shape(number):
    operation, a, out = OUTPUTS[number]
    with pytest.raises(ValueError):
        operation(a, out.copy())

    def existing(a, out):
        operation(a, out)

    def made(a, b):
        operation(a, b + 0)

    stopped(existing, a, out, code="GL111")
    stopped(made, a, out, code="GL111")


def test_an_output_may_be_larger_than_the_result():
    def f(a, b):
        c = a * 1
        np.sin(b, out=c)
        np.sin(b[None], out=a)
        return c

    whole(f, A, B)


def test_an_element_of_an_array_that_existed():
    def f(a, b):
        a[0] = b

    whole(f, B, np.array(2.0))
    stopped(f, B, np.ones((1, 1)), code="GL107")


def counted(x, places, weights):
    out = np.zeros(4)
    np.add.at(out, places, weights)
    np.maximum.at(out, [0, 0, 1], 0.5)
    view = out[1:]
    view.put([0, 2], [7.0, x.sum()])
    np.put(out, 1, 3)
    return out, view, x * out.sum()


def at_existing(x, places, weights):
    np.subtract.at(x, [0, 0], 1.0)
    np.put(x, [1], 5)
    return x + 1


def test_writes_at_places() -> None:
    x, places, weights = np.arange(4.0), np.array([0, 0, 3, 1]), np.array([1.0, 2.0, 0.5, 4.0])
    differential(counted, (x, places, weights), (x, places[:2], weights[:2]), native=0.6)
    differential(counted, (x, places + 2, weights), (x, places, weights[:3]), (x, weights, weights), rounds=2)
    differential(at_existing, (x, places, weights), rounds=2)


def test_parts_named_by_slices_that_are_passed():
    def f(a, s):
        b = a[s] * 2
        c = a[None, s, None].sum(axis=0)
        a[s] += 1
        return b, s, c

    for s in (slice(1, None, 2), slice(None), slice(-3, 3), slice(None, None, -1), slice(np.int64(1), 3)):
        assert ops(whole(f, A, s)).count("getitem") >= 2
    assert differential(f, *[(A, slice(i, None)) for i in range(6)], (A, slice("a", None)), (A, 1)).share.native > 0.5


def test_slices_on_the_stack():
    def f(a, b):
        a[None, ::2, None] += b.sum()
        a[..., None, 1:] //= b.max()
        return a * 2

    differential(f, (A, B), (A.copy(), B), native=0.6)


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "maximum", "minimum", "fmax", "fmin"])
def test_two_nans_that_meet_in_one_element_in_place(name: str) -> None:
    ufunc = getattr(np, name)

    def function(a, b):
        c = a * 1
        ufunc(a, b, out=a)
        ufunc(c, b, out=c)
        c += b
        return c

    one, other = (np.array(bits, np.uint64).view("f8") for bits in (0x7FF8000000000001, 0xFFF8000000000002))
    calls = [(np.full(shape, x), np.full(shape, y)) for shape in ((), (1,), (1, 1), (2,)) for x, y in
             ((one, other), (other, one))]  # fmt: skip
    differential(function, *calls)
