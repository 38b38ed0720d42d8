"""enable and disable: which functions are found, by which call, and that all of them get their own code back."""

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
import types
import warnings
import weakref

import numpy as np
import pytest

import graphlet
from graphlet import _evalframe, discover, driver
from graphlet.cache import Entry, caches_of, original_code
from graphlet.core import events
from tests.report.programs import program

pytestmark = pytest.mark.skipif(not _evalframe.SUPPORTED, reason="frames of this CPython are not known")

X = np.linspace(0.0, 1.0, 9)
SOURCE = "def f(x):\n    return np.exp(x) * x + 1.0\n"


@pytest.fixture(autouse=True)
def disabled():
    yield
    graphlet.disable()
    assert not _evalframe.is_armed()


def fresh(source: str = SOURCE, filename: str = "demo.py", name: str = "f", module: str = "demo") -> types.FunctionType:
    return program(source, filename, __name__=module)[name]


def is_found(function: types.FunctionType) -> bool:
    return function.__code__ is not original_code(function.__code__)


def entries_of_cache(function: types.FunctionType) -> tuple[Entry, ...]:
    (cache,) = caches_of(original_code(function.__code__)).values()
    return cache.all_entries()


def entries_of(function: types.FunctionType) -> dict[str, Entry]:
    """The entries of the one cache of a function, by kind."""
    return {entry.kind: entry for entry in entries_of_cache(function)}


class TestLearningIsFrugal:
    """In functions that nobody named, nothing is learned again and again, or ahead of a call that may never come."""

    SOURCE = "import re\ndef f(x, n):\n    re.match('a', str(n))\n    return x * n\n"

    def test_one_place_is_tried_a_few_times(self) -> None:
        f = fresh(self.SOURCE)
        with graphlet.enable():
            for n in range(2):
                assert f(X, n).tobytes() == (X * n).tobytes()
            start = entries_of(f)["start"]
            assert (start.attempts, start.given_up) == (2, "")
            for n in range(6):
                assert f(X, n).tobytes() == (X * n).tobytes()
            assert (start.attempts, start.given_up) == (driver.MAX_SAME_BREAKS, "GL204")

    def test_who_is_asked_by_name_tries_longer(self) -> None:
        f = graphlet.optimize(fresh(self.SOURCE))
        for n in range(6):
            f(X, n)
        assert entries_of(f)["start"].attempts > driver.MAX_SAME_BREAKS

    def test_newer_code_that_helps_later_calls_waits_for_the_second(self) -> None:
        f = fresh(self.SOURCE)
        with graphlet.enable():
            f(X, 1)
            first = f.__code__
            assert "after_break" in entries_of(f)
            f(X, 2)
            assert f.__code__ is not first
            hits = graphlet.counters()["hits"]
            for n in range(4):
                assert f(X, n).tobytes() == (X * n).tobytes()
            assert graphlet.counters()["hits"] > hits

    def test_stubs_stay_where_one_place_is_given_up_and_another_has_a_graph(self) -> None:
        source = """
def f(x, n):
    out = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            out[i, j] = (x[i:i + 2] * x[j:j + 2]).sum()
    return out
"""
        f, x = fresh(source), np.linspace(0.0, 1.0, 40)
        with graphlet.enable():
            f(x, 39)
            assert any(entry.given_up for entry in entries_of_cache(f))
            hits = graphlet.counters()["hits"]
            f(x, 39)
            assert is_found(f)
            assert graphlet.counters()["hits"] - hits > 1500


