"""What guards hold strongly, and what only weakly."""

import collections
import functools
import gc
import math
import re
import types
from typing import Any

import numpy as np
import pytest

from graphlet.guards.hold import CannotHold, TypeSet, Weak, held, hold, is_constant, is_value, may_hold_strongly


class Meta(type):
    def __hash__(cls) -> int:
        raise RuntimeError

    def __eq__(cls, other: object) -> bool:
        raise RuntimeError


class Mine(metaclass=Meta):
    def method(self) -> None: ...


USER_MODULE = types.ModuleType("numpy_of_mine")
LOOKALIKE = types.ModuleType("math")


@pytest.mark.parametrize(
    "value",
    [
        *(None, ..., NotImplemented, True, 3, 2.5, 1j, "a", b"a", (1, ("a", None)), frozenset((1, "a"))),
        *(np, np.linalg, math, collections, int, np.ndarray, np.float64, BaseException, types.ModuleType),
        *(len, math.sqrt, dict.fromkeys, list.append, int.__add__, complex.real, np.exp, np.add, np.mean, np.where),
        *(np.dtype("f8"), np.dtype("M8[s]"), np.float64(1), np.longdouble(1), np.zeros, np.linalg.norm),
    ],
    ids=repr,
)
def test_what_lasts_for_ever_is_held(value: Any) -> None:
    assert may_hold_strongly(value)
    assert hold(value) is held(hold(value)) is value


def test_what_may_be_the_users_is_not() -> None:
    functions = [Mine.method, lambda: None, functools.partial(len), Mine().method, {1}.add]
    others = [Mine, Mine(), Mine.method.__code__, USER_MODULE, LOOKALIKE, np.zeros(3), re.compile("a")]
    for value in (*functions, *others, collections.OrderedDict().keys().isdisjoint):
        assert not may_hold_strongly(value)
        found = hold(value, "a text")
        assert type(found) is Weak
        assert held(found) is value
        assert found.text == "a text"


def test_what_cannot_be_held_at_all() -> None:
    dtypes = [np.dtype([("a", "f8")]), np.dtype("f8", metadata={"a": Mine})]
    for value in ([], {}, object(), (Mine,), np.frompyfunc(len, 1, 1), *dtypes):
        with pytest.raises(CannotHold):
            hold(value)


def test_a_dead_object_is_equal_to_nothing() -> None:
    found = hold(Mine())
    gc.collect()
    assert held(found) is not None
    assert held(found) is not held(found)


def test_constants_and_values() -> None:
    assert is_constant((1, "a", (None, 2.5)))
    assert not any(map(is_constant, ([], (1, []), np.float64(1), Mine, Mine())))
    assert is_value(np.float64(1)) and is_value(np.True_) and is_value(3)
    assert not any(map(is_value, (np.longdouble(1), np.str_("a"), np.array(1.0), Mine(), type("F", (float,), {})())))


def test_a_set_of_types_does_not_ask_them() -> None:
    kinds = TypeSet(int, Mine)
    assert Mine in kinds and int in kinds
    assert str not in kinds
