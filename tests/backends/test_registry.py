"""Backends by name: registered, offered by packages, and refused."""

import re
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint

import pytest

from graphlet.backends import registry
from graphlet.backends.eager import eager
from graphlet.core.errors import BackendError


@pytest.fixture(autouse=True)
def own_tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_backends", dict(registry._backends))
    monkeypatch.setattr(registry, "_offered", None)
    yield


def mine(graph: object, example_inputs: object) -> Callable[..., tuple]:
    raise AssertionError("only registered")


def offer(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> list[str]:
    asked: list[str] = []

    def entry_points(group: str) -> tuple[EntryPoint, ...]:
        asked.append(group)
        return points

    monkeypatch.setattr(registry, "entry_points", entry_points)
    return asked


def test_built_in_names() -> None:
    assert {"eager", "debug"} <= set(registry.names())
    assert set(registry.names()) <= set(registry.list_backends())
    assert registry.lookup("eager") is eager


def test_three_ways_to_register() -> None:
    assert registry.register_backend(mine) is mine
    assert registry.register_backend("other")(mine) is mine
    assert registry.register_backend()(mine) is mine
    assert registry.lookup("mine") is registry.lookup("other") is mine


def test_the_latest_registration_counts() -> None:
    registry.register_backend("eager")(mine)
    assert registry.lookup("eager") is mine


def test_a_callable_is_a_backend() -> None:
    assert registry.lookup(mine) is mine


@pytest.mark.parametrize("thing", [5, None, ["eager"]])
def test_other_things_are_not(thing: object) -> None:
    with pytest.raises(BackendError, match=f"got {type(thing).__name__}"):
        registry.lookup(thing)


def test_registering_what_cannot_be_called_or_has_no_name() -> None:
    with pytest.raises(BackendError, match="got int"):
        registry.register_backend("five")(5)
    with pytest.raises(BackendError, match="has no name of its own"):
        registry.register_backend(type("B", (), {"__call__": mine})())


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(BackendError, match=r"no backend 'tpu'; there are: .*debug.*eager"):
        registry.lookup("tpu")


def test_installed_packages_are_asked_for_unknown_names_only(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("offered", f"{__name__}:mine", registry.GROUP)
    asked = offer(monkeypatch, point)
    registry.lookup("eager")
    assert asked == []
    assert registry.lookup("offered").__name__ == "mine"
    assert asked == ["graphlet.backends"]
    assert "offered" in registry.list_backends()
    assert "offered" in registry.names()


def test_a_broken_offer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(
        monkeypatch,
        EntryPoint("gone", "no_such_module:fn", registry.GROUP),
        EntryPoint("wrong", f"{__name__}:__name__", registry.GROUP),
    )
    with pytest.raises(BackendError, match=re.escape("backend 'gone' (no_such_module:fn) cannot be imported")):
        registry.lookup("gone")
    with pytest.raises(BackendError, match="is a str, not a function"):
        registry.lookup("wrong")
