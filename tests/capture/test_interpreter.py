"""The loop over instructions: what an observer is told, how breaks in callees are reported."""

import numpy as np

from graphlet.capture.options import Observed, Options
from tests.capture.playing import captured, ops, stopped

X = np.linspace(0.1, 1.0, 5)


def noisy(v):
    w = v * 2
    print(w)
    return w


def middle(v):
    return noisy(v) + 1


def test_an_observer_sees_each_step() -> None:
    def function(x):
        return x + 1

    steps: list[Observed] = []
    captured(function, X, options=Options(observer=steps.append))
    offsets = [step.instr.offset for step in steps]
    assert offsets == sorted(offsets)
    effects = {step.instr.op: step.effect for step in steps}
    assert effects["BINARY_OP"] == -1 and effects["LOAD_CONST"] == 1
    (add,) = (step for step in steps if step.instr.op == "BINARY_OP")
    assert add.value and add.loc.lineno == function.__code__.co_firstlineno + 1
    assert [type(guard).__name__ for step in steps for guard in step.guards] == ["ArrayIs"]


def test_an_observer_sees_what_could_not_be_taken() -> None:
    def function(x):
        return middle(x)

    steps: list[Observed] = []
    captured(function, X, options=Options(observer=steps.append))
    assert steps[-1].depth == 0 and "GL101" in steps[-1].problem
    assert max(step.depth for step in steps) == 2


def test_break_in_a_callee_is_that_of_the_call() -> None:
    def function(x):
        y = x + 1
        return middle(y)

    outcome = stopped(function, X, code="GL101")
    assert ops(outcome) == ["add"]
    assert outcome.break_.detail.count("(in `") == 1 and "noisy" in outcome.break_.detail


def test_break_in_a_generator() -> None:
    def function(x):
        y = x + 1

        def values():
            yield noisy(y)

        return sum(values())

    assert ops(stopped(function, X, code="GL101")) == ["add"]


def test_inference_errors_become_breaks() -> None:
    def function(x, y):
        z = x + 1
        return z @ y

    assert stopped(function, X, np.ones((3, 3)), code="GL107").break_.detail.startswith("matmul")


def test_what_may_warn_is_left_to_numpy(recwarn):
    outcome = stopped(lambda x: np.var(x, ddof=1), np.ones(()), code="GL107")
    assert "Degrees of freedom" in outcome.break_.detail
    assert not recwarn.list
