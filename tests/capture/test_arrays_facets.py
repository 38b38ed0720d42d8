"""flags, strides, base and flat: they differ between arrays of one dtype and shape, and between empty ones."""

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import graphlet
from tests.arrayops.cases import layouts
from tests.capture.playing import stopped
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def orders(a: Any) -> Any:
    f = a.flags
    return a * 2, f.c_contiguous, f.f_contiguous, f["C"], f["F_CONTIGUOUS"], f.contiguous, f.forc, f.fnc


def writing(a: Any) -> Any:
    y = a + 1
    if a.flags.writeable:
        y = y * 2
    return y, y.flags.writeable, y.flags.aligned, y.flags.behaved, y[1:].flags["W"], a[:1].flags.writeable


def owning(a: Any) -> Any:
    y = a * 2
    return y, y.flags.owndata, y.base, y.device


def test_memory_order_of_arguments() -> None:
    differential(orders, (np.ones((2, 3)),), (np.ones((2, 3), order="F"),), (np.ones((4, 3)),), native=0.7)
    arrays = [*layouts((4, 5)), *layouts((3, 4, 5)), *layouts((1, 4)), *layouts((4,)), *layouts(())]
    empty = [np.zeros(shape) for shape in ((0,), (0, 3), (3, 0), (1, 0))]
    for array in (*arrays, *empty):
        differential(orders, (array,), rounds=2)
    differential(orders, *[(array,) for array in (*arrays[:6], *empty, *arrays[:2])], rounds=2)


def read_only() -> Any:
    array = np.arange(6.0)
    array.flags.writeable = False
    return (array,)


def test_writeable() -> None:
    differential(writing, (X,), read_only, (X[::2],), lambda: (read_only()[0][1:],), rounds=4, native=0.5)
    assert not graphlet.explain(writing)(X).breaks


def read_only_views(a: Any) -> Any:
    y = a + 1
    views = np.broadcast_to(a, (2, 6)), np.broadcast_to(y, (2, 6))[1:], a[None].diagonal(), np.linalg.diagonal(y[None])
    return y, [view.flags.writeable for view in views]


def views_that_warn(a: Any) -> Any:
    y = a + 1
    first, second = np.broadcast_arrays(y, np.ones((2, 1)))
    found = first.flags.writeable, second[1:].flags.behaved
    return y * 2, found, np.broadcast_arrays(a, y[None])[0].flags["W"], np.rot90(first).flags.writeable


def views_that_may_be_written(a: Any) -> Any:
    y = a + 1
    windows = sliding_window_view(y, 2, writeable=True), sliding_window_view(a, 2)
    return y * 2, [view.flags.writeable for view in windows]


def test_writeable_views() -> None:
    differential(read_only_views, (X,), read_only, rounds=4, native=0.5)
    differential(views_that_warn, (X,), read_only, rounds=4)
    differential(views_that_may_be_written, (X,), read_only, rounds=4)


def sizes_of_parts(a: Any) -> Any:
    return a * 2, a[:1].shape, a[-1:, 0:1].size, a[..., 0:1].nbytes


def test_parts_of_one_element_may_have_none() -> None:
    differential(sizes_of_parts, *[(np.ones(shape),) for shape in ((3, 4), (0, 4), (3, 0), (1, 2))], rounds=3)


def test_owners() -> None:
    differential(owning, (X,), (X[::2],), (np.ones((2, 3), order="F"),), native=0.6)


def steps(a: Any) -> Any:
    y = a + 1
    return y * a.strides[0], a.strides, y.strides


def test_strides() -> None:
    two = np.arange(12.0).reshape(3, 4)
    differential(steps, (X,), (two,), (two.T,), (X[:4],), (two[:2],), native=0.6)
    for array in (np.ones((1, 3)), np.ones((0, 3)), np.ones((3, 0)), np.ones(0), two[:, :2], X[::-1], np.ones((3, 1))):
        differential(steps, (array,), rounds=2)
    assert not graphlet.explain(steps)(two).breaks


def flat_reads(a: Any) -> Any:
    y = a * 2
    total = y.flat[0] + y.flat[-1]
    for value in y[:1].flat:
        total = total + value
    part = y.flat[1:3]
    y += 1
    return y, total, part, len(y.flat), list(y.flat), a.flat[1]


def test_flat() -> None:
    two = np.arange(6.0).reshape(2, 3)
    differential(flat_reads, (two,), (two + 1,), (X[:4].reshape(2, 2),), native=0.6)
    differential(flat_reads, (two.T,), (np.arange(12.0).reshape(3, 4)[:, ::2],), rounds=2)
    differential(flat_reads, (np.zeros((0, 3)),), (np.ones((2, 0)),), (np.ones(1),), rounds=2)


def written_while_flat(a: Any) -> Any:
    y = a + 1
    found = []
    for value in y.flat:
        y[-1] = 100.0
        found.append(value)
    return found, y


def test_flat_sees_later_writes() -> None:
    differential(written_while_flat, (X[:4],), (X[:4] * 2,), native=0.6)


@pytest.mark.parametrize("name", ["num", "carray", "writebackifcopy"])
def test_flags_that_are_left(name: str) -> None:
    def read(a: Any) -> Any:
        return getattr((a + 1).flags, name)

    stopped(read, X, code="GL110")


def kept(a: Any) -> Any:
    y = a + 1
    flags, flat = y.flags, y.flat
    return y * 2, flags.c_contiguous, flags, next(flat), flat.index


def test_they_do_not_leave_a_graph() -> None:
    differential(lambda a: [str(part) for part in kept(a)], (X,), rounds=3)
