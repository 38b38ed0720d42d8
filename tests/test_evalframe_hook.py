"""The frame hook and per-code state: what is discovered, and that nothing else changes."""

import asyncio
import functools
import gc
import importlib.util
import shutil
import subprocess
import sys
import threading
import traceback
import types
import weakref

import pytest

from graphlet import _evalframe

pytestmark = pytest.mark.skipif(not _evalframe.SUPPORTED, reason="frames of this CPython are not known")


@pytest.fixture(autouse=True)
def disarmed():
    yield
    _evalframe.disarm()


class armed:
    """The hook with a recording callback; ``answer(function, code)`` is what it returns."""

    def __init__(self, answer=None):
        self.seen = []
        self.answer = answer

    def __call__(self, function, code):
        self.seen.append((function, code))
        return self.answer(function, code) if self.answer else None

    def __enter__(self):
        _evalframe.arm(self)
        return self

    def __exit__(self, *_):
        _evalframe.disarm()

    @property
    def names(self):
        """Of code made by fresh(), not of the tests' own."""
        return [code.co_name for _, code in self.seen if code.co_filename == "<string>"]


def fresh(source, name="f", **namespace):
    """A function made anew from source, so that no code object has been seen before."""
    exec(source, namespace)
    return namespace[name]


def recompiled(function, old, new, extra_stack=20):
    """The function's code with one constant replaced and a larger stack, as rewritten code has."""
    code = function.__code__
    constants = tuple(new if constant == old else constant for constant in code.co_consts)
    return code.replace(co_consts=constants, co_stacksize=code.co_stacksize + extra_stack)


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
        expected = {"run", "plain", "method", "cls", "static", "prop", "__getitem__", "__len__", "outer", "inner", "<lambda>"}
        assert set(hook.names) == expected
        assert "C" not in hook.names

    def test_module_and_class_bodies_are_left_alone(self):
        namespace = {"__name__": "m"}
        with armed() as hook:
            exec("x = 1\nclass C:\n    y = x + 1\n    def f(self): pass\nz = eval('x + 2')\n", namespace)
        assert (namespace["C"].y, namespace["z"]) == (2, 3)
        assert hook.names == []

    def test_generators_are_seen_when_made_only(self):
        f = fresh("def f(n):\n    for i in range(n):\n        got = yield i\n        if got: yield got\n    return 'end'")
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

        before = sys.gettrace()
        with armed() as hook:
            sys.settrace(tracer)
            try:
                f()
            finally:
                sys.settrace(before)
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


