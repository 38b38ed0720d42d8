"""Descriptors and metaclasses written in Python: their methods are followed, for new and existing objects."""

import enum
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


class Scaled:
    """Reads twice what was set, in an attribute of the object."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = "_" + name

    def __get__(self, obj: Any, owner: type | None = None) -> Any:
        return self if obj is None else getattr(obj, self.name) * 2

    def __set__(self, obj: Any, value: Any) -> None:
        setattr(obj, self.name, value + 1)


class Computed:
    """No ``__set__``: an attribute of the object goes before it."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __get__(self, obj: Any, owner: type | None = None) -> Any:
        return self.factor if obj is None else obj.x * self.factor


class WriteOnly:
    def __set__(self, obj: Any, value: Any) -> None:
        obj.written = value * 3


class Holder:
    scaled = Scaled()
    computed = Computed(3.0)
    only = WriteOnly()

    def __init__(self, x: Any) -> None:
        self.x = x


EXISTING = Holder(2.0)
EXISTING.scaled = 4.0


def data(x: Any) -> Any:
    holder = Holder(x)
    holder.scaled = x
    holder.scaled += 1
    return holder.scaled + x, isinstance(Holder.scaled, Scaled)


def no_data(x: Any) -> Any:
    holder = Holder(x)
    first = holder.computed
    holder.computed = x * 5
    return first + holder.computed * Holder.computed


def of_an_existing_object(x: Any) -> Any:
    return EXISTING.scaled * x + EXISTING.computed


def write_only(x: Any) -> Any:
    holder = Holder(x)
    holder.only = x
    return holder.written + x


@pytest.mark.parametrize("function", [data, no_data, of_an_existing_object, write_only])
def test_descriptors(function: Any) -> None:
    differential(function, (X,), (X[::2],), native=0.9)


def fresh_class() -> type:
    class Lasting:
        def __get__(self, obj: Any, owner: Any = None) -> Any:
            return 2.0

    class Owner:
        value = Lasting()

    return Owner


def test_a_descriptor_that_changes_is_seen() -> None:
    owner = fresh_class()
    kind, holder = type(vars(owner)["value"]), owner()

    def read(x: Any) -> Any:
        return holder.value * x + 1

    fast = graphlet.optimize(read)
    for _ in range(3):
        assert np.array_equal(fast(X), X * 2 + 1)
    kind.__get__ = lambda self, obj, owner=None: 5.0
    assert np.array_equal(fast(X), X * 5 + 1)
    holder.__dict__["value"] = 7.0
    assert np.array_equal(fast(X), X * 7 + 1)
    kind.__set__ = lambda self, obj, value: None  # now it goes before the object's own
    assert np.array_equal(fast(X), X * 5 + 1)
    del kind.__set__
    assert np.array_equal(fast(X), X * 7 + 1)
    owner.value = 3.0
    assert np.array_equal(fast(X), X * 7 + 1)
    del holder.__dict__["value"]
    assert np.array_equal(fast(X), X * 3 + 1)


class Counting(type):
    def __call__(cls, *args: Any) -> Any:
        made = super().__call__(*args)
        made.extra = 3.0
        return made

    def twice(cls, x: Any) -> Any:
        return cls(x), cls(x * 2)

    @property
    def size(cls) -> float:
        return cls.base * 2


class Counted(metaclass=Counting):
    base = 4.0

    def __init__(self, x: Any) -> None:
        self.x = x


class Color(enum.Enum):
    RED = 1.0
    BLUE = 2.0


def called(x: Any) -> Any:
    made = Counted(x)
    return made.x * made.extra + x


def methods(x: Any) -> Any:
    one, two = Counted.twice(x)
    return one.x + two.x * Counted.size * one.extra


def member(x: Any) -> Any:
    return x * Color(2.0).value + Color.RED.value


@pytest.mark.parametrize("function", [called, methods, member])
def test_metaclasses(function: Any) -> None:
    differential(function, (X,), (X[::2],), native=0.9)


def no_member(x: Any) -> Any:
    y = x * 2
    return y * Color(9.0).value


def wrong_arguments(x: Any) -> Any:
    y = x * 2
    return Counted(y, y, y).x


@pytest.mark.parametrize("function", [no_member, wrong_arguments])
def test_exceptions(function: Any) -> None:
    differential(function, (X,))


def test_a_metaclass_that_changes_is_seen() -> None:
    class Meta(type):
        def __call__(cls, *args: Any) -> Any:
            return super().__call__(*args)

        def factor(cls) -> float:
            return 2.0

    class Kind(metaclass=Meta):
        def __init__(self, x: Any) -> None:
            self.x = x

    def make(x: Any) -> Any:
        return Kind(x).x * Kind.factor() + 1

    fast = graphlet.optimize(make)
    for _ in range(3):
        assert np.array_equal(fast(X), X * 2 + 1)
    Meta.factor = lambda cls: 3.0
    assert np.array_equal(fast(X), X * 3 + 1)
    Kind.factor = staticmethod(lambda: 4.0)
    assert np.array_equal(fast(X), X * 4 + 1)

    def call(cls: Any, x: Any) -> Any:
        return type.__call__(cls, x * 10)

    Meta.__call__ = call
    assert np.array_equal(fast(X), X * 40 + 1)
    del Meta.__call__
    assert np.array_equal(fast(X), X * 4 + 1)
