"""Whether it matters that NumPy reuses a large temporary operand."""

import numpy as np
import pytest

from graphlet.arrayops import reuse

SMALL, LARGE = np.ones((10, 20)), np.ones((400, 500))


def test_small_results_are_never_put_into_an_operand():
    assert reuse.lies_the_same(8, 0, SMALL, np.asfortranarray(SMALL))


def test_large_ones_must_lie_the_same():
    assert reuse.lies_the_same(8, 0, LARGE, LARGE * 2)
    assert reuse.lies_the_same(8, 0, LARGE.T, np.asfortranarray(LARGE.T))
    with pytest.raises(ValueError, match="reused"):
        reuse.lies_the_same(8, 0, LARGE, np.asfortranarray(LARGE))
    with pytest.raises(ValueError, match="reused"):
        reuse.lies_the_same(8, 0, LARGE, LARGE[0])


def test_a_temporary_itself_must_fill_its_memory():
    wide = np.ones((400, 1000))[:, ::2]
    assert reuse.lies_the_same(8, 0, wide, LARGE)
    with pytest.raises(ValueError, match="reused"):
        reuse.lies_the_same(8, 1, wide, LARGE)
    with pytest.raises(ValueError, match="reused"):
        reuse.lies_the_same(8, 1, np.ones((40000, 1)), np.ones((40000, 1)))


def test_strides_that_reductions_leave_behind():
    tall = np.ones((40_000, 3))
    assert reuse.has_plain_strides(tall.sum(axis=1, keepdims=True))
    assert reuse.has_plain_strides(np.asfortranarray(tall[:9]).sum(axis=1, keepdims=True))
    with pytest.raises(ValueError, match="reused"):
        reuse.has_plain_strides(np.asfortranarray(tall).sum(axis=1, keepdims=True))


def test_numpy_has_the_same_limit():
    """A temporary on the left gives the result its layout from there on."""

    def made(n: int) -> np.ndarray:
        c_order, f_order = np.ones((n, n)), np.asfortranarray(np.ones((n, n)))
        return (f_order * 2) + c_order

    n = int((reuse.MIN_NBYTES // 8) ** 0.5) + 1
    if not made(4 * n).flags.f_contiguous:
        pytest.skip("NumPy reuses no operands with this build of CPython")
    assert not made(n - 8).flags.f_contiguous
    assert made(n).flags.f_contiguous
