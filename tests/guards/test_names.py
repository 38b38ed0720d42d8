"""Objects in texts: names where they have some, and never a call of user code."""

import functools
from typing import Any

import numpy as np
import pytest

from graphlet.guards.names import object_name, type_name


class Loud:
    def __repr__(self) -> str:
        raise RuntimeError

    __str__ = __repr__


class Meta(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise RuntimeError


class Quiet(metaclass=Meta):
    pass


def function() -> None: ...


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (np, "numpy"),
        (np.exp, "numpy.exp"),
        (np.argmin, "numpy.argmin"),
        (np.linalg.norm, "numpy.linalg.norm"),
        (np.ndarray, "numpy.ndarray"),
        (len, "len"),
        (list.append, "list.append"),
        (int, "int"),
        (function, f"{__name__}.function"),
        (Loud, f"{__name__}.Loud"),
        (functools.partial(len), "a partial"),
        ([1], "a list"),
        (np.zeros(3), "a ndarray"),
        (np.dtype("f4"), "float32"),
        (np.float64(2.5), "2.5"),
        (3, "3"),
        ("a", "'a'"),
        ("a" * 100, "'" + "a" * 36 + "..."),
        (None, "None"),
    ],
)
def test_name(value: Any, name: str) -> None:
    assert object_name(value) == name


def test_instances_are_named_by_their_type() -> None:
    assert object_name(Loud()) == "a Loud"
    assert object_name(Quiet()) == "a Quiet"
    assert object_name(Quiet) == f"{__name__}.Quiet"


def test_type_name_is_read_past_the_metaclass() -> None:
    assert type_name(Quiet) == "Quiet"
