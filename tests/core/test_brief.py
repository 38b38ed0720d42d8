"""Values in brief: what is said of each kind, and that no code of the user's runs for it."""

import numpy as np
import pytest

from graphlet.core.brief import brief


class Shy:
    def __repr__(self):
        raise AssertionError

    def __len__(self):
        raise AssertionError


class Own(list):
    __len__ = __repr__ = Shy.__repr__


RECURSIVE: list = []
RECURSIVE.append(RECURSIVE)


CASES = [
    (np.ones((3, 4)), "float64[3,4] C"),
    (np.ones((3, 4), np.int8).T, "int8[4,3] F"),
    (np.ones((4, 4))[::2, ::2], "float64[2,2] K"),
    (np.zeros(2, [("a", int)]), "record[2] C"),
    (np.float32(2.0), "float32"),
    (3, "3"),
    (10**30, "int"),
    (10**5000, "int"),
    (2.5, "2.5"),
    ("short", "'short'"),
    ("x" * 100, "'" + "x" * 16 + "..."),
    (None, "None"),
    ((1, "a"), "(1, 'a')"),
    ((1,), "(1,)"),
    ([1, [2, [3]]], "[1, [2, list of 1]]"),
    (list(range(9)), "list of 9"),
    ({"a": 1}, "dict of 1"),
    (RECURSIVE, "[[list of 1]]"),
    (Shy(), "Shy"),
    (Own(), "Own"),
    (np.ndarray, "class ndarray"),
]


@pytest.mark.parametrize(("value", "text"), CASES, ids=[text for _, text in CASES])
def test_brief(value: object, text: str) -> None:
    assert brief(value) == text
