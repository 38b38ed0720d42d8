"""Plans of one group on small arrays: which they are, and that no call gives anything else than NumPy does."""

import operator
import threading
from dataclasses import replace

import numpy as np
import pytest

from graphlet.backends.block import block
from graphlet.ir.build import Builder
from graphlet.ir.op import Op
from graphlet.ir.types import ArrayType, ScalarType, Sym
from graphlet.runtime import loops
from graphlet.runtime._block import BlockKernel
from graphlet.runtime.plan import ArrayCheck, ArrayIn, Call, CastOp, Fused, GroupOut, LoopOp, Plan, ScalarIn, TypeCheck
from tests.backends.block_cases import bits

D = np.dtype("d")
SIZES = (1, 2, 7, 8, 9, 255, 256, 1000, 1024, 1025, 5000)


def kernel_of(fn, *dtypes, ndim=1):
    """A block machine's kernel of ``fn`` on arrays of one shape; ``fn`` uses operators and ufuncs of two arguments."""
    b = Builder()
    dims = tuple(Sym(f"n{i}", 8) for i in range(ndim))
    inputs = [b.placeholder(f"x{i}", ArrayType(np.dtype(dtype), dims)) for i, dtype in enumerate(dtypes)]

    def call(ufunc, *args):
        types = [arg.type.dtype if hasattr(arg, "type") else type(arg) for arg in args]
        dtype = ufunc.resolve_dtypes((*types, *[None] * ufunc.nout))[-1]
        row = Op(ufunc.__name__, ufunc, lambda args, kwargs: ArrayType(dtype, dims), "elementwise")
        return b.call(row, args)

    results = fn(call, *inputs)
    return block(b.finish(list(results) if isinstance(results, tuple) else [results]), ())


def plain(fn, *args):
    results = fn(lambda ufunc, *given: ufunc(*given), *args)
    return results if isinstance(results, tuple) else (results,)


def assert_same(left, right):
    assert left is not None and len(left) == len(right)
    for x, y in zip(left, right, strict=True):
        assert (x.dtype, x.shape, x.strides, x.flags.num) == (y.dtype, y.shape, y.strides, y.flags.num)
        assert bits(x) == bits(y)


CHAINS = {
    "one": lambda call, x, y: call(np.add, x, y),
    "twice the same": lambda call, x, y: call(np.add, call(np.multiply, x, x), y),
    "arithmetic": lambda call, x, y: call(np.divide, call(np.subtract, call(np.multiply, x, y), x), call(np.add, y, 2)),
    "functions": lambda call, x, y: call(np.add, call(np.exp, call(np.negative, x)), call(np.sqrt, y)),
    "clears flags": lambda call, x, y: (call(np.less, call(np.divide, x, y), y), call(np.maximum, x, y)),
    "two results": lambda call, x, y: (call(np.add, x, y), call(np.subtract, x, y)),
}


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("dtypes", ["dd", "ff", "fd", "gg", "DD"])
def test_every_size_and_layout(name, dtypes):
    if name == "clears flags" and dtypes == "DD":
        pytest.skip("complex numbers have no order")
    chain, kernel = CHAINS[name], kernel_of(CHAINS[name], *dtypes)
    assert kernel.is_direct
    for size in SIZES:
        base = [np.linspace(1.0, 3.0, 2 * size).astype(dtype) for dtype in dtypes]
        for part in (slice(None, size), slice(None, None, 2), slice(None, None, -2)):
            args = [array[part] for array in base]
            assert_same(kernel(*args), plain(chain, *args))


@pytest.mark.parametrize("name", CHAINS)
def test_more_dimensions(name):
    chain, kernel = CHAINS[name], kernel_of(CHAINS[name], "d", "d", ndim=2)
    x, y = np.linspace(1.0, 2.0, 48).reshape(2, 4, 6)
    cases = (x, y), (x.T, y.T), (x, y[:, ::-1]), (x[::2], y[::2]), (x.copy("F"), y), (x[:1], y[:1]), (x[:0], y[:0])
    for args in cases:
        assert_same(kernel(*args), plain(chain, *args))


def test_which_shapes_are_related():
    kernel = kernel_of(CHAINS["one"], "d", "d", ndim=2)
    assert kernel(np.ones((2, 3)), np.ones((3, 2))) is None
    assert kernel.status == 2
    assert kernel(np.ones((2, 3)), np.ones(6)) is None
    assert kernel(np.ones((2, 3)), np.ones((2, 3), "f")) is None
    assert kernel(np.ones((2, 3)), np.ones((2, 3), ">d")) is None


