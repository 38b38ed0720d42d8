"""The hook says when no new code comes, can stand aside, and can be told to look again."""

import pytest

from graphlet import _evalframe
from tests.hooks import armed, fresh

pytestmark = pytest.mark.skipif(not _evalframe.SUPPORTED, reason="frames of this CPython are not known")


@pytest.fixture(autouse=True)
def disarmed():
    yield
    _evalframe.disarm()


def run(f, times):
    for _ in range(times):
        f()


class TestQuiet:
    def test_is_said_once_after_so_many_frames(self):
        said = []
        f = fresh("def f(): return 1")
        _evalframe.arm(lambda *_: None, lambda: said.append(1), 1000)
        run(f, 900)
        assert said == []
        run(f, 5000)
        assert said == [1]

    def test_new_code_begins_the_count_anew(self):
        said = []
        f = fresh("def f(): return 1")
        _evalframe.arm(lambda *_: None, lambda: said.append(1), 1000)
        for _ in range(10):
            run(f, 500)
            fresh("def f(): return 2")()
        assert said == []

    def test_is_never_said_without_patience(self):
        said = []
        _evalframe.arm(lambda *_: None, lambda: said.append(1))
        run(fresh("def f(): return 1"), 1000)
        assert said == []

    def test_a_failure_is_told_to_the_unraisable_hook(self, monkeypatch):
        told = []
        monkeypatch.setattr("sys.unraisablehook", told.append)

        def fails():
            raise ValueError("ours")

        _evalframe.arm(lambda *_: None, fails, 100)
        run(fresh("def f(): return 1"), 200)
        assert [str(report.exc_value) for report in told] == ["ours"]


class TestRest:
    def test_nothing_is_seen_until_it_wakes(self):
        with armed() as hook:
            assert _evalframe.rest()
            assert _evalframe.is_armed() and _evalframe.is_resting()
            fresh("def f(): return 1")()
            assert hook.names == []
            _evalframe.wake()
            assert not _evalframe.is_resting()
            fresh("def f(): return 1")()
            assert hook.names == ["f"]

    def test_only_what_is_armed_rests(self):
        assert not _evalframe.rest()
        _evalframe.wake()
        assert not _evalframe.is_armed() and not _evalframe.is_resting()

    def test_arming_and_disarming_end_it(self):
        with armed():
            _evalframe.rest()
            with armed() as hook:
                assert not _evalframe.is_resting()
                fresh("def f(): return 1")()
            assert hook.names == ["f"]
            _evalframe.arm(hook)
            _evalframe.rest()
        assert not _evalframe.is_resting()
        fresh("def f(): return 1")()
        assert hook.names == ["f"]


class TestAskingAgain:
    def test_about_one_code_object(self):
        f, g = fresh("def f(): return 1"), fresh("def g(): return 1", "g")
        with armed() as hook:
            f(), g(), f(), g()
            assert _evalframe.is_seen(f.__code__)
            _evalframe.ask_again(f.__code__)
            assert not _evalframe.is_seen(f.__code__)
            f(), g(), f(), g()
        assert hook.names == ["f", "g", "f"]

    def test_about_all_but_the_skipped(self):
        f, g = fresh("def f(): return 1"), fresh("def g(): return 1", "g")
        _evalframe.skip(g.__code__)
        with armed() as hook:
            f(), g()
            _evalframe.forget_seen()
            f(), g()
        assert hook.names == ["f", "f"]
        assert _evalframe.is_seen(g.__code__)
