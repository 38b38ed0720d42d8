"""Guards as text, and what changed since a plan was made."""

import types
from typing import Any

import numpy as np
import pytest

from graphlet import sources as s
from graphlet.guards.describe import describe, explain_failure
from graphlet.guards.kinds import (
    ArrayIs,
    ClassLacks,
    Compare,
    Guard,
    IdentityIs,
    InstanceLacks,
    KeysAre,
    LengthIs,
    NotOverlapping,
    SameObject,
    TypeIs,
    TypeLacks,
    ValueIs,
)
from graphlet.guards.lower import lower
from graphlet.guards.plan import plan
from tests.guards.facts import FACTS

X, K = s.LiveIn(0, "X"), s.LiveIn(1, "k")
F8 = np.dtype("f8")
MATRIX = ArrayIs(X, F8, (False, False), "C")


class Model:
    pass


@pytest.mark.parametrize(
    ("guard", "text"),
    [
        (MATRIX, "X: ndarray float64 2-d C"),
        (ArrayIs(X, F8, (False, True), "F", True, True), "X: ndarray float64 2-d F shape[1]=1 writeable"),
        (ArrayIs(X, F8, (), "K", True, False), "X: ndarray float64 0-d read-only"),
        (IdentityIs(s.ModuleAttr(s.Global("np"), "argmin"), np.argmin), "np.argmin is numpy.argmin"),
        (TypeIs(K, int), "type(k) is int"),
        (TypeIs(K, Model), f"type(k) is {__name__}.Model"),
        (ValueIs(K, 3), "k == 3"),
        (ValueIs(K, "mean"), "k == 'mean'"),
        (LengthIs(K, 2), "len(k) == 2"),
        (KeysAre(K, ("a", 1)), "list(k) == ['a', 1]"),
        (InstanceLacks(K, "area"), "k has no area of its own"),
        (TypeLacks(K, "area"), "type(k) has no area"),
        (ClassLacks(K, "area"), "k has no area"),
        (NotOverlapping(X, K), "X and k do not overlap"),
        (SameObject(X, K), "X is k"),
        (SameObject(X, K, False), "X is not k"),
        (Compare(K, "<", s.Known(3), True), "k < 3"),
        (Compare(s.ShapeItem(X, 0), ">", K, False), "not X.shape[0] > k"),
    ],
)
def test_guard_as_text(guard: Guard, text: str) -> None:
    assert describe(guard) == text
    assert describe(plan([guard]).guards[0]) == text


def explained(guard: Guard, x: Any, k: Any = None) -> str | None:
    made = plan([guard])
    text = explain_failure(made, (x, k), {"np": np})
    assert (text is None) == (lower(made, 2)[0].failing((x, k), {"np": np}) < 0)
    return text


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (np.zeros((3, 4), "f4"), "X.dtype was float64, now float32"),
        (np.zeros((3, 4), ">f8"), "X.dtype was float64, now >f8"),
        (np.zeros(3), "X.ndim was 2, now 1"),
        (np.zeros((1, 4)), "X.shape[0] was not 1, now 1"),
        (np.zeros((3, 4), order="F"), "X was C-contiguous, now F-contiguous"),
        (np.zeros((6, 4))[::2], "X was C-contiguous, now not contiguous"),
        (np.frombuffer(bytearray(97), "f8", offset=1).reshape(3, 4), "X was aligned, now unaligned"),
        ([1], "type(X) was ndarray, now list"),
        (np.ma.zeros((3, 4)), "type(X) was ndarray, now MaskedArray"),
        (np.zeros((3, 4)), None),
    ],
)
def test_what_is_different_about_an_array(now: Any, text: str | None) -> None:
    assert explained(MATRIX, now) == text


def test_shape_and_writeability() -> None:
    row = ArrayIs(X, F8, (True, False), "C", True, True)
    read_only = np.zeros((1, 4))
    read_only.setflags(write=False)
    assert explained(row, np.zeros((3, 4))) == "X.shape[0] was 1, now 3"
    assert explained(row, read_only) == "X was writeable, now read-only"
    frozen_row = ArrayIs(X, F8, (True, False), "C", True, False)
    assert explained(frozen_row, np.zeros((1, 4))) == "X was read-only, now writeable"


@pytest.mark.parametrize(
    ("guard", "now", "text"),
    [
        (ValueIs(K, 3), 4, "k was 3, now 4"),
        (ValueIs(K, 3), 3.0, "k was 3, now 3.0"),
        (ValueIs(K, "mean"), [1], "k was 'mean', now a list"),
        (TypeIs(K, int), 2.5, "type(k) was int, now float"),
        (TypeIs(K, Model), 2.5, f"type(k) was {__name__}.Model, now float"),
        (IdentityIs(K, np.exp), np.log, "k was numpy.exp, now numpy.log"),
        (IdentityIs(K, Model), type("Model", (), {"__module__": __name__}),
         f"k was {__name__}.Model, now another object of that name"),
        (LengthIs(K, 2), [1], "len(k) was 2, now 1"),
        (LengthIs(K, 2), {1, 2}, "type(k) was a container, now set"),
        (KeysAre(K, ("a",)), {"b": 1}, "the keys of k are others, or in another order"),
        (KeysAre(K, ("a",)), None, "type(k) was a dict, now NoneType"),
        (InstanceLacks(K, "area"), types.SimpleNamespace(area=1), "k has its own area now"),
        (TypeLacks(K, "real"), 1, "type(k) has real now"),
        (ClassLacks(K, "real"), int, "k has real now"),
        (Compare(K, "<", s.Known(3), True), 5, "k < 3 was True, now False"),
        (Compare(K, "<", s.Known(3), True), "5", "type(k) was a number, now str"),
        (ValueIs(s.Item(K, 3), 1), [1], "k[3] is not there any more"),
        (ValueIs(s.Global("gone"), 1), None, "gone is not there any more"),
        (IdentityIs(s.ModuleAttr(s.Global("np"), "exp"), np.log), None, "np.exp was numpy.log, now numpy.exp"),
    ],
)  # fmt: skip
def test_what_is_different(guard: Guard, now: Any, text: str) -> None:
    assert explained(guard, None, now) == text


def test_what_is_different_about_two_values() -> None:
    x = np.zeros(6)
    assert explained(NotOverlapping(X, K), x, x[2:]) == "X and k may overlap now"
    assert explained(NotOverlapping(X, K), x, None) == "type(k) was ndarray, now NoneType"
    assert explained(SameObject(X, K), x, x[:]) == "X is k was True, now False"
    assert explained(SameObject(X, K, False), x, x) == "X is k was False, now True"


def test_a_missing_input_is_named() -> None:
    made = plan([], [s.CellContents(X)])
    assert explain_failure(made, (types.CellType(1),), {}) is None
    assert explain_failure(made, (types.CellType(),), {}) == "X is not there any more"


def test_every_kind_of_guard_has_texts() -> None:
    for fact in FACTS.values():
        value = fact.make()
        guard = fact.guard(X, value)
        assert describe(guard)
        for other in fact.others:
            assert explained(guard, other)
