"""Every code of the table has a program that meets it, and the report names it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.capture.breaks import CODES
from tests.report.programs import program

X = np.linspace(0.1, 1.0, 6)
WRITTEN = X.copy()

# code -> (a program that defines f, how f is called)
PROGRAMS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "GL101": ("def f(x):\n    y = x + 1\n    print(end='')\n    return y * 2\n", (X,)),
    "GL102": ("import zlib\ndef f(x):\n    y = x + 1\n    n = zlib.crc32(b'a')\n    return y * n\n", (X,)),
    "GL103": ("def f(x):\n    y = x + 1\n    class A:\n        k = 2\n    return y * A.k\n", (X,)),
    "GL104": ("seen = set()\ndef f(x):\n    y = x + 1\n    seen.add(1)\n    return y * 2\n", (X,)),
    "GL105": ("def f(x, z):\n    x += 1\n    return z * 2\n", (WRITTEN, WRITTEN[::-1])),
    "GL106": ("def f(x):\n    return x + 1\n", (np.array([1, 2], dtype=object),)),
    "GL107": ("def f(x):\n    y = x + 1\n    y = np.add(y, 1, where=y > 1.5)\n    return y.shape\n", (X,)),
    "GL108": ("def f(x):\n    for _ in range(99):\n        x = x * 0.5 + 1\n    return x\n", (X,)),
    "GL109": ("def f(x):\n    y = x + 1\n    yield y * 2\n", (X,)),
    "GL110": ("a = memoryview(b'ab')\n"
              "def f(x):\n    y = x + 1\n    return y * len(a)\n", (X,)),
    "GL111": ("def f(x):\n    y = x + 1\n    match, rest = ExceptionGroup('', [KeyError()]).split(lambda error: True)\n"
              "    return y * 2, rest\n", (X,)),
    "GL112": ("def f(x):\n    y = x + 1\n    if y.sum() > 2:\n        y = y * 2\n    return y - 1\n", (X,)),
    "GL113": ("def f(x):\n    y = x + 1\n    graphlet.graph_break()\n    return y * 2\n", (X,)),
    "GL114": ("def f(x):\n    y = x + 1\n    return y.sum(axis=int(y.min()) - 1)\n", (X,)),
    "GL115": ("def g(x, n):\n    return x if n == 0 else g(x, n - 1) + 1\ndef f(x):\n    return g(x * 2, 500)\n", (X,)),
    "GL116": ("def f(x):\n" + "    x = x * 0.5 + 1\n" * 2000 + "    return x\n", (X,)),
    "GL117": ("def f(x, flag):\n    y = x + 1\n    if flag:\n        z = y\n    try:\n        return z * 2\n"
              "    except NameError:\n        return y * 3\n", (X, False)),
    "GL118": ("def f(x):\n    y = x + 1\n    return iter([y, y * 2])\n", (X,)),
    "GL119": ("def f(x):\n    for _ in range(99):\n        x = x * 0.5 + 1\n        y = np.log(x - 9)\n"
              "    return y\n", (X,)),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("code", PROGRAMS)
def test_a_program_meets_it(code: str) -> None:
    source, args = PROGRAMS[code]
    names = program(source, filename=f"{code}.py")
    report = graphlet.explain(names["f"])(*args)
    assert code in {found.code for found in report.breaks}
    assert code in str(report)


def test_every_graph_break_has_its_program() -> None:
    assert list(PROGRAMS) == [code for code in CODES if code.startswith("GL1")]


def test_every_code_is_used() -> None:
    folder = Path(graphlet.__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if path.name != "breaks.py"]
    assert [code for code in CODES if not any(code in text for text in texts)] == []


def test_limit_of_specialisations() -> None:
    fast = graphlet.optimize(program("def f(x, flag):\n    return x * 2 if flag is None else x + 1\n", "GL202.py")["f"])
    with pytest.warns(graphlet.PerformanceWarning, match="GL202"):
        for dtype in "bBhHiIlLfdFD":
            fast(np.ones(3, dtype), None)


def test_backend_that_fails() -> None:
    def broken(graph: Any, example_inputs: Any) -> Any:
        raise RuntimeError("no")

    fast = graphlet.optimize(program("def f(x):\n    return x * 2\n", "GL203.py")["f"], backend=broken)
    with pytest.warns(graphlet.PerformanceWarning, match="GL203.*RuntimeError: no"):
        assert fast(np.ones(2)).tolist() == [2.0, 2.0]


def test_no_array_work() -> None:
    with pytest.raises(graphlet.GraphBreakError, match="GL204"):
        graphlet.capture(program("def f(x):\n    while x:\n        x -= 1\n", "GL204.py")["f"])(40)


def test_function_without_an_entry() -> None:
    names = program("def f(x):\n    yield x\n", "GL208.py")
    with pytest.raises(graphlet.GraphBreakError, match=r"GL208|GL109"):
        graphlet.capture(names["f"])(np.ones(2))


@pytest.mark.provokes_failures
def test_failure_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphlet.driver.capture", lambda *_: 1 / 0)
    fast = graphlet.optimize(program("def f(x):\n    return x * 3\n", "GL901.py")["f"])
    with pytest.warns(graphlet.PerformanceWarning, match="GL901.*ZeroDivisionError"):
        assert fast(np.ones(2)).tolist() == [3.0, 3.0]
