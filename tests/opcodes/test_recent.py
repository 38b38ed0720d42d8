"""Analyses are kept, are those of the code object that asks, and go with it."""

import gc
import weakref
from types import CodeType

import pytest

from graphlet.opcodes import recent
from graphlet.opcodes.flow import analyse
from graphlet.opcodes.recent import flow_of


def new_code(text: str = "x + 1") -> CodeType:
    return next(c for c in compile(f"def f(x):\n    return {text}", "<made>", "exec").co_consts if type(c) is CodeType)


def test_same_as_the_analysis() -> None:
    code = new_code()
    fresh = analyse(code)
    for flow in (flow_of(code), flow_of(code)):
        assert flow.code is flow.decoded.code is code
        assert flow.decoded.instrs == fresh.decoded.instrs
        assert flow.states == fresh.states
        assert all(flow.live(offset) == fresh.live(offset) for offset in fresh.states)


def test_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    code = new_code()
    flow_of(code)
    monkeypatch.setattr(recent, "analyse", None)
    assert flow_of(code).code is code


def test_equal_code_objects_are_kept_apart() -> None:
    one, two = new_code(), new_code()
    assert one == two and one is not two
    assert flow_of(one).code is one
    assert flow_of(two).code is two


def test_does_not_hold_the_code() -> None:
    code = new_code()
    flow_of(code)
    key, gone = id(code), weakref.ref(code)
    assert key in recent._recent
    del code
    gc.collect()
    assert gone() is None
    assert key not in recent._recent


def test_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST", 3)
    codes = [new_code(str(i)) for i in range(5)]
    recent._recent.clear()
    for code in codes:
        flow_of(code)
    assert list(recent._recent) == [id(code) for code in codes[2:]]
