"""Values are plain data, compared by identity: two equal lists are two objects."""

import dataclasses
import inspect

import pytest

from graphlet.values import base, objects
from graphlet.values.base import Constant, Mapping, Sequence, Value

CLASSES = [
    kind
    for module in (base, objects)
    for kind in vars(module).values()
    if inspect.isclass(kind) and issubclass(kind, Value)
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_plain_data(kind: type) -> None:
    assert dataclasses.is_dataclass(kind) and kind.__doc__
    assert not [name for name, item in vars(kind).items() if inspect.isfunction(item) and not name.startswith("__")]


def test_compared_by_identity() -> None:
    assert Sequence("list") != Sequence("list") and Constant(1) != Constant(1)
    assert len({Constant(1), Constant(1)}) == 2
    assert Mapping().items is not Mapping().items


def test_source_is_given_by_name_only() -> None:
    with pytest.raises(TypeError):
        Value(3)  # type: ignore[call-arg]
