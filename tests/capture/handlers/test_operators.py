"""Operators: folded, passed to the array rules, guarded comparisons, truth."""

import numpy as np
import pytest

from graphlet.guards.kinds import Compare, SameObject
from graphlet.sources import Known, LiveIn, ShapeItem
from tests.capture.playing import captured, ops, stopped, whole

X = np.linspace(0.1, 1.0, 5)
Y = np.arange(15.0).reshape(3, 5)


def same_guards(guards: tuple, wanted: Compare) -> bool:
    def key(side):
        return side.value if isinstance(side, Known) else side

    return any(
        isinstance(g, Compare)
        and (key(g.left), g.op, key(g.right), g.outcome)
        == (key(wanted.left), wanted.op, key(wanted.right), wanted.outcome)
        for g in guards
    )


def test_straight_line() -> None:
    def function(x, y):
        return np.exp(-(x * x)) + y

    assert ops(whole(function, X, Y)) == ["multiply", "negative", "exp", "add"]


def test_constants_fold() -> None:
    def function(x):
        n = 3
        return x * (n + 2 * 7 - 1 // 3) + (-n) ** 2

    assert ops(whole(function, X)) == ["multiply", "add"]


def test_run_time_numbers_are_computed_in_the_graph() -> None:
    def function(x, n):
        return x * (n + 1)

    assert ops(whole(function, X, 3)) == ["add", "multiply"]


@pytest.mark.parametrize("n", [1, 2, 3, 2.5])
def test_comparison_of_a_number_is_guarded(n: float) -> None:
    def function(x, n):
        if n > 2:
            return x + 1
        return x - 1

    outcome = whole(function, X, n)
    assert same_guards(outcome.guards, Compare(LiveIn(1, "n"), ">", Known(2), n > 2))


def test_comparison_of_a_size_is_guarded() -> None:
    def function(y):
        if y.shape[0] > 1 and y.ndim == 2:
            return y.sum(axis=0)
        return y

    outcome = whole(function, Y)
    assert same_guards(outcome.guards, Compare(ShapeItem(LiveIn(0, "y"), 0), ">", Known(1), True))


def test_truth_of_a_number_is_a_comparison_with_zero() -> None:
    def function(x, n):
        return x + 1 if n else x - 1

    for n in (0, 5, 0.0, 1.5):
        whole(function, X, n)


def test_truth_of_an_array_needs_data() -> None:
    def function(x):
        y = x * 2
        if y.max() > 1:
            return y
        return -y

    outcome = stopped(function, X, code="GL112")
    assert "y.max() > 1" in outcome.break_.detail
    assert len(outcome.resume_at) == 2


def test_identity() -> None:
    def function(x, y, w=None):
        return x is y, x is None, w is None, x is not x, True is False, x + 1

    outcome = whole(function, X, X)
    assert SameObject(LiveIn(0, "x"), LiveIn(1, "y")) in outcome.guards
    outcome = whole(function, X, Y)
    assert SameObject(LiveIn(0, "x"), LiveIn(1, "y"), False) in outcome.guards


def test_membership() -> None:
    def function(x, mode):
        if mode in ("mean", "avg"):
            return x.mean()
        if mode in {"a", "b"}:
            return x.max()
        return x.sum() if "z" not in mode else x

    for mode in ("mean", "avg", "b", "q", "z"):
        outcome = captured(function, X, mode)
        assert outcome.break_ is None


def test_list_operators() -> None:
    def function(x):
        a = [x] + [1, 2]  # noqa: RUF005
        a += (3,)
        b = (x,) * 2 + (4,)
        return a * 2, b, a == [1], (1, 2) == (1, 2), (1, 2) != (1, 3), x + 1

    whole(function, X)


def test_existing_list_is_extended() -> None:
    def function(x, xs):
        y = x + 1
        xs += [y]
        return y

    assert [store.kind for store in whole(function, X, [1]).stores] == ["append"]


def test_subclass_of_ndarray_is_left_to_numpy() -> None:
    class Sub(np.ndarray):
        pass

    def function(x, s):
        y = x + 1
        return y + s

    stopped(function, X, X.view(Sub), code="GL106")


@pytest.mark.parametrize("text", ["1 / 0", "1 << 100000", "10 ** 100000", "'a' * 100000", "~True", "1 % 0"])
def test_what_raises_warns_or_grows_is_not_folded(text: str) -> None:
    left, symbol, right = text.split(" ") if " " in text else ("True", "~", "")
    body = f"one = {left}\n    y = y, {f'one {symbol} {right}' if right else '~one'}"
    namespace: dict = {}
    exec(f"def function(x):\n    y = x + 1\n    {body}\n    return y", namespace)
    outcome = captured(namespace["function"], X)
    assert ops(outcome) == ["add"] and outcome.break_.code in ("GL111", "GL114")


def test_operators_of_classes_are_followed_and_not_run() -> None:
    class Money:
        def __add__(self, other):
            raise AssertionError("user code ran")

    def function(x, m):
        y = x + 1
        return m + y

    stopped(function, X, Money(), code="GL111")


def test_conditional_expressions() -> None:
    def function(x, a, b):
        c = a and b
        d = a or b
        return x + (c if c is not None else 1) + (d or 2) + (not a)

    for a, b in ((1, 2), (0, 3), (None, 4), (None, None), (True, 5)):
        whole(function, X, a, b)
