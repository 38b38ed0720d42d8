"""Regions and stub handles: who is asked, when a region gives up for a while, what is counted."""

import contextvars
import copy
import gc
import pickle
import signal
import sys
import threading

import numpy as np
import pytest

from graphlet import _evalframe
from graphlet._evalframe import Region, StubHandle
from graphlet.core.errors import GraphBreakError, PerformanceWarning
from tests.regions import add, raising, region_of, specialization


class TestHandle:
    def test_an_empty_region_declines(self):
        region = Region("f#r1")
        assert StubHandle(region, 1)(1, 2) is None
        assert (region.hits, region.misses, region.declines) == (0, 0, 0)

    def test_has_the_name_of_its_region(self):
        handle = StubHandle(Region("f#r1"), 1)
        assert handle.__name__ == handle.__qualname__ == "f#r1"
        assert callable(handle)
        assert "f#r1" in repr(handle)

    def test_one_exit_gives_the_tuple(self):
        assert StubHandle(region_of(specialization(add)), 1)(1, 2) == (3,)

    def test_several_exits_give_a_pair(self):
        region = region_of(specialization(add, exit=1))
        assert StubHandle(region, 2)(1, 2) == ((3,), 1)

    def test_where_the_calling_code_lacks_the_exit_the_learner_is_asked_now_and_then_for_an_earlier_end(self):
        region = region_of(specialization(add, exit=1))
        asked = []
        region.on_miss = lambda region, *_: asked.append(region.exits_at_hand)
        for _ in range(500):
            assert StubHandle(region, 1)(1, 2) is None
        assert region.decline_reasons == {"old_code": 500}
        assert asked == [1, 1]  # after 16 calls and after 256
        assert StubHandle(region, 2)(1, 2) == ((3,), 1)

    def test_what_was_made_for_older_code_is_for_that_only(self):
        region = region_of(specialization(add, exit=1), specialization(lambda a, b: (a - b,), for_exits=1))
        for _ in range(3):
            assert StubHandle(region, 1)(1, 2) == (-1,)
            assert StubHandle(region, 2)(1, 2) == ((3,), 1)
        assert StubHandle(region_of(specialization(add, for_exits=1)), 2)(1, 2) is None

    def test_all_ways_to_call(self):
        handle = StubHandle(region_of(specialization(add)), 1)
        assert handle(*[1, 2]) == (3,)
        assert handle.__call__(1, 2) == (3,)
        assert list(map(handle, [1], [2])) == [(3,)]

    @pytest.mark.parametrize("args", [(), (1,), (1, 2, 3)])
    def test_the_wrong_number_of_live_ins_declines(self, args):
        assert StubHandle(region_of(specialization(add)), 1)(*args) is None

    def test_keywords_decline(self):
        region = region_of(specialization(add))
        assert StubHandle(region, 1)(1, b=2) is None
        assert region.decline_reasons == {"call": 1}

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickles_to_a_handle_that_declines(self, protocol):
        handle = StubHandle(region_of(specialization(add), name="g#r7"), 3)
        loaded = pickle.loads(pickle.dumps(handle, protocol))
        assert type(loaded) is StubHandle
        assert (loaded.__name__, loaded.n_exits) == ("g#r7", 3)
        assert loaded(1, 2) is None

    def test_copies_decline_too(self):
        assert copy.deepcopy(StubHandle(region_of(specialization(add)), 1))(1, 2) is None

    def test_can_stand_among_constants(self):
        def function():
            return None

        handle = StubHandle(region_of(specialization(add)), 1)
        code = function.__code__.replace(co_consts=(*function.__code__.co_consts, handle))
        assert code.co_consts[-1] is handle
        assert code == code.replace()
        assert isinstance(hash(code), int)

    @pytest.mark.parametrize(
        ("liveouts", "temps", "expected"),
        [
            ([("graph", 0)], (), 3),
            ([("reg", 1)], (), 2),
            ([("const", None)], (), None),
            ([("build", "list", ("graph", 0), ("const", "x"))], (), [3, "x"]),
            ([("build", "tuple", ("temp", 0), ("temp", 0))], [("build", "list")], ([], [])),
        ],
    )
    def test_a_bare_one_gives_the_value_itself(self, liveouts, temps, expected):
        spec = specialization(add, liveouts=liveouts, temps=temps)
        handle = StubHandle(region_of(spec), 1, bare=True)
        assert handle(1, 2) == expected
        assert handle("a", 2) is handle
        assert StubHandle(Region("f#r1"), 1, bare=True)() is not None
        loaded = pickle.loads(pickle.dumps(handle))
        assert loaded(1, 2) is loaded

    def test_refuses_nonsense(self):
        with pytest.raises(TypeError):
            StubHandle(None, 1)
        with pytest.raises(ValueError, match="2 exits"):
            StubHandle(Region("f"), 2, bare=True)
        with pytest.raises(ValueError, match="-1 exits"):
            StubHandle(Region("f"), -1)


