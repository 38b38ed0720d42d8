"""Specialisations: what a stub gets for its live-ins, and that nothing else in the program notices."""

import gc
import subprocess
import sys
import threading
import types
import weakref

import numpy as np
import pytest

from graphlet._evalframe import PyKernel, Region, Specialization, StubHandle
from graphlet.core.errors import GraphBreakError
from graphlet.guards.lower import lower
from graphlet.guards.plan import plan
from graphlet.sources import Global
from tests.regions import add, raising, region_of, specialization

SOME_GLOBAL = [1, 2, 3]


class TestSpecialization:
    def test_guards_choose(self):
        ints = specialization(lambda a, b: ("int",), types=(int, int))
        floats = specialization(lambda a, b: ("float",), types=(float, float))
        handle = StubHandle(region_of(ints, floats), 1)
        assert [handle(1, 2), handle(1.0, 2.0), handle(1, 2)] == [("int",), ("float",), ("int",)]
        assert handle("a", "b") is None
        assert (ints.hits, floats.hits) == (2, 1)
        assert floats.last_failed_guard >= 0

    def test_of_two_that_fit_the_one_that_hit_last_goes_first(self):
        first = specialization(lambda a, b: ("first",), types=(int,))
        second = specialization(lambda a, b: ("second",))
        region = region_of(second, first)
        handle = StubHandle(region, 1)
        assert handle(1, 2) == ("first",)
        assert handle("x", 2) == ("second",)
        assert handle(1, 2) == ("second",)
        assert region.specializations == (first, second)

    def test_many_inputs_and_outputs(self):
        n = 200
        spec = specialization(lambda *values: values[::-1], n_live_ins=n, n_outputs=n)
        values = tuple(object() for _ in range(n))
        assert StubHandle(region_of(spec), 1)(*values) == values[::-1]

    def test_nothing_in_nothing_out(self):
        assert StubHandle(region_of(specialization(lambda: (), n_live_ins=0, n_outputs=0)), 1)() == ()

    def test_globals_are_those_of_the_calling_frame(self):
        program, registers = lower(plan((), (Global("SOME_GLOBAL"),)), 0)
        inputs = (registers[Global("SOME_GLOBAL")],)
        spec = Specialization("s", program, inputs, PyKernel(lambda x: (x,), 1, 1), 0, (), (("graph", 0),), ())
        handle = StubHandle(region_of(spec), 1)
        assert handle() == (SOME_GLOBAL,)
        elsewhere = {"handle": handle, "SOME_GLOBAL": "other"}
        assert eval("handle()", elsewhere) == ("other",)
        del elsewhere["SOME_GLOBAL"]
        assert eval("handle()", elsewhere) is None

    def test_a_loaded_value_lives_as_long_as_the_kernel(self):
        """The kernel may run code that drops the only reference there was to what guards loaded."""

        class Thing:
            pass

        namespace = {"thing": Thing()}
        alive = weakref.ref(namespace["thing"])

        def call(thing):
            del namespace["thing"]
            gc.collect()
            assert alive() is thing
            return ()

        program, registers = lower(plan((), (Global("thing"),)), 0)
        register = registers[Global("thing")]
        spec = Specialization("s", program, (register,), PyKernel(call, 1, 0), 0, (), (("reg", register),), ())
        namespace["handle"] = StubHandle(region_of(spec), 1)
        result = eval("handle()", namespace)
        assert result == (alive(),)
        del result
        assert alive() is None

    def test_swapping_the_kernel(self):
        spec = specialization(add)
        handle = StubHandle(region_of(spec), 1)
        spec.swap_kernel(PyKernel(lambda a, b: (a * b,), 2, 1))
        assert handle(3, 4) == (12,)
        with pytest.raises(ValueError, match="expected 2 inputs"):
            spec.swap_kernel(PyKernel(add, 1, 1))

    def test_a_kernel_that_swaps_itself_out_finishes(self):
        def call(a, b):
            spec.swap_kernel(PyKernel(lambda a, b: ("new",), 2, 1))
            gc.collect()
            return (a + b,)

        spec = specialization(call)
        handle = StubHandle(region_of(spec), 1)
        assert [handle(1, 2), handle(1, 2)] == [(3,), ("new",)]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"input_registers": (0,)}, "kernel takes 2 inputs, got 1"),
            ({"input_registers": (0, 9)}, "input register 9"),
            ({"exit": -1}, "exit -1"),
            ({"liveouts": (("graph", 1),)}, "there are 1 of these"),
            ({"liveouts": (("reg", 2),)}, "there are 2 of these"),
            ({"commits": ((0, 5),)}, "there are 1 of these"),
        ],
    )
    def test_is_checked_when_made(self, change, message):
        program, _ = lower(plan((), ()), 2)
        given = {
            "name": "s",
            "guards": program,
            "input_registers": (0, 1),
            "kernel": PyKernel(add, 2, 1),
            "exit": 0,
            "temps": (),
            "liveouts": (),
            "commits": (),
        }
        with pytest.raises(ValueError, match=message):
            Specialization(**{**given, **change})


