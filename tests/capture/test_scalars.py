"""The values of numbers computed in the graph, from those of the inputs."""

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.capture.breaks import Break
from graphlet.capture.scalars import evaluate, plain
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, ScalarType
from tests.capture.playing import stopped, whole

INT = ScalarType(int)


def test_arithmetic_of_inputs() -> None:
    builder = Builder()
    n = builder.placeholder("n", INT)
    half = builder.call(catalogue.scalar_operator("//"), (n, 2))
    total = builder.call(catalogue.scalar_operator("+"), (half, n))
    assert evaluate(total, lambda node: 7) == 10
    assert evaluate(builder.constant(3), lambda node: 7) == 3


def test_errors_are_left_to_python() -> None:
    builder = Builder()
    n = builder.placeholder("n", INT)
    with pytest.raises(Break, match="GL111"):
        evaluate(builder.call(catalogue.scalar_operator("//"), (n, n)), lambda node: 0)


def test_array_data_is_not_read() -> None:
    builder = Builder()
    x = builder.placeholder("x", ArrayType(np.dtype(float), (3,)))
    with pytest.raises(Break, match="GL114"):
        evaluate(builder.call(catalogue.lookup(np.sum), (x,)), lambda node: 0)


@pytest.mark.parametrize("value", [1 << 5000, "a", np.longdouble(1), None])
def test_not_plain(value: object) -> None:
    with pytest.raises(Break, match="GL114"):
        plain(value)


def test_a_branch_on_a_computed_number_fixes_its_inputs() -> None:
    def function(x, n):
        if n % 2 == 0:
            return x[: n // 2] * n
        return x

    x = np.linspace(0.1, 1.0, 6)
    outcome = whole(function, x, 4)
    assert any("value=4" in str(guard) for guard in outcome.guards)


def test_a_branch_on_data_is_not_taken() -> None:
    def function(x):
        if x[0] * 2 > 1:
            return x
        return -x

    stopped(function, np.ones(3), code="GL112")
