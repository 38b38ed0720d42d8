"""What CPython 3.14 has that others have not."""

import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

import pytest

from graphlet.opcodes.decode import decode
from graphlet.opcodes.flow import Flow, analyse
from graphlet.rewrite.legal import why_not_exit
from graphlet.rewrite.splice import splice
from graphlet.rewrite.stubs import Exit, Stub
from graphlet.rewrite.testmode import with_stubs
from graphlet.rewrite.verify import verify

if sys.version_info < (3, 14):
    pytest.skip("about CPython 3.14", allow_module_level=True)


def made(source: str) -> FunctionType:
    """The function ``f`` of a source that older versions cannot parse."""
    space: dict[str, Any] = {}
    exec(source, space)
    function = space["f"]
    assert isinstance(function, FunctionType)
    return function


def flow_of(function: Callable[..., Any]) -> Flow:
    assert isinstance(function, FunctionType)
    return analyse(function.__code__)


def where(flow: Flow, raw: str, nth: int = 0) -> int:
    return [i.offset for i in flow.decoded.instrs if i.raw == raw and not i.part][nth]


def declining(function: FunctionType) -> tuple[FunctionType, list[tuple[Any, ...]]]:
    """The function with stubs at every place, and what they are called with."""
    calls: list[tuple[Any, ...]] = []
    code = with_stubs(function.__code__, lambda name: lambda *given: calls.append(given), 1.0, 1)
    verify(function.__code__, code)
    return FunctionType(code, function.__globals__, "f", function.__defaults__, function.__closure__), calls


TEMPLATES = 'def f(a, b):\n    return t"{a} {a!r:>{b}} {b:3}", t"", t"plain"\n'


def test_template_strings() -> None:
    function = made(TEMPLATES)
    ops = [(i.op, i.arg) for i in decode(function.__code__).instrs if i.op.startswith("BUILD_")]
    assert ("BUILD_INTERPOLATION", ("", False)) in ops
    assert ("BUILD_INTERPOLATION", ("repr", True)) in ops
    assert ("BUILD_INTERPOLATION", ("", True)) in ops
    changed, calls = declining(function)
    assert repr(changed(1, 9)) == repr(function(1, 9))
    assert calls


CONSTANTS = """
def f(a):
    assert a
    return all(b for b in a), any(b for b in a), tuple(b for b in a), 7
"""


def test_builtin_constants() -> None:
    f = made(CONSTANTS)
    ops = [(i.op, i.arg) for i in decode(f.__code__).instrs]
    assert ("LOAD_ASSERTION_ERROR", None) in ops
    assert {("LOAD_CONST", value) for value in (all, any, tuple, 7)} <= {o for o in ops if o[0] == "LOAD_CONST"}
    changed, _ = declining(f)
    assert changed([1, 0]) == f([1, 0])


def test_the_end_of_a_with_block_is_two_slots() -> None:
    def f(a: Any) -> Any:
        with a:
            b = 1
        return b

    flow = flow_of(f)
    assert flow.stack(where(flow, "LOAD_SMALL_INT")) == ("other", "maybe_null")


class Loose:
    """A manager whose ``__exit__`` is no function, so that the slot for its object stays empty."""

    seen: list[Any]

    def __enter__(self) -> int:
        return 3

    __exit__ = staticmethod(lambda kind, value, traceback: kind is ValueError)  # type: ignore[assignment]


@pytest.mark.parametrize("error", [None, ValueError, KeyError])
def test_an_exit_without_its_object(error: type[Exception] | None) -> None:
    if error is ValueError and hasattr(sys, "gettotalrefcount"):
        pytest.skip("a debug build of CPython stops itself where an exit without its object swallows an exception")

    def f(a: Any, error: Any) -> Any:
        with a as b:
            if error:
                raise error("x")
            b = b + 1
        return b

    changed, calls = declining(f)
    for function in (f, changed):
        if error is KeyError:
            with pytest.raises(KeyError):
                function(Loose(), error)
        else:
            assert function(Loose(), error) == (3 if error else 4)
    assert calls


def test_what_a_handler_is_told_is_never_read() -> None:
    """The instruction index lies on the stack as a tagged number, which is no object."""

    def f(a: Any) -> Any:
        with a:
            raise ValueError
        return 1

    flow = flow_of(f)
    at = where(flow, "POP_TOP", 1)
    assert flow.stack(at)[2] == "index"
    with pytest.raises(Exception, match="live-in slot 2 is index"):
        splice(f.__code__, [Stub(at, lambda *given: None, stack_in=(2,))], flow)


def test_a_borrowed_slot_bars_changes_of_its_local() -> None:
    """Stored to while the stack borrows from it, a local would take the object away from under the stack."""

    def f(a: Any, b: Any) -> Any:
        return a + (b + b) * b

    flow = flow_of(f)
    entry = where(flow, "BINARY_OP")
    out = where(flow, "BINARY_OP", 1)
    assert flow.lenders(entry)[0] == {"a", "b"}
    keep = len(flow.stack(entry)) - 2
    kept = Exit(out, keep, (True, True))
    assert why_not_exit(entry, kept, flow) is None
    for changing in (Exit(out, keep, (True, True), stores=("a",)), Exit(out, keep, (True, True), stores=("b",))):
        assert "borrowed" in (why_not_exit(entry, changing, flow) or "")


def test_no_stub_between_a_jump_and_its_mark() -> None:
    def f(a: Any) -> Any:
        if a:
            a = a + 1
        return a

    flow = flow_of(f)
    assert "the jump directly in front" in (flow.illegal_entry(where(flow, "NOT_TAKEN")) or "")
    jump = where(flow, "POP_JUMP_IF_FALSE")
    assert flow.illegal_entry(flow.decoded.behind_jump(jump)) is None


def test_stubs_have_branches_that_tools_can_follow() -> None:
    """``co_branches`` walks the code and expects the mark behind each conditional jump."""

    def f(a: Any) -> Any:
        return a + 1 if a else 2

    changed, _ = declining(f)
    lasts = [unit for pair in changed.__code__.co_branches() for unit in pair[1:]]  # type: ignore[attr-defined]
    assert lasts and all(0 <= offset < len(changed.__code__.co_code) for offset in lasts)
