"""Copies that are only read go; those that anybody could tell from what they were copied from stay."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.passes import copies, pipeline
from tests.oracle.runner import differential


def step(u: Any, c: float) -> Any:
    un = u.copy()
    u[1:] = un[1:] - c * un[1:] * (un[1:] - un[:-1])
    return un.sum() * c


def plate(u: Any, c: float) -> Any:
    un = np.copy(u)
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + c * (un[2:, 1:-1] - 2.0 * un[1:-1, 1:-1] + un[:-2, 1:-1])
    return un.max()


def residual(u: Any, c: float) -> Any:
    old = u.copy()
    new = u * c + 1.0
    u[...] = new
    return np.abs(new - old).max(), old.mean()


def made_inside(u: Any, c: float) -> Any:
    v = u * c
    w = v.copy()
    return w[1:] + v[:-1]


GO = (step, plate, residual, made_inside)


def handed_out(u: Any, c: float) -> Any:
    un = u.copy()
    u[1:] = un[:-1] * c
    return un


def a_view_handed_out(u: Any, c: float) -> Any:
    un = u.copy()
    u *= c
    return un[::2]


def stored_as_it_is(u: Any, c: float) -> Any:
    un = u.copy()
    u[1:] = un[:-1]
    return un.sum() * c


def written(u: Any, c: float) -> Any:
    un = u.copy()
    un[0] = c
    return un + u


def written_through_a_view(u: Any, c: float) -> Any:
    un = u.copy()
    part = un[1:]
    part *= c
    return un + u


def source_written(u: Any, c: float) -> Any:
    v = u * c
    old = v.copy()
    v[0] = 7.0
    return v - old


def asked_about(u: Any, c: float) -> Any:
    un = u.copy()
    return np.shares_memory(un, u), un.base is None, un + c


def rolled(u: Any, c: float) -> Any:
    un = u.copy()
    return np.roll(un, 1) * c, np.ascontiguousarray(un)


def in_other_order(u: Any, c: float) -> Any:
    un = u.copy(order="F")
    return un * c


STAY = (
    *(handed_out, a_view_handed_out, stored_as_it_is, written, written_through_a_view, source_written),
    *(asked_about, rolled, in_other_order),
)


def n_copies(function: Callable[..., Any], *args: Any) -> int:
    """How many copies are left in the graph of a whole call."""
    graph = pipeline.run(graphlet.capture(function)(*args), verify=True)
    return sum(node.target in copies.COPIERS for node in graph.nodes)


@pytest.mark.parametrize("function", GO)
def test_what_is_only_read_goes(function: Any) -> None:
    assert n_copies(function, np.ones((5, 6)), 0.5) == 0


@pytest.mark.parametrize("function", [handed_out, a_view_handed_out, stored_as_it_is, written, written_through_a_view])
def test_what_can_be_told_from_the_array_stays(function: Any) -> None:
    assert n_copies(function, np.ones((5, 6)), 0.5) == 1


@pytest.mark.parametrize("function", [*GO, *STAY])
@pytest.mark.parametrize("order", ["C", "F", "slice"])
def test_the_same(function: Any, order: str) -> None:
    def given() -> Any:
        u = np.random.default_rng(3).normal(size=(7, 9))
        u[2, 3] = np.nan
        return {"C": u, "F": np.asfortranarray(u), "slice": u[1:, 1:-1]}[order]

    differential(function, lambda: (given(), 0.5), lambda: (given()[:1], 2.0), lambda: (given()[:, :2], -0.0))


def shifted(u: Any) -> Any:
    un = u.copy()
    u[1:] = un[:-1] * 2


def backwards(u: Any) -> Any:
    un = u.copy()
    np.multiply(un[::-1], 3, out=u)


@pytest.mark.parametrize("function", [shifted, backwards])
def test_results_do_not_go_straight_into_memory_that_is_read(function: Any) -> None:
    differential(function, *(lambda n=n: (np.arange(n),) for n in (3, 1000, 300_000)), rounds=4)  # type: ignore[misc]
