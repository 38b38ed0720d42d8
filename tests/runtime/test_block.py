"""The kernel that runs plans: plans that make no sense, values that are not as promised, threads."""

import gc
import itertools
import math
import operator
import os
import sys
import threading
import warnings
import weakref
from dataclasses import replace

import numpy as np
import pytest

from graphlet.runtime import loops
from graphlet.runtime._block import BlockKernel, broadcast_size, scalar_bytes, with_warnings_raised
from graphlet.runtime.plan import (
    ArrayCheck,
    ArrayIn,
    Build,
    Call,
    CastOp,
    Fused,
    GroupOut,
    LoopOp,
    Plan,
    TailOut,
    TupleCheck,
    TypeCheck,
)
from tests.backends.block_cases import bits, values

D = np.dtype("d")
VECTOR = ArrayCheck(D, (-1,))
EXP, ADD = loops.find(np.exp, (D, D)), loops.find(np.add, (D, D, D))


def plan(*steps, outputs=(1,), inputs=(VECTOR,), constants=(), n_slots=8):
    return Plan(inputs, constants, steps, outputs, n_slots, 1)


def chain(n=8, **changes):
    """exp(exp(... x)) + x as one group."""
    fallback = [Call(np.exp, (i and i + 1,), i + 2, None) for i in range(n)]
    fallback.append(Call(np.add, (n + 1, 0), 1, None))
    fallback[1:] = [call._replace(frees=(call.args[0],)) for call in fallback[1:]]
    step = Fused(
        dims=(-1,),
        arrays=(ArrayIn(0, D, 1, (0,)),),
        scalars=(),
        constants=(),
        ops=(*(LoopOp(EXP, (i,), D) for i in range(n)), LoopOp(ADD, (n, 0), D)),
        outputs=(GroupOut(1, n + 1, D),),
        buffers=(*(i % 2 for i in range(n)), -1),
        block=256,
        strict=False,
        fallback=tuple(fallback),
    )
    return plan(replace(step, **changes), n_slots=n + 2)


def test_a_chain_in_blocks():
    kernel = BlockKernel(chain(3))
    x = -np.arange(5000.0)
    assert np.array_equal(kernel(x)[0], np.exp(np.exp(np.exp(x))) + x)
    assert (kernel.n_inputs, kernel.n_outputs, kernel.status, kernel.n_nodewise) == (1, 1, 0, 0)
    assert np.array_equal(kernel(x[:0])[0], x[:0]) and kernel.n_nodewise == 1


@pytest.mark.parametrize(
    "steps",
    [
        (Call(np.exp, (3,), 1, None),),
        (Call(np.exp, (0,), 0, None),),
        (Call(np.exp, (0,), 99, None),),
        (Call(np.exp, (0,), 1, None, frees=(0,)),),
        (Call(np.exp, (0,), 2, None),),
        (Call(np.exp, (0,), 1, None, frees=(1,)),),
        (Build("tuple", (5,), 1),),
    ],
)
def test_a_plan_that_reads_or_writes_wrong_slots_is_refused(steps):
    with pytest.raises(ValueError, match=r"slot|output"):
        BlockKernel(plan(*steps))


@pytest.mark.parametrize(
    "changes",
    [
        {"buffers": (0, 0)},
        {"outputs": (GroupOut(1, 3, D),)},
        {"ops": (LoopOp(EXP, (5,), D), LoopOp(ADD, (1, 0), D))},
        {"ops": (LoopOp(EXP, (0, 0, 0, 0, 0, 0), D), LoopOp(ADD, (1, 0), D))},
        {"ops": (CastOp(np.dtype("e"), (0,), D, True), LoopOp(ADD, (1, 0), D))},
        {"arrays": (ArrayIn(0, D, 1, (3,)),)},
        {"dims": ()},
        {"fallback": ()},
        {"tails": (TailOut("sum", 2, 0, ADD, bytes(8), D),)},
    ],
)
def test_a_group_that_does_not_fit_together_is_refused(changes):
    with pytest.raises(ValueError, match=r"."):
        BlockKernel(chain(1, **changes))


def test_checks_of_results():
    def promised(value, check):
        return BlockKernel(plan(Call(lambda x: value, (0,), 1, check, name="made")))

    x = np.ones(3)
    assert promised(x, VECTOR)(x) is not None
    for value, check in (
        (x.astype("f"), VECTOR),
        (x[None], VECTOR),
        (x.view(np.recarray), VECTOR),
        (1, TypeCheck(bool)),
        (np.float64(1), TypeCheck(float)),
        ([x], TupleCheck(tuple, (VECTOR,))),
        ((x, 1.0), TupleCheck(tuple, (VECTOR, VECTOR))),
        ((x,), TupleCheck(tuple, (VECTOR, VECTOR))),
    ):
        kernel = promised(value, check)
        assert kernel(x) is None and kernel.status == 1
        assert kernel.last_decline == "made: result is not of the inferred type"
    named = np.linalg.slogdet(np.eye(2))
    assert promised(named, TupleCheck(type(named), (None, None)))(x)[0] is named
    assert promised(tuple(named), TupleCheck(type(named), (None, None)))(x) is None
    kernel = promised(np.ones(4), VECTOR)
    assert kernel(x) is None and kernel.status == 2


