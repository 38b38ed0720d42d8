"""The one commit that a kernel may do itself: nobody else gets the value, nothing behind it can fail."""

from typing import Any

import numpy as np
import pytest

from graphlet.capture.outcome import Build, Commit, FromConst, FromGraph, FromTemp, Outcome, Store
from graphlet.capture.writes import writes_of
from graphlet.ir.build import Builder
from graphlet.ir.write import Write
from tests.capture.playing import whole


def outcome(*commits: Commit, temps: tuple[Any, ...] = (), stores: tuple[Store, ...] = ()) -> Outcome:
    return Outcome(Builder().finish(()), (), (), None, commits, temps, stores=stores)


ONE = Commit(FromGraph(0), FromGraph(1), is_result=True)


def test_the_only_commit() -> None:
    assert writes_of(outcome(ONE), (FromConst(None), FromGraph(0), FromTemp(0))) == (Write(0, 1, True),)
    assert writes_of(outcome(), ()) == ()
    assert writes_of(outcome(Commit(FromGraph(0), FromGraph(1), FromGraph(2))), ()) == ()
    assert writes_of(outcome(ONE, Commit(FromGraph(2), FromGraph(3))), ()) == ()


@pytest.mark.parametrize("recipe", [FromGraph(1), Build("tuple", (FromConst(1), Build("list", (FromGraph(1),))))])
def test_the_value_is_nobody_elses(recipe: Any) -> None:
    assert writes_of(outcome(ONE), (recipe,)) == ()
    assert writes_of(outcome(ONE, temps=(recipe,)), ()) == ()


@pytest.mark.parametrize("kind", ["set", "dict", "made", "object", "named_tuple", "range"])
def test_what_may_fail_behind_it(kind: str) -> None:
    assert writes_of(outcome(ONE), (Build(kind, (FromConst(1),)),)) == ()
    assert writes_of(outcome(ONE), (Build("tuple", (FromConst(1),)),)) != ()
    assert writes_of(outcome(ONE, stores=(Store("append", FromConst([]), None, FromConst(1)),)), ()) == ()


def test_whether_the_program_computes_right_into_the_target() -> None:
    a, b = np.arange(9.0), np.ones(9)

    def into(x, y, z):
        return np.add(x, y, out=z)

    def stored(x, y, z):
        z[...] = x + y
        return z

    for fn, expected in ((into, True), (stored, False)):
        (commit,) = whole(fn, a, b, b + 1).commits
        assert commit.is_result is expected
