"""Methods of sets, called in ways that raise."""

from typing import Any

import numpy as np
import pytest

from tests.capture.playing import stopped
from tests.oracle.runner import differential

X = np.arange(1.0, 7.0)


def absent(x: Any) -> Any:
    s = {1}
    y = x * 2
    s.remove(2)
    return y


def empty(x: Any) -> Any:
    s = {1}
    s.pop()
    y = x * 2
    s.pop()
    return y


def with_too_many(x: Any) -> Any:
    y = x * 2
    return y, {1}.copy(2)


@pytest.mark.parametrize("fn", [absent, empty, with_too_many])
def test_they_raise_where_python_raises(fn: Any) -> None:
    differential(fn, (X,))


def test_why() -> None:
    stopped(absent, X, code="GL117")
    stopped(empty, X, code="GL117")
