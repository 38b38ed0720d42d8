"""Moving stack items: swaps in assignments, constants that are tuples, items that stay from before the region."""

import numpy as np

from graphlet.capture.capture import NOT_PASSED
from graphlet.capture.outcome import FromConst
from graphlet.opcodes.flow import analyse
from tests.capture.playing import Frame, capture_at, captured, whole

X = np.linspace(0.1, 1.0, 5)


def test_swapped_names() -> None:
    def function(x, y):
        x, y = y, x
        return x - y

    whole(function, X, X + 1)


def test_constant_tuple_is_the_one_of_the_code() -> None:
    def function(x):
        return (1, 2), x + 1

    outcome = whole(function, X)
    (pair,) = outcome.exit.pushes
    (first, _) = pair.items
    assert isinstance(first, FromConst)
    assert first.value is next(c for c in function.__code__.co_consts if c == (1, 2))


def test_chained_comparison_drops_what_it_copied() -> None:
    def function(x, n):
        if 1 < n < 10:
            return x + n
        return x

    whole(function, X, 5)
    whole(function, X, 2.5)


def test_an_iterator_from_before_may_be_dropped() -> None:
    def function(xs, y):
        for x in xs:
            y = y + x
            break
        return y

    flow = analyse(function.__code__)
    store = next(i for i in flow.decoded.instrs if i.op == "STORE_FAST" and i.arg == "x")
    entry = flow.decoded.next_offset(store.offset)
    names = {name: X for name in ("x", "y") if name in flow.live(entry)}
    stack = tuple(NOT_PASSED for _ in flow.stack(entry))
    outcome = capture_at(function.__code__, Frame(names, {}, stack, globals()), entry)
    assert outcome.break_ is None
    assert outcome.exit is not None and outcome.exit.keep == 0


def test_an_empty_slot_from_before_stays() -> None:
    def function(x):
        return np.sum(np.vectorize(len)(x) + x)

    flow = analyse(function.__code__)
    add = next(i for i in flow.decoded.instrs if i.op == "BINARY_OP")
    kinds = flow.stack(add.offset)
    stack = tuple(X if depth >= len(kinds) - 2 else NOT_PASSED for depth in range(len(kinds)))
    outcome = capture_at(function.__code__, Frame({}, {}, stack, globals()), add.offset)
    assert outcome.break_ is not None and outcome.break_.code == "GL103"
    assert outcome.exit is not None and outcome.exit.keep == len(kinds) - 2


def test_nothing_is_pushed_for_a_kept_item() -> None:
    def function(x):
        for _ in range(100):
            x = x + 1
        return x

    outcome = captured(function, X)
    assert outcome.exit is None and outcome.break_.code == "GL108"