class TestWhatIsFound:
    def test_a_function_by_its_first_call(self) -> None:
        f = fresh()
        own = f.__code__
        with graphlet.enable() as session:
            f(X)
            assert is_found(f)
            assert f in session.functions
            for _ in range(3):
                f(X)
        assert f.__code__ is own
        assert graphlet.counters()["hits"] > 0

    def test_a_main_that_is_called_once(self) -> None:
        source = """
def main(n):
    x = np.ones(9)
    for _ in range(n):
        x = x * 0.5 + 1.0
    return x
"""
        main = fresh(source, name="main")
        before = graphlet.counters()["array_ops_native"]
        with graphlet.enable():
            main(200)
        assert graphlet.counters()["array_ops_native"] - before >= 398

    def test_a_main_without_arguments_that_names_no_numpy(self) -> None:
        source = """
def make():
    return np.ones(9)
def main():
    x = make()
    for _ in range(50):
        x = x * 0.5
    return x
"""
        main = fresh(source, name="main")
        before = graphlet.counters()["array_ops_native"]
        with graphlet.enable():
            main()
        assert graphlet.counters()["array_ops_native"] - before >= 50

    def test_lambdas_methods_and_functions_of_all_kinds(self) -> None:
        source = """
square = lambda x: x * x
class Model:
    def apply(self, x): return x * 2.0
    @staticmethod
    def plain(x): return x + 1.0
    @classmethod
    def made(cls, x): return x - 1.0
    @property
    def value(self): return np.ones(3) * 2.0
    def __call__(self, x): return x / 2.0
def numbers(x):
    for k in range(3):
        yield x * k
async def waits(x):
    return x * 3.0
async def stream(x):
    for k in range(3):
        yield x * k
"""
        names = program(source, "demo.py")
        model = names["Model"]()
        with graphlet.enable() as session:
            names["square"](X), model.apply(X), model.plain(X), model.made(X), model.value, model(X)
            assert [item.sum() for item in names["numbers"](X)] == [X.sum() * 0, X.sum(), X.sum() * 2]
            assert asyncio.run(names["waits"](X)).tobytes() == (X * 3.0).tobytes()

            @graphlet.disable  # else the stream would be part of its graph
            async def collect():
                return [item async for item in names["stream"](X)]

            assert len(asyncio.run(collect())) == 3
            found = {function.__qualname__.rpartition(".")[2] for function in session.functions}
        expected = {"<lambda>", "apply", "plain", "made", "value", "__call__", "numbers", "waits", "stream"}
        assert expected <= found

    def test_every_function_made_from_nested_code(self) -> None:
        make = fresh("def make(k):\n    def inner(x):\n        return x * k + 1.0\n    return inner\n", name="make")
        with graphlet.enable():
            inners = [make(float(k)) for k in range(4)]
            for k, inner in enumerate(inners):
                assert inner(X).tobytes() == (X * k + 1.0).tobytes()
                assert is_found(inner)
        assert not any(map(is_found, inners))

    def test_functions_without_anything_like_arrays_are_left_alone(self) -> None:
        f = fresh("def f():\n    return 'a', ['b']\n")
        with graphlet.enable():
            f()
            assert not is_found(f)


class TestScope:
    @pytest.mark.parametrize(
        ("include", "exclude", "found"),
        [
            ((), (), True),
            (("demo",), (), True),
            (("demo*",), (), True),
            (("*/some/*.py",), (), True),
            ("demo", (), True),
            (("other",), (), False),
            (("dem",), (), False),
            ((), ("demo",), False),
            ((), ("demo.sub",), True),
            ((), ("*.py",), False),
            (("demo",), ("demo",), False),
        ],
    )
    def test_include_and_exclude(self, include, exclude, found: bool) -> None:
        f = fresh(filename="/a/some/demo.py")
        with graphlet.enable(include=include, exclude=exclude):
            f(X)
            assert is_found(f) == found

    def test_submodules_belong_to_their_package(self) -> None:
        f = fresh(module="pkg.sub.mod")
        with graphlet.enable(include=["pkg.sub"]):
            f(X)
            assert is_found(f)

    @pytest.mark.parametrize(
        "filename",
        [
            os.path.join(os.path.dirname(os.__file__), "x.py"),
            "/venv/lib/site-packages/pkg/x.py",
            np.__file__,
            "<frozen os>",
            discover.__file__,
        ],
    )
    def test_libraries_are_left_alone_unless_included(self, filename: str) -> None:
        assert discover.is_library(filename)
        f, g = fresh(filename=filename), fresh(filename=filename)
        with graphlet.enable():
            f(X)
            assert not is_found(f)
        with graphlet.enable(include=["demo"]):
            g(X)
            assert is_found(g)

    @pytest.mark.parametrize("filename", ["<stdin>", "<string>", "demo.py", "/home/me/prog.py"])
    def test_programs_are_not_libraries(self, filename: str) -> None:
        assert not discover.is_library(filename)

    def test_patterns_are_text(self) -> None:
        with pytest.raises(TypeError, match="include takes names of modules or file patterns, got module"):
            graphlet.enable(include=[np])  # type: ignore[list-item]


