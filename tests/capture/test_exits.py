"""Where regions end: rolled back to the last place at which the frame can be put together."""

import numpy as np

from graphlet.capture.exits import kept
from graphlet.opcodes.flow import analyse
from graphlet.values.base import Constant
from tests.capture.playing import ops, stopped
from tests.oracle.runner import differential

X = np.linspace(0.1, 1.0, 5)
A, B, C = (Constant(i) for i in range(3))


def test_kept() -> None:
    assert kept((A, B), (A, B, C)) == 2
    assert kept((A, B), (A, C)) == 1
    assert kept((A, B), (A,)) == 1
    assert kept((), (A,)) == 0


def test_exits_are_legal() -> None:
    def function(x, d):
        try:
            y = x + 1
            print(y, end=d["k"])
        except KeyError:
            return None
        return y

    outcome = stopped(function, X, {"k": ""}, code="GL101")
    flow = analyse(function.__code__)
    start = min(o for o in flow.states if flow.illegal_entry(o) is None)
    assert flow.illegal_exit(start, outcome.exit.offset) is None
    depth = outcome.exit.keep + len(outcome.exit.pushes)
    assert depth == len(flow.stack(outcome.exit.offset))


def test_back_to_before_an_iterator_that_cannot_be_handed_over() -> None:
    def function(x):
        y = x + 1
        it = iter((1, 2))
        y = y * next(it)
        print(y)
        return y, next(it)

    assert ops(stopped(function, X, code="GL101")) == ["add"]


def test_an_iterator_nobody_needs_any_more_is_no_obstacle() -> None:
    def function(x):
        it = iter((1, 2))
        y = x * next(it)
        print(y)
        return y

    assert ops(stopped(function, X, code="GL101")) == ["multiply"]


def test_empty_slots_of_a_call_are_pushed_as_such() -> None:
    def function(x):
        y = x + 1
        print(y)

    outcome = stopped(function, X, code="GL101")
    assert outcome.exit.pushes.count(None) == 1 and len(outcome.exit.pushes) == 3


def test_a_cell_is_stored_when_a_closure_leaves_with_it() -> None:
    def function(x):
        y = x + 1
        make = lambda: y  # noqa: E731
        print(make)

    outcome = stopped(function, X, code="GL101")
    assert "y" in dict(outcome.exit.stores)


def test_a_cell_nobody_else_has_seen_is_not_stored() -> None:
    def function(x):
        y = x + 1
        z = (lambda: y * 2)()
        print(z)

    assert "y" not in dict(stopped(function, X, code="GL101").exit.stores)


def test_what_is_never_read_again_still_refers_to_what_is_resized() -> None:
    def function(x):
        y = x + 1
        z = [y, x]
        y, _ = z
        y.resize(2)
        return y * 2

    def free(x):
        y = x + 1
        y.resize(2)
        return y * 2

    differential(function, (X,), (X,))
    differential(free, (X,), (X,))
