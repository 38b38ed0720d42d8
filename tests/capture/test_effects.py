"""Writes to arrays that existed before, what is read behind them, and memory that is shared."""

import numpy as np
import pytest

from graphlet.guards.kinds import ArrayIs, NotOverlapping
from tests.arrayops.cases import filled, layouts
from tests.capture.array_programs import whole
from tests.capture.playing import captured, ops, stopped
from tests.oracle.runner import Call, differential

A, B = filled((4, 5)) + 0.5, filled((5,)) + 0.25


def add_in_place(a, b):
    a += b
    return a


def test_writes_become_commits():
    outcome = whole(add_in_place, A.copy(), B)
    assert len(outcome.commits) == 1
    assert any(isinstance(guard, ArrayIs) and guard.writeable for guard in outcome.guards)
    assert "setitem" not in ops(outcome)


def test_stores_into_parts():
    def f(a, b, i):
        a[1:-1, 1:-1] = (a[:-2, 1:-1] + a[2:, 1:-1]) * 0.5
        a[0] = b
        a[i, 0] = 7
        a[i] = 2.5

    for array in (A.copy(), A.astype("f"), np.asfortranarray(A), filled((4, 5), "l")):
        whole(f, array, B, 3)


def test_values_are_cast_as_a_store_does():
    def f(a, b, x):
        a[0] = x
        a[1, 1] = 3
        a[2] = b * 2.5

    for dtype in "bBlfdD":
        whole(f, filled((4, 5), dtype), B, 2)


def test_whole_arrays_are_seen_through():
    def f(a, b):
        a += b
        a *= 2
        c = a[1:] + 1
        a -= c.mean()
        return c, a.sum(), a[0] * 1

    outcome = whole(f, A.copy(), B)
    assert len(outcome.commits) == 3
    whole(f, np.asfortranarray(A), B)


def test_slices_of_c_arrays_are_written_in_place():
    def f(a, b):
        c = (a > 1) & (a * 2 > b)
        a[1:] *= b
        return c

    for array in (filled((8, 10))[::2, ::2], filled((4, 10))[:, ::-2], filled((8, 5))[::-2]):
        outcome = whole(f, array, B)
        assert any(isinstance(guard, ArrayIs) and guard.order == "S" and guard.writeable for guard in outcome.guards)
        assert [n.type.order for n in outcome.graph.nodes if n.target is np.bitwise_and] == ["C"]


def test_views_that_leave_share_memory():
    def f(a, b):
        v = a[1:]
        a += b
        return v, a.T, a

    frame_args = (A.copy(), B)
    whole(f, *frame_args)
    differential(f, Call(frame_args))


def test_masks():
    def f(a):
        a[a > 1] = 0
        return a.sum()

    outcome = whole(f, A.copy())
    assert ops(outcome).count("where") == 1

    def g(a, i):
        a[i] = 0

    whole(g, A.copy(), np.array([0, 1]))

    def h(a, i):
        a[i] = 0
        return a * 2

    stopped(h, A.copy(), np.array([0, 1]), code="GL105")


def test_out_and_methods():
    def f(a, b):
        np.multiply(a, b, out=a)
        np.sqrt(a, a)
        b.fill(2.0)
        a.sort(axis=0)
        return a.mean()

    whole(f, A.copy(), B.copy())


def test_reads_behind_a_partial_write_end_the_region():
    def f(a):
        a[0] = 1
        return a.sum()

    stopped(f, A.copy(), code="GL105")

    def g(a):
        a[0] += 1
        a[1] *= 2
        return a

    stopped(g, A.copy(), code="GL105")


def test_other_arrays_may_be_read_if_they_do_not_overlap():
    def f(a, b):
        a[0] = 1
        return b * 2

    outcome = whole(f, A.copy(), B)
    assert any(isinstance(guard, NotOverlapping) for guard in outcome.guards)
    x = filled((6, 5))
    whole(f, x[1:], x[0])
    stopped(f, x[1:], x[2], code="GL105")


