"""What the splicer refuses, leaves alone, and shows to tools that watch lines."""

import sys
from collections.abc import Callable
from itertools import pairwise
from types import CodeType, FunctionType
from typing import Any

import pytest

from graphlet.opcodes import versions
from graphlet.opcodes.flow import analyse
from graphlet.opcodes.tables import read_handlers
from graphlet.rewrite.errors import RewriteError
from graphlet.rewrite.splice import splice
from graphlet.rewrite.stubs import Exit, Stub
from graphlet.rewrite.verify import verify
from tests.hooks import traced_by
from tests.opcodes.corpus import stream
from tests.rewrite.shapes import Counted, line, one, op, with_stubs


def decline(*live_ins: Any) -> None:
    return None


def steps(a: Any) -> Any:
    b = a + 1
    c = b * 2
    d = c - 3
    e = d + b
    return e, c


def steps_to_call(a: Any) -> Any:
    b = a + 1
    c = b * 2
    return divmod(c, -b)


def stubs_over_steps(flow: Any) -> list[Stub]:
    def region(a: Any) -> Any:
        return a + 1, (a + 1) * 2, (a + 1) * 2 - 3

    return one(line(flow, 1), line(flow, 4), region, "a", "b c d")


def stubs_to_call(flow: Any) -> list[Stub]:
    """To the last argument, in the middle of the call."""
    pair = (False, True) if flow.decoded.null_below else (True, False)
    return one(
        line(flow, 1),
        op(flow, "UNARY_NEGATIVE"),
        lambda a: (a + 1, (a + 1) * 2, divmod, (a + 1) * 2, a + 1),
        "a",
        "b c",
        pushes=(*pair, True, True),
    )


def steps_behind_a_call(a: Any) -> Any:
    b = steps(a)
    return b


def stubs_behind_a_call(flow: Any) -> list[Stub]:
    return one(line(flow, 1), op(flow, "STORE_FAST"), steps, "a", pushes=(True,))


