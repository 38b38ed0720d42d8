"""Operators on containers, where no frame is needed."""

from graphlet.capture import combining, unions
from graphlet.capture.stores import waiting
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
    there_before = Sequence("list", (ONE,), source=LiveIn(0, "xs"))
    combining.binary(m, "+=", there_before, made)
    assert there_before.items == (ONE, ONE, TWO) and [kind for kind, *_ in waiting(m)] == ["items"]


def test_dicts_are_merged() -> None:
    m = machine()
    merged = unions.merged(m, "|", Mapping({"a": ONE}), Mapping({"a": TWO, "b": ONE}))
    assert isinstance(merged, Mapping) and merged.items == {"a": TWO, "b": ONE}
