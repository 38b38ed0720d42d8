"""Checking how builtins are called."""

import pytest

from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import check
from graphlet.values.base import Constant

ONE = (Constant(1),)


def test_right_calls_pass() -> None:
    check("f", ONE, {}, 1)
    check("f", ONE, {"key": ONE[0]}, 0, 2, ("key",))


@pytest.mark.parametrize(("args", "kwargs"), [((), {}), (ONE * 2, {}), (ONE, {"key": ONE[0]})])
def test_wrong_calls_break(args: tuple, kwargs: dict) -> None:
    with pytest.raises(Break, match="GL102"):
        check("f", args, kwargs, 1)
