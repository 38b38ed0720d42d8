"""Arguments by name."""

import pytest

from graphlet.arrayops.binding import bind, refuse
from graphlet.ir.op import InferenceError


def test_bind():
    assert bind(("a", "axis", "out"), (1,), {"out": 2}) == {"a": 1, "out": 2}


@pytest.mark.parametrize("args, kwargs", [((1, 2, 3), {}), ((1,), {"a": 2}), ((1,), {"x": 2}), ((), {"b": 1})])
def test_what_does_not_bind(args, kwargs):
    with pytest.raises(InferenceError):
        bind(("a", "b"), args, kwargs)


def test_refuse():
    refuse({"out": None, "axis": 3}, "out", "where")
    with pytest.raises(InferenceError, match="out"):
        refuse({"out": 1}, "out")