class TestLearning:
    def test_a_miss_asks_and_tries_again(self):
        region = Region("f#r1")
        asked = []

        def on_miss(*given):
            asked.append(given)
            region.add(specialization(add))
            return True

        region.on_miss = on_miss
        handle = StubHandle(region, 1)
        assert handle(1, 2) == (3,)
        assert asked == [(region, (1, 2), globals())]
        assert asked[0][2] is globals()
        assert handle(3, 4) == (7,)
        assert len(asked) == 1
        assert (region.hits, region.misses, region.declines) == (2, 1, 0)

    @pytest.mark.parametrize("answer", [False, None, 1, "yes"])
    def test_only_true_tries_again(self, answer):
        region = Region("f#r1")

        def on_miss(*_):
            region.add(specialization(add))
            return answer

        region.on_miss = on_miss
        handle = StubHandle(region, 1)
        assert handle(1, 2) is None
        assert handle(1, 2) == (3,)

    def test_true_without_a_fitting_specialisation_declines(self):
        region = Region("f#r1")
        asked = []
        region.on_miss = lambda *given: not asked.append(given)
        assert StubHandle(region, 1)(1, 2) is None
        assert len(asked) == 1

    def test_a_failing_learner_declines_and_is_reported(self, monkeypatch):
        reported = []
        monkeypatch.setattr(sys, "unraisablehook", reported.append)
        region = Region("f#r1")
        region.on_miss = raising(ValueError("ours"))
        assert StubHandle(region, 1)(1, 2) is None
        assert [str(entry.exc_value) for entry in reported] == ["ours"]

    @pytest.mark.parametrize(
        "error", [GraphBreakError("GL101 x"), PerformanceWarning("x"), KeyboardInterrupt(), SystemExit(1)]
    )
    def test_what_is_meant_for_the_user_gets_through(self, error):
        region = Region("f#r1")
        region.on_miss = raising(error)
        handle = StubHandle(region, 1)
        with pytest.raises(type(error)) as caught:
            handle(1, 2)
        assert caught.value is error
        region.on_miss = lambda *_: region.add(specialization(add)) is None
        assert handle(1, 2) == (3,), "the region may learn again"

    def test_no_learning_inside_learning(self):
        outer, inner = Region("f#r1"), Region("g#r1")
        asked = []

        def on_miss(region, live_ins, namespace):
            asked.append(region.name)
            assert StubHandle(inner, 1)(1) is None
            assert StubHandle(outer, 1)(1) is None
            return False

        outer.on_miss = inner.on_miss = on_miss
        assert StubHandle(outer, 1)(1) is None
        assert asked == ["f#r1"]
        assert StubHandle(inner, 1)(1) is None
        assert asked == ["f#r1", "g#r1"]

    def test_known_specialisations_run_inside_learning(self):
        helper = StubHandle(region_of(specialization(add)), 1)
        region, seen = Region("f#r1"), []
        region.on_miss = lambda *_: seen.append(helper(1, 2))
        StubHandle(region, 1)(1)
        assert seen == [(3,)]

    def test_one_thread_at_a_time_per_region(self):
        region = Region("f#r1")
        inside, leave = threading.Event(), threading.Event()
        asked = []

        def on_miss(*_):
            asked.append(threading.get_ident())
            inside.set()
            leave.wait()
            return False

        region.on_miss = on_miss
        handle = StubHandle(region, 1)
        thread = threading.Thread(target=handle, args=(1,))
        thread.start()
        inside.wait()
        assert handle(1) is None
        leave.set()
        thread.join()
        assert asked == [thread.ident]

    def test_the_budget_ends_learning(self):
        region = Region("f#r1")
        asked = []
        region.on_miss = lambda *given: asked.append(given)
        region.budget = 3
        handle = StubHandle(region, 1)
        for _ in range(1000):
            assert handle(1) is None
        assert len(asked) == 3
        assert region.budget == 0

    def test_on_miss_must_be_callable_or_none(self):
        region = Region("f#r1")
        with pytest.raises(TypeError, match="got int"):
            region.on_miss = 3
        region.on_miss = None
        assert region.on_miss is None

    def test_numpys_error_state_ends_with_it(self):
        """Also when an interrupt comes in the middle. Other variables of the context are those of the program."""
        region, variable, before = region_of(), contextvars.ContextVar("variable", default="before"), np.geterr()
        region.on_miss = lambda *_: bool(np.seterr(all="raise") and variable.set("within"))
        StubHandle(region, 1)(1, 2)
        assert region.misses == 1
        assert np.geterr() == before
        assert variable.get() == "within"

    def test_profilers_do_not_see_it(self):
        region, seen = region_of(specialization(add)), []
        region.on_miss = lambda *given: seen.append(given)
        handle = StubHandle(region, 1)

        def profile(frame, event, arg):
            seen.append((event, frame.f_code.co_name))

        gc.disable()  # others have functions called when it collects
        sys.setprofile(profile)
        try:
            result = handle(1, 2)
        finally:
            sys.setprofile(None)
            gc.enable()
        assert result is None
        assert [name for event, name in seen if event != "c_call"] == []
        assert handle(1, 2) == (3,)


