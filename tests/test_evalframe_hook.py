"""The frame hook: what is discovered, and that nothing else changes."""

import asyncio
import functools
import gc
import importlib.util
import shutil
import subprocess
import sys
import threading
import types
import weakref

import pytest

from graphlet import _evalframe
from tests.hooks import armed, fresh, traced_by

pytestmark = pytest.mark.skipif(not _evalframe.SUPPORTED, reason="frames of this CPython are not known")


@pytest.fixture(autouse=True)
def disarmed():
    yield
    _evalframe.disarm()


class TestArming:
    def test_on_and_off(self):
        assert not _evalframe.is_armed()
        _evalframe.arm(lambda *_: None)
        assert _evalframe.is_armed()
        _evalframe.disarm()
        assert not _evalframe.is_armed()
        _evalframe.disarm()

    def test_the_callback_is_called_once_per_code_object(self):
        f, g = fresh("def f(): return 1"), fresh("def f(): return 2")
        with armed() as hook:
            assert [f(), f(), g(), f(), g()] == [1, 1, 2, 1, 2]
        assert hook.seen[:2] == [(f, f.__code__), (g, g.__code__)]
        assert hook.names == ["f", "f"]

    def test_equal_code_objects_are_different_ones(self):
        source = "def f(): return 1"
        with armed() as hook:
            fresh(source)()
            fresh(source)()
        assert hook.names == ["f", "f"]

    def test_seen_code_is_not_asked_about_after_arming_again(self):
        f = fresh("def f(): return 1")
        with armed() as hook:
            f()
        with armed() as again:
            f()
        assert (hook.names, again.names) == (["f"], [])

    def test_nothing_is_seen_disarmed(self):
        hook = armed()
        _evalframe.arm(hook)
        _evalframe.disarm()
        fresh("def f(): return 1")()
        assert hook.names == []

    def test_a_second_callback_replaces_the_first(self):
        with armed() as first, armed() as second:
            fresh("def f(): return 1")()
            assert _evalframe.is_armed()
        assert first.names == []
        assert second.names == ["f"]

    def test_skipped_code_is_not_asked_about(self):
        f = fresh("def f(): return 1")
        _evalframe.skip(f.__code__)
        with armed() as hook:
            f()
        assert hook.names == []

    def test_needs_something_to_call(self):
        with pytest.raises(TypeError, match="got int"):
            _evalframe.arm(3)
        assert not _evalframe.is_armed()

    def test_a_replaced_callback_is_let_go(self):
        hook = armed()
        gone = weakref.ref(hook)
        _evalframe.arm(hook)
        _evalframe.arm(lambda *_: None)
        del hook
        assert gone() is None

    def test_the_callback_may_disarm_and_rearm(self):
        names = []

        def second(function, code):
            names.append(("second", code.co_name))

        def first(function, code):
            names.append(("first", code.co_name))
            _evalframe.disarm()
            _evalframe.arm(second)

        f, g = fresh("def f(): return 1"), fresh("def g(): return 2", "g")
        _evalframe.arm(first)
        assert (f(), g()) == (1, 2)
        _evalframe.disarm()
        assert names == [("first", "f"), ("second", "g")]


