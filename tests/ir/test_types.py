"""Types: symbols for sizes that are joined and separated, and the types of values."""

import numpy as np
import pytest

from graphlet.ir.types import (
    ArrayType,
    ObjectType,
    ScalarType,
    Sym,
    dim_hint,
    now,
    order_of,
    same_dim,
    separate,
    syms_of,
    type_of,
    unify,
)


def test_unify_joins_classes_and_keeps_the_first_as_representative() -> None:
    a, b, c = Sym("a", 3), Sym("b", 3), Sym("c", 3)
    assert not same_dim(a, c)
    assert unify(a, b) is a
    assert unify(b, c) is a
    assert same_dim(a, c)
    assert repr(c) == "a"


def test_separate_undoes_what_came_later_and_nothing_else() -> None:
    a, b, c, d = (Sym(name, 3) for name in "abcd")
    unify(a, b)
    before = now()
    unify(c, d)
    unify(c, a)
    assert same_dim(b, d)
    separate([a, b, c, d], before)
    assert same_dim(a, b)
    assert not same_dim(c, d)
    assert not same_dim(b, c)
    unify(d, a)
    assert same_dim(b, d)


def test_static_sizes() -> None:
    assert same_dim(1, 1)
    assert not same_dim(1, 2)
    assert not same_dim(Sym("a", 1), 1)
    assert dim_hint(5) == 5
    assert dim_hint(Sym("a", 6)) == 6


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.zeros((2, 3)), "float64[2, 3]"),
        (np.zeros((2, 3), order="F"), "float64[2, 3] F"),
        (np.zeros((4, 4))[::2, ::2], "float64[2, 2] K"),
        (np.float32(1), "float32()"),
        (True, "bool"),
        (1.5, "float"),
        ("text", "str"),
    ],
)
def test_type_of(value: object, text: str) -> None:
    assert str(type_of(value)) == text


def test_type_of_a_tuple_types_its_items() -> None:
    assert type_of((1, np.zeros(2))) == ObjectType(tuple, (ScalarType(int), ArrayType(np.dtype(float), (2,))))


def test_type_of_a_subclass_is_no_array_type() -> None:
    assert type_of(np.ma.zeros(2)) == ObjectType(np.ma.MaskedArray)


def test_order_of() -> None:
    assert order_of(np.zeros((2, 2))) == "C"
    assert order_of(np.zeros((2, 2)).T) == "F"
    assert order_of(np.zeros(3)[::-1]) == "K"


def test_syms_of_looks_into_tuples() -> None:
    a, b = Sym("a", 2), Sym("b", 2)
    array = ArrayType(np.dtype(float), (a, 1, b))
    assert list(syms_of(ObjectType(tuple, (array, ScalarType(int))))) == [a, b]
