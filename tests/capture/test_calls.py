"""What happens when values are called."""

import math

import numpy as np

from graphlet.arrayops import catalogue
from graphlet.capture.options import Options
from tests.capture.playing import captured, ops, stopped, whole

X = np.linspace(0.1, 1.0, 5)


def opaque(v):
    raise AssertionError("user code ran")


def test_unbound_methods() -> None:
    def function(x):
        return np.ndarray.sum(x) + str.upper("a").index("A") + len(list.copy([1]))

    whole(function, X)


def test_methods_of_arrays_and_numbers() -> None:
    def function(x):
        return x.sum(), x.mean(axis=0), x.astype(np.float32)

    whole(function, X)


def test_opaque_functions_become_one_node() -> None:
    def function(x):
        return opaque(x) + 1

    row = catalogue.lookup(np.exp)
    outcome = captured(function, X, options=Options(opaque={opaque: row}))
    assert outcome.break_ is None and ops(outcome) == ["exp", "add"]


def test_objects_of_c_classes_are_not_made() -> None:
    def function(x):
        y = x + 1
        return memoryview(y)

    outcome = stopped(function, X, code="GL102")
    assert outcome.break_.variable == "memoryview" and len(outcome.exit.pushes) == 3


def test_what_is_not_callable() -> None:
    def function(x, n):
        y = x + 1
        return n(y)

    stopped(function, X, 3, code="GL102")


def test_functions_of_numbers_do_not_take_arrays() -> None:
    def function(x):
        y = x + 1
        return math.sin(y)

    assert ops(stopped(function, X, code="GL107")) == ["add"]


def test_methods_of_ufuncs() -> None:
    def function(x):
        return np.add.reduce(x)

    outcome = captured(function, X)
    assert outcome.break_ is None or outcome.break_.code in ("GL102", "GL107")