def test_containers_and_operators():
    kernel = BlockKernel(
        plan(
            Build("list", (0, 0), 3),
            Build("slice", (2, 2, 2), 4),
            Build("dict", (2, 0), 5, frees=(4,)),
            Call(lambda a, b: a[0] + 1, (3, 5), 6, VECTOR, frees=(3, 5)),
            Call(operator.add, (6, 0), 7, VECTOR, frees=(6,)),
            inputs=(VECTOR, None),
            constants=("key",),
            outputs=(7, 1),
            n_slots=8,
        )
    )
    x, other = np.arange(3.0), object()
    before = sys.getrefcount(other), sys.getrefcount(x)
    result, same = kernel(x, other)
    assert np.array_equal(result, 2 * x + 1) and same is other
    assert (sys.getrefcount(other), sys.getrefcount(x)) == (before[0] + 1, before[1])


def test_references_are_balanced():
    kernel = BlockKernel(chain(3))
    bad = BlockKernel(plan(Call(operator.getitem, (0, 0), 1, VECTOR)))
    x = np.ones(300)

    def runs():
        for _ in range(50):
            kernel(x), kernel(x.astype("f")), kernel(x[::-1]), bad(x)

    runs()
    gc.collect()
    before = sys.getrefcount(x), sys.getrefcount(D), sys.getrefcount(None)
    runs()
    gc.collect()
    after = sys.getrefcount(x), sys.getrefcount(D), sys.getrefcount(None)
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) < 20
    result = kernel(x)[0]
    alive = weakref.ref(result)
    del result
    assert alive() is None


def test_threads_share_a_kernel():
    kernel = BlockKernel(chain(3))
    arrays = [-np.arange(60_000.0) - i for i in range(6)]
    expected = [kernel(x)[0].tobytes() for x in arrays]
    failures = []

    def work(i):
        for _ in range(10):
            if kernel(arrays[i])[0].tobytes() != expected[i]:
                failures.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


SCALARS = (0, 7, -1, 300, 2**31, 2**63, 2**70, 0.0, -0.0, 2.5, 1e300, 65504.0, 65536.0, float("inf"), 1 + 2j)


@pytest.mark.parametrize("char", "bBhHiIlLefdgFDG")
@pytest.mark.parametrize("value", SCALARS)
def test_python_scalars_become_what_numpy_makes_of_them(char, value):
    dtype = np.dtype(char)
    if np.result_type(dtype, type(value)(1)) != dtype:
        return  # NumPy would take another dtype
    got = scalar_bytes(value, dtype)
    try:
        with np.errstate(all="raise", under="ignore"):
            expected = np.subtract(value, np.zeros(1, dtype))
    except (OverflowError, FloatingPointError):
        assert got is None
        return
    if got is None:
        assert char in "gG" and abs(value) >= 2**53  # NumPy goes through text there
    else:
        assert bits(np.frombuffer(got, dtype)) == bits(expected)


@pytest.mark.parametrize("char", "?bBhHiIlLefdgFDG")
def test_numpy_scalars_and_bools_are_cast(char):
    dtype = np.dtype(char)
    assert bits(np.frombuffer(scalar_bytes(True, dtype), dtype)) == bits(np.ones(1, dtype))
    for value in values(np.random.default_rng(1), char, 20):
        assert bits(np.frombuffer(scalar_bytes(value, dtype), dtype)) == bits(np.array([value]))
    assert scalar_bytes("3", dtype) is None
    assert scalar_bytes(None, dtype) is None


def warn(category: type[Warning] = UserWarning) -> None:
    warnings.warn("said", category, stacklevel=1)


def test_warnings_are_raised_whatever_the_filters_say() -> None:
    before = warnings.filters
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(UserWarning, match="said"):
            with_warnings_raised(warn)
        with pytest.raises(UserWarning, match="said"):
            with_warnings_raised(with_warnings_raised, warn)
        with pytest.raises(RuntimeWarning, match="Degrees of freedom"):
            with_warnings_raised(lambda: np.var(np.ones(1), ddof=1))
    assert warnings.filters is before


def test_of_what_the_collector_frees_nothing_is_raised() -> None:
    with pytest.warns(ResourceWarning):
        with_warnings_raised(warn, ResourceWarning)


def test_other_threads_warn_as_ever() -> None:
    def inside() -> None:
        thread = threading.Thread(target=warn)
        thread.start()
        thread.join()

    with pytest.warns(UserWarning, match="said"):
        with_warnings_raised(inside)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_forked_meanwhile_is_free() -> None:
    def fork() -> int:
        child = os.fork()
        if child == 0:
            warnings.showwarning = lambda *_args: os._exit(7)
            warnings.simplefilter("always")
            warn()
            os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert with_warnings_raised(fork) == 7


def test_broadcast_size_is_that_of_the_shapes_together():
    shapes = [(), (1,), (3,), (0,), (2, 1), (2, 3), (1, 1), (4, 1, 3), (4, 2, 1), (4, 0, 1)]
    for some in itertools.product(shapes, repeat=3):
        try:
            expected = math.prod(np.broadcast_shapes(*some))
        except ValueError:
            continue
        assert broadcast_size(*map(np.zeros, some)) == expected, some
    assert broadcast_size() == 1
    assert broadcast_size(np.zeros(3), 1.0) == -1