class TestDisable:
    def test_functions_marked_before_and_after(self) -> None:
        before, after = graphlet.disable(fresh()), fresh()
        with graphlet.enable():
            before(X), after(X)
            assert (is_found(before), is_found(after)) == (False, True)
            assert graphlet.disable(after) is after
            after(X)
            assert not is_found(after)

    def test_as_a_decorator_of_methods(self) -> None:
        class Model:
            @graphlet.disable
            def apply(self, x):
                return x * 2.0

            @graphlet.disable
            @staticmethod
            def plain(x):
                return x + 1.0

        with graphlet.enable():
            Model().apply(X), Model.plain(X)
            assert not is_found(Model.apply)
            assert not is_found(Model.plain)

    def test_an_optimised_function_gives_the_original(self) -> None:
        f = fresh()
        assert graphlet.disable(graphlet.optimize(f)) is f

    def test_without_argument_all_sessions_end(self) -> None:
        f, g = fresh(), fresh()
        graphlet.enable()
        f(X)
        graphlet.enable()
        g(X)
        graphlet.disable()
        assert not is_found(f)
        assert not is_found(g)
        assert not _evalframe.is_armed()
        graphlet.disable()


class TestSessions:
    def test_nested(self) -> None:
        f, g, h = fresh(), fresh(), fresh(module="other")
        with graphlet.enable() as outer:
            f(X)
            with graphlet.enable(exclude=["other"]) as inner:
                g(X), h(X)
                assert (is_found(f), is_found(g), is_found(h)) == (True, True, False)
                assert set(inner.functions) == {g}
            assert (is_found(f), is_found(g)) == (True, False)
            g(X), h(X)
            assert set(outer.functions) == {f, g, h}
        assert not any(map(is_found, (f, g, h)))

    def test_closed_in_any_order(self) -> None:
        f, g = fresh(), fresh()
        first, second = graphlet.enable(), graphlet.enable()
        f(X)
        first.close()
        assert is_found(f)
        g(X)
        assert is_found(g)
        second.close()
        second.close()
        assert not is_found(f)
        assert not _evalframe.is_armed()
        assert repr(second) == "<graphlet session, closed>"

    def test_a_function_of_a_closed_session_is_found_again(self) -> None:
        f = fresh()
        for _ in range(3):
            with graphlet.enable():
                f(X)
                assert is_found(f)
            assert not is_found(f)

    def test_options_are_those_of_optimize(self) -> None:
        f = fresh()
        graphs = []

        def backend(graph, example_inputs):
            graphs.append(graph)
            return graph.forward

        with graphlet.enable(backend=backend):
            f(X), f(X)
        assert len(graphs) == 1
        with pytest.raises(graphlet.GraphletError, match="mode='turbo'"):
            graphlet.enable(mode="turbo")

    def test_nothing_of_the_programs_is_kept_alive(self) -> None:
        f = fresh()
        with graphlet.enable():
            f(X)
            gone = weakref.ref(f)
            f.__globals__.clear()
            del f
            gc.collect()
            assert gone() is None

    @pytest.mark.provokes_failures
    def test_our_failure_is_not_the_programs(self, monkeypatch) -> None:
        def fails(*_):
            raise ZeroDivisionError("ours")

        monkeypatch.setattr(discover, "is_candidate", fails)
        f = fresh()
        with graphlet.enable(), pytest.warns(graphlet.PerformanceWarning, match="GL901 f: .*ZeroDivisionError: ours"):
            f(X)


