"""Probes count the array operations the interpreter runs, and nothing else."""

from collections import Counter

import numpy as np
import pytest

from graphlet.opcodes.flow import analyse
from graphlet.report.probes import probes
from graphlet.rewrite.splice import splice
from tests.report.programs import program

X = np.arange(6.0).reshape(2, 3)
SQRT = np.sqrt
A = "np = __import__('numpy')\n"

CASES = [
    ("x + 1.0", 1),
    ("-x", 1),
    ("~(x > 1.0)", 2),
    ("+x", 1),
    ("x[0]", 1),
    ("x[0:1]", 1),
    ("x.T", 1),
    ("x.shape, x.dtype, x.ndim", 0),
    ("x.sum()", 1),
    ("x.sum(axis=0).max()", 2),
    ("np.sqrt(x)", 1),
    ("np.sum(x, axis=1)", 1),
    ("np.linalg.norm(x)", 1),
    ("SQRT(x)", 1),
    ("SQRT(*[x])", 1),
    ("np.zeros(3)", 1),
    ("len(x), abs(2), 1 + 2, (1, 2)[0], 'a' < 'b'", 0),
    ("np.float64(2.0) * 2.0", 0),
    ("[x * k for k in range(3)]", 3),
    ("np.errstate(all='ignore')", 0),
    ("np.geterr()", 0),
    ("np.where(x > 1.0, x, -x)", 3),
]


def counted(source: str, *args) -> Counter[int]:
    fn = program(source, SQRT=SQRT)["f"]
    counts: Counter[int] = Counter()
    flow = analyse(fn.__code__)
    found = probes(flow, counts)
    fn.__code__ = splice(fn.__code__, [found[offset] for offset in sorted(found)], flow)
    fn(*args)
    return counts


@pytest.mark.parametrize(("expression", "number"), CASES, ids=[case[0] for case in CASES])
def test_expression(expression: str, number: int) -> None:
    if expression.startswith("[") and not _inlines_comprehensions():
        pytest.skip("the comprehension is a function of its own")
    assert counted(f"def f(x):\n    return {expression}\n", X).total() == number


def _inlines_comprehensions() -> bool:
    return "k" in program("def f():\n    return [k for k in ()]\n")["f"].__code__.co_varnames


def test_writes_and_lines() -> None:
    counts = counted("def f(x):\n    x[0] = 2.0\n    x += 1.0\n    x[0:1] = 3.0\n    return x\n", X.copy())
    assert counts == {2: 1, 3: 1, 4: 1}


def test_loops_count_every_round() -> None:
    assert counted("def f(x):\n    for _ in range(5):\n        x = x * 2.0\n    return x\n", X) == {3: 5}


def test_values_with_ideas_of_their_own_are_not_asked() -> None:
    class Proxy:
        def __getattribute__(self, name):
            if name != "go":
                raise AssertionError(name)
            return lambda: None

    assert counted("def f(p):\n    p.go()\n    return p.go\n", Proxy()).total() == 0