def test_one_symbol_for_two_axes():
    plan = one_loop(ArrayCheck(D, (-1, -1)), ndim=2)
    kernel = BlockKernel(plan)
    assert kernel.is_direct
    assert_same(kernel(np.ones((3, 3))), (np.full((3, 3), 2.0),))
    assert kernel(np.ones((3, 2))) is None
    fixed = BlockKernel(one_loop(ArrayCheck(D, (-1, 4)), ndim=2))
    assert_same(fixed(np.ones((3, 4))), (np.full((3, 4), 2.0),))
    assert fixed(np.ones((4, 3))) is None


def one_loop(check, ndim=1, inputs=(), **changes):
    """x + x of an array that is checked so."""
    loop = LoopOp(loops.find(np.add, (D, D, D)), (0, 0), D)
    step = {
        "dims": check.dims,
        "arrays": (ArrayIn(0, D, ndim, tuple(range(ndim))),),
        "scalars": (),
        "constants": (),
        "ops": (loop,),
        "outputs": (GroupOut(1 + len(inputs), 1, D),),
        "buffers": (-1,),
        "block": 256,
        "strict": False,
        "fallback": (Call(operator.add, (0, 0), 1 + len(inputs), None),),
    } | changes
    return Plan((check, *inputs), (), (Fused(**step),), (1 + len(inputs),), 2 + len(inputs), 2)


def test_an_input_that_is_not_read_makes_it_ordinary():
    assert not BlockKernel(one_loop(ArrayCheck(D, (-1,)), inputs=(ArrayCheck(D, (-1,)),))).is_direct


def test_scalars_are_converted_and_their_types_checked():
    def chain(call, x, s):
        return call(np.multiply, x, s)

    b = Builder()
    vector = ArrayType(D, (Sym("n", 8),))
    x, s = b.placeholder("x", vector), b.placeholder("s", ScalarType(float))
    row = Op("multiply", np.multiply, lambda args, kwargs: vector, "elementwise")
    kernel = block(b.finish([b.call(row, (x, s))]), ())
    assert kernel.is_direct
    for value in (2.0, float("nan"), -0.0):
        assert_same(kernel(np.arange(8.0), value), plain(chain, np.arange(8.0), value))
    assert kernel(np.arange(8.0), 2) is None
    assert kernel(np.arange(8.0), np.float64(2.0)) is None


def scalar_and_point():
    """x * s + p, where p has no dimensions."""
    multiply = LoopOp(loops.find(np.multiply, (D, D, D)), (0, 2), D)
    add = LoopOp(loops.find(np.add, (D, D, D)), (3, 1), D)
    step = Fused(
        dims=(-1,),
        arrays=(ArrayIn(0, D, 1, (0,)), ArrayIn(1, D, 0, (-1,))),
        scalars=(ScalarIn(2, D),),
        constants=(),
        ops=(multiply, add),
        outputs=(GroupOut(4, 4, D),),
        buffers=(0, -1),
        block=256,
        strict=False,
        fallback=(Call(operator.mul, (0, 2), 3, None), Call(operator.add, (3, 1), 4, None, frees=(3,))),
    )
    return Plan((ArrayCheck(D, (-1,)), ArrayCheck(D, ()), TypeCheck(int)), (), (step,), (4,), 5, 1)


def test_arrays_without_dimensions():
    kernel = BlockKernel(scalar_and_point())
    assert kernel.is_direct
    for size in (1, 8):
        x = np.arange(1.0, 1.0 + size)
        assert_same(kernel(x, np.array(0.5), 3), (x * 3 + np.array(0.5),))
    assert kernel(np.ones(3), np.ones(1), 3) is None
    assert kernel(np.ones(3), np.array(0.5), 10**400) is None