class TestWhatDoesNotPay:
    def test_functions_without_array_work_get_their_own_code_back(self) -> None:
        source = "def count(words):\n    n = 0\n    for w in words:\n        n = n + 1\n    return n\n"
        count = fresh(source, name="count")
        own = count.__code__
        with graphlet.enable():
            count(["a"] * 3)
            assert is_found(count)
            for _ in range(20):
                count(["a"] * 3)
            assert count.__code__ is own
            assert _evalframe.is_seen(own)

    def test_functions_with_some_keep_it(self) -> None:
        f = fresh("def f(x):\n    if x is None:\n        return 1 + 1\n    return x * 2.0\n")
        with graphlet.enable():
            f(X)
            for _ in range(50):
                f(None)
            assert is_found(f)

    def test_an_optimised_function_with_the_same_code_keeps_its_stubs(self) -> None:
        f = fresh("def f(a):\n    return a + 1\n")
        with graphlet.enable():
            f(1)
            fast = graphlet.optimize(f)
            for _ in range(20):
                f(1), fast(1)
            assert not is_found(f)
            assert is_found(fast)

    def test_functions_made_for_each_call_share_their_new_code(self) -> None:
        make = fresh("def make(k):\n    return lambda x: x * k\n", name="make")
        with graphlet.enable():
            codes = set()
            for k in range(50):
                inner = make(float(k))
                inner(X)
                codes.add(id(inner.__code__))
            assert len(codes) <= 3

    def test_little_code_is_kept_for_functions_to_come(self) -> None:
        with graphlet.enable() as session:
            for _ in range(discover.MAX_RECENT + 20):
                fresh("def f(x):\n    return x * 2.0\n")(X)
            assert len(session._finder.recent) == discover.MAX_RECENT


