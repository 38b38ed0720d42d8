"""Which inner loops can be run without the interpreter."""

import numpy as np

from graphlet.runtime import loops
from graphlet.runtime._block import loop_facts

D, F, L = np.dtype("d"), np.dtype("f"), np.dtype("l")


def test_numeric_loops_are_found_and_kept():
    capsule = loops.find(np.add, (D, D, D))
    assert capsule is loops.find(np.add, (D, D, D))
    assert loop_facts(capsule)[0] is False
    assert loops.find(np.less, (L, L, np.dtype("?"))) is not None


def test_equal_dtypes_of_different_kinds_have_loops_of_their_own():
    longlong = np.dtype("q")
    assert loops.find(np.add, (longlong,) * 3) is not loops.find(np.add, (L, L, L))


def test_others_are_refused():
    assert loops.find(np.add, (np.dtype("O"),) * 3) is None
    assert loops.find(np.add, (D.newbyteorder(), D, D)) is None
    assert loops.find(np.add, (F, D, D)) is None
    assert loops.find(np.add, (np.dtype("M8[s]"), np.dtype("m8[s]"), np.dtype("M8[s]"))) is None
    assert loops.find(np.matmul, (D, D, D)) is None
    assert loops.find(np.sin, (L, L)) is None
    assert loops.find(np.frompyfunc(abs, 1, 1), (D, D)) is None


def test_what_other_threads_may_run() -> None:
    d, i = np.dtype("d"), np.dtype("l")
    assert loops.is_shareable(np.exp, (d, d))
    assert loops.is_shareable(np.power, (d, d, d))
    assert not loops.is_shareable(np.power, (i, i, i))
    assert not loops.is_shareable(np.frompyfunc(abs, 1, 1), (d, d))
    assert not loops.is_shareable(None, (d, d))
