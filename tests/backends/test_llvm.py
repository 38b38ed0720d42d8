"""The llvm backend against NumPy node by node: random graphs of what it compiles, mixed with what it leaves alone."""

import numpy as np
import pytest

import graphlet
from graphlet.arrayops import catalogue
from graphlet.backends import llvm_service
from graphlet.backends.llvm import llvm
from graphlet.backends.llvm_formulas import BY_KIND
from graphlet.backends.llvm_host import can_compile
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, Sym
from graphlet.runtime import _block
from tests.backends.block_cases import COMMON, SIZES, UFUNCS, Case, sizes_for
from tests.backends.test_block_groups import check

pytestmark = [
    pytest.mark.filterwarnings("error"),
    pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine"),
]
FORMULAS = [getattr(np, name) for name in sorted({name for table in BY_KIND.values() for name in table})]
SETS = {
    "any": {"ufuncs": UFUNCS},
    "compiled": {"ufuncs": FORMULAS, "dtypes": "?bBhHiIlLfd", "n_ops": 10},
    "floats": {"ufuncs": [*FORMULAS, *COMMON], "dtypes": "fd", "n_ops": 10},
    "doubles": {"ufuncs": [*FORMULAS, np.exp, np.tanh], "dtypes": "d", "n_ops": 20, "ndim": 1},
    "half and complex": {"ufuncs": FORMULAS, "dtypes": "eFd", "n_ops": 10},
    "small": {"ufuncs": FORMULAS, "dtypes": "?bB", "n_ops": 8},
    "long chains": {"ufuncs": FORMULAS, "dtypes": "dlf", "n_ops": 60, "ndim": 3},
    "planes": {"ufuncs": FORMULAS, "dtypes": "fd", "n_ops": 8, "ndim": 2},
    "reductions": {"ufuncs": FORMULAS, "dtypes": "dfl", "n_ops": 8, "reductions": 0.3},
    "reductions of planes": {"ufuncs": [*FORMULAS, np.exp], "dtypes": "dfl", "n_ops": 8, "reductions": 0.3, "ndim": 2},
}


@pytest.fixture
def past_the_cache():
    before = _block.stream_from(0)
    yield
    _block.stream_from(before)


@pytest.fixture(autouse=True)
def at_once():
    with graphlet.config.patch(compile="at once"):
        yield
    assert llvm_service.wishes.last_error is None


@pytest.mark.usefixtures("past_the_cache")
@pytest.mark.parametrize("threads", [1, 3])
def test_results_that_are_stored_past_the_cache_are_the_same(threads):
    def several(x, y, k):
        a = x * y + 1.0
        return a, np.sqrt(a) - y, np.exp(a) * 2.0 + x, (a > y) | (x > 0.5), (x - y).astype(np.float32) * 0.5, k * 3 + 1

    with graphlet.config.patch(num_threads=threads, share_from=0):
        fast = graphlet.optimize(several)
        for n in (4096, 5000, 8192, 20001, 65536):
            x, y = np.random.default_rng(n).random((2, n))
            k = np.arange(n, dtype=np.int32)
            for left in (x, x[::-1], np.where(x > 0.99, np.nan, x)):
                for _ in range(3):
                    results = zip(fast(left, y, k), several(left, y, k), strict=True)
                    assert all(mine.tobytes() == plain.tobytes() for mine, plain in results)