class TestSwitching:
    """The callback returns other code for the frame that is about to start."""

    def test_the_first_call_already_runs_the_new_code(self):
        f = fresh("def f(a, b=2, *args, c=4, **kwargs):\n    d = 5\n    return a, b, args, c, kwargs, d, 'old'")
        original = f.__code__

        def answer(function, code):
            function.__code__ = recompiled(function, "old", "new")
            return function.__code__

        with armed(answer) as hook:
            assert f(1, 3, 9, c=7, k=8) == (1, 3, (9,), 7, {"k": 8}, 5, "new")
            assert f(1) == (1, 2, (), 4, {}, 5, "new")
        assert hook.seen == [(f, original)], "the returned code is not asked about"

    def test_the_function_may_keep_its_code(self):
        f = fresh("def f(a): return a, 'old'")
        f.__module__ = "elsewhere"
        with armed(lambda function, code: recompiled(function, "old", "new")):
            assert f(1) == (1, "new")
        assert f(1) == (1, "old")

    @pytest.mark.parametrize("assign", [True, False])
    def test_closures_keep_their_own_cells(self, assign):
        make = fresh("def make(x):\n    def f(y):\n        z = x + y\n        return (lambda: z)(), 'old'\n    return f", "make")
        first, second = make(1), make(10)

        def answer(function, code):
            if code is not first.__code__:
                return None
            new = recompiled(function, "old", "new")
            if assign:
                function.__code__ = new
            return new

        with armed(answer):
            assert first(1) == (2, "new")
            assert second(1) == (11, "old")
            assert first(2) == (3, "new" if assign else "old")

    def test_cells_of_arguments(self):
        f = fresh("def f(a, b):\n    def g():\n        nonlocal a\n        a += b\n        return a\n    return g(), a, 'old'")
        with armed(lambda function, code: recompiled(function, "old", "new") if code.co_name == "f" else None):
            assert f(1, 2) == (3, 3, "new")

    def test_a_long_first_call_is_caught(self):
        source = "def main(n):\n    total = 0\n    for i in range(n):\n        total += step(i)\n    return total, 'old'\n"
        main = fresh(source + "def step(i): return i", "main")
        with armed(lambda function, code: recompiled(function, "old", "new") if code.co_name == "main" else None):
            assert main(1000) == (499500, "new")

    def test_exceptions_and_tracebacks(self):
        f = fresh("def f(x):\n    try:\n        return 1 / x\n    finally:\n        done.append('new')\n", done=(done := []))
        with armed(lambda function, code: code.replace(co_stacksize=code.co_stacksize + 9)), pytest.raises(ZeroDivisionError) as caught:
            f(0)
        assert done == ["new"]
        last = traceback.extract_tb(caught.value.__traceback__)[-1]
        assert (last.name, last.lineno) == ("f", 3)
        assert caught.value.__traceback__.tb_next.tb_frame.f_locals["x"] == 0

    def test_frames_seen_from_inside(self):
        source = "import sys\ndef f(x):\n    frame = sys._getframe()\n    return frame.f_locals['x'], frame.f_lineno, 'old', frame.f_back"
        f = fresh(source)
        with armed(lambda function, code: recompiled(function, "old", "new") if code.co_name == "f" else None):
            result = f(5)
        assert result[:3] == (5, 4, "new")
        assert result[3] is sys._getframe()

    @pytest.mark.parametrize("assign", [True, False])
    def test_generators(self, assign):
        f = fresh("def f(n):\n    x = [n, n, n]\n    for i in x:\n        yield i, (i, (i, (i, 'old')))")

        def answer(function, code):
            new = recompiled(function, "old", "new", 50)
            if assign:
                function.__code__ = new
            return new

        with armed(answer):
            assert [item[1][1][1][1] for item in f(2)] == ["new" if assign else "old"] * 3

    def test_other_layouts_are_not_used(self):
        f = fresh("def f(a): return a, 'old'")
        others = ["def f(): return 1", "def f(a, b): return 1", "def f(a):\n    x = 1\n    return x", "def f(*a): return 1"]
        for source in [*others, "def f(a):\n    yield 1"]:
            f.__code__ = f.__code__.replace()
            with armed(lambda function, code, other=fresh(source): other.__code__):
                assert f(1) == (1, "old")

    @pytest.mark.parametrize("answer", [True, "code", 3, len])
    def test_other_answers_are_ignored(self, answer):
        f = fresh("def f(a): return a")
        with armed(lambda *_: answer):
            assert f(1) == 1

    def test_a_frame_without_room_to_grow_runs_its_own_code(self):
        """The data stack is made of chunks; a frame at the end of one cannot grow."""
        count = 400
        source = "".join(
            f"def f{number}(a, b):\n    found.append('old')\n    return [a, f{number + 1}(b, a)][0]\n" for number in range(count)
        )
        source += f"def f{count}(a, b): return a, b"
        results = []

        def work():
            found = []
            assert fresh(source, "f0", found=found)(1, 2) == 1
            results.append(found)

        with armed(lambda function, code: recompiled(function, "old", "new", 200)):
            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert [len(found) for found in results] == [count] * 3
        for found in results:
            assert found.count("new") > count // 2
            assert found.count("old") > 0


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
    @pytest.mark.parametrize("source", ["def f(): return 1", "def f():\n    yield 1", "def f(x=1):\n    return lambda: x"])
    def test_an_interrupt_reaches_the_caller(self, error, source):
        f = fresh(source)

        def interrupt(function, code):
            if function is f:
                raise error

        with armed(interrupt):
            with pytest.raises(type(error)) as caught:
                f()
            assert caught.value is error
            f()
        gone = weakref.ref(f)
        del f, interrupt
        error.__traceback__ = None
        del caught
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

            def profile(frame, event, arg, f=f, found=found):
                if frame.f_globals is f.__globals__:
                    found.append((event, frame.f_code.co_name))

            if hooked:
                _evalframe.arm(lambda *_: None)
            sys.setprofile(profile)
            try:
                f()
            finally:
                sys.setprofile(None)
        assert events[True] == events[False]


