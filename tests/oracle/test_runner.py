"""The oracle, tried with optimizers that are wrong on purpose: each kind of wrongness must be seen."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.oracle.observe import observe
from tests.oracle.runner import Call, compare_runs, differential, identity

TABLE = {"calls": 0, "rows": np.zeros(3)}


def double(x: np.ndarray) -> np.ndarray:
    return x * 2


def shift(x: np.ndarray) -> np.ndarray:
    x[1:] = x[:-1]
    return x


def count(x: np.ndarray) -> np.ndarray:
    TABLE["calls"] += 1
    TABLE["rows"][0] += x.sum()
    return x


def talk(x: np.ndarray) -> np.ndarray:
    print("before")
    warnings.warn("careful", UserWarning, stacklevel=1)
    print("after")
    return x


LINE = talk.__code__.co_firstlineno + 2


def fail(x: np.ndarray) -> np.ndarray:
    y = x + 1
    return y.reshape(x.size + 1)


def helper(x: np.ndarray) -> np.ndarray:
    TABLE["calls"] += 10
    return x


def uses_helper(x: np.ndarray) -> np.ndarray:
    return helper(x)


def instead(new: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An "optimizer" that puts another function in place of the one it gets."""
    return lambda fn: new


def wrong_line(x: np.ndarray) -> np.ndarray:
    return (x + 1).reshape(x.size + 1)


def other_text(x: np.ndarray) -> np.ndarray:
    raise ValueError("no")


def no_error(x: np.ndarray) -> np.ndarray:
    return x


def turned_output(x: np.ndarray) -> np.ndarray:
    exec(compile("\n" * (LINE - 1) + "warnings.warn('careful', stacklevel=1)", __file__, "exec"))
    print("before\nafter")
    return x


def silent(x: np.ndarray) -> np.ndarray:
    print("before")
    print("after")
    return x


def float32(x: np.ndarray) -> np.ndarray:
    return (x * 2).astype(np.float32)


def returns_view(x: np.ndarray) -> np.ndarray:
    x *= 2
    return x


def copies(x: np.ndarray) -> np.ndarray:
    y = x.copy()
    y[1:] = x[:-1]
    return y


def naive_shift(x: np.ndarray) -> np.ndarray:
    for i in range(1, len(x)):
        x[i] = x[i - 1]
    return x


WRONG: list[tuple[str, Callable[..., Any], Callable[..., Any]]] = [
    ("dtype", double, float32),
    ("value", double, returns_view),
    ("identity", double, returns_view),
    ("value", shift, naive_shift),
    ("value", shift, copies),
    ("exception", fail, other_text),
    ("exception", fail, no_error),
    ("traceback", fail, wrong_line),
    ("warning", talk, silent),
    ("order", talk, turned_output),
    ("output", double, silent),
]


@pytest.mark.parametrize(("kind", "right", "wrong"), WRONG)
def test_wrong_optimizer_is_caught(kind: str, right: Callable[..., Any], wrong: Callable[..., Any]) -> None:
    report = compare_runs(right, [(np.arange(4.0),)], optimizer=instead(wrong))
    assert kind in report.kinds
    with pytest.raises(AssertionError, match=kind):
        differential(right, (np.arange(4.0),), optimizer=instead(wrong))


@pytest.mark.parametrize("fn", [double, shift, count, talk, fail, uses_helper])
def test_identity_optimizer_is_the_same(fn: Callable[..., Any]) -> None:
    base = np.arange(6.0)
    report = differential(fn, (base[1:],), Call((base[::-1],)), lambda: (np.ones((3,)),), optimizer=identity)
    assert len(report.plain) == 3


def test_native_share_can_be_asked_for() -> None:
    with pytest.raises(AssertionError, match="expected a native share"):
        differential(double, (np.ones(3),), optimizer=identity, native=0.5)
    assert differential(double, (np.ones(3),), native=0.9).share.inside > 0


def test_globals_are_private_and_compared() -> None:
    def skip_global(fn: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x: x

    assert "value" in compare_runs(count, [(np.ones(2),)], optimizer=skip_global).kinds
    assert "value" in compare_runs(uses_helper, [(np.ones(2),)], optimizer=skip_global).kinds
    assert TABLE["calls"] == 0


def test_cells_are_private_and_compared() -> None:
    total = np.zeros(2)

    def add(x: np.ndarray) -> np.ndarray:
        nonlocal total
        total = total + x
        return total

    def forgets(fn: Callable[..., Any]) -> Callable[..., Any]:
        return lambda x: x * 1.0

    differential(add, (np.ones(2),), optimizer=identity)
    assert "value" in compare_runs(add, [(np.ones(2),)], optimizer=forgets, rounds=2).kinds
    assert total.tolist() == [0.0, 0.0]


def test_state_of_errstate_is_compared() -> None:
    def leaky(x: np.ndarray) -> np.ndarray:
        np.seterr(all="ignore")
        return x * 2

    assert "state" in compare_runs(double, [(np.ones(2),)], optimizer=instead(leaky)).kinds


def test_only_later_calls_wrong_is_caught() -> None:
    def stale(fn: Callable[..., Any]) -> Callable[..., Any]:
        first: list[Any] = []

        def memoised(x: np.ndarray) -> Any:
            first.append(fn(x)) if not first else None
            return first[0]

        return memoised

    assert not compare_runs(double, [(np.ones(2),)], optimizer=stale, rounds=1).differences
    assert compare_runs(double, [(np.ones(2),), (np.zeros(2),)], optimizer=stale, rounds=1).differences


def test_recursion_calls_the_optimised_function() -> None:
    seen: list[str] = []

    def spy(fn: Callable[..., Any]) -> Callable[..., Any]:
        def spied(n: int) -> int:
            seen.append("call")
            return fn(n)

        return spied

    differential(_recursive, (3,), optimizer=spy, rounds=1)
    assert len(seen) == 4


def _recursive(n: int) -> int:
    return 0 if n == 0 else n + _recursive(n - 1)


def test_observation_keeps_order_of_events() -> None:
    seen = observe(talk, (np.ones(1),), {})
    assert [event[0] for event in seen.events] == ["stdout", "warning", "stdout"]
    assert seen.events[1][1:3] == ("UserWarning", "careful")
