"""From the end of a region to an exit."""

from typing import Any

from graphlet.capture.outcome import ExitState, FromConst
from graphlet.opcodes.flow import analyse
from graphlet.rewrite.exits import exit_for
from graphlet.rewrite.stubs import Exit
from tests.rewrite.shapes import line, op, pair

ONE = FromConst(1)


def f(a: Any) -> Any:
    b = a + 1
    return divmod(b, -a)


def test_locals_and_stack() -> None:
    flow = analyse(f.__code__)
    state = ExitState(
        op(flow, "UNARY_NEGATIVE"), 0, tuple(ONE if v else None for v in (*pair(flow), 1, 1)), (("b", ONE),)
    )
    assert exit_for(state, flow, line(flow, 1)) == Exit(state.offset, 0, (*pair(flow), True, True), ("b",))


def test_reasons() -> None:
    flow = analyse(f.__code__)
    start, end = line(flow, 1), line(flow, 2)
    assert "must be bound" in str(exit_for(ExitState(end, 0), flow, start))
    assert "pushed where 0" in str(exit_for(ExitState(end, 0, (ONE,), (("b", ONE),)), flow, start))
    assert "no instruction" in str(exit_for(ExitState(1, 0), flow, start)) or "never" in str(
        exit_for(ExitState(1, 0), flow, start)
    )
    assert "not behind" in str(exit_for(ExitState(start, 0), flow, end))


def test_what_no_path_leaves_bound_is_deleted() -> None:
    def g(a: Any) -> Any:
        if a:
            c = 1
        b = a
        c = b
        del c
        return b

    flow = analyse(g.__code__)
    found = exit_for(ExitState(line(flow, 6), 0, (), (("b", ONE),)), flow, line(flow, 3))
    assert found == Exit(line(flow, 6), 0, (), ("b",), ("c",))
