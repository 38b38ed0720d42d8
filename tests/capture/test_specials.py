"""Operators, indexing, calls, lengths and iteration that Python classes define."""

from typing import Any

import numpy as np

from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


class Vector:
    __array_ufunc__ = None

    def __init__(self, x: Any) -> None:
        self.x = x

    def __add__(self, other: Any) -> Any:
        return Vector(self.x + (other.x if isinstance(other, Vector) else other))

    def __radd__(self, other: Any) -> Any:
        return Vector(other + self.x * 2)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, str):
            return NotImplemented
        return Vector(self.x * other)

    __rmul__ = __mul__

    def __imul__(self, other: Any) -> Any:
        self.x = self.x * other + 1
        return self

    def __matmul__(self, other: Any) -> Any:
        return self.x @ other.x

    def __neg__(self) -> Any:
        return Vector(-self.x)

    def __abs__(self) -> Any:
        return Vector(abs(self.x))

    def __getitem__(self, key: Any) -> Any:
        return self.x[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.x = np.where(np.arange(len(self.x)) == key, value, self.x)

    def __len__(self) -> int:
        return len(self.x)

    def __iter__(self) -> Any:
        yield self.x
        yield self.x + 1

    def __contains__(self, item: Any) -> bool:
        return item == 3

    def __call__(self, y: Any) -> Any:
        return self.x - y

    def __eq__(self, other: Any) -> Any:
        return isinstance(other, Vector) and len(self.x) == len(other.x)

    def __lt__(self, other: Any) -> Any:
        return True

    def __bool__(self) -> bool:
        return False


def operators(x: Any) -> Any:
    v = Vector(x)
    w = v + v + 1
    u = 2.0 + v
    t = 3 * v
    a = x + v
    s = -abs(w)
    w *= 2
    return w.x, u.x, t.x, s.x, a.x, v @ w, v == w, v != 3, v < w, w > v, not v, sum([v.x, w.x])


def containers(x: Any) -> Any:
    v = Vector(x)
    v[0] = 10.0
    parts = [p * 2 for p in v]
    a, b = v
    return v[1:], len(v), parts, a + b, 3 in v, 4 in v, v(1.0), [*v][1], v[0]


EXISTING = Vector(np.ones(6))


def existing(x: Any) -> Any:
    return (EXISTING + x).x, EXISTING[2:], len(EXISTING), (EXISTING * 2).x + x, EXISTING == EXISTING, EXISTING(x)


class Bare:
    pass


def by_identity(x: Any) -> Any:
    a, b = Bare(), Bare()
    return x + 1, a == a, a == b, a != b, a is b, bool(a), a == EXISTING


class Answers:
    def __init__(self, n: Any) -> None:
        self.n = n

    def __eq__(self, other: Any) -> Any:
        return self.n == other.n if isinstance(other, Answers) else NotImplemented

    def __lt__(self, other: Any) -> Any:
        return NotImplemented

    def __gt__(self, other: Any) -> Any:
        return "greater"


def compared(x: Any) -> Any:
    a, b, c = Answers(1), Answers(2), Bare()
    y = x * 2
    return a == b, a != b, a == c, c == a, a != c, a < b, a > b, a == 3, a != 3, a == None, (a,) != (1,), y  # noqa: E711


def unequal_array(x: Any) -> Any:
    return Bare() == x, Bare() != x[0], x * 2


def unsupported(x: Any) -> Any:
    v = Vector(x)
    try:
        return v * "a"
    except TypeError as error:
        return str(error), v.x + 1


class Sub(Vector):
    def __radd__(self, other: Any) -> Any:
        return "sub first"


def subclass_first(x: Any) -> Any:
    return Vector(x) + Sub(x), x + 1


def test_special_methods() -> None:
    differential(operators, (X,), (X[::2],), native=0.9)
    differential(containers, (X,), (X[::2],), native=0.9)


def test_of_objects_that_were_there() -> None:
    differential(existing, (X,), native=0.7)
    differential(by_identity, (X,), native=0.9)
    differential(compared, (X,), native=0.9)
    differential(unequal_array, (X,))


def test_what_is_left_to_python() -> None:
    differential(unsupported, (X,))
    differential(subclass_first, (X,))
