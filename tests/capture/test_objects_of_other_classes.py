"""Classes whose ``__new__`` makes an object of another class."""

import types
from typing import Any

import numpy as np

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


class Base:
    def __new__(cls, *args: Any) -> Any:
        return super().__new__(Derived if cls is Base else cls)

    def __init__(self, scale: Any) -> None:
        self.scale = scale


class Derived(Base):
    def __init__(self, scale: Any) -> None:
        super().__init__(scale * 2)
        self.shift = 1.0

    def run(self, x: Any) -> Any:
        return x * self.scale + self.shift


class Other:
    def __new__(cls, scale: Any) -> Any:
        return Derived(scale)

    def __init__(self, scale: Any) -> None:
        raise AssertionError("not of this class")


def test_a_subclass_gets_its_own_init() -> None:
    def function(x: Any) -> Any:
        made = Base(3.0)
        return made.run(x), type(made).__name__, sorted(vars(made))

    differential(function, *[(np.arange(4.0),)] * 4)


def test_an_object_of_an_unrelated_class_gets_none() -> None:
    def function(x: Any) -> Any:
        return Other(x).run(x)

    differential(function, *[(np.arange(4.0),)] * 4)
    assert graphlet.capture(function)(np.arange(4.0))


def namespaces(x: Any) -> Any:
    s = types.SimpleNamespace(a=x * 2, b=3)
    s.c = s.a + s.b
    del s.b
    t = types.SimpleNamespace()
    t.inner, t.same = s, s
    found = [hasattr(s, "b"), isinstance(s, types.SimpleNamespace), type(t), getattr(t, "none", 1)]
    return s.c * s.a, found, t, t.inner is s


def set_by_name(x: Any, keeper: Any) -> Any:
    y = x * 2
    for name, value in (("a", y), ("b", 3)):
        setattr(keeper, name, value)
    return keeper.a + keeper.b


def test_namespaces() -> None:
    differential(namespaces, (X,), (X[:4],), native=0.9)
    assert not graphlet.explain(namespaces)(X).breaks
    for _ in range(3):
        made = graphlet.optimize(namespaces)(X)[2]
        assert made.inner is made.same and type(made) is types.SimpleNamespace


class Keeper:
    def __init__(self) -> None:
        self.a = 0.0
        self.b = 0


def test_attributes_set_by_name() -> None:
    differential(set_by_name, lambda: (X, Keeper()), lambda: (X[:3], Keeper()), native=0.9)
    assert not graphlet.explain(set_by_name)(X, Keeper()).breaks