@pytest.mark.usefixtures("past_the_cache")
@pytest.mark.parametrize("stream_from", [0, 1 << 60])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("char", "dfhb")
def test_rows_of_several_blocks_that_begin_anywhere(threads, stream_from, char):
    def stencil(a, b):
        around = a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:]
        return around * b, around > b

    stencil.__code__ = stencil.__code__.replace()  # with graphs of its own
    _block.stream_from(stream_from)
    rng = np.random.default_rng(ord(char))
    with graphlet.config.patch(num_threads=threads, share_from=0):
        fast = graphlet.optimize(stencil)
        for n, m in ((3, 2048), (5, 2050), (4, 2309), (7, 4100), (3, 20_003), (3, 33_000)):
            a = rng.integers(-50, 50, (n, m)).astype(char)
            odd = a.copy()
            if char in "df":
                odd[1, [5, m // 2, m - 3]] = np.nan, -np.nan, np.nan
                odd[0, m // 3 : m // 3 + 700] = -np.nan
            for left in (a, odd, a[:, ::-1], odd):
                for _ in range(3):
                    results = zip(fast(left, left[1:-1, 1:-1]), stencil(left, left[1:-1, 1:-1]), strict=True)
                    assert all(mine.tobytes() == plain.tobytes() for mine, plain in results)
        kernels = [record.specialization.kernel for record in fast.graphlet.specializations]
        assert 2 * sum(kernel.n_compiled for kernel in kernels) > sum(kernel.n_interpreted for kernel in kernels)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("char", "dfb")
def test_operands_that_lie_across(threads, char):
    def chain(a, b):
        return (a * 2 + b) * a

    def one(a, b):
        return a + b

    rng = np.random.default_rng(ord(char))
    with graphlet.config.patch(num_threads=threads, share_from=0):
        for fn in (chain, one):
            fn.__code__ = fn.__code__.replace()  # with graphs of its own
            fast = graphlet.optimize(fn)
            for shape in ((33, 2048), (70, 4099), (257, 2310), (2, 65, 2500)):
                a = rng.integers(-50, 50, shape).astype(char)
                b = rng.integers(-50, 50, shape).astype(char).swapaxes(-1, -2).copy().swapaxes(-1, -2)
                odd = b.copy("K")
                if char in "df":
                    odd[..., 1, ::97] = np.nan
                    odd[..., -1, 300:900] = -np.nan
                for right in (b, odd, b[..., ::-1]):
                    for _ in range(3):
                        made, plain = fast(a, right), fn(a, right)
                        assert (made.tobytes(), made.strides) == (plain.tobytes(), plain.strides)
            kernels = [record.specialization.kernel for record in fast.graphlet.specializations]
            assert fn is one or any(kernel.n_compiled for kernel in kernels)


@pytest.mark.parametrize("name", SETS)
def test_random_graphs_give_the_bits_of_numpy(name):
    compiled = interpreted = 0
    for seed in range(25):
        case = Case(3000 + seed, **SETS[name])
        if not case.graph.outputs:
            continue
        kernel = llvm(case.graph, ())
        for total in case.random.sample(SIZES, 4):
            inputs = case.inputs(sizes_for(case, total))
            for mode in ("ignore", "ignore", "raise"):
                check(case, kernel, inputs, mode)
        compiled += kernel.n_compiled
        interpreted += kernel.n_interpreted
    assert compiled > 0
    if name in ("compiled", "small"):
        assert compiled > interpreted / 2


def doubles(*names):
    b = Builder()
    sym = Sym("n", 8)
    return b, *(b.placeholder(name, ArrayType(np.dtype("d"), (sym,))) for name in names)


def op(b, name, *args):
    row = catalogue.lookup(getattr(np, name)) if name.isidentifier() else catalogue.operator(name)
    return b.call(row, args)


def test_a_flag_of_what_a_select_does_not_take_is_not_lost():
    b, x, y = doubles("x", "y")
    kernel = llvm(b.finish([op(b, "where", op(b, ">", y, 0.0), op(b, "/", x, y), 0.0)]), ())
    x, y = np.ones(64), np.ones(64)
    for _ in range(2):
        assert kernel(x, y)[0].tolist() == [1.0] * 64
    assert kernel.n_compiled > 0
    y[13] = 0.0
    with np.errstate(divide="warn"):
        assert kernel(x, y) is None
    with np.errstate(divide="ignore"):
        assert kernel(x, y)[0][13] == 0.0


def test_a_flag_of_what_nobody_uses_is_not_lost():
    b, x = doubles("x")
    op(b, "sqrt", op(b, "-", x, 1.0))
    kernel = llvm(b.finish([op(b, "*", op(b, "+", x, 1.0), 2.0)]), ())
    for _ in range(2):
        assert kernel(np.ones(20)) is not None
    assert kernel.n_compiled > 0
    assert kernel(np.zeros(20)) is None


def test_quiet_nans_raise_nothing():
    b, x, y = doubles("x", "y")
    kernel = llvm(b.finish([op(b, "&", op(b, "<", x, y), op(b, "isfinite", x))]), ())
    nan = np.full(50, np.nan)
    with np.errstate(all="raise"):
        for _ in range(2):
            assert not kernel(nan, nan)[0].any()
    assert kernel.n_compiled > 0


def test_blocks_with_nans_are_left_to_the_loops_of_numpy():
    b, x, y = doubles("x", "y")
    kernel = llvm(b.finish([op(b, "*", op(b, "+", x, y), 2.0)]), ())
    x = np.arange(10_000.0)
    y = np.where(x % 7 == 0, -np.nan, x)
    x[::3] = np.nan
    for _ in range(3):
        assert kernel(x, y)[0].tobytes() == ((x + y) * 2.0).tobytes()
    assert kernel.n_interpreted > kernel.n_compiled


def test_most_of_a_chain_is_compiled_and_calls_stay_calls():
    b, x, y = doubles("x", "y")
    e = op(b, "exp", op(b, "-", op(b, "*", x, x), y))
    kernel = llvm(b.finish([op(b, "+", op(b, "*", e, y), op(b, "/", x, 3.0))]), ())
    (step,) = kernel.plan.steps
    assert [stage.n_ops for stage in step.stages] == [2, 3]
    x, y = np.linspace(0, 1, 1000), np.ones(1000)
    for _ in range(2):
        kernel(x, y)
    before = kernel.n_compiled, kernel.n_interpreted
    kernel(x, y)
    assert (kernel.n_compiled - before[0], kernel.n_interpreted - before[1]) == (5000, 1000)


def test_equal_groups_share_their_code():
    kernels = []
    for name in ("a", "b"):
        b, x = doubles(name)
        kernels.append(llvm(b.finish([op(b, "*", op(b, "+", x, 1.25), 2.0 if name == "a" else 3.0)]), ()))
    kernels[0](np.ones(10))
    before = len(llvm_service._pieces)
    kernels[1](np.ones(10))
    assert len(llvm_service._pieces) == before
    kernels[1](np.ones(10))
    assert kernels[1].n_compiled > 0


def test_what_compiles_beside_the_program_is_used_when_it_is_there():
    with graphlet.config.patch(compile="background"):
        b, x = doubles("x")
        kernel = llvm(b.finish([op(b, "-", op(b, "*", x, x), 17.0)]), ())
        x = np.arange(100_000.0)
        kernel(x)
        llvm_service.wait()
        before = kernel.n_interpreted
        assert kernel(x)[0].tobytes() == (x * x - 17.0).tobytes()
        assert kernel.n_compiled == 200_000
        assert kernel.n_interpreted == before


def test_without_a_compiler_it_is_the_block_machine(monkeypatch):
    monkeypatch.setattr("graphlet.backends.llvm.can_compile", lambda: False)
    b, x = doubles("x")
    kernel = llvm(b.finish([op(b, "*", op(b, "+", x, 1.0), 2.0)]), ())
    assert kernel.plan.steps[0].stages == ()
    assert kernel(np.ones(3))[0].tolist() == [4.0] * 3


def test_a_function_that_cannot_be_made_is_not_asked_for_again(monkeypatch):
    def fails(text):
        tried.append(text)
        raise RuntimeError("no")

    tried = []
    monkeypatch.setattr("graphlet.backends.llvm_service.compiled", fails)
    b, x = doubles("x")
    kernel = llvm(b.finish([op(b, "+", op(b, "*", x, 41.0), op(b, "*", x, x))]), ())
    for _ in range(5):
        assert kernel(np.ones(3))[0].tolist() == [42.0] * 3
    assert len(tried) == 1
    assert llvm_service.wishes.last_error == "RuntimeError: no"
    llvm_service.wishes.last_error = None
