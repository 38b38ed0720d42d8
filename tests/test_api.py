"""The face: what optimize, enable, disable, explain, reset, counters and capture do, on real functions."""

import collections
import functools
import gc
import inspect
import pickle
import sys
import warnings
import weakref
from typing import Any

import numpy as np
import pytest

import graphlet


def polynomial(x, k=2.0):
    """A polynomial."""
    y = x * x + k
    return np.sqrt(y) - x


def with_print(x):
    y = x * 2.0 + 1.0
    print("sum", y.sum())
    return np.exp(-y) * y


def solver(x, tol):
    steps = 0
    for _ in range(50):
        step = x * 0.5 + 0.1
        x = x - step
        steps += 1
        if np.abs(step).max() < tol:
            break
    return x, steps


X = np.linspace(0.0, 1.0, 101)


def same(a, b) -> None:
    assert type(a) is type(b)
    if isinstance(a, tuple):
        assert len(a) == len(b)
        for left, right in zip(a, b, strict=True):
            same(left, right)
    elif isinstance(a, np.ndarray):
        assert (a.dtype, a.shape, a.strides) == (b.dtype, b.shape, b.strides)
        assert a.tobytes() == b.tobytes()
    else:
        assert a == b


@pytest.mark.smoke
def test_optimized_function_does_the_same_in_graphs() -> None:
    fast = graphlet.optimize(polynomial)
    for _ in range(4):
        same(fast(X, 3.0), polynomial(X, 3.0))
    stats = fast.graphlet.stats()
    assert stats["hits"] >= 3
    assert stats["graphs"] == 1


def test_it_is_a_real_function_and_the_original_is_untouched() -> None:
    code = polynomial.__code__
    fast = graphlet.optimize(polynomial)
    assert polynomial.__code__ is code
    assert inspect.isfunction(fast)
    assert (fast.__name__, fast.__doc__, fast.__module__) == ("polynomial", "A polynomial.", __name__)
    assert fast.__wrapped__ is polynomial
    assert inspect.signature(fast) == inspect.signature(polynomial)
    assert inspect.getsource(fast) == inspect.getsource(polynomial)
    assert graphlet.optimize(fast) is fast


ANNOTATED = """
def f(x: Later, y: int = 2) -> Later:
    return x * y
"""


def test_annotations_come_along_unread() -> None:
    """From 3.14 on they are evaluated when somebody asks, and may name what does not exist before."""
    space = {} if sys.version_info >= (3, 14) else {"Later": float}
    exec(ANNOTATED, space)
    fast = graphlet.optimize(space["f"])
    assert np.array_equal(fast(np.ones(3)), np.full(3, 2.0))
    space["Later"] = float
    assert fast.__annotations__ == space["f"].__annotations__ == {"x": float, "y": int, "return": float}


def test_assigned_annotations_come_along() -> None:
    def f(x):
        return x

    f.__annotations__ = {"x": "array"}
    assert graphlet.optimize(f).__annotations__ == {"x": "array"}



def test_handles_are_not_inherited_by_wraps() -> None:
    fast = graphlet.optimize(polynomial)

    @functools.wraps(fast)
    def wrapper(*args):
        return fast(*args)

    assert graphlet.optimize(wrapper) is not wrapper
    same(wrapper(X), polynomial(X))


@pytest.mark.smoke
def test_a_print_in_the_middle_breaks_the_graph_and_keeps_its_place(capsys) -> None:
    fast = graphlet.optimize(with_print)
    outputs = []
    for function in (with_print, fast, fast, fast, fast):
        same(function(X), with_print(X))
        outputs.append(capsys.readouterr().out)
    assert len(set(outputs)) == 1
    stats = fast.graphlet.stats()
    assert stats["graphs"] == 2
    assert stats["breaks"] >= 1


def test_a_loop_with_a_data_dependent_exit() -> None:
    fast = graphlet.optimize(solver)
    for tol in (1e-3, 1e-2, 0.5, 1e-3):
        same(fast(X, tol), solver(X, tol))
    assert fast.graphlet.stats()["hits"] > 10


def test_first_call_of_a_long_loop_runs_in_graphs() -> None:
    fast = graphlet.optimize(solver)
    same(fast(X, -1.0), solver(X, -1.0))
    assert fast.graphlet.stats()["hits"] > 20


def test_method_static_and_class_methods() -> None:
    class Model:
        scale = 3.0

        def __init__(self):
            self.w = np.arange(101.0)

        @graphlet.optimize
        def apply(self, x):
            return x * self.w + self.scale

        @graphlet.optimize
        @staticmethod
        def plain(x):
            return x + 1.0

        @classmethod
        @graphlet.optimize
        def scaled(cls, x):
            return x * cls.scale

    model = Model()
    for _ in range(3):
        same(model.apply(X), X * model.w + 3.0)
        same(model.plain(X), X + 1.0)
        same(Model.scaled(X), X * 3.0)
    assert model.apply.__func__.graphlet.stats()["hits"] >= 1


