"""Functions that are one graph are entered without a frame: when, and that nobody can tell."""

import gc
import pickle
import sys
import traceback
import warnings
import weakref

import numpy as np
import pytest

import graphlet
from graphlet import _evalframe
from graphlet._evalframe import is_entered_directly
from tests.hooks import profiled_by, traced_by
from tests.threads import together

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="CPython makes the frame itself up to 3.11")

X, Y = np.arange(8.0), np.linspace(1.0, 2.0, 8)
ENOUGH = 64  # calls


def warm(function, *args):
    """Called until it is entered directly."""
    for _ in range(ENOUGH):
        function(*args)
    assert is_entered_directly(function)
    return function


def optimized(function, *args):
    return warm(graphlet.optimize(function), *args)


def add(a, b):
    return a + b


@graphlet.optimize
def module_level(a, b):
    return a - b


def hits_of(function):
    return function.graphlet.stats()["hits"]


class TestWhen:
    def test_arguments_in_any_order(self):
        def f(z, a, m):
            return z - a * m

        fast = optimized(f, X, Y, X)
        before = hits_of(fast)
        assert np.array_equal(fast(X, Y, 2 * X), f(X, Y, 2 * X))
        assert hits_of(fast) == before + 1

    def test_free_variables(self):
        scale = 2.0

        def f(a):
            return a * scale

        fast = optimized(f, X)
        assert np.array_equal(fast(X), X * 2.0)
        scale = 3.0
        assert np.array_equal(fast(X), X * 3.0)

    def test_methods(self):
        class Model:
            def __init__(self, w):
                self.w = w

            @graphlet.optimize
            def run(self, x):
                return x * self.w

        model = Model(Y)
        for _ in range(ENOUGH):
            model.run(X)
        assert is_entered_directly(Model.run)
        assert np.array_equal(model.run(X), X * Y)
        model.w = X
        assert np.array_equal(model.run(X), X * X)

    @pytest.mark.parametrize("call", [
        lambda f: f(X, b=Y), lambda f: f(a=X, b=Y), lambda f: f(*(X, Y)), lambda f: f(**{"a": X, "b": Y}),
    ])
    def test_all_ways_to_call(self, call):
        fast = optimized(add, X, Y)
        assert np.array_equal(call(fast), X + Y)

    def test_defaults(self):
        def f(a, b=Y):
            return a + b

        fast = optimized(f, X, X)
        assert np.array_equal(fast(X), X + Y)

    @pytest.mark.parametrize("args", [(), (X,), (X, Y, X)])
    def test_wrong_arguments_are_the_function_s_error(self, args):
        fast = optimized(add, X, Y)
        with pytest.raises(TypeError) as plain:
            add(*args)
        with pytest.raises(TypeError) as direct:
            fast(*args)
        assert str(direct.value) == str(plain.value)

    def test_several_returns(self):
        def f(a, n):
            if n > 1:
                return a * n
            return a + n

        fast = optimized(f, X, 3)
        for n in (3, 0, 3, 0, 5):
            assert np.array_equal(fast(X, n), f(X, n))

    @pytest.mark.parametrize("source", [
        "def f(*a): return a[0] + a[1]",
        "def f(a, b, **k): return a + b",
        "def f(a, b, *, c=1): return a + b",
        "def f(a, b):\n    g = lambda: a\n    return a + b",
        "def f(a, b):\n    yield a + b",
    ])
    def test_not_where_the_frame_holds_more_than_arguments(self, source):
        namespace = {}
        exec(source, namespace)
        fast = graphlet.optimize(namespace["f"])
        for _ in range(ENOUGH):
            fast(X, Y)
        assert not is_entered_directly(fast)

    def test_not_before_a_graph_has_run(self):
        fast = graphlet.optimize(add)
        for _ in range(ENOUGH):
            fast("a", "b")
            assert not is_entered_directly(fast)

    def test_not_where_python_code_runs(self):
        def f(a):
            return np.median(a + 1)

        fast = graphlet.optimize(f)
        for _ in range(ENOUGH):
            fast(X)
        before = hits_of(fast)
        assert fast(X) == f(X)
        assert hits_of(fast) == before + 1