class TestBackoff:
    def test_a_region_that_keeps_missing_sleeps_for_ever_longer(self):
        region = Region("f#r1")
        asked = []
        region.on_miss = lambda *given: asked.append(given)
        region.budget = 1_000_000
        handle = StubHandle(region, 1)
        for _ in range(100_000):
            handle(1)
        assert 100_000 / 1024 <= len(asked) < 300
        assert region.declines == 100_000
        assert region.decline_reasons["asleep"] > 99_000

    def test_it_wakes_up_and_a_hit_makes_it_patient_again(self):
        region = region_of(specialization(add, types=(int, int)))
        handle = StubHandle(region, 1)
        while not region.asleep:
            assert handle("a", "b") is None
        while region.asleep:
            assert handle(1, 2) is None
        assert handle(1, 2) == (3,)
        assert handle("a", "b") is None
        assert not region.asleep
        assert handle(1, 2) == (3,)

    def test_a_new_specialisation_wakes_it(self):
        region = region_of(specialization(raising(ValueError())))
        handle = StubHandle(region, 1)
        while not region.asleep:
            handle(1, 2)
        region.add(specialization(add))
        assert handle(1, 2) == (3,)

    def test_now_and_then_a_miss_does_not_tire(self):
        region = region_of(specialization(add, types=(int, int)))
        handle = StubHandle(region, 1)
        results = [handle(number, 1) if number % 5 else handle("x", 1) for number in range(1000)]
        assert results.count(None) == 200


