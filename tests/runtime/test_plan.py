"""What steps read and write."""

import numpy as np

from graphlet.runtime.plan import ArrayIn, Build, Call, Fused, GroupOut, ScalarIn, TailOut

D = np.dtype("d")


def test_calls_and_containers():
    assert Call(np.add, (0, 1), 2, None).reads == (0, 1)
    assert Call(np.add, (0, 1), 2, None).writes == (2,)
    assert Call(print, (0,), None, None).writes == ()
    assert (Build("tuple", (3, 4), 5).reads, Build("tuple", (3, 4), 5).writes) == ((3, 4), (5,))


def test_groups():
    step = Fused(
        dims=(-1,),
        arrays=(ArrayIn(0, D, 1, (0,)),),
        scalars=(ScalarIn(3, D),),
        constants=(),
        ops=(),
        outputs=(GroupOut(5, 2, D),),
        buffers=(),
        block=256,
        strict=False,
        fallback=(),
        tails=(TailOut("sum", 6, 0, None, b"", D),),
    )
    assert step.reads == (0, 3)
    assert step.writes == (5, 6)