def test_what_is_no_function_is_refused_with_what_to_do() -> None:
    @functools.lru_cache
    def cached(x):
        return x

    hints = [
        (functools.partial(cached, 1), "take its .func"),
        (property(cached), "below @property"),
        (cached, "below @lru_cache"),
        (dict, "decorate its methods"),
        (np.sin, "written in C"),
        (len, "written in C"),
        ((x for x in "a"), "pass the function that was called"),
        (Scaled(), "take its __call__ method"),
        (3, "got int: 3"),
    ]
    for refuses in (graphlet.optimize, graphlet.disable, graphlet.capture):
        for given, hint in hints:
            with pytest.raises(TypeError, match=f"{refuses.__name__} takes a Python function or method .*{hint}"):
                refuses(given)


class Scaled:
    def __call__(self, x):
        return x * 2.0

    @graphlet.optimize
    def by(self, x):
        return x * 3.0

    @graphlet.disable
    @staticmethod
    @graphlet.optimize
    def plain(x):
        return x * 5.0


def test_methods_stay_methods_when_they_are_left_alone() -> None:
    scaled = Scaled()
    same(graphlet.disable(scaled.by)(X), X * 3.0)
    same(scaled.plain(X), X * 5.0)
    assert type(vars(Scaled)["plain"]) is staticmethod
    graphlet.reset(scaled.by)


def test_capture_follows_the_function_it_was_given() -> None:
    def twice(fn):
        @functools.wraps(fn)
        def inner(*args):
            return 2 * fn(*args)

        return inner

    @twice
    def more(x):
        return x + 1.0

    same(graphlet.capture(more)(X).forward(X)[0], more(X))
    scaled = Scaled()
    same(graphlet.capture(scaled.by)(X).forward(X)[0], X * 3.0)


def test_options_are_not_dropped_in_silence() -> None:
    fast = graphlet.optimize(lambda x: x + 1.0, backend="eager")
    assert graphlet.optimize(fast) is fast
    assert graphlet.optimize(fast, backend="eager") is fast
    with pytest.raises(graphlet.GraphletError, match="is optimised already, with other options"):
        graphlet.optimize(fast, fullgraph=True)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [({"dynamic": "x"}, "dynamic='x'"), ({"fullgraph": "no"}, "fullgraph takes"), ({"mode": []}, r"mode=\[\]")],
)
def test_options_of_other_types_are_refused(wrong, text: str) -> None:
    with pytest.raises((TypeError, graphlet.GraphletError), match=text):
        graphlet.optimize(**wrong)


def test_what_cannot_be_optimised_is_refused_clearly() -> None:
    with pytest.raises(TypeError, match="optimize takes a Python function"):
        graphlet.optimize(np.sin)
    with pytest.raises(graphlet.GraphletError, match="mode='turbo' is not available"):
        graphlet.optimize(mode="turbo")
    with pytest.raises(graphlet.BackendError, match="no backend 'nope'"):
        graphlet.optimize(backend="nope")
    for mode in ("fast", "max-autotune"):
        with pytest.raises(graphlet.GraphletError, match="it goes with backend='llvm', not 'eager'"):
            graphlet.optimize(mode=mode, backend="eager")


def mode_of(fast: Any) -> str:
    return fast.graphlet.cache.options.mode


def test_the_mode_is_the_configured_one_unless_it_is_given() -> None:
    assert mode_of(graphlet.optimize(polynomial)) == "default"
    with graphlet.config.patch(mode="reduce-overhead"):
        assert mode_of(graphlet.optimize(polynomial)) == "reduce-overhead"
        assert mode_of(graphlet.optimize(polynomial, mode="default")) == "default"
        assert mode_of(graphlet.optimize(mode="fast")(polynomial)) == "fast"
    assert graphlet.explain(graphlet.optimize(polynomial, mode="fast"))(X).mode == "fast"


@pytest.mark.parametrize("mode", ["reduce-overhead", "max-autotune", "fast"])
def test_every_mode_gives_numbers(mode: str) -> None:
    fast = graphlet.optimize(polynomial, mode=mode)
    for _ in range(4):
        np.testing.assert_allclose(fast(X), polynomial(X), rtol=1e-15)
    assert fast.graphlet.stats()["hits"] >= 3


