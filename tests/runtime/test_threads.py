"""How many threads there may be, and what they make of a kernel's work: the same bits, however many they are."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.backends.llvm_host import can_compile
from graphlet.runtime import _block
from graphlet.runtime.threads import quota, wanted
from tests.oracle.runner import differential

HERE = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def all_is_shared() -> Iterator[None]:
    with graphlet.config.patch(share_from=0, compile="at once"):
        yield


# ---- how many ----


@pytest.mark.parametrize(("text", "n"), [("3", 3), (" 2 ", 2), ("4,2", 4), ("", None), ("0", None), ("many", None)])
def test_omp_num_threads(text: str, n: int | None) -> None:
    assert wanted({"OMP_NUM_THREADS": text}) == n


@pytest.mark.parametrize(("text", "n"), [("max 100000", None), ("150000 100000", 2), ("50000 100000", 1), ("?", None)])
def test_quota_of_a_control_group(tmp_path: Path, text: str, n: int | None) -> None:
    (tmp_path / "cpu.max").write_text(text)
    assert quota(tmp_path) == n


@pytest.mark.parametrize(("limit", "n"), [("-1", None), ("400000", 4)])
def test_quota_of_an_old_control_group(tmp_path: Path, limit: str, n: int | None) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(limit + "\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert quota(tmp_path) == n


def allowed_in_a_process(script: str = "", **environ: str) -> int:
    lines = ("import os", script, "import graphlet.backends.block", "from graphlet.runtime import _block")
    command = [sys.executable, "-c", "\n".join((*lines, "print(_block.threads()[0])"))]
    plain = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(command, env={**plain, **environ}, cwd=HERE, capture_output=True, check=True)
    return int(done.stdout)


def test_settings_come_in_their_order() -> None:
    assert allowed_in_a_process(OMP_NUM_THREADS="5") == 5
    assert allowed_in_a_process(OMP_NUM_THREADS="5", GRAPHLET_NUM_THREADS="3") == 3


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity here")
def test_affinity_counts_even_when_it_changes() -> None:
    only_one = "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"
    assert allowed_in_a_process(only_one) == 1
    assert allowed_in_a_process(only_one, GRAPHLET_NUM_THREADS="2") == 2


def test_the_setting_counts_at_once() -> None:
    assert list(graphlet.list_backends())  # the backends are what looks at it
    for n in (3, 1, 2):
        with graphlet.config.patch(num_threads=n):
            assert _block.threads()[0] == n


# ---- the same bits ----


def chain(x: Any, y: Any) -> Any:
    return np.exp(-(x * x)) * y + np.tanh(x * y), x * y - x, np.where(x > y, x, y * 2)


def one(x: Any, y: Any) -> Any:
    return np.cos(x)


def whole(x: Any, y: Any) -> Any:
    d = x - y
    return (d * d).sum(), d.max(), d.min(), (d > 0).any(), d.mean(), np.abs(d).argmax(), x.sum(), y.argmin()


def rows(x: Any, y: Any) -> Any:
    d = x - y
    return (d * d).sum(axis=-1), x.max(axis=-1, keepdims=True), (x * y).argmin(axis=-1), y.mean(axis=-1)


def columns(x: Any, y: Any) -> Any:
    return (x * y).sum(axis=0), (x + y).max(axis=0)


def softmax(x: Any, y: Any) -> Any:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True), y * 2 + 1


def whole_numbers(x: Any, y: Any) -> Any:
    i, k = (x * 100).astype(np.int64), np.rint(y * 100).astype(np.int32)
    return i.sum(), (i * 3 + k).max(), (i % (abs(k) + 1)).min(), (i // 7).prod(), (i > k).all()


def products(x: Any, y: Any) -> Any:
    return (x * 0.001 + 1).prod(), (x + y).prod(axis=-1)


FUNCTIONS = (chain, one, whole, rows, columns, softmax, whole_numbers, products)
SHAPES = ((10_007,), (40_000,), (300, 70), (3, 20_000), (2000, 9), (40, 30, 25))


def numbers(shape: tuple[int, ...], dtype: str) -> tuple[Any, Any]:
    rng = np.random.default_rng(len(shape) + shape[0])
    return rng.standard_normal(shape).astype(dtype), rng.standard_normal(shape).astype(dtype)


def fresh(fn: Callable[..., Any]) -> Any:
    """The function with a code object of its own, so that nothing is known about it."""
    return FunctionType(fn.__code__.replace(), fn.__globals__)


def same(one: Any, other: Any) -> bool:
    one, other = (tuple(map(np.asarray, made if type(made) is tuple else (made,))) for made in (one, other))
    return [(a.dtype, a.shape, a.strides, a.tobytes()) for a in one] == [
        (a.dtype, a.shape, a.strides, a.tobytes()) for a in other
    ]


def shared_by(n: int, fast: Callable[..., Any], *args: Any) -> tuple[Any, int]:
    with graphlet.config.patch(num_threads=n):
        fast(*args)
        before = _block.threads()[2]
        return fast(*args), _block.threads()[2] - before


@pytest.mark.parametrize("backend", ["block", "llvm"])
@pytest.mark.parametrize("dtype", ["d", "f"])
@pytest.mark.parametrize("fn", FUNCTIONS, ids=lambda fn: fn.__name__)
def test_bits_do_not_depend_on_threads(fn: Callable[..., Any], dtype: str, backend: str) -> None:
    fast = graphlet.optimize(fresh(fn), backend=backend)
    some = 0
    for shape in SHAPES:
        x, y = numbers(shape, dtype)
        expected = fn(x, y)
        for n in (1, 2, 3, 4):
            made, n_shared = shared_by(n, fast, x, y)
            assert same(made, expected), (shape, n)
            assert n_shared == 0 if n == 1 else True
            some += n_shared
    assert some > 0


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "reversed": lambda a: a[::-1, ::-1],
    "strided": lambda a: a[:, ::2],
    "columns": np.asfortranarray,
    "transposed": lambda a: a.T,
    "rows apart": lambda a: a[::3],
    "one row": lambda a: a[:1],
    "one column": lambda a: a[:, :1],
}


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("fn", [chain, rows, whole, softmax], ids=lambda fn: fn.__name__)
def test_any_layout(fn: Callable[..., Any], layout: str) -> None:
    for shape in ((150, 200), (500, 60), (30, 900)):  # NumPy reuses temporaries of 256 KiB, whatever their order
        x, y = (LAYOUTS[layout](a) for a in numbers(shape, "d"))
        for pair in ((x, y), (x, y.copy()), (x, y[:1]), (x[:, :1], y)):
            fast, expected = graphlet.optimize(fresh(fn)), fn(*pair)
            for n in (2, 3):
                assert same(shared_by(n, fast, *pair)[0], expected), shape


def test_every_length() -> None:
    fast, totals = graphlet.optimize(fresh(chain)), graphlet.optimize(fresh(whole))
    for n in (*range(1000, 1800, 37), *range(8190, 8900, 71)):
        x, y = numbers((n,), "d")
        for threads in (2, 4):
            assert same(shared_by(threads, fast, x, y)[0], chain(x, y))
            assert same(shared_by(threads, totals, x, y)[0], whole(x, y))


def test_special_values() -> None:
    """Zeros of both signs, NaNs with and without a payload, infinities: which of two survives is NumPy's to say."""
    special = np.array([0.0, -0.0, np.inf, -np.inf, 1.0, -1.0, 5e-324])
    nans = np.array([0x7FF8000000000001, 0xFFF8000000000002, 0x7FF8000000000000], np.uint64).view("d")

    def work(x: Any, y: Any) -> Any:
        with np.errstate(all="ignore"):
            return x + y, np.maximum(x, y), x.sum(), (x * y).max(), (x - y).min(), x.max(), y.min(), (x + 0).argmax()

    fast = graphlet.optimize(work)
    rng = np.random.default_rng(5)
    for values in (special, np.concatenate([special, nans])):
        for n in (5000, 20_011):
            x, y = rng.choice(values, n), rng.choice(values, n)
            for threads in (1, 2, 4):
                assert same(shared_by(threads, fast, x, y)[0], work(x, y)), (n, threads)


