"""Rules for containers that need no frame."""

import numpy as np
import pytest

from graphlet.capture import containers
from graphlet.capture.breaks import Break
from graphlet.sources import LiveIn
from graphlet.values.base import Constant, Mapping, Sequence
from graphlet.values.objects import Instance, Iterator, Unread
from tests.capture.test_machine import machine

ONE, TWO = Constant(1), Constant(2)


@pytest.mark.parametrize("key", ["a", 1, True, 2.5, None, ("a", (1, None))])
def test_keys(key: object) -> None:
    assert containers.is_key(key)


@pytest.mark.parametrize("key", [float("nan"), b"a", [1], object(), np.int64(1), ("a", object())])
def test_no_keys(key: object) -> None:
    assert not containers.is_key(key)


def test_a_dict_with_odd_keys_is_not_followed() -> None:
    class Odd:
        def __eq__(self, other):
            raise AssertionError("user code ran")

        def __hash__(self):
            return hash("k")

    m = machine()
    value = m.reader.unread(LiveIn(0, "d"), {Odd(): 1})
    with pytest.raises(Break, match="GL110"):
        containers.as_mapping(m, value)


def test_existing_dict_is_one_mapping() -> None:
    m = machine()
    value = m.read(m.reader.unread(LiveIn(0, "d"), {"a": 1}))
    assert isinstance(value, Instance)
    first = containers.as_mapping(m, value)
    assert isinstance(first, Mapping) and containers.as_mapping(m, value) is first
    assert isinstance(first.items["a"], Unread)


def test_iterators_notice_changes() -> None:
    m = machine()
    base = Sequence("list", (ONE, TWO))
    iterator = Iterator(base.items, bases=containers.bases_of(m, base))
    assert containers.next_item(m, iterator) is ONE
    m.trail.set(base, "items", (ONE,))
    with pytest.raises(Break, match="GL103"):
        containers.next_item(m, iterator)


def test_iterators_go_back_when_rolled_back() -> None:
    m = machine()
    iterator = Iterator((ONE, TWO))
    mark = m.trail.mark()
    assert containers.rest_of(m, iterator) == (ONE, TWO) and containers.next_item(m, iterator) is None
    m.trail.rollback(mark)
    assert containers.next_item(m, iterator) is ONE


def test_only_new_objects_may_be_changed() -> None:
    containers.require_new(Sequence("list"))
    with pytest.raises(Break, match="GL104"):
        containers.require_new(Sequence("list", source=LiveIn(0, "xs")))