def test_fullgraph_raises_with_code_line_and_fix() -> None:
    fast = graphlet.optimize(with_print, fullgraph=True)
    with pytest.raises(graphlet.GraphBreakError) as caught:
        fast(X)
    line = inspect.getsourcelines(with_print)[1] + 2
    text = str(caught.value)
    assert caught.value.code == "GL101"
    assert f"test_api.py:{line}, in with_print" in text
    assert 'print("sum", y.sum())' in text
    assert "fix" in text


def test_fullgraph_accepts_a_whole_graph() -> None:
    fast = graphlet.optimize(polynomial, fullgraph=True)
    same(fast(X), polynomial(X))


def test_capture_gives_the_graph_without_running_it(capsys) -> None:
    graph = graphlet.capture(polynomial)(X, 3.0)
    assert isinstance(graph, graphlet.Graph)
    names = [node.row.name for node in graph.nodes if node.op == "call_function"]
    assert names == ["multiply", "add", "sqrt", "subtract"]
    with pytest.raises(graphlet.GraphBreakError):
        graphlet.capture(with_print)(X)
    assert capsys.readouterr().out == ""


def test_explain_says_what_ran_where(capsys) -> None:
    report = graphlet.explain(with_print)(X)
    same(report.result, with_print(X))
    assert report.graph_count >= 1
    assert report.graph_break_count >= 1
    assert any("GL101" in reason for reason in report.break_reasons)
    assert 0.0 < report.native_share <= 1.0
    text = report.to_text()
    assert text.splitlines()[1].startswith("VERDICT")
    assert "with_print" in text


def test_custom_backend_is_called_once_per_specialisation() -> None:
    calls = []

    def backend(graph, example_inputs):
        calls.append((graph, example_inputs))
        return graph.forward

    fast = graphlet.optimize(polynomial, backend=backend)
    for _ in range(5):
        same(fast(X, 2.5), polynomial(X, 2.5))
    assert len(calls) == 1
    same(fast(X.astype(np.float32), 2.5), polynomial(X.astype(np.float32), 2.5))
    assert len(calls) == 2


@pytest.mark.parametrize("bad", ["raises", "nonsense", "wrong results"])
def test_a_bad_backend_falls_back_with_one_warning_that_names_it(bad: str) -> None:
    def unlucky(graph, example_inputs):
        if bad == "raises":
            raise RuntimeError("no such device")
        return 42 if bad == "nonsense" else (lambda *inputs: ("hello",))

    fast = graphlet.optimize(polynomial, backend=unlucky)
    with pytest.warns(graphlet.PerformanceWarning, match="unlucky") as caught:
        for _ in range(4):
            same(fast(X), polynomial(X))
    assert len(caught) == 1


def test_recompile_limit_ends_in_one_warning() -> None:
    def f(x):
        return x * 2 + 1

    fast = graphlet.optimize(f)
    dtypes = [np.int8, np.int16, np.int32, np.int64, np.float32, np.float64]
    with graphlet.config.patch(recompile_limit=3), pytest.warns(graphlet.PerformanceWarning, match="GL202") as caught:
        for dtype in dtypes * 2:
            same(fast(np.arange(5, dtype=dtype)), f(np.arange(5, dtype=dtype)))
    assert len(caught) == 1


def test_enable_finds_functions_and_disable_restores_them() -> None:
    namespace: dict = {"np": np, "__name__": "user_module"}
    exec("def g(x):\n    return np.exp(x) * x + 1.0\n", namespace)
    g = namespace["g"]
    code = g.__code__
    with graphlet.enable():
        for _ in range(4):
            same(g(X), np.exp(X) * X + 1.0)
        assert g.__code__ is not code
    assert g.__code__ is code
    same(g(X), np.exp(X) * X + 1.0)


def test_enable_respects_exclude_and_disable() -> None:
    namespace: dict = {"np": np, "__name__": "user_module"}
    exec("def g(x):\n    return np.exp(x) * x + 1.0\ndef h(x):\n    return np.exp(x) + x\n", namespace)
    g, h = namespace["g"], graphlet.disable(namespace["h"])
    codes = g.__code__, h.__code__
    with graphlet.enable(exclude=["user_module"]):
        g(X)
    with graphlet.enable():
        h(X)
        assert (g.__code__, h.__code__) == codes


def test_a_function_to_be_left_alone_is_no_part_of_its_callers_graphs() -> None:
    def part(x):
        return np.exp(x) * 2

    def whole(x):
        return part(x) + x * x

    fast = graphlet.optimize(whole)
    same(fast(X), whole(X))
    assert [(r.graph_count, r.native_share) for r in [graphlet.explain(fast)(X)]] == [(1, 1.0)]
    assert graphlet.disable(part) is part
    for _ in range(4):
        same(fast(X), whole(X))
    report = graphlet.explain(fast)(X)
    assert "GL115" in str(report.break_reasons)
    assert "left alone" in report.to_text()