# ---- columns: no column is in two parts ----


def nearest(x: Any, y: Any) -> Any:
    d = x - y
    return np.sqrt(d * d).argmin(axis=0), (x * y).sum(axis=0), d.max(axis=0), (x * 2 + y).mean(axis=-2)


COLUMNS = ((2, 8192), (3, 4352), (3, 4353), (5, 20_011), (70, 9000), (4, 3, 5000), (2, 2, 4400))


@pytest.mark.parametrize("dtype", ["d", "f"])
def test_columns_on_several_threads(dtype: str) -> None:
    fast, some = graphlet.optimize(fresh(nearest), backend="llvm"), 0
    for shape in COLUMNS:
        x, y = numbers(shape, dtype)
        for pair in ((x, y), (x, y[:1]), (x[..., :1], y), (x[..., ::-1], y), (x, y)):
            expected = nearest(*pair)
            for n in (2, 3, 4, 1):
                made, n_shared = shared_by(n, fast, *pair)
                assert same(made, expected), (shape, n)
                some += n_shared
    assert some > 0 or not can_compile()


@pytest.mark.parametrize("n", [1, 2, 4])
def test_columns_with_nans_and_flags(n: int) -> None:
    with graphlet.config.patch(num_threads=n):
        for place in (0, 4095, 4096, 8191, 19_999):
            x, y = numbers((3, 20_000), "d")
            huge, nan = x.copy(), x.copy()
            huge[1, place], nan[2, place] = 1e200, np.nan
            assert differential(nearest, (x, y), (huge, y), (nan, y), (x, y)).same


