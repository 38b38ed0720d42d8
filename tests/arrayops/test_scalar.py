"""Operators and functions of Python and NumPy scalars."""

import itertools
import math

import numpy as np
import pytest

from graphlet.arrayops import catalogue, scalar
from graphlet.ir.types import ScalarType
from tests.arrayops.cases import DTYPES, check, infer, run_time

HUGE = 10**20
PYTHON = (True, False, 0, 1, 2, -3, HUGE, 0.5, 2.0, -1.5, 1j, 2 + 1j)
NUMPY = tuple(dtype.type(value) for dtype in DTYPES for value in (1, 2))
BINARY = [s for s in scalar.OPERATORS if s not in ("neg", "pos", "abs", "not", "invert")]


@pytest.mark.parametrize("symbol", BINARY)
def test_binary(symbol):
    row = catalogue.scalar_operator(symbol)
    compared = 0
    for left, right in itertools.product((*PYTHON, *NUMPY), repeat=2):
        if symbol in ("**", "<<") and (left is HUGE or right is HUGE):
            continue
        compared += check(row, (left, right), view=run_time)
    assert compared > 100


@pytest.mark.parametrize("symbol", ["neg", "pos", "abs", "not", "invert"])
def test_unary(symbol):
    row = catalogue.scalar_operator(symbol)
    assert sum(check(row, (value,), view=run_time) for value in (*PYTHON, *NUMPY)) > 10


def test_powers_of_python_numbers():
    row = catalogue.scalar_operator("**")
    number, whole = ScalarType(float), ScalarType(int)
    assert row.infer((whole, 2), {}) == whole
    assert row.infer((number, 2), {}) == number
    assert row.infer((number, -1), {}) == number
    assert row.infer((number, 2.0), {}) == number
    for args in ((whole, -1), (whole, whole), (number, 0.5), (number, number), (2, whole)):
        assert infer(row, args, view=lambda value: value) is None


def test_functions():
    for row in scalar.FUNCTIONS:
        n_args = 2 if row.name in ("pow", "hypot", "copysign", "fmod", "atan2", "divmod") else 1
        for value in (*PYTHON, *NUMPY):
            check(row, (value,) * n_args, view=run_time)
        assert infer(row, (ScalarType(int),) * n_args, view=lambda value: value) is not None


def test_lookup():
    assert catalogue.lookup(math.sqrt).fn is math.sqrt
    assert catalogue.lookup(float).infer((ScalarType(int),), {}) == ScalarType(float)
    assert catalogue.lookup(np.float32).infer((ScalarType(float),), {}) == ScalarType(np.float32, np.dtype("f"))


def test_item_and_parts():
    for value in NUMPY:
        assert check(scalar.ITEM, (value,), view=run_time)
        assert check(scalar.PARTS["real"], (value,), view=run_time)
        assert check(scalar.PARTS["imag"], (value,), view=run_time)


def test_inversion_of_bools_is_left_alone():
    assert infer(catalogue.scalar_operator("invert"), (ScalarType(bool),), view=lambda value: value) is None
