"""f-strings of known values."""

import numpy as np

from tests.capture.playing import stopped, whole

X = np.linspace(0.1, 1.0, 5)


def test_known_parts() -> None:
    def function(x, name):
        n = 7
        return f"{n:03d}-{name!r:>8}-{name}-{n!s}", x + 1

    whole(function, X, "ab")


def test_data_is_not_known() -> None:
    def function(x):
        s = x.sum()
        return f"{s:.3f}"

    assert "x.sum()" in stopped(function, X, code="GL114").break_.detail


def test_run_time_number_is_not_fixed_by_a_text() -> None:
    def function(x, n):
        y = x * n
        return y, f"{n}"

    stopped(function, X, 3, code="GL114")


def test_percent_and_format() -> None:
    def function(x):
        return "%d of %s" % (3, "a"), "{:>4}".format("b"), x + 1  # noqa: UP031

    whole(function, X)