class TestKernelFailures:
    @pytest.mark.parametrize("error", [ValueError("x"), FloatingPointError("divide"), MemoryError(), RecursionError()])
    def test_an_exception_declines(self, error):
        spec = specialization(raising(error))
        region = region_of(spec)
        assert StubHandle(region, 1)(1, 2) is None
        assert region.decline_reasons == {"kernel": 1}
        assert spec.kernel.last_decline == f"{type(error).__name__}: {error}"

    def test_an_exception_without_a_text_declines(self):
        class Mute(Exception):
            def __str__(self):
                raise ValueError

        spec = specialization(raising(Mute()))
        assert StubHandle(region_of(spec), 1)(1, 2) is None
        assert spec.kernel.last_decline == "Mute"

    @pytest.mark.parametrize("result", [None, (), (1, 2), 7, "x"])
    def test_a_wrong_result_declines(self, result):
        if result == "x":
            result = {"x": 1}
        assert StubHandle(region_of(specialization(lambda a, b: result)), 1)(1, 2) is None

    @pytest.mark.parametrize("error", [KeyboardInterrupt("stop"), SystemExit(3), GeneratorExit()])
    def test_an_interrupt_gets_through(self, error):
        handle = StubHandle(region_of(specialization(raising(error))), 1)
        with pytest.raises(type(error)) as caught:
            handle(1, 2)
        assert caught.value is error

    def test_a_declining_specialisation_is_the_last_word(self):
        """Its guards held: another one would only fail for the same reason."""
        region = region_of(specialization(add), specialization(raising(ValueError())))
        asked = []
        region.on_miss = lambda *given: asked.append(given)
        assert StubHandle(region, 1)(1, 2) is None
        assert not asked


