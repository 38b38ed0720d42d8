"""The math module."""

import math

import numpy as np

from tests.capture.playing import stopped, whole

X = np.linspace(0.1, 1.0, 5)


def test_of_constants() -> None:
    def function(x):
        return x * math.sqrt(2.0) + math.floor(2.7), math.gcd(12, 18), math.isclose(1.0, 1.0, rel_tol=0.1), math.pi

    whole(function, X)


def test_of_run_time_numbers() -> None:
    def function(x, s):
        return x * math.exp(s) / math.sqrt(s)

    whole(function, X, 2.5)


def test_domain_error_is_left_to_python() -> None:
    def function(x):
        y = x + 1
        return y * math.sqrt(-1)

    stopped(function, X, code="GL111")
