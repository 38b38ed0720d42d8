"""Calls of functions and methods."""

import math

import numpy as np
import pytest

import graphlet
from graphlet.capture import arrays_calls
from tests.arrayops.cases import filled, layouts
from tests.capture.array_programs import whole
from tests.capture.playing import ops, stopped
from tests.oracle.runner import differential

A, B = filled((4, 5)) + 0.5, filled((5,)) + 0.25


def reductions(a):
    return (
        (a.sum(), a.sum(axis=0), np.sum(a, 1), a.mean(-1, keepdims=True), a.std(), a.var(axis=0), a.max(axis=1)),
        (a.min(), a.any(), (a > 1).all(axis=0), a.argmax(), a.argmin(axis=1), np.cumsum(a, axis=0), np.prod(a)),
        (np.max(a), np.median(a, axis=0), np.count_nonzero(a > 1), np.ptp(a), np.add.reduce(a)),
    )


def test_reductions():
    for array in layouts((4, 5)):
        whole(reductions, array)
    for dtype in "?bBlfFD":
        whole(lambda a: (a.sum(), a.sum(axis=0), a.mean(), np.any(a), np.prod(a, dtype="D")), filled((3, 4), dtype))


def test_an_axis_that_is_a_run_time_number_is_guarded():
    outcome = whole(lambda a, k: (a.sum(axis=k), np.expand_dims(a, k), np.concatenate([a, a], axis=k)), A, 1)
    assert any("ValueIs" in str(guard) and "'k'" in str(guard) for guard in outcome.guards)
    stopped(lambda a, k: (a * 2).sum(axis=k), A, 5, code="GL107")


def shapes(a):
    return (
        (a.reshape(-1), a.reshape(5, 4), a.ravel(), a.flatten(), np.reshape(a, (2, -1)), a.reshape(a.shape[0], -1)),
        (a.T, a.transpose(1, 0), np.swapaxes(a, 0, 1), np.moveaxis(a, 0, 1), a[:, None].squeeze(axis=1), a.T.ravel()),
        (np.broadcast_to(a, (2, 4, 5)), np.flip(a), np.flipud(a), np.fliplr(a), np.atleast_3d(a), np.roll(a, 1)),
        (np.repeat(a, 2, axis=0), np.tile(a, 2), np.vstack([a, a]), np.hstack([a, a]), np.stack([a, a], axis=1)),
    )


def test_shapes():
    for array in layouts((4, 5)):
        whole(shapes, array)


def test_reshaping_a_c_array_gives_a_view():
    def f(a):
        b = a.copy()
        c = b.reshape(-1)
        c += 1
        b *= 2
        return b, c

    outcome = whole(f, A)
    assert [node.row.alias for node in outcome.graph.nodes if node.row is not None and node.row.name == "reshape"]


def test_arrays_that_may_be_views_are_kept_in_step():
    def f(a):
        b = a.T.copy().T
        r = b.ravel()
        b += 1
        return r, b

    whole(f, A)


def creation(n, a):
    return (
        (np.zeros((n, n)), np.ones(n, dtype="f"), np.full((2, n), 2.5), np.eye(n), np.arange(n)),
        (np.linspace(0, 1, n), np.linspace(0.0, 1.0), np.empty((n, 0))),
        (np.zeros_like(a), np.ones_like(a, dtype=int), np.zeros(a.shape), np.arange(0.0, 1.0, 0.25), np.identity(3)),
        (np.array([1.0, 2.0]), np.array([[1, 2], [3, 4]]), np.array([a[0], a[1]]), np.array(a), np.full(3, n)),
    )


def test_creation():
    whole(creation, 3, A)
    for array in layouts((4, 5)):
        whole(lambda a: (np.zeros_like(a), np.array(a), a.copy(), np.copy(a), a.copy("K")), array)


def test_sizes_of_new_arrays_meet_those_of_others():
    whole(lambda a: np.zeros(a.shape[0])[:, None] + a + np.ones((4, 5)), A)


def functions(a, b):
    return (
        (np.clip(a, 0.7, 1.2), np.clip(a, None, 2), a.clip(min=1), np.where(a > 1, a, b), np.where(a > 1)),
        (np.exp(a), np.maximum(a, b), np.hypot(a, b), np.modf(a), np.frexp(a), np.isfinite(a), np.nonzero(a)),
        (
            np.round(a, 1),
            a.round(),
            np.real(a),
            np.shape(a),
            np.ndim(a),
            np.size(a),
            np.sort(a, axis=0),
            a.argsort(),
            np.diff(a),
            np.unique(b),
        ),
        (np.isclose(a, b), np.allclose(a, b), np.linalg.norm(a), np.fft.fft(b)),
        (np.linalg.inv(a[:, :4] + np.eye(4) * 9),),
    )


def test_functions():
    for array in layouts((4, 5)):
        whole(functions, array, B)


def test_clip_of_integers():
    def f(a):
        return np.clip(a, -(10**20), 2), np.clip(a, 1, 10**20), np.clip(a, -(10**20), 10**20), a.clip(1, 2)

    for dtype in "bBil":
        whole(f, filled((4,), dtype))
    whole(lambda a, n: np.clip(a, 0, n), filled((4,), "b"), 2)


