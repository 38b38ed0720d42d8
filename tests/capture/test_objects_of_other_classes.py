"""Classes whose ``__new__`` makes an object of another class."""

from typing import Any

import numpy as np

import graphlet
from tests.oracle.runner import differential


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
