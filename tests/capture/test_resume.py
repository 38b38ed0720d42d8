"""Where next regions may begin."""

import numpy as np

from graphlet.capture.breaks import Break
from graphlet.capture.resume import places
from graphlet.opcodes.flow import analyse
from tests.capture.playing import stopped

X = np.linspace(0.1, 1.0, 5)


def lines(function, outcome) -> list:
    flow = analyse(function.__code__)
    first = function.__code__.co_firstlineno
    for offset in outcome.resume_at:
        assert flow.illegal_entry(offset) is None
    return [flow.decoded.instrs[flow.decoded.at[offset]].line - first for offset in outcome.resume_at]


def test_behind_a_call() -> None:
    def function(x):
        y = x + 1
        print(y)
        return y * 2

    assert lines(function, stopped(function, X, code="GL101")) == [2]


def test_both_ways_of_a_branch() -> None:
    def function(x):
        if x.max() > 0.5:
            x = x + 1
        else:
            x = x - 1
        return x

    assert sorted(lines(function, stopped(function, X, code="GL112"))) == [2, 4]


def test_body_and_end_of_a_loop() -> None:
    def function(x):
        for i in range(100):
            x = x + i
        return x

    assert lines(function, stopped(function, X, code="GL108")) == [2, 3]


def test_behind_the_function_made_in_front_of_a_break() -> None:
    def function(x):
        y = x + 1

        def later(v):
            return v * y

        z = y * 2
        print(z)
        return later(z)

    outcome = stopped(function, X, code="GL101")
    assert 6 in lines(function, outcome)


def test_nothing_behind_a_raise() -> None:
    def function(x, error):
        y = x + 1
        raise error from y

    outcome = stopped(function, X, ValueError(), code="GL111")
    assert outcome.resume_at == ()


def test_nowhere_in_a_loop_whose_body_never_comes_down_to_the_depth_of_the_loop() -> None:
    def function(groups):
        return (x for group in groups for x in group.tolist())

    generator = next(const for const in function.__code__.co_consts if hasattr(const, "co_code"))
    flow = analyse(generator)
    loops = [instr for instr in flow.decoded.instrs if instr.op == "FOR_ITER"]
    for loop in loops:
        reason = Break("GL108", "a loop")
        assert all(flow.illegal_entry(offset) is None for offset in places(flow, loop.offset, loop, reason))
