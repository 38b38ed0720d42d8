"""Comparing containers, where no frame is needed."""

import pytest

from graphlet.capture import equality
from graphlet.capture.breaks import Break
from graphlet.values.base import Constant, Sequence
from tests.capture.test_machine import machine

ONE, TWO = Constant(1), Constant(2)


def test_nan_is_not_compared() -> None:
    m = machine()
    nan = Constant(float("nan"))
    assert equality.equal_items(m, nan, nan, lambda *_: ONE)
    with pytest.raises(Break):
        equality.equal_items(m, nan, Constant(float("nan")), lambda *_: ONE)


def test_sequences() -> None:
    m = machine()
    one, other = Sequence("list", (ONE,)), Sequence("list", (Constant(1),))
    each = equality.compare

    def numbers(m, symbol, left, right):
        return Constant(left.value == right.value)

    assert equality.compare(m, "==", one, other, numbers).value
    assert equality.compare(m, "!=", one, Sequence("tuple", (ONE,)), numbers).value
    assert equality.contains(m, ONE, one, numbers) and not equality.contains(m, TWO, one, numbers)
    with pytest.raises(Break, match="GL110"):
        each(m, "<", one, Constant(3), numbers)
