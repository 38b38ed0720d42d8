"""Reading existing objects: what value they become, and which guards that takes."""

import functools
import math
import types

import numpy as np
import pytest

from graphlet.capture.breaks import Break
from graphlet.capture.state import Trail
from graphlet.capture.wrap import Reader
from graphlet.guards.check import Environment, check
from graphlet.guards.kinds import ArrayIs, IdentityIs, LengthIs, SameObject, TypeIs, ValueIs
from graphlet.sources import Item, LiveIn, ShapeItem, SlotAttr
from graphlet.values.base import Array, Constant, Scalar, Sequence, Slice
from graphlet.values.objects import Cell, Function, Instance, Method, Partial, Unread

SOURCE = LiveIn(0, "v")
OTHER = LiveIn(1, "w")


class Thing:
    def method(self):
        return self


class Sub(np.ndarray):
    pass


def reader_of(guards: list) -> Reader:
    return Reader(Trail(), guards.append, None)


def read(example: object) -> tuple:
    guards: list = []
    reader = reader_of(guards)
    unread = reader.unread(SOURCE, example)
    assert not guards, "looking at nothing guards nothing"
    value = reader.read(unread)
    for guard in guards:
        assert check(guard, Environment((example,), {}))
    return value, guards


@pytest.mark.parametrize("example", [None, True, False, "text", b"bytes", ...])
def test_by_value(example: object) -> None:
    value, guards = read(example)
    assert isinstance(value, Constant) and value.value is example
    assert guards == [ValueIs(SOURCE, example)]


@pytest.mark.parametrize("example", [3, 2.5, 1j, np.float32(2), np.int8(3), np.bool_(True), np.complex128(1)])
def test_numbers_are_run_time_values(example: object) -> None:
    value, guards = read(example)
    assert isinstance(value, Scalar) and value.hint is example and value.type.pytype is type(example)
    assert guards == [TypeIs(SOURCE, type(example))]


@pytest.mark.parametrize("example", [int, np, np.add, np.sum, math.sqrt, np.dtype("f4"), len, list.append])
def test_by_identity(example: object) -> None:
    value, guards = read(example)
    assert isinstance(value, Constant) and value.value is example
    assert [type(guard) for guard in guards] == [IdentityIs]


@pytest.mark.parametrize(
    ("example", "ones", "order"),
    [
        (np.zeros((3, 1, 4)), (False, True, False), "C"),
        (np.zeros((3, 4)).T, (False, False), "F"),
        (np.zeros((4, 3, 2)).transpose(1, 0, 2), (False, False, False), "K"),
        (np.zeros(()), (), "C"),
        (np.zeros((0, 2), np.int8), (False, False), "C"),
    ],
)
def test_arrays(example: np.ndarray, ones: tuple, order: str) -> None:
    value, guards = read(example)
    assert isinstance(value, Array) and value.storage.existed and value.example is example
    assert guards == [ArrayIs(SOURCE, example.dtype, ones, order)]
    assert value.type.shape_hint == example.shape
    assert [isinstance(dim, int) for dim in value.type.shape] == list(ones)


def test_sizes_know_where_they_come_from() -> None:
    guards: list = []
    reader = reader_of(guards)
    value = reader.read(reader.unread(SOURCE, np.zeros((1, 5))))
    assert reader.dims[value.type.shape[1]] == ShapeItem(SOURCE, 1)


@pytest.mark.parametrize(
    "example",
    [
        np.array([1, "a"], object),
        np.array(["a"]),
        np.frombuffer(b"\0" * 17, np.uint8)[1:].view(np.float64),
        np.zeros(2, [("a", object)]),
        np.zeros(2, np.dtype(float, metadata={"k": 1})),
        np.str_("a"),
    ],
)
def test_what_numpy_keeps_to_itself(example: object) -> None:
    with pytest.raises(Break, match="GL106"):
        read(example)


def test_sequences_are_read_item_by_item() -> None:
    value, guards = read([1, "a"])
    assert isinstance(value, Sequence) and value.kind == "list"
    assert guards == [TypeIs(SOURCE, list), LengthIs(SOURCE, 2)]
    assert all(isinstance(item, Unread) for item in value.items)
    assert value.items[1].source == Item(SOURCE, 1)


def test_slices_are_read_part_by_part() -> None:
    value, guards = read(slice(1, None, "a"))
    assert isinstance(value, Slice)
    parts = [SlotAttr(SOURCE, name) for name in ("start", "stop", "step")]
    assert [value.start.source, value.stop.source, value.step.source] == parts
    assert guards == [TypeIs(SOURCE, slice), TypeIs(parts[0], int), ValueIs(parts[1], None), ValueIs(parts[2], "a")]


@pytest.mark.parametrize("example", [{}, Thing(), list(range(1000)), np.zeros(2).view(Sub), {1}])
def test_other_objects_are_instances(example: object) -> None:
    value, guards = read(example)
    assert isinstance(value, Instance) and value.type is type(example)
    assert guards == [TypeIs(SOURCE, type(example))]


def test_functions_are_guarded_by_their_code() -> None:
    value, guards = read(Thing.method)
    assert isinstance(value, Function) and value.code is Thing.method.__code__
    assert [type(guard) for guard in guards] == [TypeIs, IdentityIs]
    method, _ = read(Thing().method)
    assert isinstance(method, Method) and isinstance(method.callee, Unread)


def test_the_code_of_an_optimised_function_is_the_original_one() -> None:
    def replacement():
        pass

    reader = Reader(Trail(), [].append, lambda fn: replacement.__code__)
    value = reader.read(reader.unread(SOURCE, Thing.method))
    assert value.code is replacement.__code__


def test_partial() -> None:
    value, guards = read(functools.partial(math.pow, 2, z=3))
    assert isinstance(value, Partial) and len(value.args) == 1 and list(value.kwargs) == ["z"]
    assert len(guards) == 3


def test_cells() -> None:
    guards: list = []
    reader = reader_of(guards)
    cell = reader.cell(SOURCE, types.CellType(1))
    assert isinstance(cell, Cell) and isinstance(cell.contents, Unread) and not guards
    assert reader.cell(OTHER, types.CellType()).contents is None


def test_the_same_object_at_two_places_is_one_value() -> None:
    guards: list = []
    reader = reader_of(guards)
    array = np.zeros(3)
    first = reader.read(reader.unread(SOURCE, array))
    second = reader.read(reader.unread(OTHER, array))
    assert first is second and guards[-1] == SameObject(SOURCE, OTHER)


def test_reading_is_undone() -> None:
    trail, guards = Trail(), []
    reader = Reader(trail, guards.append, None)
    unread = reader.unread(SOURCE, 3)
    mark = trail.mark()
    first = reader.read(unread)
    assert reader.read(unread) is first and len(guards) == 1
    trail.rollback(mark)
    reader.read(unread)
    assert len(guards) == 2
