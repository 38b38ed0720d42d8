"""What is kept about code objects is that of the one that is asked about, and does not hold it."""

import gc
import weakref
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest

from graphlet.opcodes import recent
from graphlet.opcodes.decode import decode
from graphlet.opcodes.flow import analyse
from graphlet.opcodes.recent import Recent, decoded_of, drop_oldest, flow_of
from tests.threads import together

KINDS = pytest.mark.parametrize(("ask", "kept"), [(flow_of, recent._flows), (decoded_of, recent._decoded)])


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


def test_same_instructions() -> None:
    code = new_code()
    for decoded in (decoded_of(code), decoded_of(code)):
        assert (decoded.instrs, decoded.at) == (decode(code).instrs, decode(code).at)
        assert decoded.code is code


def test_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    code = new_code()
    flow_of(code)
    monkeypatch.setattr(recent, "analyse", None)
    monkeypatch.setattr(recent, "decode", None)
    assert flow_of(code).code is code
    assert decoded_of(code).code is code


@KINDS
def test_equal_code_objects_are_kept_apart(ask: Callable[[CodeType], Any], kept: Recent[Any]) -> None:
    one, two = new_code(), new_code()
    assert one == two and one is not two
    assert ask(one).code is one
    assert ask(two).code is two
    assert kept.get(one) is not kept.get(two)


@KINDS
def test_does_not_hold_the_code(ask: Callable[[CodeType], Any], kept: Recent[Any]) -> None:
    code = new_code()
    ask(code)
    key, gone = id(code), weakref.ref(code)
    assert key in kept.kept
    del code
    gc.collect()
    assert gone() is None
    kept_now = [new_code("x + 2"), new_code("x + 3")]
    for other in kept_now:
        ask(other)
    assert key not in kept.kept or key in map(id, kept_now)


def test_only_so_many() -> None:
    kept: Recent[int] = Recent(3)
    codes = [new_code(str(i)) for i in range(5)]
    for number, code in enumerate(codes):
        kept.keep(code, number)
    assert [kept.get(code) for code in codes] == [None, None, 2, 3, 4]


def test_threads_may_keep_at_the_same_time(hurried: None) -> None:
    kept: Recent[int] = Recent(20)
    codes = [new_code(str(i)) for i in range(30)]

    def work(number: int) -> None:
        for turn in range(300):
            code = codes[(7 * number + turn) % len(codes)] if turn % 3 else new_code(f"x + {turn}")
            kept.keep(code, turn)
            kept.get(code)

    together(work, 4)
    assert len(kept.kept) <= 20 + 4




def test_the_oldest_go() -> None:
    kept = {number: str(number) for number in range(5)}
    drop_oldest(kept, 2)
    assert list(kept) == [3, 4]
    drop_oldest(kept, 2)
    assert list(kept) == [3, 4]