class TestNobodyCanTell:
    def test_tracers(self):
        fast = optimized(add, X, Y)
        seen = []

        def tracer(frame, event, arg):
            seen.append((frame.f_code.co_name, event))
            return tracer

        with traced_by(tracer):
            fast(X, Y)
        assert [event for name, event in seen if name == "add"] == ["call", "line", "return"]

    def test_profilers(self):
        fast = optimized(add, X, Y)
        seen = []
        with profiled_by(lambda frame, event, arg: seen.append((frame.f_code.co_name, event))):
            fast(X, Y)
        assert [event for name, event in seen if name == "add"] == ["call", "return"]

    @pytest.mark.parametrize("everywhere", [False, True])
    def test_monitoring(self, everywhere):
        monitoring = sys.monitoring
        fast = optimized(add, X, Y)
        seen = []
        tool = monitoring.COVERAGE_ID
        monitoring.use_tool_id(tool, "test")
        try:
            monitoring.register_callback(tool, monitoring.events.PY_START, lambda code, _: seen.append(code.co_name))
            if everywhere:
                monitoring.set_events(tool, monitoring.events.PY_START)
            else:
                monitoring.set_local_events(tool, fast.__code__, monitoring.events.PY_START)
            assert np.array_equal(fast(X, Y), X + Y)
        finally:
            monitoring.set_events(tool, 0)
            monitoring.free_tool_id(tool)
        assert seen.count("add") == 1

    def test_warnings_and_their_line(self):
        def f(a, b):
            return a / b

        fast = optimized(f, X, Y)
        found = []
        for function in (f, fast):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                function(X, 0 * Y)
            found.append([(str(warning.message), warning.lineno, warning.filename) for warning in caught])
        assert found[0] == found[1] and len(found[0]) == 2

    def test_errors_and_their_lines(self):
        fast = optimized(add, X, Y)
        lines = []
        for function in (add, fast):
            with pytest.raises(ValueError) as raised:
                function(X, Y[:3])
            lines.append([(entry.name, entry.lineno) for entry in traceback.extract_tb(raised.tb)][1:])
        assert lines[0] == lines[1] and lines[0][-1][0] == "add"

    def test_the_end_of_the_stack(self):
        fast = optimized(add, X, Y)

        def deepest(function):
            depth = 0

            def down():
                nonlocal depth
                depth += 1
                function(X, Y)
                down()

            with pytest.raises(RecursionError):
                down()
            return depth

        assert deepest(fast) <= deepest(add)

    def test_handled_exceptions_stay(self):
        fast = optimized(add, X, Y)
        try:
            raise KeyError("k")
        except KeyError as error:
            fast(X, Y)
            assert sys.exception() is error


class TestChanges:
    def test_other_types_and_back(self):
        fast = optimized(add, X, Y)
        for a, b in [(1, 2), ("a", "b"), (X.astype(np.float32), Y), (X, Y), (np.float64(2), Y), ([1], [2]), (X, Y)] * 8:
            wanted, got = add(a, b), fast(a, b)
            assert type(got) is type(wanted) and np.array_equal(got, wanted)

    def test_it_is_entered_directly_again(self):
        fast = optimized(add, X, Y)
        for _ in range(20):
            fast("a", "b")
        assert not is_entered_directly(fast)
        warm(fast, X, Y)

    def test_other_code(self):
        fast = optimized(add, X, Y)

        def subtract(a, b):
            return a - b

        fast.__code__ = subtract.__code__
        assert np.array_equal(fast(X, Y), X - Y)
        assert not is_entered_directly(fast)

    def test_stance_and_reset(self):
        fast = optimized(add, X, Y)
        with graphlet.set_stance("force_eager"):
            before = hits_of(fast)
            assert np.array_equal(fast(X, Y), X + Y)
            assert hits_of(fast) == before
        fast.graphlet.reset()
        assert hits_of(fast) == 0
        assert np.array_equal(fast(X, Y), X + Y)
        warm(fast, X, Y)

    def test_globals(self):
        namespace = {"k": 2.0}
        exec("def f(a): return a * k", namespace)
        fast = optimized(namespace["f"], X)
        assert np.array_equal(fast(X), X * 2.0)
        namespace["k"] = X
        assert np.array_equal(fast(X), X * X)

    def test_a_copy_has_a_frame(self):
        fast = optimized(add, X, Y)
        copy = type(fast)(fast.__code__, fast.__globals__)
        assert not is_entered_directly(copy)
        assert np.array_equal(copy(X, Y), X + Y)

    def test_pickled(self):
        fast = optimized(module_level, X, Y)
        again = pickle.loads(pickle.dumps(fast))
        assert again is module_level
        assert np.array_equal(again(X, Y), X - Y)

    def test_a_dropped_function_is_freed(self):
        def f(a):
            return a + 1

        fast = optimized(f, X)
        dead = weakref.ref(fast)
        del fast
        gc.collect()
        assert dead() is None


def test_threads():
    fast = optimized(add, X, Y)
    wrong = []

    def work(number):
        a = X + number
        for turn in range(300):
            if turn % 50 == number % 50:
                fast("a", "b")
            if not np.array_equal(fast(a, Y), a + Y):
                wrong.append(number)

    together(work, 4)
    assert not wrong


def test_no_entrance_without_a_return():
    handle = _evalframe.StubHandle(_evalframe.Region("r"), 1, True)
    _evalframe.set_entrance(add.__code__, handle, (0, 1), ())
    assert not is_entered_directly(add)


def test_what_counts_references_keeps_its_frame():
    """The caller's stack keeps its own reference while a call comes straight to the region."""

    def f(a, larger):
        if larger:
            a.resize(17)
        return a * 2.0 + 1.0

    fast = graphlet.optimize(f)
    for _ in range(ENOUGH * 2):
        fast(X, False)
    found, expected = fast(np.arange(5.0), True), f(np.arange(5.0), True)
    assert found.tobytes() == expected.tobytes()