class TestRest:
    """The hook stands aside while nothing new comes, and comes back for what is new."""

    pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="nothing tells of new code")

    SPIN = "def spin(n):\n    for _ in range(n):\n        step()\n\ndef step():\n    pass\n"

    @pytest.fixture
    def spin(self):
        return fresh(self.SPIN, name="spin")

    def test_it_rests_when_only_known_code_runs(self, spin) -> None:
        with graphlet.enable():
            spin(discover.PATIENCE // 2)
            assert not _evalframe.is_resting()
            spin(discover.PATIENCE)
            assert _evalframe.is_resting()
            assert _evalframe.is_armed()
        assert not _evalframe.is_armed()
        assert sys.monitoring.get_tool(discover._watch.tool) is None

    def test_new_code_wakes_it(self, spin) -> None:
        f, g = fresh(), fresh()
        with graphlet.enable():
            spin(2 * discover.PATIENCE)
            f(X)
            assert not _evalframe.is_resting()
            f(X), g(X)
            assert (is_found(f), is_found(g)) == (True, True)

    def test_it_rests_and_wakes_as_often_as_needed(self, spin) -> None:
        with graphlet.enable():
            for _ in range(3):
                spin(2 * discover.PATIENCE)
                assert _evalframe.is_resting()
                f = fresh()
                f(X), f(X)
                assert is_found(f)

    def test_further_functions_of_known_code_wake_it(self, spin) -> None:
        make = fresh("def make(k):\n    return lambda x: x * k + 1.0\n", name="make")
        with graphlet.enable():
            make(2.0)(X)
            spin(2 * discover.PATIENCE)
            assert _evalframe.is_resting()
            inner = make(3.0)
            inner(X), inner(X)
            assert is_found(inner)

    def test_a_new_session_looks_at_everything_again(self, spin) -> None:
        f = fresh(module="other")
        with graphlet.enable(include=["demo"]):
            f(X)
            spin(2 * discover.PATIENCE)
            f(X)
        with graphlet.enable():
            spin(2 * discover.PATIENCE)
            f(X), f(X)
            assert is_found(f)

    def test_it_does_not_take_what_others_use(self, spin) -> None:
        sys.monitoring.use_tool_id(discover._watch.tool, "somebody")
        try:
            with graphlet.enable():
                spin(2 * discover.PATIENCE)
                assert not _evalframe.is_resting()
            assert sys.monitoring.get_tool(discover._watch.tool) == "somebody"
        finally:
            sys.monitoring.free_tool_id(discover._watch.tool)


def test_a_function_of_numpys_does_not_run_itself(monkeypatch) -> None:
    monkeypatch.setattr(discover, "is_candidate", lambda *_: True)
    z = X + 1j * X
    before = graphlet.counters()["hits"]
    with graphlet.enable(include=["numpy"]):
        for _ in range(20):
            assert np.real(z).tobytes() == np.imag(z).tobytes() == X.tobytes()
    assert graphlet.counters()["hits"] - before < 100


LEAVING_RINGS = {
    "containers": "def f(x, y):\n    return [x * 2, (x, y + 1)], {'k': y}\n",
    "exceptions": """
def f(x, y):
    try:
        z = {'a': x}['b']
    except KeyError:
        z = x * 2
    return z + y
""",
    "context managers": """
import contextlib
@contextlib.contextmanager
def g(a):
    try:
        yield a * 2
    except ValueError:
        pass
def f(x, y):
    with g(x) as z:
        z = z + y
        raise ValueError
    return y * 2
""",
    "breaks": """
import numpy as np
def f(x, y):
    return np.delete(x, 5000) + y if len(x) > 5000 else np.polyfit(x, y, 99)
""",
}


@pytest.mark.parametrize("name", LEAVING_RINGS)
def test_who_looks_for_cycles_of_theirs_finds_nothing_of_ours(name: str) -> None:
    f = graphlet.optimize(fresh(LEAVING_RINGS[name]))
    with contextlib.suppress(Exception):
        f(X, X)
    for _ in range(10):  # what functions of other tests leave goes in several steps
        gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        with contextlib.suppress(Exception):
            f(X.astype("f"), X)
        gc.collect()
        left = [item for item in gc.garbage if type(item).__module__.startswith("graphlet")]
        left += [item for item in gc.garbage if isinstance(item, (types.FunctionType, types.CellType))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    assert left == []


def test_switched_off_by_the_environment() -> None:
    source = (
        "import graphlet\n"
        "import numpy as np\n"
        "def f(x): return np.exp(x) * x\n"
        "code = f.__code__\n"
        "assert graphlet.optimize(f) is f\n"
        "with graphlet.enable() as session:\n"
        "    f(np.ones(3))\n"
        "    assert f.__code__ is code and session.functions == ()\n"
        "assert graphlet.counters()['frames'] == 0\n"
    )
    environment = {**os.environ, "GRAPHLET": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", source], check=True, env=environment)


def test_limits_of_functions_found_are_told_and_not_warned_about() -> None:
    f = fresh("def f(x):\n    return x * 2\n")
    heard: list[events.Event] = []
    events.subscribe(heard.append)
    try:
        with graphlet.config.patch(recompile_limit=2), graphlet.enable(), warnings.catch_warnings():
            warnings.simplefilter("error")
            for dtype in "bhilfd":
                f(np.ones(3, dtype))
    finally:
        events.unsubscribe(heard.append)
    assert [event.code for event in heard if isinstance(event, events.Fallback)] == ["GL202"]
