"""explain: the numbers of one call, for all kinds of functions, and that nothing is left of it."""

import asyncio
import functools
import sys
from collections.abc import Callable

import numpy as np
import pytest

import graphlet
from tests.report.programs import KMEANS, program

P = program(KMEANS, "kmeans.py")
X = np.linspace(0.0, 1.0, 9)
NOTES: set = set()


def note(value):
    NOTES.add(1)
    return value


CALLS = {
    "kmeans": lambda: (P["kmeans"], np.linspace(0.0, 1.0, 10).reshape(5, 2), np.array([[0.2, 0.3], [0.8, 0.7]])),
    "solver": lambda: (P["solver"], X, 1e-3),
    "unknown": lambda: (P["unknown"], X, note),
    "numbers": lambda: (P["numbers"], X, 3),
    "waiting": lambda: (P["waiting"], X),
}


@pytest.mark.smoke
@pytest.mark.parametrize("name", CALLS)
def test_text(name: str, golden: Callable[[str, str], None], capsys) -> None:
    fn, *args = CALLS[name]()
    # From 3.13 on a comparison and its jump are one instruction, and the region ends in front of both.
    other = "_313" if name == "solver" and sys.version_info >= (3, 13) else ""
    golden(f"explain_{name}{other}", str(graphlet.explain(fn)(*args)))


@pytest.mark.parametrize(
    ("name", "native", "python"),
    [("kmeans", 6, 0), ("solver", 55, 0), ("unknown", 7, 0), ("numbers", 6, 0), ("waiting", 2, 0)],
)
def test_array_operations_are_counted_where_they_ran(name: str, native: int, python: int, capsys) -> None:
    fn, *args = CALLS[name]()
    report = graphlet.explain(fn)(*args)
    assert (report.native_ops, report.python_ops) == (native, python)
    assert report.native_share == native / (native + python)
    assert sum(line.native_ops for line in report.lines) == native
    assert sum(line.python_ops for line in report.lines) == python


def test_everything_in_python_is_counted_too() -> None:
    divide = P["divide"]
    with np.errstate(divide="ignore"):
        report = graphlet.explain(divide)(X, np.ones(9))
    assert (report.native_ops, report.python_ops) == (2, 0)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        report = graphlet.explain(divide)(X, np.zeros(9))
    assert (report.native_ops, report.python_ops, report.declines) == (0, 2, {"kernel": 1})


def test_a_plain_function_keeps_no_trace() -> None:
    fn = P["divide"]
    before = fn.__code__, dict(fn.__dict__)
    graphlet.explain(fn)(X, np.ones(9))
    assert (fn.__code__, fn.__dict__) == before
    assert not hasattr(fn, "graphlet")


def test_an_optimised_function_keeps_no_trace() -> None:
    fast = graphlet.optimize(P["divide"], backend="eager")
    fast(X, np.ones(9))
    before = fast.__code__, fast.graphlet.stats()
    report = graphlet.explain(fast)(X.astype(np.float32), np.ones(9))
    assert (fast.__code__, fast.graphlet.stats()) == before
    assert (report.backend, report.graph_count) == ("eager", 1)


def test_a_function_with_fullgraph_is_explained_all_the_same(capsys) -> None:
    fast = graphlet.optimize(P["kmeans"], fullgraph=True)
    report = graphlet.explain(fast)(*CALLS["kmeans"]()[1:])
    assert [found.code for found in report.breaks] == ["GL101"]


def test_a_function_found_by_the_hook() -> None:
    fn = program("def found(x):\n    return x * 2.0 + 1.0\n")["found"]
    own = fn.__code__
    with graphlet.enable():
        fn(X)
        rewritten = fn.__code__
        assert rewritten is not own
        report = graphlet.explain(fn)(X)
        assert fn.__code__ is rewritten
    assert (report.native_ops, report.python_ops) == (2, 0)


class Model:
    scale = 3.0

    def apply(self, x):
        return x * self.scale

    @staticmethod
    def shifted(x):
        return x + 1.0

    @classmethod
    def scaled(cls, x):
        return x * cls.scale


@pytest.mark.parametrize(
    "fn",
    [
        Model().apply,
        Model.shifted,
        Model.scaled,
        functools.partial(Model.apply, Model()),
        lambda x: x * 3.0,
        graphlet.optimize(Model.apply).__get__(Model()),
    ],
    ids=["method", "static", "class", "partial", "lambda", "optimised method"],
)
def test_kinds_of_callables(fn) -> None:
    report = graphlet.explain(fn)(X)
    assert (report.native_ops, report.python_ops) == (1, 0)
    assert report.result.tobytes() == fn(X).tobytes()


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match=r"explain takes a Python function .*, got ufunc: <ufunc 'sin'>; .* in C"):
        graphlet.explain(np.sin)


def test_exceptions_pass_through() -> None:
    with pytest.raises(ValueError, match="could not be broadcast"):
        graphlet.explain(P["divide"])(X, np.ones(7))
    with pytest.raises(TypeError, match=r"divide\(\) missing 1 required positional argument"):
        graphlet.explain(P["divide"])(X)


def test_effects_happen_once(capsys) -> None:
    graphlet.explain(P["kmeans"])(*CALLS["kmeans"]()[1:])
    assert capsys.readouterr().out == "labels (5,)\n"


def test_results_of_generators_and_coroutines() -> None:
    items = graphlet.explain(P["numbers"])(X, 3).result
    assert [item[0] for item in items] == [1.0, 1.0, 1.0]
    assert graphlet.explain(P["waiting"])(X).result.tobytes() == (X * X + 1.0).tobytes()


def test_endless_generators_are_followed_for_a_while() -> None:
    fn = program("def endless(x):\n    while True:\n        yield x + 1.0\n")["endless"]
    assert len(graphlet.explain(fn)(X).result) == 1000


def test_a_coroutine_inside_a_running_loop_is_refused() -> None:
    async def main():
        with pytest.raises(graphlet.GraphletError, match="no event loop is running"):
            graphlet.explain(P["waiting"])(X)

    asyncio.run(main())


def test_functions_without_array_work() -> None:
    report = graphlet.explain(P["plain"])(1)
    assert (report.result, report.native_share, report.graph_count) == (3, 1.0, 0)
    assert "No array operations ran." in report.verdict
