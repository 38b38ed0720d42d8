"""Objects made in a region: attributes, properties, slots, dataclasses, named tuples; handed over or kept."""

import collections
import dataclasses
import functools
import typing
from typing import Any

import numpy as np

from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


class Plain:
    kind = "plain"
    scale = 2.0

    def __init__(self, x: Any, k: float = 1.0) -> None:
        self.x = x
        self.k = k
        self.total = self.sum()

    def sum(self) -> Any:
        return self.x.sum() * self.k

    @property
    def doubled(self) -> Any:
        return self.x * self.scale

    @doubled.setter
    def doubled(self, value: Any) -> None:
        self.x = value / 2

    @classmethod
    def zeros(cls, x: Any) -> Any:
        return cls(x * 0)

    @staticmethod
    def twice(x: Any) -> Any:
        return x + x

    @functools.cached_property
    def squares(self) -> Any:
        return self.x**2


def kept(x: Any) -> Any:
    p = Plain(x, k=3.0)
    p.x = p.x + 1
    p.doubled = p.doubled * 3
    p.extra = Plain.twice(p.squares)
    del p.k
    p.x += 1
    return p.x + p.extra, p.total, p.squares is p.squares, Plain.zeros(x).total, hasattr(p, "k"), p.kind


def test_objects_that_stay_inside() -> None:
    differential(kept, (X,), (X[::2],), native=0.9)
    differential(kept, (X,), (X[:0],))


def handed_over(x: Any) -> Any:
    p = Plain(x)
    p.other = [p.x * 2, {"k": p.k}]
    q = Plain(p.x + 1)
    q.friend = p
    return p, q, p


def fields(value: Any) -> Any:
    return type(value), list(vars(value)), vars(value)


def used_after(x: Any) -> Any:
    p, q, r = handed_over(x)
    z = p.x + q.x
    print(end="")
    p.x[0] = 7
    return fields(p)[1:], fields(q)[1], q.friend is p is r, z, x


def test_objects_that_leave() -> None:
    def parts(x: Any) -> Any:
        p, q, r = handed_over(x)
        return fields(p), list(vars(q)), q.friend is p, r is p

    differential(used_after, (X,), (X[::2],), native=0.5)
    differential(parts, (X,), native=0.5)


@dataclasses.dataclass
class Point:
    x: Any
    y: Any = 1.0
    tags: list[Any] = dataclasses.field(default_factory=list)

    def norm(self) -> Any:
        return np.sqrt(self.x**2 + self.y**2)


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: Any
    k: int = 2


@dataclasses.dataclass(slots=True)
class Slotted:
    x: Any
    k: int = 2


class Pair(typing.NamedTuple):
    a: Any
    b: Any = None

    def swapped(self) -> Any:
        return Pair(self.b, self.a)


Triple = collections.namedtuple("Triple", "a b c", defaults=(3,))


def with_dataclasses(x: Any) -> Any:
    p = Point(x, y=x + 1)
    p.tags.append(p.norm())
    q = dataclasses.replace(p) if p is None else Point(p.norm())
    return p, q, Frozen(x * 2).x, Frozen(x).k, p.norm().sum()


def frozen_and_slots(x: Any) -> Any:
    f = Frozen(x + 1, 3)
    s = Slotted(f.x * f.k)
    s.k += 1
    return f, s, f == s, f.x.sum() + s.x.sum()


def named_tuples(x: Any) -> Any:
    p = Pair(x, x + 1)
    a, b = p
    q = p.swapped()
    t = Triple(a, b=b)
    return p, q, t, q.a + p[1], len(t), t[:2], tuple(p), p + t, isinstance(p, tuple), type(tuple(t)), *t


def test_dataclasses_and_named_tuples() -> None:
    for fn in (with_dataclasses, frozen_and_slots, named_tuples):
        differential(fn, (X,), (X[::2],), native=0.9)


class Base:
    def __init__(self, x: Any) -> None:
        super().__init__()
        self.x = x


class Derived(Base):
    __slots__ = ("y",)

    def __init__(self, x: Any) -> None:
        super().__init__(x + 1)
        self.y = self.x * 2


def derived(x: Any) -> Any:
    d = Derived(x)
    d.z = d.y - d.x
    d.w = d.z
    return d.w, d.y, isinstance(d, Base), type(d) is Derived, type(d).__name__, getattr(d, "nothing", 5)


def test_derived_classes() -> None:
    differential(derived, (X,), native=0.9)


class Loose:
    pass


def loose(x: Any, n: Any) -> Any:
    o = Loose()
    o.x = x * n
    o.n = n + 1
    for k in range(3):
        o.x = o.x + k
    return o.x, o.n, o


def missing(x: Any) -> Any:
    o = Loose()
    o.x = x + 1
    try:
        return o.y
    except AttributeError as error:
        return str(error), o.x


def test_loose_attributes() -> None:
    differential(loose, (X, 2), (X, 3.5), (X, np.float32(2)), native=0.9)
    differential(missing, (X,), rounds=2)


class Changing:
    def __init__(self, x: Any) -> None:
        self.x = x


def changing(x: Any) -> Any:
    return Changing(x + 1).x * 2


def test_classes_that_change_between_calls() -> None:
    init = Changing.__init__

    def steps(x: Any, step: int) -> Any:
        if step == 1:
            Changing.x = property(lambda self: self.__dict__["x"] * 10, lambda self, v: self.__dict__.update(x=v))
        elif step == 2:
            Changing.__init__ = lambda self, x: self.__dict__.update(x=x - 1)
        elif step == 3:
            Changing.__init__ = init  # type: ignore[method-assign]
            if "x" in vars(Changing):
                del Changing.x
        elif step == 4:
            Changing.__setattr__ = lambda self, name, value: self.__dict__.update({name: value * 3})
            Changing.__init__ = lambda self, x: setattr(self, "x", x)
        elif step == 5:
            Changing.__getattribute__ = lambda self, name: 8.0
        return changing(x)

    try:
        differential(steps, *[(X, step) for step in (0, 0, 1, 2, 3, 4, 5)], rounds=1)
    finally:
        for name in ("__setattr__", "__getattribute__", "x"):
            if name in vars(Changing):
                delattr(Changing, name)
        Changing.__init__ = init  # type: ignore[method-assign]


class Counted:
    alive = 0

    def __init__(self, x: Any) -> None:
        self.x = x

    def __del__(self) -> None:
        Counted.alive -= 1


class WithSlots:
    __slots__ = ("x",)


def refused(x: Any) -> Any:
    c = Counted(x + 1)
    y = c.x
    w = WithSlots()
    w.x = y * 2
    try:
        w.z = y
    except AttributeError:
        y = y + 1
    e = Exception(3)
    return y, w.x, e.args


def test_what_is_left_to_python() -> None:
    differential(refused, (X,), ignore=frozenset({"module"}))
