"""What learning and guards look at stays as it was: no dictionary is made for an object that has none."""

import gc
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphlet

X = np.arange(3.0)


class Note(Exception):
    pass


class Plain:
    def __init__(self) -> None:
        self.k = 2.0


def asked_for_attribute(x: Any, o: Any) -> Any:
    y = x * 2
    return y + getattr(o, "zz", 3)


def asked_whether(x: Any, o: Any) -> Any:
    y = x * 2
    return y + 1 if hasattr(o, "zz") else y + 2


def asked_for_text(x: Any, o: Any) -> Any:
    return x * 2, o.__doc__


MAKERS: dict[str, Callable[[], Any]] = {
    "exception": lambda: ValueError("a", 1), "own exception": lambda: Note(1), "error": lambda: OSError(1, "a"),
    "group": lambda: ExceptionGroup("g", [ValueError()]), "function": lambda: lambda: 0, "object": Plain,
}  # fmt: skip


def has_dictionary(value: Any) -> bool:
    return any(type(one) is dict and one is not globals() for one in gc.get_referents(value))


@pytest.mark.parametrize("function", (asked_for_attribute, asked_whether, asked_for_text))
@pytest.mark.parametrize("made", MAKERS.values(), ids=MAKERS)
def test_no_dictionary_is_made(function: Callable[..., Any], made: Callable[[], Any]) -> None:
    fast = graphlet.optimize(function)
    for _ in range(4):
        plain, seen = made(), made()
        function(X, plain)
        fast(X, seen)
        assert has_dictionary(seen) == has_dictionary(plain)
    assert fast.graphlet.stats()["hits"] > 0


def test_what_misses_is_told_without_making_one() -> None:
    fast = graphlet.optimize(asked_for_attribute)
    for _ in range(2):
        fast(X, Note(1))
    for _ in range(4):  # a guard fails, and which one is looked up in Python
        seen = Note(1)
        fast(X.astype(int), seen)
        assert not has_dictionary(seen)


def test_pickled_bytes_of_an_exception() -> None:
    fast = graphlet.optimize(lambda x, o: x * 2 if hasattr(o, "zz") else x * 3)
    for _ in range(3):
        error = ValueError("a", 1)
        fast(X, error)
        assert pickle.dumps(error) == pickle.dumps(ValueError("a", 1))
        assert error.__reduce__() == (ValueError, ("a", 1))
