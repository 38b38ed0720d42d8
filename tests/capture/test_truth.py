"""Which way branches go."""

import numpy as np
import pytest

from graphlet.guards.kinds import LengthIs
from graphlet.sources import LiveIn
from tests.capture.playing import stopped, whole

X = np.linspace(0.1, 1.0, 5)


class Plain:
    pass


class Sized:
    def __len__(self):
        raise AssertionError("user code ran")


@pytest.mark.parametrize("value", [None, True, False, "", "a", (), (1,), [], [0], {}, {"k": 1}, 0, 2, 0.0, 0j, 1j])
def test_known_truth(value: object) -> None:
    def function(x, v):
        return x + 1 if v else x - 1

    whole(function, X, value)


def test_functions_modules_and_plain_objects_are_true() -> None:
    def function(x, o):
        return x + 1 if o and np and len and function and Plain else x - 1

    whole(function, X, Plain())


def test_length_of_a_long_list_is_guarded() -> None:
    def function(x, v):
        return x + 1 if v else x - 1

    outcome = whole(function, X, list(range(1000)))
    assert LengthIs(LiveIn(1, "v"), 1000) in outcome.guards


@pytest.mark.parametrize(("value", "code"), [(np.ones(1), "GL112"), (np.longdouble(1), "GL112"), (Sized(), "GL111")])
def test_unknown_truth(value: object, code: str) -> None:
    def function(x, v):
        y = x + 1
        return y if v else -y

    stopped(function, X, value, code=code)