class TestWhatIsAFunctionStart:
    def test_functions_of_all_kinds(self):
        source = """
def plain(a, /, b, *args, c=3, **kwargs): return a, b, args, c, kwargs
class C:
    def method(self): return 'method'
    @classmethod
    def cls(cls): return 'cls'
    @staticmethod
    def static(): return 'static'
    @property
    def prop(self): return 'prop'
    def __getitem__(self, i): return i
    def __len__(self): return 2
def outer():
    x = 1
    def inner(): return x
    return inner()
def run():
    c = C()
    return (plain(1, 2, 4, d=5), c.method(), c.cls(), c.static(), c.prop, c[3], len(c), outer(), (lambda: 7)(),
            sorted([3, 1], key=lambda v: v))
"""
        run = fresh(source, "run")
        with armed() as hook:
            result = run()
        assert result == (
            (1, 2, (4,), 3, {"d": 5}), "method", "cls", "static", "prop", 3, 2, 1, 7, [1, 3],
        )  # fmt: skip
        names = "run plain method cls static prop __getitem__ __len__ outer inner <lambda>"
        assert set(hook.names) == set(names.split())
        assert "C" not in hook.names

    def test_module_and_class_bodies_are_left_alone(self):
        namespace = {"__name__": "m"}
        with armed() as hook:
            exec("x = 1\nclass C:\n    y = x + 1\n    def f(self): pass\nz = eval('x + 2')\n", namespace)
        assert (namespace["C"].y, namespace["z"]) == (2, 3)
        assert hook.names == []

    def test_generators_are_seen_when_made_only(self):
        f = fresh("def f(n):\n    for i in range(n):\n        got = yield i\n        if got:\n            yield got")
        with armed() as hook:
            generator = f(3)
            assert next(generator) == 0
            assert generator.send("x") == "x"
            assert list(generator) == [1, 2]
            thrown = f(1)
            next(thrown)
            with pytest.raises(KeyError):
                thrown.throw(KeyError("k"))
            closed = f(1)
            next(closed)
            closed.close()
        assert hook.names.count("f") == 1

    def test_coroutines_and_async_generators(self):
        source = """
import asyncio
async def agen(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
async def child(x):
    await asyncio.sleep(0)
    return x * 2
async def f():
    return [x async for x in agen(3)], await asyncio.gather(*[child(x) for x in range(4)])
"""
        f = fresh(source)
        with armed() as hook:
            result = asyncio.run(f())
        assert result == ([0, 1, 2], [0, 2, 4, 6])
        assert [hook.names.count(name) for name in ("f", "agen", "child")] == [1, 1, 1]

    def test_nothing_under_a_tracer(self):
        f = fresh("def f():\n    x = 1\n    return x")
        lines = []

        def tracer(frame, event, arg):
            if frame.f_code is f.__code__:
                lines.append((event, frame.f_lineno))
            return tracer

        with armed() as hook:
            with traced_by(tracer):
                f()
            assert "f" not in hook.names
            f()
        assert "f" in hook.names
        assert lines == [("call", 1), ("line", 2), ("line", 3), ("return", 3)]

    def test_nothing_while_the_callback_runs(self):
        inner, outer = fresh("def inner(): return 1", "inner"), fresh("def outer(): return 2", "outer")
        with armed(lambda *_: inner() and None) as hook:
            outer()
            inner()
        assert hook.names == ["outer", "inner"]

    def test_all_threads_are_looked_at(self):
        functions = [fresh(f"def f{n}(): return {n}", f"f{n}") for n in range(8)]
        with armed() as hook:
            threads = [threading.Thread(target=function) for function in functions]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert {f"f{n}" for n in range(8)} <= set(hook.names)


class TestFailures:
    def test_a_failing_callback_is_reported_and_the_call_goes_on(self, monkeypatch):
        reported = []
        monkeypatch.setattr(sys, "unraisablehook", lambda entry: reported.append(str(entry.exc_value)))
        f = fresh("def f(): return 1")

        def fail(*_):
            raise ValueError("ours")

        with armed(fail):
            assert f() == 1
        assert reported[:1] == ["ours"]

    @pytest.mark.parametrize("error", [KeyboardInterrupt("stop"), SystemExit(3)])
    @pytest.mark.parametrize(
        "source", ["def f(): return 1", "def f():\n    yield 1", "def f(x=1):\n    return lambda: x"]
    )
    def test_an_interrupt_reaches_the_caller(self, error, source):
        f = fresh(source)

        def interrupt(function, code):
            if code.co_filename == "<string>":
                raise error

        with armed(interrupt):
            with pytest.raises(type(error)) as caught:
                f()
            assert caught.value is error
            f()
        gone = weakref.ref(f)
        error.__traceback__ = None
        del f, caught
        gc.collect()
        assert gone() is None

    def test_inside_an_except_block(self):
        f = fresh("def f():\n    import sys\n    return sys.exc_info()[1]")
        with armed():
            try:
                raise KeyError("mine")
            except KeyError as error:
                assert f() is error

    def test_finalizers_run_while_an_exception_is_on_its_way(self):
        source = """
class C:
    def __del__(self): log.append('del')
def f():
    c = C()
    raise KeyError('x')
"""
        log = []
        f = fresh(source, log=log)
        with armed(), pytest.raises(KeyError):
            f()
        assert log == ["del"]


