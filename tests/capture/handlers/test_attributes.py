"""Attributes of modules, classes, instances, builtins: what is found, what is guarded, and that nothing runs."""

import collections
import dataclasses

import numpy as np
import pytest

from graphlet.guards.check import check
from graphlet.guards.kinds import InstanceLacks, TypeIs, ValueIs
from graphlet.sources import InstanceAttr, Item, LiveIn
from tests.capture.playing import capture_at, captured, frame_of, ops, stopped, whole

X = np.linspace(0.1, 1.0, 5)


class Plain:
    scale = 2.0

    def __init__(self, weight):
        self.weight = weight

    def apply(self, x):
        return x * self.weight * self.scale

    @property
    def double(self):
        return self.weight * 2

    @staticmethod
    def shift(x):
        return x + 1

    @classmethod
    def scaled(cls, x):
        return x * cls.scale

    def __call__(self, x):
        return self.apply(x) + 1


class Child(Plain):
    def apply(self, x):
        return super().apply(x) + 1


class Grandchild(Child):
    def apply(self, x):
        return super().apply(x) * 2


class Mixin:
    def apply(self, x):
        return x


class Multiple(Plain, Mixin):
    def apply(self, x):
        return super().apply(x)


class Slotted:
    __slots__ = ("empty", "weight")

    def __init__(self, weight):
        self.weight = weight


Named = collections.namedtuple("Named", "a b")


@dataclasses.dataclass
class Data:
    a: object
    b: float = 2.0


class Nosy:
    """Any code of this class that runs during capture fails the test."""

    def __getattr__(self, name):
        raise AssertionError("user code ran")

    def __eq__(self, other):
        raise AssertionError("user code ran")

    def __hash__(self):
        raise AssertionError("user code ran")

    def __bool__(self):
        raise AssertionError("user code ran")

    @property
    def __class__(self):
        raise AssertionError("user code ran")


class OwnReading:
    def __getattribute__(self, name):
        raise AssertionError("user code ran")


def test_methods_properties_and_calls() -> None:
    def function(p, x):
        return p.apply(x) + p.double + p.shift(x) + p.scaled(x) + p(x)

    outcome = whole(function, Plain(X), X)
    assert TypeIs(LiveIn(0, "p"), Plain) in outcome.guards
    assert InstanceLacks(LiveIn(0, "p"), "apply") in outcome.guards


@pytest.mark.parametrize("kind", [Child, Grandchild, Multiple])
def test_super(kind: type) -> None:
    def function(p, x):
        return p.apply(x)

    whole(function, kind(X), X)


def test_instance_attribute_is_an_input() -> None:
    def function(d):
        return d.a * d.b

    outcome = whole(function, Data(X))
    assert InstanceAttr(LiveIn(0, "d"), "a") in outcome.inputs


def test_slots() -> None:
    def function(s):
        return s.weight + 1

    whole(function, Slotted(X))


def test_named_tuples() -> None:
    def function(p):
        return p.a * p.b + p[1]

    outcome = whole(function, Named(X, 2))
    assert Item(LiveIn(0, "p"), 1) in outcome.inputs


def test_empty_slot_raises_in_python() -> None:
    def function(s, x):
        y = x + 1
        return y + s.empty

    stopped(function, Slotted(X), X, code="GL117")


def test_class_attributes_and_functions() -> None:
    def function(x):
        return Plain.shift(x) * Plain.scale + Plain.scaled(x)

    whole(function, X)


def test_numbers_of_numpy_and_math_are_constants() -> None:
    def function(x):
        return x * np.pi

    outcome = whole(function, X)
    assert any(isinstance(g, ValueIs) and g.value == np.pi for g in outcome.guards)
    assert len(outcome.inputs) == 1


def test_bound_method_kept_in_a_variable() -> None:
    def function(p, x):
        apply, total = p.apply, x.sum
        return apply(x) + total()

    whole(function, Plain(X), X)


class Late:
    scale = 1.0

    def __init__(self):
        self.weight, self.scale = X, 2.0

    def apply(self, x):
        return x * self.weight * self.scale


@pytest.mark.parametrize("name", ["weight", "scale", "__getattribute__", "apply"])
def test_what_a_class_gets_later_is_noticed(name: str) -> None:
    def function(p, x):
        return p.apply(x)

    class Changing(Late):
        pass

    frame = frame_of(function, (Changing(), X), {})
    guards = capture_at(function.__code__, frame).guards
    assert all(check(guard, frame.environment) for guard in guards)
    setattr(Changing, name, property(lambda self: X))
    assert not all(check(guard, frame.environment) for guard in guards)


@pytest.mark.parametrize(("kind", "code"), [(Nosy, "GL111"), (OwnReading, "GL110")])
def test_no_user_code_runs(kind: type, code: str) -> None:
    def function(x, o):
        y = x + 1
        if o:
            y = y * 2
        return y + o.value

    stopped(function, X, kind(), code=code)


def test_nosy_classes() -> None:
    class Meta(type):
        def __eq__(cls, other):
            raise AssertionError("user code ran")

        def __hash__(cls):
            raise AssertionError("user code ran")

        def __getattribute__(cls, name):
            raise AssertionError("user code ran")

    class Held(metaclass=Meta):
        weight = 3

    def function(x, o, kind):
        y = x + 1
        return y * o.weight, o is kind, kind is None, isinstance(o, np.ndarray), type(y) is kind

    outcome = captured(function, X, object.__new__(Held), Held)
    assert outcome.break_ is None and ops(outcome) == ["add", "multiply"]


def test_nosy_objects_pass_through() -> None:
    def function(x, o):
        y = x + 1
        return y, o, o is None

    outcome = captured(function, X, Nosy())
    assert outcome.break_ is None


def test_effect_on_an_attribute() -> None:
    def function(p, x):
        y = x + 1
        p.weight = y
        return y * 2

    assert [store.name for store in whole(function, Plain(X), X).stores] == ["weight"]


def test_deleting_an_attribute_ends_the_region() -> None:
    def function(p, x):
        y = x + 1
        del p.weight
        return y * 2

    outcome = stopped(function, Plain(X), X, code="GL104")
    assert len(outcome.exit.pushes) == 1 and outcome.break_.variable == "p"


def test_dtype_attributes_and_finfo() -> None:
    def function(x):
        return np.maximum(x, np.finfo(x.dtype).eps) * x.dtype.itemsize

    whole(function, X)


def test_missing_attribute_of_an_array() -> None:
    def function(x):
        y = x + 1
        return y.nothing

    stopped(function, X, code="GL117")
