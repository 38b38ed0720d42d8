"""Locals, globals and cells."""

import numpy as np
import pytest

from graphlet.capture.outcome import FromSource
from graphlet.guards.kinds import IdentityIs, TypeIs
from graphlet.sources import Global, LiveIn
from tests.capture.playing import captured, ops, stopped, whole

X = np.linspace(0.1, 1.0, 5)
FACTOR = 3.5


class Noisy:
    def __del__(self):
        print("gone")


def test_only_changed_live_locals_are_stored() -> None:
    def function(x, y):
        dead = x * 2
        z = dead + 1
        w = y
        print(z)
        return z, w, x

    outcome = stopped(function, X, X, code="GL101")
    stores = dict(outcome.exit.stores)
    assert set(stores) == {"z", "w"}
    assert stores["w"] == FromSource(LiveIn(1, "y"))


def test_deleted_local_that_is_read_later_is_deleted_at_the_exit() -> None:
    def function(x, flag):
        y = x + 1
        del x
        print(y)
        if flag:
            return x  # noqa: F821
        return y

    assert stopped(function, X, True, code="GL101").exit.deletes == ("x",)


def test_local_made_and_deleted_here() -> None:
    def function(x):
        y = x + 1
        z = y * 2
        del y
        return z

    whole(function, X)


def test_globals_are_guarded() -> None:
    def function(x):
        return x * FACTOR + abs(-2)

    outcome = whole(function, X)
    assert TypeIs(Global("FACTOR"), float) in outcome.guards
    assert any(isinstance(g, IdentityIs) and g.source == Global("abs") for g in outcome.guards)


def test_unknown_global_is_left_to_python() -> None:
    def function(x):
        y = x + 1
        return y + does_not_exist  # noqa: F821

    assert ops(stopped(function, X, code="GL117")) == ["add"]


def test_unused_names_have_no_guard() -> None:
    def function(x, unused):
        return x + 1

    assert not any("unused" in str(g) for g in whole(function, X, object()).guards)


def test_closure_is_read_through_its_cell() -> None:
    k = 4

    def function(x):
        return x * k

    outcome = whole(function, X)
    assert any(str(getattr(g, "source", "")) == "k" for g in outcome.guards)


def test_nonlocal_is_stored_at_the_exit() -> None:
    count = 0

    def function(x):
        nonlocal count
        count = count + 1
        y = x * count
        print(y)
        return y

    assert {"count", "y"} == set(dict(stopped(function, X, code="GL101").exit.stores))


def test_cell_of_another_function_is_set() -> None:
    count = 0

    def bump():
        nonlocal count
        count += 1
        return count

    def function(x, step):
        return (x + 1) * step()

    (store,) = captured(function, X, bump).stores
    assert store.kind == "cell" and str(store.target.source) == "step.__closure__[0]"


def test_cell_of_another_function_is_not_set_where_something_may_happen() -> None:
    count = Noisy()

    def drop():
        nonlocal count
        count = None
        return 1

    def function(x, step):
        return (x + 1) * step()

    assert ops(stopped(function, X, drop, code="GL104")) == ["add"]


def test_own_variable_shared_with_a_function_made_here() -> None:
    def function(x):
        k = 3

        def add(v):
            nonlocal k
            k = k + 1
            return v + k

        y = add(x)
        return y * k

    whole(function, X)


@pytest.mark.parametrize("n", [0, 3])
def test_comprehension_does_not_touch_a_name_of_the_frame(n: int) -> None:
    def function(x, n):
        i = n
        parts = [x * i for i in range(3)]
        return parts, i

    whole(function, X, n)


def test_written_cell_and_read_cell_are_told_apart() -> None:
    other = 1

    def read():
        return other

    def function(x, reader):
        nonlocal count
        count = count + 1
        return x * reader() + count

    count = 0
    outcome = captured(function, X, read)
    assert any(type(g).__name__ == "SameObject" and g.same is False for g in outcome.guards)
