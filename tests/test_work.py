"""What graphlet's own work may cost in functions that nobody named, and what happens when that is used up."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet import _evalframe, _work, discover
from graphlet.cache import original_code
from tests.clocks import LONG, forget_work
from tests.hooks import armed, fresh
from tests.regions import add, region_of, specialization

pytestmark = pytest.mark.skipif(not _evalframe.SUPPORTED, reason="frames of this CPython are not known")

X = np.linspace(0.0, 1.0, 9)
STRAIGHT = "def f(x):\n    return x * 2.0 + np.exp(x)\n"
LOOP = "def f(x):\n    for _ in range(9):\n        x = x * 0.5 + np.sin(x)\n    return x\n"


@pytest.fixture(autouse=True)
def limits(no_trials: None) -> Iterator[None]:
    """In force, with nothing taken before and after."""
    with graphlet.config.patch(cost_model=1):
        forget_work()
        yield
        forget_work()
    graphlet.disable()


class Frugal:
    frugal = True

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, region: Any, *_: Any) -> bool:
        self.asked += 1
        region.add(specialization(add))
        return True


class Named(Frugal):
    frugal = False


@pytest.mark.parametrize(("learner", "learns"), [(Frugal(), False), (Named(), True)], ids=["frugal", "named"])
def test_learning_waits_for_its_share(learner: Frugal, learns: bool) -> None:
    region = region_of()
    region.on_miss = learner
    handle = _evalframe.StubHandle(region, 1)
    _work.learned(LONG)
    assert handle(1, 2) == ((3,) if learns else None)
    assert region.decline_reasons == ({} if learns else {"postponed": 1})
    _work.learned(-LONG)
    assert handle(1, 2) == (3,)
    assert learner.asked == 1


def test_without_the_cost_model_there_is_no_limit() -> None:
    region = region_of()
    region.on_miss = Frugal()
    _work.learned(LONG)
    _work.added_stubs(LONG)
    with graphlet.config.patch(cost_model=0):
        assert _evalframe.StubHandle(region, 1)(1, 2) == (3,)
        assert _work.may_add_stubs()
    assert not _work.may_add_stubs()


@pytest.mark.parametrize(
    ("source", "seconds", "found"),
    [(STRAIGHT, 0.5, False), (LOOP, 0.5, True), (LOOP, 3600, False)],
    ids=["straight", "loop", "far behind"],
)
def test_stubs_wait_but_for_functions_with_loops(source: str, seconds: float, found: bool) -> None:
    """A function with a loop may be called once and run for hours."""
    f = fresh(source, np=np)
    own = f.__code__
    _work.added_stubs(int(seconds * 1e9))
    with graphlet.enable():
        first = f(X)
        assert (original_code(f.__code__) is not f.__code__) == found
        forget_work()
        for _ in range(20):
            f(X)
        assert original_code(f.__code__) is own
        assert f.__code__ is not own
        np.testing.assert_array_equal(f(X), first)


def test_a_loop_without_arrays_at_hand_waits_too() -> None:
    """That NumPy is near, in the module, is no reason for haste."""
    f = fresh("def f(words):\n    n = 0\n    for w in words:\n        n = n + w\n    return n\n", np=np)
    own = f.__code__
    _work.added_stubs(LONG)
    with graphlet.enable():
        assert f([1, 2]) == 3
        assert f.__code__ is own
        assert f([X, X]).tobytes() == (0 + X + X).tobytes()
        forget_work()
        for _ in range(20):
            f([1, 2])
        assert f.__code__ is not own


def test_functions_made_anew_wait_though_the_first_had_stubs() -> None:
    inner = "def inner(x):\n        for _ in range(3):\n            x = x * 2.0\n        return x"
    make = fresh(f"def make():\n    {inner}\n    return inner\n", "make", np=np)
    with graphlet.enable():
        first, second, third = make(), make(), make()
        first(X)
        assert original_code(first.__code__) is not first.__code__
        _work.added_stubs(LONG)
        assert second(X).tobytes() == (X * 8.0).tobytes()
        assert original_code(second.__code__) is second.__code__
        forget_work()
        for _ in range(discover.SHORT_WAIT + 2):
            third(X)
        assert original_code(third.__code__) is not third.__code__


def test_who_waits_long_for_learning_waits_without_stubs() -> None:
    f = fresh(STRAIGHT, np=np)
    own = f.__code__
    with graphlet.enable() as session:
        _work.learned(LONG)
        expected = f(X).tobytes()
        assert f.__code__ is not own
        calls = 0
        while f.__code__ is not own:
            assert f(X).tobytes() == expected
            calls += 1
        assert calls > 20
        assert f in session.functions
        _work.learned(-LONG)
        before = graphlet.counters()["graphs"]
        for _ in range(40):
            assert f(X).tobytes() == expected
        assert f.__code__ is not own
        assert graphlet.counters()["graphs"] > before


def test_what_has_graphs_keeps_its_stubs() -> None:
    f = fresh(STRAIGHT, np=np)
    with graphlet.enable():
        f(X)
        stubs = f.__code__
        _work.learned(LONG)
        for _ in range(300):
            f(np.float32(2.0))
        assert f.__code__ is stubs


def test_waiting_is_no_longer_than_asked() -> None:
    f = fresh("def f(): return 1")
    with armed(lambda function, code: _evalframe.put_off(code, 16)) as hook:
        asked = []
        for call in range(60):
            f()
            if len(hook.names) > len(asked):
                asked.append(call)
    assert asked == [0, 17, 34, 51]


def test_the_hook_asks_ever_more_rarely_about_what_is_put_off() -> None:
    f = fresh("def f(): return 1")
    with armed(lambda function, code: _evalframe.put_off(code)) as hook:
        asked = []
        for call in range(200):
            f()
            if len(hook.names) > len(asked):
                asked.append(call)
    assert asked == [0, 17, 50, 115]
