"""Outcomes are plain data: recipes compare by what they say, constants by the object."""

from graphlet.capture.outcome import Build, ExitState, FromConst, FromGraph, FromSource
from graphlet.sources import LiveIn


def test_recipes_compare_by_content() -> None:
    assert Build("list", (FromGraph(0),)) == Build("list", (FromGraph(0),)) != Build("tuple", (FromGraph(0),))
    assert FromSource(LiveIn(0, "x")) == FromSource(LiveIn(0, "x"))


def test_constants_never_compare_by_value() -> None:
    assert FromConst(1) != FromConst(1)
    assert FromConst(1) != FromConst(True)


def test_an_exit_keeps_the_rest_of_the_frame() -> None:
    exit_ = ExitState(4, 1)
    assert (exit_.pushes, exit_.stores, exit_.deletes) == ((), (), ())
