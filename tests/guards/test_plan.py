"""Plans: each fact once, implied facts dropped, cheap ones first, bases before what is loaded through them."""

from typing import Any

import numpy as np
import pytest

from graphlet import sources as s
from graphlet.guards.hold import CannotHold, Weak
from graphlet.guards.kinds import (
    ArrayIs,
    Compare,
    Guard,
    IdentityIs,
    InstanceLacks,
    KeysAre,
    LengthIs,
    NotOverlapping,
    SameObject,
    TypeIs,
    ValueIs,
)
from graphlet.guards.plan import chain, is_static, plan, stage
from graphlet.sources import FunctionGlobal, Global, Known, LiveIn, ModuleAttr

X, Y = LiveIn(0, "x"), LiveIn(1, "y")
ARRAY = ArrayIs(X, np.dtype("f8"), (False,), "C")
NP = Global("np")


class Thing:
    @property
    def area(self) -> float:
        return 0.0


def planned(*guards: Guard) -> tuple[Guard, ...]:
    return plan(guards).guards


def test_each_fact_stands_once() -> None:
    np_dtype_again = ArrayIs(X, np.dtype("<f8"), (False,), "C")
    assert planned(ARRAY, np_dtype_again) == (ARRAY,)
    assert len(planned(IdentityIs(NP, np), IdentityIs(NP, np))) == 1
    assert len(planned(NotOverlapping(X, Y), NotOverlapping(Y, X))) == 1
    assert len(planned(SameObject(X, Y), SameObject(Y, X))) == 1
    assert plan([], [X, Y, X]).inputs == (X, Y)


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0.0, -0.0), ((1,), (True,)), (np.float64(1), 1.0)])
def test_facts_that_python_calls_equal_are_two(one: Any, other: Any) -> None:
    assert len(planned(ValueIs(X, one), ValueIs(X, other))) == 2


def test_nan_is_one_fact() -> None:
    assert len(planned(ValueIs(X, float("nan")), ValueIs(X, float("nan")))) == 1


@pytest.mark.parametrize(
    ("implied", "by"),
    [
        (TypeIs(X, np.ndarray), ARRAY),
        (TypeIs(X, int), ValueIs(X, 3)),
        (LengthIs(X, 1), KeysAre(X, ("a",))),
        (TypeIs(X, np.ufunc), IdentityIs(X, np.exp)),
    ],
)
def test_implied_facts_are_dropped(implied: Guard, by: Guard) -> None:
    assert planned(implied, by) == (by,)
    assert planned(by, implied) == (by,)


def test_keys_say_nothing_of_the_class() -> None:
    guards = (TypeIs(X, dict), KeysAre(X, ("a",)))
    assert planned(*guards) == guards


@pytest.mark.parametrize(
    ("kept", "beside"),
    [
        (TypeIs(X, bool), ValueIs(X, 1)),
        (TypeIs(Y, np.ndarray), ARRAY),
        (TypeIs(X, dict), LengthIs(X, 1)),
        (LengthIs(X, 2), KeysAre(X, ("a",))),
        (TypeIs(X, type(np)), IdentityIs(X, np)),  # a module's class can be assigned
    ],
)
def test_what_does_not_follow_stays(kept: Guard, beside: Guard) -> None:
    assert kept in planned(kept, beside)


def test_class_of_a_guarded_instance_can_change() -> None:
    thing = Thing()
    assert len(planned(IdentityIs(X, thing), TypeIs(X, Thing))) == 2


def test_live_ins_first_then_namespaces_then_what_is_behind_them() -> None:
    config = Global("config")
    behind = ValueIs(s.InstanceAttr(config, "k"), 3)
    static = IdentityIs(ModuleAttr(NP, "exp"), np.exp)
    pair = NotOverlapping(X, Y)
    guards = [behind, static, pair, ValueIs(Y, 1), ARRAY]
    assert planned(*guards) == (ARRAY, ValueIs(Y, 1), pair, static, behind)
    assert [stage(guard) for guard in planned(*guards)] == [0, 0, 0, 1, 2]


def test_a_guard_comes_after_those_on_what_its_source_is_loaded_through() -> None:
    item = s.Item(s.CellContents(X), 0)
    guards: list[Guard] = [
        Compare(s.InstanceAttr(item, "n"), "<", Known(3), True),
        InstanceLacks(item, "m"),
        LengthIs(s.CellContents(X), 2),
        TypeIs(item, int),
        TypeIs(s.CellContents(X), list),
    ]
    seen: list[s.Source] = []
    for guard in planned(*guards):
        source = guard.left if isinstance(guard, Compare) else guard.source  # type: ignore[union-attr]
        assert all(step in seen or step == X for step in list(chain(source))[1:])
        seen.append(source)


def test_what_namespaces_decide() -> None:
    assert is_static(ModuleAttr(ModuleAttr(NP, "linalg"), "norm"))
    assert is_static(FunctionGlobal(ModuleAttr(NP, "mean"), "x"))
    assert is_static(ModuleAttr(Known(np), "exp"))
    for source in (X, s.CellContents(NP), s.TypeOf(NP), FunctionGlobal(X, "np")):
        assert not is_static(source)
    assert stage(TypeIs(NP, int)) == 1
    assert stage(TypeIs(NP, type(np))) == stage(TypeIs(NP, Thing)) == stage(ArrayIs(NP, np.dtype("f8"), (), "C")) == 2


def test_user_objects_stand_weakly() -> None:
    thing = Thing()
    by_type, by_identity = planned(IdentityIs(X, thing), TypeIs(Y, Thing))
    assert isinstance(by_identity, IdentityIs) and isinstance(by_type, TypeIs)
    assert {type(by_identity.value), type(by_type.type)} == {Weak}
    (lasting,) = planned(IdentityIs(X, np.exp))
    assert isinstance(lasting, IdentityIs) and lasting.value is np.exp


def test_a_property_is_known_by_its_functions() -> None:
    guards = planned(IdentityIs(s.TypeAttr(s.TypeOf(X), "area"), Thing.__dict__["area"]))
    texts = [str(guard.source) for guard in guards if isinstance(guard, IdentityIs)]
    assert texts == [f"type(x).area.{part}" for part in ("fget", "fset", "fdel")]
    assert any(isinstance(guard, TypeIs) and guard.type is property for guard in guards)


@pytest.mark.parametrize("value", [[], {}, object(), np.random.default_rng(0), np.frompyfunc(len, 1, 1)])
def test_identity_of_what_has_no_weak_references_is_refused(value: Any) -> None:
    with pytest.raises(CannotHold, match=type(value).__name__):
        plan([IdentityIs(X, value)])


@pytest.mark.parametrize("value", [len, np.exp, np.mean, np, Thing, Thing(), None, property(len), staticmethod(len)])
def test_identity_that_can_be_guarded(value: Any) -> None:
    assert plan([IdentityIs(X, value)]).guards


def test_what_cannot_be_told_apart_is_refused() -> None:
    with pytest.raises(CannotHold, match="value of a longdouble"):
        plan([ValueIs(X, np.longdouble(1))])
    with pytest.raises(CannotHold, match="metadata"):
        plan([ArrayIs(X, np.dtype("f8", metadata={"a": 1}), (), "C")])


@pytest.mark.parametrize("guards", [[], [IdentityIs(s.TypeAttr(Known(Thing), "area"), None)]])
def test_a_known_object_of_the_users_is_refused(guards: list[Guard]) -> None:
    with pytest.raises(CannotHold, match="Thing is not known for ever"):
        plan(guards, [] if guards else [Known(Thing)])