def test_reset_forgets_and_learns_anew() -> None:
    fast = graphlet.optimize(polynomial)
    fast(X)
    graphlet.reset(fast)
    assert fast.graphlet.stats()["graphs"] == 0
    same(fast(X), polynomial(X))
    same(fast(X), polynomial(X))
    assert fast.graphlet.stats()["graphs"] == 1


def test_counters_count() -> None:
    graphlet.reset()
    fast = graphlet.optimize(polynomial)
    for _ in range(5):
        fast(X)
    counted = graphlet.counters()
    assert counted["compiles"] == 1
    assert counted["array_ops_native"] >= 4 * 4
    assert counted["hits"] >= 4


def test_is_compiling_and_graph_break() -> None:
    def f(x):
        y = x + 1.0 if graphlet.is_compiling() else 1.0 + x
        graphlet.graph_break("here")
        return y * y

    fast = graphlet.optimize(f)
    for _ in range(4):
        same(fast(X), f(X))
    assert not graphlet.is_compiling()
    assert any(found.code == "GL113" for e in fast.graphlet.cache.entries.values() for found in e.breaks.values())


def test_entries_die_with_the_function() -> None:
    def make():
        def local(x):
            return x * 3.0 + 1.0

        return graphlet.optimize(local)

    fast = make()
    big = np.ones(1000)
    for _ in range(3):
        fast(big)
    watch = [weakref.ref(fast), weakref.ref(big)]
    del fast, big
    gc.collect()
    assert [ref() for ref in watch] == [None, None]


def test_pickle_by_name() -> None:
    fast = pickle.loads(pickle.dumps(decorated))
    assert fast is decorated


@graphlet.optimize
def decorated(x):
    return x + 1.0


def test_warnings_and_errors_are_numpys() -> None:
    def divide(x, y):
        z = x + 1.0
        return z / y

    fast = graphlet.optimize(divide)
    ones, zeros = np.ones(10), np.zeros(10)
    for _ in range(3):
        fast(ones, ones)
    with warnings.catch_warnings(record=True) as caught_warnings:
        warnings.simplefilter("always")
        fast(ones, zeros)
        divide(ones, zeros)
    ours, theirs = caught_warnings
    assert (str(ours.message), ours.category, ours.lineno) == (str(theirs.message), theirs.category, theirs.lineno)
    with pytest.raises(ValueError, match="could not be broadcast") as caught:
        fast(ones, np.ones(7))
    assert caught.traceback[-1].lineno + 1 == divide.__code__.co_firstlineno + 2


def test_in_place_on_an_argument() -> None:
    def step(x, g):
        x -= 0.1 * g
        return x

    fast = graphlet.optimize(step)
    a, b, g = np.ones(50), np.ones(50), np.arange(50.0)
    for _ in range(4):
        assert fast(a, g) is a
        step(b, g)
        same(a, b)


def test_overlapping_arguments() -> None:
    def shift(x, y):
        x[1:] = y[:-1] * 2.0
        return y.sum()

    fast = graphlet.optimize(shift)
    pairs = (
        lambda: (np.arange(9.0), np.arange(9.0)),
        lambda: (z := np.arange(9.0), z),
        lambda: ((z := np.arange(10.0))[:-1], z[1:]),
    )
    for make in pairs:
        for _ in range(3):
            (a, b), (c, d) = make(), make()
            same(fast(a, b), shift(c, d))
            same(a, c)
            same(b, d)


def test_fullgraph_goes_on_raising() -> None:
    fast = graphlet.optimize(with_print, fullgraph=True)
    for _ in range(100):
        with pytest.raises(graphlet.GraphBreakError):
            fast(X)


def test_code_the_user_assigned_stays() -> None:
    fast = graphlet.optimize(with_print)
    fast(X)
    fast.__code__ = (lambda x: x).__code__
    other = graphlet.optimize(with_print)
    for _ in range(3):
        other(X.reshape(-1, 1))
    assert fast(X) is X


def test_fullgraph_raises_where_a_guard_is_impossible() -> None:
    point = collections.namedtuple("point", "a b")
    point.a.__doc__ = []  # type: ignore[attr-defined] # a user's object, which nothing may hold

    def f(x, p):
        return x * p.a

    fast = graphlet.optimize(f, fullgraph=True)
    for _ in range(3):
        with pytest.raises(graphlet.GraphBreakError, match="GL110 f: cannot guard the identity"):
            fast(np.ones(3), point(2.0, 3.0))
    assert graphlet.optimize(f)(np.ones(3), point(2.0, 3.0)).tolist() == [2.0] * 3
