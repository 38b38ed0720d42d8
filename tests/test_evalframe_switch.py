"""The frame hook's callback returns other code for the frame that is about to start."""

import gc
import subprocess
import sys
import threading
import traceback
import weakref

import pytest

from graphlet import _evalframe
from tests.hooks import armed, fresh, recompiled

pytestmark = pytest.mark.skipif(not _evalframe.SUPPORTED, reason="frames of this CPython are not known")


@pytest.fixture(autouse=True)
def disarmed():
    yield
    _evalframe.disarm()


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
        source = "def make(x):\n    def f(y):\n        z = x + y\n        return (lambda: z)(), 'old'\n    return f"
        make = fresh(source, "make")
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
        source = (
            "def f(a, b):\n    def g():\n        nonlocal a\n        a += b\n        return a\n    return g(), a, 'old'"
        )
        f = fresh(source)
        with armed(lambda function, code: recompiled(function, "old", "new") if code.co_name == "f" else None):
            assert f(1, 2) == (3, 3, "new")

    def test_a_long_first_call_is_caught(self):
        source = "def step(i): return i\n"
        source += (
            "def main(n):\n    total = 0\n    for i in range(n):\n        total += step(i)\n    return total, 'old'"
        )
        main = fresh(source, "main")
        with armed(lambda function, code: recompiled(function, "old", "new") if code.co_name == "main" else None):
            assert main(1000) == (499500, "new")

    def test_exceptions_and_tracebacks(self):
        done = []
        f = fresh("def f(x):\n    try:\n        return 1 / x\n    finally:\n        done.append('old')\n", done=done)
        hook = armed(lambda function, code: recompiled(function, "old", "new"))
        with hook, pytest.raises(ZeroDivisionError) as caught:
            f(0)
        assert done == ["new"]
        last = traceback.extract_tb(caught.value.__traceback__)[-1]
        assert (last.name, last.lineno) == ("f", 3)
        assert caught.value.__traceback__.tb_next.tb_frame.f_locals["x"] == 0

    def test_frames_seen_from_inside(self):
        source = "import sys\ndef f(x):\n    frame = sys._getframe()\n"
        source += "    return frame.f_locals['x'], frame.f_lineno, 'old', frame.f_back"
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
        heads = ("def f(): return 1", "def f(a, b): return 1", "def f(*a): return 1")
        bodies = ("def f(a):\n    x = 1\n    return x", "def f(a):\n    yield 1")
        for other in map(fresh, (*heads, *bodies)):
            f.__code__ = f.__code__.replace()
            with armed(lambda function, code, other=other: other.__code__):
                assert f(1) == (1, "old")

    @pytest.mark.parametrize("answer", [True, "code", 3, len])
    def test_other_answers_are_ignored(self, answer):
        f = fresh("def f(a): return a")
        with armed(lambda *_: answer):
            assert f(1) == 1

    def test_a_frame_without_room_to_grow_runs_its_own_code(self):
        """The data stack is made of chunks; a frame at the end of one cannot grow."""
        count = 400
        body = "def f{0}(a, b):\n    found.append('old')\n    return [a, f{1}(b, a)][0]\n"
        source = "".join(body.format(number, number + 1) for number in range(count))
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
