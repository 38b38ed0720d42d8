"""Copies keep layouts, flags, bases and overlaps."""

import numpy as np
import pytest

from tests.oracle.copying import byte_span, deep_copy, find_arrays, root_of


def _arrays() -> dict[str, np.ndarray]:
    base = np.arange(24.0).reshape(4, 6)
    unaligned = np.zeros(41, np.uint8)[1:].view(np.float64)
    read_only = np.arange(5)
    read_only.flags.writeable = False
    return {
        "C": base,
        "F": np.asfortranarray(base),
        "strided": base[::2, 1::3],
        "negative": base[::-1, ::-2],
        "broadcast": np.broadcast_to(np.arange(3.0), (2, 3)),
        "0-d": np.array(3.5),
        "empty": np.zeros((0, 3)),
        "empty view": base[2:2],
        "unaligned": unaligned,
        "read-only": read_only,
        "permuted": np.ones((2, 3, 4)).transpose(1, 0, 2).copy(order="K"),
        "structured": np.zeros(3, [("a", "i4"), ("b", "f8")]),
        "frombuffer": np.frombuffer(b"abcdefgh", np.uint16),
        "datetime": np.array(["2020-01-01", "NaT"], "M8[D]"),
        "big-endian": np.arange(3, dtype=">i4"),
    }


@pytest.mark.parametrize("name", _arrays())
def test_layout_and_values_stay(name: str) -> None:
    array = _arrays()[name]
    new = deep_copy(array)
    assert new is not array
    assert not np.shares_memory(new, array)
    assert (new.dtype, new.shape, new.strides) == (array.dtype, array.shape, array.strides)
    assert [new.flags[f] for f in ("W", "C", "F", "A")] == [array.flags[f] for f in ("W", "C", "F", "A")]
    assert (new.base is None) == (array.base is None)
    assert new.tobytes() == array.tobytes()


def test_overlaps_and_shared_containers_stay() -> None:
    base = np.arange(10.0)
    shared = [base[1:]]
    args = (base, base[:-1], base[::-2], shared, shared, {"k": base})
    whole, left, back, one, other, table = deep_copy(args)
    assert one is other
    assert table["k"] is whole
    whole[3] = -1.0
    assert left[3] == -1.0
    assert one[0][2] == -1.0
    assert back.tolist() == whole[::-2].tolist()
    assert left.base is whole
    assert base[3] == 3.0


def test_views_of_fortran_owner_share_its_memory() -> None:
    owner = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    new_owner, new_view = deep_copy((owner, owner[1:, ::2]))
    new_owner[2, 2] = 99.0
    assert new_view[1, 1] == 99.0


def test_views_without_their_owner_still_overlap() -> None:
    base = np.arange(10.0)
    a, b = deep_copy((base[1:6], base[4:9]))
    a[3] = -5.0
    assert b[0] == -5.0


def test_object_array_holds_copies() -> None:
    inner = [1]
    array = np.array([inner, None], dtype=object)
    new, new_inner = deep_copy((array, inner))
    assert new[0] is new_inner
    assert new_inner is not inner


def test_find_arrays_looks_into_instances_and_slots() -> None:
    class Slots:
        __slots__ = ("a",)

    class Plain:
        def __init__(self, a: np.ndarray) -> None:
            self.a = a

    slotted = Slots()
    slotted.a = np.ones(2)
    plain = Plain(np.zeros(3))
    assert find_arrays({"x": [slotted], "y": plain}) == [slotted.a, plain.a]


def test_span_and_root() -> None:
    base = np.zeros(10)
    view = base[8:2:-2]
    assert byte_span(view)[1] == 5 * 8
    assert root_of(view[1:]) is base
