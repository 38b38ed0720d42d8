"""Imports inside functions: of what is there already."""

import sys

import numpy as np

from tests.capture.playing import ops, stopped, whole

X = np.linspace(0.1, 1.0, 5)


def test_known_modules() -> None:
    def function(x):
        import math

        import numpy.linalg
        from numpy import exp
        from numpy.linalg import norm as length

        return exp(x) * math.sqrt(2.0) + length(x) - numpy.linalg.norm(x)

    outcome = whole(function, X)
    assert any("__import__" in str(guard) for guard in outcome.guards)


def test_unknown_names_are_left_to_python() -> None:
    def function(x):
        y = x + 1
        from numpy import nothing_of_that_name

        return y, nothing_of_that_name

    assert ops(stopped(function, X, code="GL117")) == ["add"]


def test_modules_not_loaded_are_left_to_python() -> None:
    def function(x):
        y = x + 1
        import never_loaded_module

        return y, never_loaded_module

    assert "never_loaded_module" not in sys.modules
    assert "never_loaded_module" in stopped(function, X, code="GL103").break_.detail
