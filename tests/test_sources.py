"""Sources are plain data: equal when they name the same place, readable as the user's own expression."""

import sys
from typing import get_args

import numpy as np
import pytest

from graphlet import sources as s

SELF = s.LiveIn(0, "self")
NP = s.Global("np")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (SELF, "self"),
        (NP, "np"),
        (s.FunctionGlobal(s.Global("helper"), "scale"), "scale"),
        (s.Globals(), "globals()"),
        (s.CellContents(s.LiveIn(1, "total")), "total"),
        (s.FunctionSlot(s.Global("f"), "__defaults__"), "f.__defaults__"),
        (s.ModuleAttr(s.ModuleAttr(NP, "linalg"), "norm"), "np.linalg.norm"),
        (s.InstanceAttr(SELF, "weights"), "self.weights"),
        (s.SlotAttr(SELF, "bias"), "self.bias"),
        (s.TypeAttr(s.TypeOf(SELF), "step"), "type(self).step"),
        (s.Item(s.Mro(s.TypeOf(SELF)), 1), "type(self).__mro__[1]"),
        (s.Item(s.InstanceAttr(SELF, "layers"), 2), "self.layers[2]"),
        (s.DictItem(s.Global("config"), "rate"), "config['rate']"),
        (s.ShapeItem(s.LiveIn(0, "X"), 1), "X.shape[1]"),
        (s.PlainOf(s.Global("AXIS")), "plain(AXIS)"),
        (s.OwnDict(s.LiveIn(0, "o")), "vars(o)"),
        (s.Limit(s.LiveIn(0, "q")), "q.maxlen"),
        (s.Known(None), "None"),
        (s.ModuleAttr(s.Known(np), "sum"), "numpy.sum"),
        (s.DictItem(s.Known(sys.modules), "numpy"), "sys.modules['numpy']"),
    ],
)
def test_text(source: s.Source, text: str) -> None:
    assert str(source) == text


def test_equal_places_are_one() -> None:
    assert s.Item(s.InstanceAttr(SELF, "xs"), 1) == s.Item(s.InstanceAttr(s.LiveIn(0, "self"), "xs"), 1)
    assert len({s.Global("np"), NP, s.ModuleAttr(NP, "np")}) == 2


def test_known_objects_are_told_apart_by_identity() -> None:
    array = np.zeros(3)
    known = s.Known(array)
    assert len({known, s.Known(array)}) == 2
    assert known == known


def test_sources_cannot_be_changed() -> None:
    for kind in get_args(s.Source):
        assert kind.__dataclass_params__.frozen