def test_self_assignment_with_overlap():
    def f(a):
        a[1:] = a[:-1]

    for array in layouts((4, 5)):
        if array.flags.writeable:
            whole(f, array.copy())
    whole(f, filled((6,)))


def test_the_last_step_of_an_operator_on_a_part_commits_once():
    def f(a, b):
        a[1:-1] += b
        a[0, 0] *= 1

    outcome = captured(f, A.copy(), B)
    assert len(outcome.commits) >= 1

    def g(a, b):
        a[1:-1] += b

    assert len(whole(g, A.copy(), B).commits) == 1


def test_read_only_arrays():
    x = A.copy()
    x.flags.writeable = False

    def f(a):
        b = a * 2
        a += 1
        return b

    stopped(f, x, code="GL111")


def test_casts_that_numpy_refuses():
    def f(a):
        b = a * 2
        a += 2.5
        return b

    stopped(f, filled((3,), "l"), code="GL111")
    stopped(f, filled((3,), "?"), code="GL111")


def test_arrays_whose_elements_may_share_memory():
    def f(a):
        b = a * 2
        a += 1
        return b

    x = np.lib.stride_tricks.as_strided(np.arange(6.0), (4, 3), (8, 8))
    stopped(f, x, code="GL107")
    differential(f, lambda: (np.lib.stride_tricks.as_strided(np.arange(6.0), (4, 3), (8, 8)),))


def test_a_stored_array_may_change_later():
    def f(a, b):
        c = b * 2
        a[0] = c
        c += 1
        return c

    whole(f, A.copy(), B)

    def g(a, b):
        c = b * 2
        a[0] = c
        c[0] = 1
        return c

    stopped(g, A.copy(), B, code="GL105")


def test_a_view_of_a_replaced_array():
    def f(a, b):
        c = a * 2
        v = c[1:].T
        c += b
        w = v * 1
        v[0] = 5
        c *= 2
        return c, v, w

    outcome = whole(f, A, B)
    assert outcome.commits == ()


PROGRAMS = {}


def program(fn):
    PROGRAMS[fn.__name__] = fn
    return fn


@program
def written_and_read(a, b):
    a += 1
    return b * 2


@program
def shifted(a, b):
    a[...] = b[::-1]
    return a.sum()


@program
def both_written(a, b):
    a *= 2
    b[0] = 9
    return a.sum()


@program
def crossed(a, b):
    c = a + b
    a[0] = c[1]
    b[1] = c[0]
    return c


@program
def into_the_other(a, b):
    np.add(a, 1, out=b)
    np.exp(b * 0.1, out=a)
    return a is b


MAKERS = {
    "apart": lambda: (filled((6, 5)), filled((6, 5)) * 2),
    "same": lambda: (lambda x: (x, x))(filled((6, 5))),
    "shifted": lambda: (lambda x: (x[1:], x[:-1]))(filled((7, 5))),
    "shifted back": lambda: (lambda x: (x[:-1], x[1:]))(filled((7, 5))),
    "reversed": lambda: (lambda x: (x, x[::-1]))(filled((6, 5))),
    "interleaved": lambda: (lambda x: (x[::2], x[1::2]))(filled((12, 5))),
    "transposed": lambda: (lambda x: (x, x.T))(filled((5, 5))),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_relations_of_memory_that_change_between_calls(name):
    makers = list(MAKERS.values())
    differential(PROGRAMS[name], *makers, *reversed(makers))


@program
def maybe_a_view_of_what_was_written(a, b):
    a %= True
    return a[::2].ravel()


def test_what_may_be_a_view_of_one_element() -> None:
    calls = ((np.arange(1.0, n + 1), None) for n in (1, 2, 1, 5, 0))
    differential(PROGRAMS["maybe_a_view_of_what_was_written"], *calls)
