"""match statements over known values."""

import dataclasses
from typing import Any

import numpy as np

from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def constants(x: Any, how: Any) -> Any:
    y = x + 1
    match how:
        case "add" | "plus":
            return y + 1
        case 3:
            return y * 3
        case None:
            return y
        case str() as text:
            return y, text
        case int(k):
            return y * k
        case _:
            return -y


def shapes(x: Any, parts: Any) -> Any:
    y = x * 2
    match parts:
        case []:
            return y
        case [one]:
            return y + one
        case (a, b) if b == 2:
            return y * a
        case [first, *_, last]:
            return y + first - last
        case {"k": k, **rest}:
            return y * k, rest
        case {}:
            return y, "empty"
    return "none"


@dataclasses.dataclass
class Point:
    a: Any
    b: Any = 1.0


class Other:
    pass


def classes(x: Any, which: Any) -> Any:
    p: Any = Point(x + 1) if which else Other()
    match p:
        case Point(a, b=1.0):
            y = a * 2
        case Point():
            y = x
        case Other():
            y = x - 1
    return y


def given(x: Any, p: Any) -> Any:
    match p:
        case Point(a, b):
            return x * a + b
        case (np.ndarray(), _):
            return x
        case np.ndarray(ndim=2):
            return x + 2
    return x + 1


def test_matching() -> None:
    for how in ("add", "plus", 3, None, "other", 5, 2.5, True, [1]):
        differential(constants, (X, how), native=0.5)
    for parts in ([], [3], (4, 2), (4, 3), [1, 2, 3, 4], {"k": 2, "m": 3}, {}, {"z": 1}, "ab", 3, range(2), X[:2]):
        differential(shapes, (X, parts))
    differential(shapes, (X, (4, 2)), (X, (1, 2)), native=0.6)
    differential(classes, (X, True), (X, False), native=0.6)
    for value in (Point(2.0, 3.0), 3, (X, 1), X[None], Other()):
        differential(given, (X, value))