def test_results_that_are_the_argument_itself():
    def f(a, z):
        same = [np.asarray(a), np.ascontiguousarray(a), np.atleast_1d(a), a.astype(float, copy=False), a.conj()]
        return [x is a for x in same], np.asarray(a, dtype=float) is a, np.real(a) is a, z.conj(), z.real, z.imag

    whole(f, A, A + 1j)


def test_casts():
    def f(a):
        return a.astype("f"), a.astype(int), a.astype(np.float64), np.asarray(a, "f"), np.array(a, "D")

    for array in layouts((4, 5)):
        whole(f, array)


def test_out():
    def f(a, b):
        out = np.empty_like(a)
        r = np.add(a, b, out=out)
        np.multiply(out, 2, out)
        np.sqrt(out, out=(out,))
        np.clip(out, 0, 1, out=out)
        return out, r is out

    assert "setitem" not in ops(whole(f, A, B))


def test_out_of_another_dtype():
    def f(a):
        out = np.zeros(a.shape, "f")
        np.add(a, 1, out=out)
        return out

    whole(f, A)
    stopped(lambda a: np.add(a, 1, out=np.zeros(a.shape, "l")), A, code="GL111")


def test_where_argument():
    whole(lambda a, b: np.divide(a, b, out=np.zeros_like(a), where=b > 1), A, B)
    stopped(lambda a, b: np.divide(a * 2, b, where=b > 1), A, B, code="GL107")


def test_numbers():
    def f(x, n):
        return math.sqrt(x), math.floor(x), float(n), int(x), np.float32(x), np.sqrt(x), np.maximum(x, 2.0)

    whole(f, 2.5, 3)


def test_items_and_methods_of_numbers():
    whole(lambda a: (a.item(1, 2), a[0, 0].item(), a.sum().astype("f"), a.max().real), A)


def test_methods_of_ufuncs():
    whole(lambda a: (np.add.reduce(a, axis=1), np.multiply.outer(a[0], a[0]), np.add.accumulate(a)), A)


@pytest.mark.parametrize("call", [lambda a: (a * 2).tofile("f"), lambda a: (a * 2).dump("f")])
def test_methods_that_are_left_to_numpy(call):
    stopped(call, A, code="GL102")


def test_what_calls_back_or_may_give_back_its_argument_is_refused():
    stopped(lambda a: np.frompyfunc(abs, 1, 1)(a * 2), A, code="GL102")
    stopped(lambda a: np.require(a * 2, requirements="F"), A, code="GL102")


def test_a_ufunc_without_loops_of_its_own_is_left_to_numpy():
    assert np._core.umath.str_len.types == []  # type: ignore[attr-defined]
    stopped(lambda a: np._core.umath.str_len(a), np.array(["x", "yz"]), code="GL102")


def test_who_has_a_rule():
    assert arrays_calls.is_array_function(np.clip) and arrays_calls.is_array_function(np.add)
    assert not arrays_calls.is_array_function(np.random.rand) and not arrays_calls.is_array_function(len)


def test_np_array_gives_the_array_itself_where_copy_says_so():
    def made(a, copy):
        return np.array(a, copy=copy)

    fast = graphlet.optimize(made)
    modes = (np._CopyMode.IF_NEEDED, np._CopyMode.NEVER, np._CopyMode.ALWAYS)
    for copy in (True, None, 0, 1, 2, False, np.True_, *modes, True, None):
        assert (fast(A, copy) is A) == (made(A, copy) is A), copy
    constant = [lambda a, m=m: np.array(a, copy=m) for m in modes]
    for plain in (*constant, lambda a: np.array(a, copy=np._CopyMode.IF_NEEDED)):
        assert (graphlet.optimize(plain)(A) is A) == (plain(A) is A)


def reinterpreted(a):
    y = a + 1
    bits = y.view(np.int64)
    bits[0] = 0
    bits[1:] &= -2
    return y, bits, y.view(), a.view("u8")[:2], y.byteswap(), y.view(np.int64).view(float) + 1


def written_through(a):
    a.view(np.int64)[1] = 7
    return a * 2


def rearranged(a):
    y = a[::-1] + 1
    y.partition(1)
    return y.min(), y[1], y.argpartition(0)[0], y.compress([True, False, True]), np.diagonal(a[None] * a[:, None])


def test_views_of_another_dtype():
    x = np.arange(1.0, 7.0)
    differential(reinterpreted, (x,), (x[:2],), native=0.9)
    differential(reinterpreted, (x[::2],), (x[::-1],), (np.ones(3, np.complex64),), (np.ones(3, "f4"),), rounds=2)
    differential(written_through, (x,), (x[::2],), (np.arange(4),), native=0.5)
    assert not graphlet.explain(reinterpreted)(x).breaks


def test_partitions():
    x = np.arange(1.0, 7.0)
    differential(rearranged, (x,), (x[:4],), native=0.9)
    differential(rearranged, (x[:0],), (x[:1],), (x[:2],), rounds=2)


@pytest.mark.parametrize("call", ["x.sum(where=None)", "np.prod(x, where=None)", "np.add.reduce(x, where=None)"])
def test_where_none_is_false_everywhere(call: str) -> None:
    differential(eval(f"lambda x: ({call}, x * 2)", {"np": np}), (np.arange(1.0, 4.0),))


def test_ndmin_of_another_type() -> None:
    differential(lambda x: (np.array(x, ndmin=None), x * 2), (np.ones(3),))
