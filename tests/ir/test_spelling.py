"""Literals and functions as Python text."""

import math
import operator
import struct

import numpy as np
import pytest

from graphlet.ir.node import Node
from graphlet.ir.spelling import Speller, literal, public_name
from tests.ir.rows import store

LITERALS = [
    None,
    ...,
    True,
    -5,
    10**40,
    0.1,
    -0.0,
    math.inf,
    complex(-0.0, math.inf),
    "it's",
    b"x",
    np.float32(0.1),
    np.complex64(1 - 2j),
    np.bool_(True),
    np.int64(-3),
    np.dtype(np.float32),
    np.dtype(">i4"),
    np.dtype("datetime64[ns]"),
]


def bits(value: object) -> object:
    if isinstance(value, float) and not isinstance(value, np.generic):
        return struct.pack("d", value)
    if type(value) is complex:
        return struct.pack("dd", value.real, value.imag)
    return value.tobytes() if isinstance(value, np.generic) else value


@pytest.mark.parametrize("value", LITERALS, ids=repr)
def test_literals_come_back_bit_for_bit(value: object) -> None:
    text = literal(value)
    assert text is not None
    back = eval(text, {"np": np})
    assert type(back) is type(value)
    assert bits(back) == bits(value)


@pytest.mark.parametrize("value", [math.nan, complex(0, math.nan), np.float64(math.nan), np.longdouble(1), object()])
def test_what_cannot_be_written_is_bound(value: object) -> None:
    assert literal(value) is None
    speller = Speller()
    name = speller.value(value)
    assert name.startswith("_")
    assert speller.namespace[name] is value


@pytest.mark.parametrize(
    ("fn", "name"),
    [
        (np.add, "np.add"),
        (np.linalg.inv, "np.linalg.inv"),
        (np.ndarray.sum, "np.ndarray.sum"),
        (operator.getitem, "operator.getitem"),
        (math.sqrt, "math.sqrt"),
        (float, "float"),
        (np.float32, "np.float32"),
        (np.add.reduce, None),
        (store, None),
    ],
    ids=str,
)
def test_public_names(fn: object, name: str | None) -> None:
    assert public_name(fn) == name
    if name is not None:
        assert eval(name, {"np": np, "operator": operator, "math": math}) is fn


def test_functions_of_other_modules_are_imported_privately() -> None:
    speller = Speller()
    assert speller.call(store, (1, 2, 3), {}) == "_store(1, 2, 3)"
    assert speller.imported == {"_store": ("tests.ir.rows", "store")}


def test_two_objects_never_share_a_private_name() -> None:
    speller = Speller()
    first, second = object(), object()
    names = [speller.value(value) for value in (first, second, first)]
    assert names == ["_object", "_object_1", "_object"]


@pytest.mark.parametrize(
    ("fn", "args", "text"),
    [
        (operator.pow, (-2, 2), "(-2) ** 2"),
        (operator.neg, (-1.5,), "-(-1.5)"),
        (operator.getitem, ("x", slice(1, None)), "x[1:]"),
        (operator.getitem, ("x", (slice(None), None, ..., slice(None, None, -1))), "x[:, None, ..., ::-1]"),
        (operator.getitem, ("x", ()), "x[()]"),
        (operator.getitem, ("x", (1,)), "x[(1,)]"),
        (np.sum, ("x", [1, {"k": slice(2)}]), "np.sum(x, [1, {'k': slice(None, 2, None)}])"),
    ],
)
def test_calls(fn: object, args: tuple, text: str) -> None:
    x = Node("x", "placeholder", "x")
    given = tuple(x if type(arg) is str else arg for arg in args)
    assert Speller().call(fn, given, {}) == text


def test_keywords() -> None:
    assert Speller().call(np.sum, (1,), {"axis": (0, 1), "dtype": np.dtype("f4")}) == (
        "np.sum(1, axis=(0, 1), dtype=np.dtype('float32'))"
    )


def test_private_text_looks_nothing_up() -> None:
    speller = Speller(private=True)
    assert speller.call(np.add, (np.float64(1), math.inf), {}) == "_add(_float64, _float)"
    assert speller.value(slice(1, 2)) == "_slice(1, 2, None)"
    assert speller.roots == {}