class TestFlags:
    """Those that count decline, by the name of the operation; those that were there before, or do not count, do not."""

    divide = staticmethod(lambda call, x, y: call(np.add, call(np.divide, x, y), y))

    def test_one_that_counts(self, recwarn):
        kernel = kernel_of(self.divide, "d", "d")
        assert kernel(np.ones(4), np.zeros(4)) is None
        assert "divide" in kernel.last_decline and "flag" in kernel.last_decline
        assert_same(kernel(np.ones(4), np.ones(4)), plain(self.divide, np.ones(4), np.ones(4)))
        assert not recwarn.list

    def test_one_that_does_not_count(self):
        kernel = kernel_of(self.divide, "d", "d")
        with np.errstate(divide="ignore"):
            assert_same(kernel(np.ones(4), np.zeros(4)), plain(self.divide, np.ones(4), np.zeros(4)))
            assert kernel(np.zeros(4), np.zeros(4)) is None
        tiny = np.full(4, 1e-200)
        assert_same(kernel(tiny, 1e200 + tiny), plain(self.divide, tiny, 1e200 + tiny))
        with np.errstate(under="raise"):
            assert kernel(tiny, 1e200 + tiny) is None

    def test_one_that_was_there_before(self):
        kernel = kernel_of(self.divide, "d", "d")
        ones = np.ones(4)
        for _ in range(3):
            assert 1e308 * float(len(ones)) == np.inf  # the interpreter leaves its flags
            assert_same(kernel(ones, ones), plain(self.divide, ones, ones))

    @pytest.mark.parametrize("behind", [np.less, np.maximum, np.isnan, np.negative, np.exp])
    def test_one_that_a_later_loop_clears(self, behind):
        def chain(call, x, y):
            ratio = call(np.divide, x, y)
            return ratio, call(behind, *(y, y)[: behind.nin])

        kernel = kernel_of(chain, "d", "d")
        assert kernel.is_direct
        assert kernel(np.ones(4), np.zeros(4)) is None
        assert kernel(np.ones(4), np.ones(4)) is not None

    @pytest.mark.parametrize("dtype", ["e", "g"])
    def test_those_of_the_other_unit(self, dtype):
        kernel = kernel_of(CHAINS["one"], dtype, dtype)
        largest = np.full(4, np.finfo(dtype).max)
        assert kernel(largest, largest) is None
        assert kernel(largest, -largest) is not None

    def test_nothing_is_left_behind(self):
        kernel = kernel_of(self.divide, "d", "d")
        assert kernel(np.ones(4), np.zeros(4)) is None
        with np.errstate(all="raise"):
            assert np.add(np.ones(3), 1.0).sum() == 6.0
            assert_same(kernel(np.ones(4), np.ones(4)), plain(self.divide, np.ones(4), np.ones(4)))


def test_one_element_that_is_cast_stands_still_in_numpy():
    """Behind an implicit cast NumPy's iterator gives one element of two dimensions another stride."""
    cast = CastOp(np.dtype("f"), (0,), D, implicit=True)
    add = LoopOp(loops.find(np.add, (D, D, D)), (1, 1), D)
    plan = one_loop(
        ArrayCheck(np.dtype("f"), (-1, -2)),
        ndim=2,
        arrays=(ArrayIn(0, np.dtype("f"), 2, (0, 1)),),
        ops=(cast, add),
        outputs=(GroupOut(1, 2, D),),
        buffers=(0, -1),
        strict=True,
        fallback=(Call(np.add, (0, 0), 1, None),),
    )
    kernel = BlockKernel(plan)
    assert kernel.is_direct
    kernel(np.ones((1, 1), "f"))
    assert kernel.n_nodewise == 1
    kernel(np.ones((2, 1), "f"))
    assert kernel.n_nodewise == 0


def test_two_nans_whose_order_is_not_known():
    loop = LoopOp(loops.find(np.add, (D, D, D)), (0, 1), D, nans="placed")
    arrays = (ArrayIn(0, D, 1, (0,)), ArrayIn(1, D, 1, (0,)))
    step = replace(
        one_loop(ArrayCheck(D, (-1,))).steps[0],
        arrays=arrays,
        ops=(loop,),
        outputs=(GroupOut(2, 2, D),),
        fallback=(Call(operator.add, (0, 1), 2, None),),
    )
    kernel = BlockKernel(Plan((ArrayCheck(D, (-1,)),) * 2, (), (step,), (2,), 3, 1))
    assert kernel.is_direct
    x, y = np.array([np.nan, 1.0]), np.array([-np.nan, 1.0])
    assert kernel(x[:1], y[:1]) is None
    for args in ((x, y), (x[1:], y[1:]), (x[:1], y[1:])):
        assert_same(kernel(*args), (np.add(*args),))


@pytest.mark.parametrize("chain", [
    lambda call, x, y: call(np.power, x, y),
    lambda call, x, y: call(np.add, call(np.power, x, call(np.negative, y)), y),
    lambda call, x, y: call(np.power, call(np.add, x, y), y),
])  # fmt: skip
def test_a_loop_that_raises(chain):
    """Integers to negative powers: the loop sets an exception and says nothing; the graph declines without it."""
    kernel = kernel_of(chain, "h", "h")
    assert kernel.is_direct
    x, y = np.array([2, 3, 1], "h"), np.array([1, 0, 2], "h")
    for power in (y, -y, y * 0, -y):
        try:
            expected = plain(chain, x, power)
        except ValueError:
            assert kernel(x, power) is None
        else:
            assert_same(kernel(x, power), expected)


def test_several_threads():
    kernel, wrong = kernel_of(CHAINS["functions"], "d", "d"), []

    def work(number):
        x, y = np.full(200, float(number)), np.arange(200.0)
        expected = plain(CHAINS["functions"], x, y)
        for _ in range(300):
            got = kernel(x, y)
            if got is None or got[0].tobytes() != expected[0].tobytes():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
