"""Regions that begin in the middle of a call, or where a local may be unbound: only the frame knows what is there."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

A = np.arange(6.0)


class Box:
    def __init__(self, factor: float) -> None:
        self.factor = factor

    def scaled(self, x: Any) -> Any:
        return x * self.factor


def told(x: Any) -> Any:
    """What no graph contains."""
    print(end="")
    return x


def function_of_a_module(a: Any, b: Any) -> Any:
    return np.sqrt(told(np.abs(a)) + b) * 2


def method(a: Any, box: Any) -> Any:
    return box.scaled(told(a) + a * 2) - 1


def method_of_an_array(a: Any, b: Any) -> Any:
    return (a + b).clip(told(0.5), b) + a.sum(axis=told(0))


def name_of_a_builtin(a: Any, b: Any) -> Any:
    return max(told(a[1]), a[2] * b) + a


def calls_in_calls(a: Any, b: Any) -> Any:
    return np.add(np.multiply(told(a), b), np.exp(-told(a) * b))


def keywords(a: Any, b: Any) -> Any:
    return np.sum(told(a) * b, axis=0, keepdims=True) * 2


CALLS: list[tuple[Callable[..., Any], list[tuple[Any, ...]]]] = [
    (function_of_a_module, [(A, 1.0), (A, A)]),
    (method, [(A, Box(2)), (A, Box(2.5))]),
    (method_of_an_array, [(A, 1.0), (A, 3.0)]),
    (name_of_a_builtin, [(A, 1.0), (A, -3.0)]),
    (calls_in_calls, [(A, 1.0), (A, A)]),
    (keywords, [(A, 1.0), (A, A)]),
]


@pytest.mark.parametrize(("function", "calls"), CALLS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_rest_of_a_call_is_in_a_graph(function: Any, calls: list[tuple[Any, ...]]) -> None:
    report = differential(function, *calls)
    assert report.last_share.native == 1.0, report.last_share


def test_a_method_that_becomes_an_attribute() -> None:
    """The pair below the arguments is (NULL, function) then, not (method, object)."""

    def function(a: Any, box: Any) -> Any:
        return box.scaled(told(a) + 1) * 2

    boxes = [Box(2), Box(3), Box(4)]
    boxes[1].scaled = lambda x: x - 1  # type: ignore[method-assign]
    report = differential(function, *[(A, box) for box in boxes], *[(A, box) for box in boxes])
    assert report.share.inside > 0


def after_a_loop(a: Any, n: int) -> Any:
    for i in range(n):
        v = a + i
    told(0)
    w = v * 2
    if n > 2:
        u = w
    told(0)
    return w + v, (u + 1 if n > 2 else v)


def after_a_branch(a: Any, b: Any) -> Any:
    if b is not None:
        v = a * b
    told(0)
    w = v + 1
    del v
    told(0)
    return w * 2


@pytest.mark.parametrize(
    ("function", "calls", "n_ops"),
    [(after_a_loop, [(A, 3), (A, 1), (A, 4), (A, 2)], 6 + 3 + 7 + 4), (after_a_branch, [(A, 2.0), (A, A)], 3 + 3)],
)
def test_what_was_bound_on_the_way_is_used(function: Any, calls: list[tuple[Any, ...]], n_ops: int) -> None:
    assert differential(function, *calls).last_share.inside == n_ops


@pytest.mark.parametrize(
    ("function", "calls"),
    [
        (after_a_loop, [(A, 3), (A, 0), (A, 3), (A, 0)]),
        (after_a_loop, [(A, 0), (A, 3), (A, 0), (A, 1)]),
        (after_a_branch, [(A, 2.0), (A, None), (A, 3.0)]),
        (after_a_branch, [(A, None), (A, 2.0), (A, None)]),
    ],
)
def test_what_is_unbound_raises_where_it_is_read(function: Any, calls: list[tuple[Any, ...]]) -> None:
    report = differential(function, *calls)
    assert report.same, report
    assert report.share.inside > 0


def test_a_value_that_only_moves_from_name_to_name() -> None:
    """Nothing is learned about v but that it is there: without it, w must not be bound to something else."""

    def function(a: Any, b: Any) -> Any:
        if b:
            v = "text"
        told(0)
        c = a * 2 + 1
        w = v
        return c, w

    differential(function, (A, True), (A, False), (A, True), (A, False))
    fast = graphlet.optimize(function)
    for _ in range(4):
        assert fast(A, True)[1] == "text"
    with pytest.raises(UnboundLocalError):
        fast(A, False)


def test_a_dead_local_is_not_borrowed_as_if_it_had_a_value() -> None:
    def function(a: Any) -> Any:
        v = np.negative(a)
        inner = lambda q: a  # noqa: E731, F841
        v = np.sqrt(np.abs(told(a)))
        return v

    differential(function, (A,), (2.0,), (A,), (3.0,))


def test_an_argument_that_cannot_be_followed_waits_below() -> None:
    def function(a: Any, b: Any) -> Any:
        return a.clip(told(0.5) + b * 2, None)

    unaligned = np.frombuffer(bytes(49), np.uint8)[1:].view(np.float64)
    differential(function, (A, A), (unaligned, A[:6]), (A, A))


def test_a_dead_local_is_not_deleted_as_if_it_had_a_value() -> None:
    def function(a: Any) -> Any:
        v = np.zeros(1)
        v = v.tolist()
        del v
        return np.negative(a)

    differential(function, (0.5,), (A,), (0.5,), (A,))
