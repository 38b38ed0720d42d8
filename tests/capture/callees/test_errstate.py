"""np.errstate in a region: flags ignored inside do not matter, those outside do."""

import contextvars
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.capture.breaks import Break
from graphlet.capture.callees import errstate
from tests.oracle.runner import differential

BAD = np.array([1.0, 0.0, -1.0, np.inf, 1e308])
GOOD = np.array([1.0, 2.0, 3.0])


def ignoring(x: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        y = 1.0 / x
        z = np.log(x) + y
    return y + 1, z.sum()


def everything_ignored(x: Any) -> Any:
    y = x + 1
    with np.errstate(all="ignore"):
        y = np.sqrt(y - 1) * 1e300
        total = y.sum() / x.sum()
        worst = x.max() * 1e308
    return y, total, worst


def test_flags_that_are_ignored_do_not_matter() -> None:
    differential(ignoring, (GOOD,), (np.array([1.0, 0.0, -1.0]),), native=0.7)
    differential(everything_ignored, (GOOD,), (BAD[:3],), rounds=4, native=0.7)


def outside_too(x: Any) -> Any:
    with np.errstate(divide="ignore"):
        y = 1 / x
    return y, np.log(x)


def some_kinds(x: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return np.log(x), np.sqrt(-x), x * 1e308


@pytest.mark.parametrize("warn", ["always", "error"])
def test_flags_that_are_not_ignored_do(warn: str) -> None:
    for fn in (ignoring, everything_ignored, outside_too, some_kinds):
        differential(fn, (GOOD,), (BAD,), (BAD[:2],), (BAD[2:],), (GOOD,), warn=warn)


def raising_inside(x: Any) -> Any:
    y = x + 1
    try:
        with np.errstate(divide="raise", over="warn"):
            y = y * 2
            z = 1 / x
    except FloatingPointError as error:
        return str(error), y
    return y, z


def nested(x: Any) -> Any:
    with np.errstate(all="ignore"):
        a = 1 / x
        with np.errstate(divide="warn"):
            b = 1 / x
        c = np.log(x)
    return a, b, c, 1 / x


def test_all_modes() -> None:
    differential(raising_inside, (GOOD,), (BAD,), (GOOD,))
    differential(nested, (GOOD,), (BAD,), (GOOD,))
    with np.errstate(all="ignore"):
        differential(raising_inside, (GOOD,), (BAD,), (GOOD,))
        differential(nested, (GOOD,), (BAD,), (BAD[2:],))
    with np.errstate(all="raise"):
        differential(ignoring, (GOOD,), (BAD,), (BAD[2:],))
        differential(nested, (GOOD,), (BAD,), (BAD[2:],))


def test_all_modes_with_the_reference_backend() -> None:
    def eager(fn: Any) -> Any:
        return graphlet.optimize(fn, backend="eager")

    for mode in ("warn", "ignore", "raise"):
        with np.errstate(all=mode):  # type: ignore[call-overload]
            for fn in (ignoring, raising_inside, nested, some_kinds):
                differential(fn, (GOOD,), (BAD,), (GOOD,), (BAD[2:],), optimizer=eager)


def twice_the_same(x: Any) -> Any:
    a = 1 / x
    with np.errstate(all="ignore"):
        b = 1 / x
    return a + b


def first_quietly(x: Any) -> Any:
    with np.errstate(all="ignore"):
        b = 1 / x
    return b + 1 / x


def test_equal_operations_under_different_states_stay_two() -> None:
    for fn in (twice_the_same, first_quietly):
        differential(fn, (GOOD,), (BAD,), (GOOD,), (BAD,))


def quiet_ratio(a: Any, b: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(b == 0, 0.0, a / b)


def through_a_callee(a: Any, b: Any) -> Any:
    total = a * 0
    for k in range(3):
        total = total + quiet_ratio(a + k, b)
    return total, quiet_ratio(a, b).mean()


def returned_from(x: Any) -> Any:
    for k in range(3):
        with np.errstate(all="ignore"):
            y = 1 / (x - k)
            if k == 2:
                return y
            if k == 1:
                continue
        x = x + 1
    return x


def test_in_callees_and_loops() -> None:
    zeros = np.array([0.0, 1.0, 0.0])
    differential(through_a_callee, (GOOD, GOOD), (GOOD, zeros), (zeros, zeros), native=0.9)
    differential(returned_from, (GOOD,), (zeros,), native=0.9)


def broken_inside(x: Any) -> Any:
    y = x * 2
    with np.errstate(all="ignore") as nothing:
        y = 1 / y
        print(nothing, y.sum())
        y = np.log(y) + 1
    return y + 1 / x


def asked(x: Any) -> Any:
    with np.errstate(all="ignore"):
        y = 1 / x
        modes = np.geterr()
    return y, modes


def by_hand(x: Any) -> Any:
    state = np.errstate(divide="ignore")
    state.__enter__()
    y = 1 / x
    z = y + 1
    state.__exit__(None, None, None)
    return z, state is None


def test_blocks_that_are_not_followed_to_their_end() -> None:
    for fn in (broken_inside, asked, by_hand):
        differential(fn, (GOOD,), (BAD,), (GOOD,), (BAD,))


@np.errstate(divide="ignore", invalid="ignore")
def decorated(a: Any, b: Any = 0.0, *, k: float = 1.0) -> Any:
    return a / b * k


def calls_decorated(x: Any) -> Any:
    return decorated(x, x - 1, k=2.0) + 1, decorated(x), 1 / x


def test_decorated_functions() -> None:
    differential(calls_decorated, (GOOD,), (BAD,), (GOOD,), native=0.5)
    (graph,) = graphlet.explain(calls_decorated)(GOOD).graphs
    assert "divide: ignore" in str(graph) and "warn" not in str(graph)


def scalars(x: Any, k: Any) -> Any:
    with np.errstate(all="ignore"):
        a = x[0] / k
        b = np.float64(1) / np.float64(0)
        c = np.finfo(float).max * np.float64(10)
    return a, b, c, x / k


def test_numbers() -> None:
    differential(scalars, (GOOD, np.float64(0)), (GOOD, np.float64(2)), (BAD, 0.0), (BAD, 3))


def test_wrong_ways_to_make_one() -> None:
    def unknown_mode(x: Any) -> Any:
        with np.errstate(divide="quietly"):
            return x + 1

    def unknown_kind(x: Any) -> Any:
        with np.errstate(division="ignore"):  # type: ignore[call-overload]
            return x + 1

    for fn in (unknown_mode, unknown_kind):
        differential(fn, (GOOD,))
    with pytest.raises(Break, match="these arguments"):
        errstate.RULES[np.errstate](None, (), {"never": None})  # type: ignore[arg-type, dict-item]


CALLED: list[tuple[str, int]] = []


def remember(kind: str, flag: int) -> None:
    CALLED.append((kind, flag))


MODES = [
    "all='call', call=remember", "divide='call', invalid='ignore', call=remember", "call=remember", "all='print'",
    "all='warn', call=None", "invalid='raise', divide='call', call=remember", "divide='log', call=Log()",
    "divide='call', call=3", "divide='call'", "over='call', call=lambda kind, flag: remember(kind, -flag)",
]  # fmt: skip


class Log:
    def write(self, text: str) -> None:
        CALLED.append((text, 0))


@pytest.mark.parametrize("modes", MODES)
def test_every_mode(modes: str) -> None:
    space: dict[str, Any] = {"np": np, "remember": remember, "Log": Log, "CALLED": CALLED}
    body = "x = x * 1.0\n    CALLED.clear()\n    "
    body += f"with np.errstate({modes}):\n        y = 1 / x\n        z = np.log(x) * 1e200 * 1e200\n    "
    exec(f"def function(x):\n    {body}return y * 2 + z, tuple(CALLED)", space)
    differential(space["function"], (GOOD,), (BAD,), (BAD[::-1],), (GOOD,), rounds=4)


def test_what_seterr_says_holds_for_what_follows() -> None:
    def function(x: Any, mode: Any) -> Any:
        y = x * 2
        old = np.seterr(all=mode)
        z = 1 / y + np.log(x)
        np.seterr(**old)
        return z, old, np.geterr(), np.sqrt(x)

    for mode in ("ignore", "warn", "raise", "print"):
        differential(function, (GOOD, mode), (BAD, mode), (GOOD, mode), rounds=4)


def test_the_state_is_asked_again_in_each_call() -> None:
    def function(x: Any) -> Any:
        return 1 / x + np.log(x)

    def call(mode: str) -> Any:
        def inner(x: Any) -> Any:
            with np.errstate(all=mode):
                return function(x)

        return inner

    for mode in ("ignore", "warn", "raise", "print", "ignore"):
        differential(call(mode), (GOOD,), (BAD,), (GOOD,))


# Statements around `y = 1 / x`, and whether the whole is one graph.
SETTING = [
    ("np.seterr(divide='ignore')", "pass", True),
    ("np.seterr('ignore')", "old = np.seterr(over='raise')", True),
    ("old = np.seterr(all='ignore')", "np.seterr(**old)", True),
    ("old = np.geterr()\n    np.seterr(all=old['under'])", "np.seterr(**old)", True),
    ("np.seterr()", "old = np.geterr()", True),
    ("old = np.seterr(all='raise', divide='ignore')", "old = [old, np.seterr(invalid='call'), np.geterr()]", True),
    ("np.seterr(all='ignore')\n    with np.errstate(over='raise'):\n        old = np.geterr()", "pass", True),
    ("with np.errstate(all='ignore'):\n        old = np.seterr(divide='print'), 1 / x, np.geterr()", "pass", True),
    ("with np.errstate(all='ignore'):\n        np.seterr(all='warn')\n        old = np.sqrt(x)", "pass", True),
    ("np.seterr(over='print')\n    with np.errstate(all='ignore'):\n        np.seterr(all='raise')",
     "old = np.geterr()", True),
    ("with np.errstate(all='raise'):\n        with np.errstate():\n            np.seterr(all='ignore')\n"
     "            y = 1 / x\n        old = np.geterr()", "pass", True),
    ("with np.errstate(all='ignore'):\n        np.seterr(divide='warn')\n        print(end='')\n"
     "        old = 1 / x, np.geterr()", "old = old, np.geterr()", False),
    ("with np.errstate(all='ignore'):\n        for i in range(2):\n"
     "            np.seterr(divide='warn' if i else 'ignore')\n            old = 1 / x\n        print(end='')",
     "old = old, np.geterr()", False),
    ("try:\n        with np.errstate(all='ignore'):\n            np.seterr(divide='raise')\n"
     "            old = [1][len(x)]\n    except IndexError:\n        old = np.geterr()", "pass", False),
    ("old = np.seterrcall(remember)\n    np.seterr(all='call')", "np.seterrcall(old)", False),
    ("np.seterr(all='quietly')", "pass", False),
    ("np.seterr('ignore', all='warn')", "pass", False),
    ("np.seterr(divide=None, all='ignore')", "np.seterr(all=None)", True),
]  # fmt: skip


@pytest.mark.parametrize(("before", "behind", "is_whole"), SETTING)
def test_the_state_that_is_set(before: str, behind: str, is_whole: bool) -> None:
    """The oracle compares what ``np.geterr()`` says behind each call, too."""
    space: dict[str, Any] = {"np": np, "remember": remember}
    text = f"def function(x):\n    x, old = x * 1.0, None\n    {before}\n    y = 1 / x\n    {behind}\n"
    exec(text + "    return y * 2, np.log(x), old", space)
    for mode in ("warn", "ignore", "raise"):
        with np.errstate(all=mode):  # type: ignore[call-overload]
            differential(space["function"], (GOOD,), (BAD,), (BAD[::-1],), (GOOD,), rounds=4)
    if is_whole:
        with np.errstate(all="ignore"):
            assert differential(space["function"], (GOOD,)).last_share.native == 1.0
            explained = graphlet.explain(space["function"])(GOOD)
            assert len(explained.graphs) == 1 and not explained.breaks, explained


def test_a_state_that_was_met_holds_for_that_state_only() -> None:
    def function(x: Any) -> Any:
        return x * 2 if np.geterr()["divide"] == "ignore" else 1 / x

    fast = graphlet.optimize(function)
    for mode in ("warn", "ignore", "print", "ignore", "warn") * 2:
        with np.errstate(divide=mode):  # type: ignore[call-overload]
            assert fast(GOOD).tobytes() == function(GOOD).tobytes()
    assert fast.graphlet.stats()["hits"] >= 5


def test_the_state_goes_with_its_context() -> None:
    def function(x: Any) -> Any:
        np.seterr(divide="ignore", invalid="ignore")
        return 1 / x

    fast = graphlet.optimize(function)
    before = np.geterr()
    for _ in range(4):
        context = contextvars.copy_context()
        result = context.run(fast, BAD)
        assert np.isinf(result[1]) and context.run(np.geterr)["divide"] == "ignore"
        assert np.geterr() == before
    assert fast.graphlet.stats()["hits"] >= 2


def test_a_handler_in_force_is_told_as_by_numpy() -> None:
    def function(x: Any) -> Any:
        CALLED.clear()
        y = x * 2
        return y + 1 / x, tuple(CALLED)

    before = np.seterrcall(remember)
    try:
        with np.errstate(all="call"):
            differential(function, (GOOD,), (BAD,), (GOOD,), (BAD,))
    finally:
        np.seterrcall(before)


@np.errstate(divide="call", call=remember)
def decorated_with_a_call(x: Any) -> Any:
    return 1 / x + 1


@np.errstate(all="log", call=Log())
def decorated_with_a_log(x: Any) -> Any:
    return 1 / x + 1


def calls_both(x: Any) -> Any:
    CALLED.clear()
    return decorated_with_a_call(x), decorated_with_a_log(x) + 1, tuple(CALLED)


def test_decorators_with_something_to_call() -> None:
    fast = graphlet.optimize(calls_both)
    for x in (GOOD, BAD, GOOD, BAD, GOOD):
        got, want = fast(x), calls_both(x)
        assert [value.tobytes() for value in got[:2]] == [value.tobytes() for value in want[:2]]
        assert got[2] == want[2] and bool(want[2]) is (x is BAD)
    assert fast.graphlet.stats()["hits"] >= 2
