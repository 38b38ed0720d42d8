"""A failing program becomes small and keeps failing."""

import ast

from tests.fuzz.generate import program
from tests.fuzz.shrink import shrink

SOURCE = """
import numpy as np

def unused():
    return 1

def f(a, b):
    c = a + b
    for i in range(3):
        if c.sum() > 0:
            d = np.where(a > 0, np.fmin(a * 2, b[1:]), c)
            print(d)
    try:
        e = 1
    finally:
        e = 2
    return (c, e)

CALLS = [1, 2]
"""


def test_keeps_only_what_matters() -> None:
    small = shrink(SOURCE, lambda source: "np.fmin" in source)
    assert len(small.splitlines()) <= 4
    assert "np.fmin" in small


def test_lifts_bodies_of_loops() -> None:
    def has_top_level_print(source: str) -> bool:
        return "print(d)" in source and "def f" in source

    small = shrink(SOURCE, has_top_level_print)
    assert "for" not in small
    assert "if" not in small


def test_result_always_parses_and_fails() -> None:
    for seed in range(10):
        source = program(seed)
        small = shrink(source, lambda s: "return" in s and "CALLS" in s, most=150)
        ast.parse(small)
        assert "return" in small
        assert len(small) <= len(ast.unparse(ast.parse(source))) + 1


def test_nothing_to_shrink_stays() -> None:
    assert shrink("x = 1\n", lambda source: source.strip() == "x = 1") == "x = 1\n"
