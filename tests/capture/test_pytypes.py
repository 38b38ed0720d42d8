"""Types of values, and looking up attributes without running anything."""

from collections import defaultdict, deque

import numpy as np
import pytest

from graphlet.capture.breaks import Break
from graphlet.capture.pytypes import MISSING, is_plain, lookup, mro, type_of
from graphlet.ir.types import ArrayType, ScalarType
from graphlet.sources import LiveIn
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Slice, Storage
from graphlet.values.objects import DefaultDict, Deque, Instance, Iterator, Range, Set
from graphlet.values.steps import step
from tests.capture.test_machine import machine


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Constant(True), bool),
        (Array(ArrayType(np.dtype(float), ()), Storage(None, True)), np.ndarray),
        (Scalar(ScalarType(np.float32, np.dtype("f4"))), np.float32),
        (Sequence("list"), list),
        (Set(step(set), set()), set),
        (Deque("deque"), deque),
        (DefaultDict(factory=Constant(None)), defaultdict),
        (Mapping(), dict),
        (Slice(Constant(1), Constant(1), Constant(1)), slice),
        (Range(Constant(1), Constant(1), Constant(1)), range),
        (Instance(object, None, source=LiveIn(0, "o")), object),
    ],
)
def test_type_of(value, expected: type) -> None:
    assert type_of(machine(), value) is expected


def test_unknown_types_break() -> None:
    with pytest.raises(Break, match="GL110"):
        type_of(machine(), Iterator(()))


def test_lookup_runs_nothing() -> None:
    class Meta(type):
        def __getattribute__(cls, name):
            raise AssertionError("user code ran")

    class Odd(metaclass=Meta):
        value = 3

    assert lookup(Odd, "value") == 3
    assert lookup(Odd, "nothing") is MISSING
    assert mro(Odd) == (Odd, object) and lookup(bool, "real") is int.__dict__["real"]


def test_plain_values() -> None:
    assert is_plain((1, "a", (None, 2.5))) and is_plain(range(3)) and is_plain(frozenset({1}))
    assert not is_plain([1]) and not is_plain(np.float64(1)) and not is_plain((object(),))