class TestPolicy:
    @pytest.fixture(autouse=True)
    def restore(self):
        run, learn = _evalframe.policy()
        yield
        _evalframe.set_policy(run=run, learn=learn)

    def test_nothing_runs(self):
        region = region_of(specialization(add))
        _evalframe.set_policy(run=False, learn=True)
        assert StubHandle(region, 1)(1, 2) is None
        assert region.decline_reasons == {"switched_off": 1}
        _evalframe.set_policy(run=True, learn=True)
        assert StubHandle(region, 1)(1, 2) == (3,)

    def test_nothing_is_learned(self):
        region = region_of(specialization(add, types=(int, int)))
        asked = []
        region.on_miss = lambda *given: asked.append(given)
        _evalframe.set_policy(run=True, learn=False)
        assert StubHandle(region, 1)(1, 2) == (3,)
        assert StubHandle(region, 1)("a", "b") is None
        assert not asked

    @pytest.mark.parametrize(("see", "seeing"), [(sys.settrace, sys.gettrace), (sys.setprofile, sys.getprofile)])
    def test_under_a_tracer_or_profiler_the_original_runs(self, see, seeing):
        region = region_of(specialization(add))
        handle = StubHandle(region, 1)
        before = seeing()
        see(lambda *_: None)
        try:
            found = handle(1, 2), _evalframe.watched()
        finally:
            see(before)
        assert found == (None, True)
        assert region.decline_reasons == {"watched": 1}
        assert _evalframe.watched() is (before is not None)

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="nothing monitors")
    @pytest.mark.parametrize("event", ["CALL", "LINE", "INSTRUCTION", "JUMP", "BRANCH", "STOP_ITERATION", "PY_START"])
    @pytest.mark.parametrize("everywhere", [False, True])
    def test_while_a_monitor_watches_the_original_runs(self, event, everywhere):
        region = region_of(specialization(add))
        handle = StubHandle(region, 1)
        monitoring = sys.monitoring
        number = getattr(monitoring.events, event)

        def run():
            return handle(1, 2)

        monitoring.use_tool_id(3, "graphlet tests")
        try:
            if everywhere:
                monitoring.set_events(3, number)
            else:
                monitoring.set_local_events(3, run.__code__, number)
            found = run()
        finally:
            if everywhere:
                monitoring.set_events(3, 0)
            monitoring.free_tool_id(3)
        assert found == ((3,) if event == "PY_START" else None)
        # Up to 3.13 what is set for a code object outlives the tool.
        stays = found is None and not everywhere and sys.version_info < (3, 14)
        assert run() == (None if stays else (3,))

    def test_a_tracer_on_another_thread_does_not_matter(self):
        handle = StubHandle(region_of(specialization(add)), 1)
        ready, leave = threading.Event(), threading.Event()

        def traced():
            sys.settrace(lambda *_: None)
            ready.set()
            leave.wait()

        thread = threading.Thread(target=traced, daemon=True)
        thread.start()
        ready.wait()
        assert handle(1, 2) == (3,)
        leave.set()
        thread.join()


class TestCounts:
    def test_array_operations_by_where_they_ran(self):
        region = region_of(specialization(add, types=(int, int), array_ops=5))
        handle = StubHandle(region, 1)
        _evalframe.reset_totals()
        handle(1, 2)
        handle(1, 2)
        handle("a", "b")
        assert (region.native_ops, region.python_ops) == (10, 5)
        assert _evalframe.totals() == {
            "hits": 2,
            "misses": 1,
            "declines": 1,
            "declines_by_reason": {"guards": 1},
            "array_ops_native": 10,
            "array_ops_python": 5,
        }
        _evalframe.reset_totals()
        assert not any(_evalframe.totals().values())
        assert region.hits == 2


class TestWatching:
    @pytest.fixture(autouse=True)
    def nobody(self):
        yield
        _evalframe.watch(None)

    def test_runs_and_declines_are_told(self):
        told = []
        handle = StubHandle(region_of(specialization(add, types=(int, int), array_ops=2)), 1)
        _evalframe.watch(lambda *given: told.append(given))
        handle(1, 2)
        handle("a", "b")
        _evalframe.watch(None)
        handle(1, 2)
        assert told == [("f#r1.s1", 2, ""), ("f#r1", 2, "guards")]

    def test_not_of_what_the_watcher_runs_itself(self):
        told = []
        handle = StubHandle(region_of(specialization(add)), 1)

        def watcher(*given):
            told.append(given)
            assert handle(1, 2) == (3,)

        _evalframe.watch(watcher)
        assert handle(1, 2) == (3,)
        assert len(told) == 1

    def test_its_failures_are_reported(self, monkeypatch):
        reported = []
        monkeypatch.setattr(sys, "unraisablehook", lambda entry: reported.append(str(entry.exc_value)))
        _evalframe.watch(raising(ValueError("watcher's")))
        assert StubHandle(region_of(specialization(add)), 1)(1, 2) == (3,)
        assert reported == ["watcher's"]

    def test_an_interrupt_comes_again_in_the_program(self):
        _evalframe.watch(raising(KeyboardInterrupt()))
        handle = StubHandle(region_of(specialization(add)), 1)
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell runs behind itself
        try:
            with pytest.raises(KeyboardInterrupt):
                for _ in range(1000):
                    handle(1, 2)
        finally:
            signal.signal(signal.SIGINT, before)

    def test_needs_something_to_call(self):
        with pytest.raises(TypeError, match="got int"):
            _evalframe.watch(3)