# ---- flags, failures, modes ----


def divides(x: Any, y: Any) -> Any:
    return x / y + 1


@pytest.mark.parametrize("place", [0, 1, 4999, 9000, 19_999])
@pytest.mark.parametrize("n", [1, 2, 4])
def test_a_flag_of_any_thread_is_a_warning(place: int, n: int) -> None:
    x, y = np.ones(20_000), np.ones(20_000)
    y[place] = 0.0
    with graphlet.config.patch(num_threads=n):
        assert differential(divides, (np.ones(20_000), np.ones(20_000)), (x, y), (x, y)).same
        fast = graphlet.optimize(divides)
        fast(x, x)
        with pytest.warns(RuntimeWarning, match="divide by zero"):
            made = fast(x, y)
        assert np.isinf(made[place])
        with np.errstate(divide="raise"), pytest.raises(FloatingPointError, match="divide by zero"):
            fast(x, y)
        with np.errstate(divide="ignore"):
            before = _block.threads()[2]
            assert same(fast(x, y), made)
            assert n == 1 or _block.threads()[2] > before


def test_old_flags_are_nobodys() -> None:
    """What was raised before, and ignored, is no flag of the work that comes."""
    x, y = np.ones(20_000), np.zeros(20_000)
    fast = graphlet.optimize(divides)
    with graphlet.config.patch(num_threads=3):
        fast(x, x)
        for _ in range(5):
            with np.errstate(divide="ignore"):
                fast(x, y)
            assert same(fast(x, x), divides(x, x))


def powers(x: Any, y: Any) -> Any:
    return np.power(x, y) + 1


def test_a_loop_that_raises_is_not_shared() -> None:
    x, y = np.full(20_000, 3), np.full(20_000, 2)
    bad = y.copy()
    bad[15_000] = -1
    with graphlet.config.patch(num_threads=4):
        assert differential(powers, (x, y), (x, bad), (x, y)).same


def in_place(x: Any, y: Any) -> Any:
    x[1:] += x[:-1] * y[1:]
    x *= 2.0
    x[: len(x) // 2] = x[len(x) // 2 : len(x) // 2 * 2] + 1
    return x.sum()


def test_overlapping_writes() -> None:
    with graphlet.config.patch(num_threads=4):
        x, y = numbers((30_000,), "d")
        assert differential(in_place, (x, y), (x.copy(), y)).same


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the environment of floating point is set by a C library of Unix")
def test_rounding_is_that_of_the_caller() -> None:
    """A thread of its own would round as the system started it."""
    ctypes = pytest.importorskip("ctypes")
    libm = ctypes.CDLL(None)
    if not hasattr(libm, "fesetround") or sys.platform != "linux":
        pytest.skip("no fesetround")
    upward, nearest = 0x800, 0
    x, y = numbers((40_000,), "d")
    fast = graphlet.optimize(divides)
    with graphlet.config.patch(num_threads=4):
        fast(x, y)
        libm.fesetround(upward)
        try:
            made, plain = fast(x, y), divides(x, y)
        finally:
            libm.fesetround(nearest)
        assert same(made, plain)
        assert not same(made, divides(x, y))


# ---- when ----


def test_large_work_is_tried_on_several_threads_and_small_work_is_not() -> None:
    small, large = numbers((2000,), "d"), numbers((1_000_000,), "d")
    with graphlet.config.patch(share_from=40, num_threads=2):
        fast = graphlet.optimize(fresh(chain))
        before = _block.threads()[2]
        for _ in range(20):
            fast(*small)
        assert _block.threads()[2] == before
        for _ in range(9):
            fast(*large)
        assert 3 <= _block.threads()[2] - before <= 6  # four of a trial; then as was better
    with graphlet.config.patch(share_from=10**6, num_threads=2):  # a second
        fast = graphlet.optimize(fresh(chain))
        before = _block.threads()[2]
        for _ in range(20):
            fast(*large)
        assert _block.threads()[2] == before
