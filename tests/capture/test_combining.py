"""Operators on containers, where no frame is needed."""

import pytest

from graphlet.capture import combining
from graphlet.capture.breaks import Break
from graphlet.sources import LiveIn
from graphlet.values.base import Constant, Mapping, Sequence
from tests.capture.test_machine import machine

ONE, TWO = Constant(1), Constant(2)


def test_a_list_grows_in_place() -> None:
    m = machine()
    made = Sequence("list", (ONE,))
    assert combining.binary(m, "+=", made, Sequence("tuple", (TWO,))) is made and made.items == (ONE, TWO)
    joined = combining.binary(m, "+", made, Sequence("list", (ONE,)))
    assert isinstance(joined, Sequence) and joined.items == (ONE, TWO, ONE) and made.items == (ONE, TWO)
    with pytest.raises(Break, match="GL104"):
        combining.binary(m, "+=", Sequence("list", (ONE,), source=LiveIn(0, "xs")), made)


def test_dicts_are_merged() -> None:
    m = machine()
    merged = combining.binary(m, "|", Mapping({"a": ONE}), Mapping({"a": TWO, "b": ONE}))
    assert isinstance(merged, Mapping) and merged.items == {"a": TWO, "b": ONE}
