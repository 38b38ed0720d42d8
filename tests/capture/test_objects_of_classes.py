"""Classes of all kinds: __getattr__, enums, dataclasses. What the class or the object learns later is seen."""

import dataclasses
import enum
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.capture.playing import whole
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


class Asking:
    def __init__(self, v: Any) -> None:
        self.v = v

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.v * len(name)


class Noisy:
    def __getattr__(self, name: str) -> Any:
        print("asked for", name)
        return 3


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a: Any) -> None:
        self.a = a

    def __getattr__(self, name: str) -> Any:
        return self.a * 2


def asked(x: Any) -> Any:
    new = Asking(x + 1)
    return new.abc * 2, new.v, new.seven + 1


def refused(x: Any) -> Any:
    try:
        return Asking(x + 1)._hidden
    except AttributeError as error:
        return x * 2, str(error), Slotted(x * 2).b


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Size(enum.IntEnum):
    SMALL = 3


def of_enums(x: Any) -> Any:
    colour = Colour.RED
    y = x + 1
    if colour is Colour.RED:
        y = y * colour.value
    if colour == Colour.GREEN:
        y = y * 100
    match colour:
        case Colour.GREEN:
            y = y * 100
        case Colour.RED:
            y = y + Colour.GREEN.value
    return y, colour.name, colour, Size.SMALL.value


@dataclasses.dataclass
class Point:
    a: Any
    b: float = 2.0
    c: list[Any] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: Any
    b: float = 2.0


def of_dataclasses(x: Any) -> Any:
    point, frozen = Point(x + 1), Frozen(x * 2)
    other = dataclasses.replace(point, b=3.0)
    cold = dataclasses.replace(frozen, a=x)
    names = [field.name for field in dataclasses.fields(point)]
    return other.a * other.b, cold.a + cold.b, names, dataclasses.is_dataclass(point), x.__class__ is np.ndarray


@pytest.mark.parametrize("fn", [asked, of_enums, of_dataclasses])
def test_followed(fn: Any) -> None:
    assert differential(fn, (X,), (X[:4],), rounds=4).last_share.native > 0.9
    whole(fn, X)


def test_what_getattr_refuses() -> None:
    differential(refused, (X,), (X[:4],), rounds=4)


def reads(x: Any, o: Any) -> Any:
    y = x + 1
    return y * o.abc


def makes(x: Any) -> Any:
    return Asking(x + 1).abc * 2


def test_noise_is_made_each_time() -> None:
    differential(reads, lambda: (X, Noisy()), rounds=4)
    differential(reads, lambda: (X, Asking(2)), rounds=4, native=0.5)


def test_what_is_learnt_later_is_seen() -> None:
    fast, making, thing = graphlet.optimize(reads), graphlet.optimize(makes), Asking(2)

    def check() -> None:
        for _ in range(3):
            assert np.array_equal(fast(X, thing), reads(X, thing)) and np.array_equal(making(X), makes(X))

    check()
    thing.abc = 50
    check()
    del thing.abc
    check()
    Asking.abc = 7  # type: ignore[attr-defined]
    try:
        check()
    finally:
        del Asking.abc  # type: ignore[attr-defined]
    before = Asking.__getattr__
    Asking.__getattr__ = lambda self, name: self.v - 1  # type: ignore[method-assign,assignment]
    try:
        check()
    finally:
        Asking.__getattr__ = before  # type: ignore[method-assign]
    check()
    assert fast.graphlet.stats()["hits"]


def test_a_member_may_get_another_value() -> None:
    fast = graphlet.optimize(of_enums)
    for _ in range(3):
        fast(X)
    Colour.RED._value_ = 10
    try:
        assert np.array_equal(fast(X)[0], of_enums(X)[0])
    finally:
        Colour.RED._value_ = 1
    assert np.array_equal(fast(X)[0], of_enums(X)[0])
