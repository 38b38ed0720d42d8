"""Items of containers, where no frame is needed."""

import pytest

from graphlet.capture import subscripts
from graphlet.capture.breaks import Break
from graphlet.sources import LiveIn
from graphlet.values.base import Constant, Mapping, Sequence, Slice
from graphlet.values.objects import Unread
from tests.capture.test_machine import machine

ONE, TWO, NONE = Constant(1), Constant(2), Constant(None)


def test_a_dict_with_odd_keys_is_not_followed() -> None:
    class Odd:
        def __eq__(self, other):
            raise AssertionError("user code ran")

        def __hash__(self):
            return hash("k")

    m = machine()
    value = m.reader.unread(LiveIn(0, "d"), {Odd(): 1})
    with pytest.raises(Break, match="GL110"):
        subscripts.getitem(m, value, Constant("k"))


def test_items() -> None:
    m = machine()
    made = Sequence("list", (ONE, TWO))
    assert subscripts.getitem(m, made, Constant(-1)) is TWO
    part = subscripts.getitem(m, made, Slice(NONE, ONE, NONE))
    assert isinstance(part, Sequence) and part.kind == "list" and part.items == (ONE,)
    subscripts.setitem(m, made, Constant(0), TWO)
    subscripts.delete(m, made, Constant(1))
    assert made.items == (TWO,)
    with pytest.raises(Break, match="GL117"):
        subscripts.getitem(m, made, Constant(5))
    table = Mapping({"a": ONE})
    subscripts.setitem(m, table, Constant("b"), TWO)
    subscripts.delete(m, table, Constant("a"))
    assert table.items == {"b": TWO}


def test_an_item_that_was_there_before_is_read_alone() -> None:
    m = machine()
    item = subscripts.getitem(m, m.reader.unread(LiveIn(0, "d"), {"a": 1, "b": 2}), Constant("b"))
    assert isinstance(item, Unread) and item.example == 2