class TestInTheProgram:
    """A stub is part of the user's function: nothing around it may notice."""

    def test_the_exception_being_handled_stays(self):
        hit = StubHandle(region_of(specialization(add)), 1)
        failing = StubHandle(region_of(specialization(raising(ZeroDivisionError()))), 1)
        learning = Region("f")
        learning.on_miss = raising(GraphBreakError("x"))
        try:
            raise KeyError("user's")
        except KeyError as error:
            assert hit(1, 2) == (3,)
            assert failing(1, 2) is None
            assert sys.exc_info()[1] is error
            with pytest.raises(GraphBreakError):
                StubHandle(learning, 1)(1)
            assert sys.exc_info()[1] is error
            assert error.__context__ is None
            with pytest.raises(KeyError, match="user's"):
                raise

    def test_recursion_through_the_same_region(self):
        def call(n, results):
            results.append(n)
            if n:
                handle(n - 1, results)
            return (n,)

        handle = StubHandle(region_of(specialization(call)), 1)
        results = []
        assert handle(50, results) == (50,)
        assert results == list(range(50, -1, -1))

    def test_a_specialisation_removed_while_it_runs_finishes(self):
        def call(a, b):
            region.clear()
            gc.collect()
            return (a + b,)

        spec = specialization(call)
        gone = weakref.ref(call)
        region = region_of(spec)
        del spec, call
        assert StubHandle(region, 1)(1, 2) == (3,)
        gc.collect()
        assert gone() is None
        assert region.specializations == ()

    def test_threads_share_a_region_that_changes(self):
        region = Region("f")
        region.budget = 10**9
        handle = StubHandle(region, 1)
        wrong = []

        def work(number):
            for turn in range(3000):
                result = handle(number, turn)
                if result not in (None, (number + turn,)):
                    wrong.append(result)

        def churn():
            for turn in range(300):
                region.add(specialization(add, types=(int, int)))
                if turn % 7 == 0:
                    region.clear()

        region.on_miss = lambda *_: region.add(specialization(add)) is None
        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        threads.append(threading.Thread(target=churn))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        assert region.hits + region.declines == 18_000

    def test_nothing_is_kept(self):
        class Thing:
            pass

        built = specialization(
            lambda a, b: (a, [b]),
            n_outputs=2,
            temps=(("build", "list", ("reg", 0)),),
            liveouts=(("temp", 0), ("build", "dict", ("const", "k"), ("graph", 1)), ("reg", 1)),
        )
        kinds = {
            "hit": built,
            "raises": specialization(lambda a, b: 1 // 0),
            "misses": specialization(add, types=(int,)),
            "wrong": specialization(lambda a, b: 3),
            "unbuildable": specialization(lambda a, b: ([],), liveouts=(("build", "set", ("graph", 0)),)),
        }
        for name, spec in kinds.items():
            a, b = Thing(), Thing()
            dead = weakref.ref(a), weakref.ref(b)
            result = StubHandle(region_of(spec), 1)(a, b)
            assert (result is not None) == (name == "hit")
            del a, b, result
            gc.collect()
            assert [ref() for ref in dead] == [None, None], name

    def test_references_stay_even_over_many_calls(self):
        a, b, constant = object(), [1], object()
        spec = specialization(
            lambda x, y: (x, y), n_outputs=2, liveouts=(("graph", 1), ("reg", 0), ("const", constant), ("const", None))
        )
        handles = [
            StubHandle(region_of(spec), 1),
            StubHandle(region_of(spec), 2),
            StubHandle(region_of(specialization(lambda x, y: 1 // 0)), 1),
            StubHandle(region_of(specialization(add, types=(int, int))), 1),
            StubHandle(Region("cold"), 1),
        ]
        for handle in handles:
            handle(a, b)
        counts = [sys.getrefcount(thing) for thing in (a, b, constant, spec, spec.kernel)]
        blocks = sys.getallocatedblocks()
        for _ in range(20_000):
            for handle in handles:
                handle(a, b)
        assert [sys.getrefcount(thing) for thing in (a, b, constant, spec, spec.kernel)] == counts
        assert abs(sys.getallocatedblocks() - blocks) < 50

    def test_code_owns_the_region_and_nothing_owns_the_code(self):
        def function():
            return None

        region = region_of(specialization(add))
        gone = weakref.ref(region)
        code = function.__code__.replace(co_consts=(*function.__code__.co_consts, StubHandle(region, 1)))
        made = types.FunctionType(code, {})
        del region, code
        assert gone() is not None
        del made
        gc.collect()
        assert gone() is None

    def test_regions_at_interpreter_exit(self):
        program = """
import atexit, graphlet._evalframe as e
region = e.Region("f"); region.on_miss = lambda *a: False
handle = e.StubHandle(region, 1)
class Late:
    def __init__(self): self.handle = handle
    def __del__(self): print("late", self.handle(1))
late = Late()
late.cycle = late
atexit.register(handle, 1)
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "late None\n"

    def test_arrays_come_through_as_they_are(self):
        a, b = np.arange(5.0), np.ones(5)
        (result,) = StubHandle(region_of(specialization(add, types=(np.ndarray, np.ndarray))), 1)(a, b)
        np.testing.assert_array_equal(result, a + b)