class TestState:
    def test_kept_per_code_object(self):
        f = fresh("def f(): return 1")
        assert _evalframe.get_state(f.__code__) is None
        state = ["x"]
        _evalframe.set_state(f.__code__, state)
        assert _evalframe.get_state(f.__code__) is state
        assert _evalframe.get_state(f.__code__.replace()) is None
        _evalframe.set_state(f.__code__, None)
        assert _evalframe.get_state(f.__code__) is None

    def test_dies_with_the_code_object(self):
        class State:
            pass

        f = fresh("def f(): return 1")
        state = State()
        gone = weakref.ref(state)
        _evalframe.set_state(f.__code__, state)
        del state
        assert gone() is not None
        del f
        gc.collect()
        assert gone() is None

    def test_goes_when_replaced(self):
        class State:
            pass

        f = fresh("def f(): return 1")
        first = State()
        gone = weakref.ref(first)
        _evalframe.set_state(f.__code__, first)
        del first
        _evalframe.set_state(f.__code__, "second")
        assert gone() is None

    def test_a_state_that_looks_at_itself_when_dropped(self):
        code = fresh("def f(): return 1").__code__
        found = []

        class State:
            def __del__(self):
                found.append(_evalframe.get_state(code))
                _evalframe.set_state(code, "from del")

        _evalframe.set_state(code, State())
        _evalframe.set_state(code, "next")
        assert found == ["next"]
        assert _evalframe.get_state(code) == "from del"

    def test_a_state_with_a_finalizer_dies_while_an_exception_is_on_its_way(self):
        log = []

        class State:
            def __del__(self):
                log.append("gone")

        def f():
            code = fresh("def g(): return 1", "g").__code__
            _evalframe.set_state(code, State())
            raise KeyError("x")

        with pytest.raises(KeyError) as caught:
            f()
        del caught
        gc.collect()
        assert log == ["gone"]

    @pytest.mark.parametrize("call", [_evalframe.get_state, _evalframe.skip, functools.partial(_evalframe.set_state, state=1)])
    def test_belongs_to_code_objects(self, call):
        with pytest.raises(TypeError, match="expected a code object, got function"):
            call(fresh("def f(): return 1"))


class TestNoTrace:
    def test_references_stay_even(self):
        def new_function():
            return fresh("def f(a, b):\n    c = [a]\n    return c, b, 'old'")

        def answer(function, code):
            if code.co_name != "f":
                return None
            new = recompiled(function, "old", "new")
            if len(hook.seen) % 2:
                function.__code__ = new
            return new

        argument = object()
        hook = armed(answer)
        with hook:
            for turn in range(300):
                if turn == 100:
                    hook.seen.clear()
                    gc.collect()
                    count, blocks = sys.getrefcount(argument), sys.getallocatedblocks()
                assert new_function()(argument, 2) == ([argument], 2, "new")
                hook.seen.clear()
            gc.collect()
            assert sys.getrefcount(argument) == count
            assert abs(sys.getallocatedblocks() - blocks) < 100

    def test_functions_and_code_die(self):
        f = fresh("def f(): return 'old'")
        with armed(lambda function, code: recompiled(function, "old", "new")) as hook:
            assert f() == "new"
        gone = weakref.ref(f), weakref.ref(f.__code__)
        hook.seen.clear()
        del f
        gc.collect()
        assert [ref() for ref in gone] == [None, None]

    @pytest.mark.parametrize("daemon", ["", "threading.Thread(target=spin, daemon=True).start()"])
    def test_armed_at_interpreter_exit(self, daemon):
        program = f"""
import atexit, threading, time
from graphlet import _evalframe
def late(): return "ran"
class Late:
    def __del__(self, late=late): print("del", late())
counts = []
def callback(function, code): counts.append(code.co_name)
atexit.register(lambda late=late: print("exit", _evalframe.is_armed(), late()))
_evalframe.arm(callback)
def spin(late=late):
    while True: time.sleep(0.001); late()
{daemon}
keep = Late()
del late
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("exit False ran\n")
        assert daemon or done.stdout == "exit False ran\ndel ran\n"


def test_types_of_functions_that_start():
    """What the callback gets is a real function, also for methods and partials."""
    f = fresh("class C:\n    def m(self): return 1\nf = C().m")
    with armed() as hook:
        functools.partial(f)()
    function, code = hook.seen[0]
    assert type(function) is types.FunctionType
    assert function.__code__ is code is f.__func__.__code__