class TestRecursion:
    SOURCE = """
def f():
    def down(n):
        global deepest
        deepest = n
        down(n + 1)
    try:
        down(0)
    except RecursionError:
        pass
    return deepest
"""

    @pytest.mark.parametrize("limit", [1000, 3000])
    def test_as_deep_as_without_the_hook(self, limit):
        program = f"""
import sys
from graphlet import _evalframe
sys.setrecursionlimit({limit})
{self.SOURCE}
plain = f()
_evalframe.arm(lambda *_: None)
hooked = f()
_evalframe.disarm()
print(plain, hooked, f())
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        plain, hooked, after = map(int, done.stdout.split())
        assert plain == hooked == after

    def test_without_c_stack_there_is_a_recursion_error_and_no_crash(self):
        program = f"""
import sys, threading
from graphlet import _evalframe
sys.setrecursionlimit(1_000_000)
{self.SOURCE}
threading.stack_size(512 * 1024)
_evalframe.arm(lambda *_: None)
for _ in range(3):
    thread = threading.Thread(target=lambda: print(f() > 100))
    thread.start()
    thread.join()
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.split() == ["True"] * 3


def another_copy(tmp_path, number):
    """The extension module a second time, with a hook of its own: somebody else's evaluator."""
    path = tmp_path / f"copy{number}" / _evalframe.__file__.rpartition("/")[2]
    path.parent.mkdir()
    shutil.copy(_evalframe.__file__, path)
    spec = importlib.util.spec_from_file_location(f"copy{number}._evalframe", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestOtherEvaluators:
    """Ours is one of several."""

    def test_the_evaluator_in_force_before_is_called(self, tmp_path):
        other = another_copy(tmp_path, 1)
        theirs, ours = [], []
        other.arm(lambda function, code: theirs.append(code.co_name))
        _evalframe.arm(lambda function, code: ours.append(code.co_name))
        fresh("def f(): return 1")()
        _evalframe.disarm()
        fresh("def g(): return 1", "g")()
        other.disarm()
        assert ours.count("f") == theirs.count("f") == 1
        assert "g" in theirs
        assert "g" not in ours

    def test_one_installed_over_ours(self, tmp_path):
        other = another_copy(tmp_path, 2)
        theirs, ours = [], []

        def note_ours(function, code):
            ours.append(code.co_name)

        _evalframe.arm(note_ours)
        other.arm(lambda function, code: theirs.append(code.co_name))
        _evalframe.disarm()
        fresh("def f(): return 1")()
        assert "f" in theirs
        assert "f" not in ours
        _evalframe.arm(note_ours)
        fresh("def g(): return 1", "g")()
        assert ours.count("g") == theirs.count("g") == 1
        other.disarm()
        fresh("def h(): return 1", "h")()
        assert ours.count("h") == 1
        assert "h" not in theirs
        _evalframe.disarm()
        fresh("def i(): return 1", "i")()
        assert "i" not in ours
        _evalframe.arm(note_ours)
        fresh("def j(): return 1", "j")()
        assert ours.count("j") == 1

    def test_profilers_see_the_same_calls(self):
        events = {}
        for hooked in (False, True):
            f = fresh("def f(): return g(len([1]))\ndef g(x): return x")
            found = events[hooked] = []

            def profile(frame, event, arg, found=found):
                found.append((event, frame.f_code.co_name))

            if hooked:
                _evalframe.arm(lambda function, code: print(end=str(code)[:0]))
            sys.setprofile(profile)
            try:
                f()
            finally:
                sys.setprofile(None)
        assert events[True] == events[False]


def test_types_of_functions_that_start():
    """What the callback gets is a real function, also for methods and partials."""
    f = fresh("class C:\n    def m(self): return 1\nf = C().m")
    with armed() as hook:
        functools.partial(f)()
    function, code = hook.seen[0]
    assert type(function) is types.FunctionType
    assert function.__code__ is code is f.__func__.__code__