def lines_traced(function: Any, code: CodeType) -> list[int]:
    seen: list[int] = []

    def trace(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code is not code:
            return None
        if event == "line":
            seen.append(frame.f_lineno - code.co_firstlineno)
        return trace

    with traced_by(trace):
        function(1)
    return seen


def lines_monitored(function: Any, code: CodeType) -> list[int]:
    seen: list[int] = []
    monitoring = sys.monitoring
    monitoring.use_tool_id(3, "graphlet tests")
    monitoring.register_callback(3, monitoring.events.LINE, lambda _, number: seen.append(number - code.co_firstlineno))
    monitoring.set_local_events(3, code, monitoring.events.LINE)
    try:
        function(1)
    finally:
        monitoring.free_tool_id(3)
    return seen


WATCHERS: list[Callable[[Any, CodeType], list[int]]] = [lines_traced]
if sys.version_info >= (3, 12):
    WATCHERS.append(lines_monitored)


CASES = [(steps, stubs_over_steps), (steps_to_call, stubs_to_call), (steps_behind_a_call, stubs_behind_a_call)]


@pytest.mark.parametrize("watch", WATCHERS)
@pytest.mark.parametrize(("function", "stubs"), CASES)
def test_every_statement_is_seen_once(function: Any, stubs: Any, watch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region that runs shows no lines: real ones decline while there is a tool that wants to see them."""
    monkeypatch.setattr(Counted, "declines", True)
    changed = with_stubs(function, stubs)
    assert watch(changed, changed.__code__) == watch(function, function.__code__)
    assert changed(1) == function(1)


def test_debugger_jump_lands_on_the_original_line() -> None:
    """A frame told to go to a line runs the line, and no part of a stub."""
    ran: list[int] = []

    def f(a: Any) -> Any:
        b = a + 1
        ran.append(b)
        c = b + 1
        return c

    changed = with_stubs(f, lambda flow: one(line(flow, 1), line(flow, 4), lambda a: (a + 1, a + 2), "a", "b c"))
    code = changed.__code__
    jumped: list[int] = []

    def trace(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code is not code:
            return None
        if event == "line" and frame.f_lineno == code.co_firstlineno + 4 and not jumped:
            jumped.append(frame.f_lineno)
            frame.f_lineno = code.co_firstlineno + 2
        return trace

    with traced_by(trace):
        assert changed(1) == 3
    assert jumped
    assert ran == [2]


@pytest.mark.filterwarnings("ignore:assigning None to")  # 3.12 on
def test_debugger_jump_over_an_assignment() -> None:
    """A stub that finds a live-in unbound, as no code can make it, does not raise; others' handlers do not see it."""
    ran: list[Any] = []

    def f(a: Any) -> Any:
        try:
            b = a + 1  # noqa: F841
            ran.append(a)
            del a
        except NameError:
            ran.append("handled")
        return ran

    def region(b: Any) -> None:
        ran.append(f"region {b}")

    changed = with_stubs(f, lambda flow: one(line(flow, 3), line(flow, 4), region, "b", ""))
    code = changed.__code__

    def trace(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code is not code:
            return None
        if event == "line" and frame.f_lineno == code.co_firstlineno + 2:
            frame.f_lineno += 1
        return trace

    with traced_by(trace):
        changed(1)
    assert ran == ([1] if sys.version_info < (3, 12) else ["region None", 1])
    ran.clear()
    assert changed(1) == ["region 2", 1]
    with pytest.raises(TypeError):
        changed("")


def test_reads_in_a_stub_have_a_handler_where_they_may_raise() -> None:
    """Its rows and those around it are in order, and none lies inside another."""

    def f(a: Any) -> Any:
        try:
            b = a + 1
        except TypeError:
            b = a
        return b

    code = with_stubs(f, lambda flow: one(line(flow, 2), line(flow, 5), decline, "a", "b")).__code__
    verify(f.__code__, code)
    rows = tuple(read_handlers(code.co_exceptiontable))
    assert all(one.end <= other.start for one, other in pairwise(rows))
    extra = len(rows) - len(tuple(read_handlers(f.__code__.co_exceptiontable)))
    assert extra == (2 if versions.current().checks_locals else 0)


def test_no_stub_is_byte_exact() -> None:
    for code in stream():
        again = splice(code, ())
        assert again == code
        assert again.co_code == code.co_code
        assert again.co_linetable == code.co_linetable
        assert again.co_exceptiontable == code.co_exceptiontable


def test_signature_and_variables_stay() -> None:
    changed = with_stubs(steps, stubs_over_steps)
    verify(steps.__code__, changed.__code__)
    assert changed.__code__.co_varnames == steps.__code__.co_varnames


REFUSED = {
    "not begun": lambda f: Stub(0, decline),
    "may be unbound": lambda f: Stub(line(f, 1), decline, ("b",)),
    "not a plain local": lambda f: Stub(line(f, 1), decline, ("nothing",)),
    "not a cell variable": lambda f: Stub(line(f, 1), decline, (), ("a",)),
    "of a stack of 0": lambda f: Stub(line(f, 1), decline, stack_in=(0,)),
    "slots kept of": lambda f: Stub(line(f, 1), decline, exits=(Exit(line(f, 2), 1, stores=("b",)),)),
    "pushed where 0": lambda f: Stub(line(f, 1), decline, exits=(Exit(line(f, 2), 0, (True,), ("b",)),)),
    "b must be bound": lambda f: Stub(line(f, 1), decline, exits=(Exit(line(f, 2), 0),)),
    "no variable": lambda f: Stub(line(f, 1), decline, exits=(Exit(line(f, 2), 0, stores=("b", "zz")),)),
    "twice": lambda f: Stub(line(f, 1), decline, exits=(Exit(line(f, 2), 0, stores=("b", "b")),)),
    "not behind": lambda f: Stub(line(f, 2), decline, exits=(Exit(line(f, 1), 0),)),
    "can be told apart": lambda f: Stub(line(f, 1), decline, exits=(Exit(line(f, 2), 0, stores=("b",)),) * 300),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refused(reason: str) -> None:
    flow = analyse(steps.__code__)
    with pytest.raises(RewriteError, match=reason):
        splice(steps.__code__, [REFUSED[reason](flow)], flow)


def test_two_stubs_at_one_place_are_refused() -> None:
    stub = Stub(line(analyse(steps.__code__), 1), decline)
    with pytest.raises(RewriteError, match="another stub"):
        splice(steps.__code__, [stub, stub])


def test_empty_slots_stay_where_they_are() -> None:
    def f(a: Any) -> Any:
        return divmod(a + 1, 2)

    flow = analyse(f.__code__)
    inside = op(flow, "BINARY_OP")
    null = flow.stack(inside).index("null")
    with pytest.raises(RewriteError, match=r"slot \d is null"):
        splice(f.__code__, [Stub(inside, decline, stack_in=(null,))], flow)


def test_an_empty_slot_cannot_be_dropped_without_a_local() -> None:
    def f() -> Any:
        return divmod(id(0) + 1, 2)

    flow = analyse(f.__code__)
    with pytest.raises(RewriteError, match="no local by which it could be dropped"):
        back = Exit(op(flow, "RETURN_VALUE"), 0, (True,))
        splice(f.__code__, [Stub(op(flow, "BINARY_OP"), decline, exits=(back,))], flow)


def test_a_loop_keeps_its_own_iterator() -> None:
    def f(a: Any, b: Any) -> Any:
        for x in a:
            x = x + 1
        for y in b:
            y = y + 1
        return a

    flow = analyse(f.__code__)
    exit_ = Exit(line(flow, 4), 1, stores=("y",))
    with pytest.raises(RewriteError, match="iter of"):
        splice(f.__code__, [Stub(line(flow, 2), decline, exits=(exit_,))], flow)


def test_stack_grows_for_the_live_ins() -> None:
    def f(a: Any, b: Any, c: Any) -> Any:
        return a

    seen: list[Any] = []
    names = ("a", "b", "c")
    flow = analyse(f.__code__)
    stub = Stub(op(flow, "LOAD_FAST"), lambda *live_ins: seen.append(live_ins), names * 20)
    code = splice(f.__code__, [stub], flow)
    verify(f.__code__, code)
    assert code.co_stacksize >= 60
    assert FunctionType(code, {})(1, 2, 3) == 1
    assert seen == [(1, 2, 3) * 20]


def test_arguments_of_stubs_may_need_more_than_a_byte() -> None:
    names = [f"v{number}" for number in range(300)]
    source = f"def f(a):\n {'=0;'.join(names)}=0\n b = a + 1\n return b, v299"
    space: dict[str, Any] = {}
    exec(source, space)
    changed = with_stubs(
        space["f"], lambda flow: one(line(flow, 2), line(flow, 3), lambda v, a: (a + 1,), "v299 a", "b")
    )
    verify(space["f"].__code__, changed.__code__)
    assert changed(1) == (2, 0)
