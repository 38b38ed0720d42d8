"""Arrays from the pool of blocks are NumPy's own in every way that shows."""

import contextvars
import gc
import os
import threading

import numpy as np
import pytest
from numpy._core.multiarray import get_handler_name

import graphlet
from graphlet.runtime import _block

N = 100_000


@graphlet.optimize
def work(x):
    return x * 2.0 + 1.0


@pytest.fixture
def pooled() -> np.ndarray:
    work(np.arange(float(N)))
    made = work(np.arange(float(N)))
    assert get_handler_name(made) == "graphlet_pool"
    return made


def test_an_array_owns_its_memory_and_is_aligned(pooled: np.ndarray) -> None:
    assert pooled.base is None
    assert pooled.flags.owndata
    assert pooled.flags.writeable
    assert pooled.flags.c_contiguous
    assert pooled.ctypes.data % 64 == 0
    assert np.array_equal(pooled, np.arange(float(N)) * 2.0 + 1.0)


def test_memory_is_used_again_only_when_nobody_sees_it() -> None:
    made = work(np.arange(float(N)))
    address = made.ctypes.data
    view = made[10:20]
    del made
    gc.collect()
    other = work(np.arange(float(N)))
    assert other.ctypes.data != address
    assert np.array_equal(view, np.arange(10.0, 20.0) * 2.0 + 1.0)
    del view
    again = work(np.arange(float(N)))
    assert again.ctypes.data == address


def test_resize_keeps_the_contents(pooled: np.ndarray) -> None:
    pooled.resize(2 * N, refcheck=False)
    assert np.array_equal(pooled[:N], np.arange(float(N)) * 2.0 + 1.0)
    assert not pooled[N:].any()


def test_fortran_order_and_strides(pooled: np.ndarray) -> None:
    x = np.asfortranarray(np.arange(float(N)).reshape(100, -1))
    for _ in range(3):
        made = work(x)
    assert get_handler_name(made) == "graphlet_pool"
    assert made.strides == (x * 2.0).strides
    assert np.array_equal(made, x * 2.0 + 1.0)


def test_many_sizes_and_threads() -> None:
    failures = []

    def loop(seed: int) -> None:
        rng = np.random.default_rng(seed)
        kept = []
        for _ in range(200):
            x = np.full(rng.integers(1, 3 * N), float(seed))
            kept.append(work(x))
            if len(kept) > 5:
                made = kept.pop(int(rng.integers(0, 5)))
                if not (made == 2.0 * seed + 1.0).all():
                    failures.append(seed)

    threads = [threading.Thread(target=loop, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


LARGE = 1 << 20  # elements: eight megabytes


def test_what_waits_never_adds_to_the_most_that_was_in_use() -> None:
    _block.clear_pool()
    xs = [np.ones(n) for n in (LARGE, LARGE // 2, 3 * LARGE // 4)]
    for x in xs:
        made = work(x)
        del made
    assert _block.pool_bytes() <= xs[0].nbytes + 4096
    kept = [work(x) for x in xs]
    del kept
    assert _block.pool_bytes() >= xs[0].nbytes + xs[1].nbytes
    made = work(np.ones(4 * LARGE))
    assert _block.pool_bytes() == 0
    assert (made == 3.0).all()


def test_memory_that_waited_is_as_good_as_new() -> None:
    x = np.arange(float(LARGE))
    for turn in range(5):
        x += turn
        assert np.array_equal(work(x), x * 2.0 + 1.0)
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(work(x), x * 2.0 + 1.0) else 1)
    assert os.waitpid(child, 0)[1] == 0


def handler_of(array: np.ndarray) -> str | None:
    return get_handler_name(array if array.base is None else array.base)


def transformed(x: np.ndarray) -> tuple[np.ndarray, ...]:
    return np.fft.fft(x), x.reshape(100, 100) @ x.reshape(100, 100), np.sort(x), np.roll(x, 1)


def test_what_numpys_functions_make_is_from_the_pool() -> None:
    """Only while they run, and only what is large."""
    fast = graphlet.optimize(transformed)
    x = np.random.default_rng(0).random(10_000)
    before = list(contextvars.copy_context().items())
    for _ in range(3):
        made = fast(x)
        assert all(a.tobytes() == b.tobytes() for a, b in zip(made, transformed(x), strict=True))
    assert {handler_of(part) for part in made} == {"graphlet_pool"}
    assert list(contextvars.copy_context().items()) == before
    assert handler_of(np.sort(x)) == "default_allocator"
    small = graphlet.optimize(lambda x: (np.fft.fft(x), np.sort(x)))
    assert {handler_of(part) for part in small(x[:100])} == {"default_allocator"}


def test_an_error_in_a_function_of_numpys_leaves_no_handler() -> None:
    def invert(x: np.ndarray) -> np.ndarray:
        return np.linalg.inv(x * 1.0)

    fast = graphlet.optimize(invert)
    regular = np.eye(120) + 0.01
    for _ in range(3):
        assert fast(regular).tobytes() == invert(regular).tobytes()
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        fast(np.zeros((120, 120)))
    assert handler_of(np.sort(regular)) == "default_allocator"


def test_work_in_small_pieces_of_memory_within() -> None:
    """NumPy's functions make small arrays, too, which the pool does not keep."""
    fast = graphlet.optimize(lambda x, k: (np.percentile(x, k), np.unique(x), np.histogram(x, 7)))
    x, k = np.random.default_rng(0).random(20_000), [10, 50, 90]
    for _ in range(5):
        for mine, plain in zip(fast(x, k), (np.percentile(x, k), np.unique(x), np.histogram(x, 7)), strict=True):
            for a, b in zip(mine, plain, strict=True):
                np.testing.assert_array_equal(a, b)
