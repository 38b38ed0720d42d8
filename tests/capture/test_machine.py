"""What handlers ask of a capture: known values, pinned numbers, descriptions."""

import numpy as np
import pytest

from graphlet.capture import interpreter
from graphlet.capture.breaks import Break
from graphlet.capture.calls import call
from graphlet.capture.machine import Machine, describe, name_of, source_text
from graphlet.capture.options import Options
from graphlet.core.location import Location
from graphlet.guards.kinds import ValueIs
from graphlet.ir.types import ScalarType
from graphlet.sources import Known, LiveIn
from graphlet.values.base import Constant, Scalar, Sequence, Slice
from graphlet.values.objects import Range, Unread

SOURCE = LiveIn(0, "n")


def machine(**options) -> Machine:
    return Machine(Options(**options), call, interpreter.run, interpreter.advance)


def number(hint: object = 3) -> Scalar:
    return Scalar(ScalarType(type(hint)), hint=hint, source=SOURCE)


def test_known_values() -> None:
    m = machine()
    pair = Sequence("tuple", (Constant("a"), Slice(Constant(1), Constant(None), Constant(None))))
    assert m.known(pair) == ("a", slice(1, None))
    assert m.known(Sequence("list", (number(),))) == [3]
    assert m.guards == [ValueIs(SOURCE, 3)]


def test_a_number_that_changes_is_not_pinned() -> None:
    with pytest.raises(Break, match="differs from call to call"):
        machine(unpinned=frozenset({"n"})).known(number())


def test_numpy_scalars_with_padding_are_not_pinned() -> None:
    assert machine().known(number(np.float64(1))) == 1
    with pytest.raises(Break, match="GL114"):
        machine().known(number(np.longdouble(1)))


def test_one_placeholder_per_input() -> None:
    m = machine()
    value = number()
    assert m.node(value) is m.node(value)
    assert list(m.inputs.values()) == [value]


def test_reading_in_depth() -> None:
    m = machine()
    inner = Sequence("list", (Unread(3, source=SOURCE),))
    outer = m.read_deep(Sequence("tuple", (inner, Slice(Unread(1, source=LiveIn(1, "k")), Constant(2), Constant(3)))))
    assert isinstance(outer.items[0].items[0], Scalar) and isinstance(outer.items[1].start, Scalar)
    m.trail.rollback(0)
    assert isinstance(inner.items[0], Unread)


def test_descriptions() -> None:
    assert describe(number()) == "`n`"
    assert describe(Constant("a")) == "'a'"
    assert describe(Constant(np)) == "module"
    assert describe(Sequence("list")) == "a list"
    assert describe(Range(Constant(0), number(), Constant(1))) == "a range"
    assert name_of(Constant(1, source=Known(1))) == ""


def test_text_of_an_expression() -> None:
    line = test_text_of_an_expression.__code__.co_firstlineno + 1
    assert source_text(Location(__file__, line, "", line, 4, 8)) == "line"
    assert source_text(Location(__file__, line, "", line + 1, 4, 8)) == ""
    assert source_text(None) == source_text(Location("<nowhere>", 1, "", 1, 0, 5)) == ""
