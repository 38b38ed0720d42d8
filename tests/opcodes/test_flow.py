"""Binding, liveness, stack and legality in front of every instruction."""

import opcode
import sys
from collections.abc import Callable
from typing import Any

import pytest

from graphlet.opcodes.flow import Flow, analyse
from graphlet.opcodes.state import FlowError
from tests.opcodes.corpus import sample


def flow_of(function: Callable[..., Any]) -> Flow:
    return analyse(function.__code__)


def where(flow: Flow, op: str, arg: Any = ..., nth: int = 0) -> int:
    """Offset of the nth instruction ``op arg``."""
    found = [i.offset for i in flow.decoded.instrs if i.op == op and (arg is ... or i.arg == arg)]
    return found[nth]


def behind(flow: Flow, op: str, arg: Any = ..., nth: int = 0) -> int:
    return flow.decoded.next_offset(where(flow, op, arg, nth))


def test_stack_depth_is_the_compilers() -> None:
    """The deepest stack found is the one the compiler found, or the compiler was generous."""
    n_exact = n_codes = 0
    for code in sample():
        flow = analyse(code)
        deepest = max(len(flow.stack(offset)) for offset in flow.states)
        assert deepest <= code.co_stacksize, code
        n_codes += 1
        n_exact += deepest == code.co_stacksize
    assert n_exact > 0.9 * n_codes


def test_arguments_are_bound_and_locals_are_not() -> None:
    def f(a: Any, *b: Any, c: Any, **d: Any) -> Any:
        if a:
            x = 1
        else:
            y = 2
        z = 3
        return x, y, z, b, c, d  # type: ignore[possibly-undefined]

    flow = flow_of(f)
    at = where(flow, "STORE_FAST", "z")
    assert flow.bound(at) == {"a", "b", "c", "d"}
    assert flow.maybe_bound(at) == {"a", "b", "c", "d", "x", "y"}
    assert {"x", "y", "z"} <= flow.bound(where(flow, "RETURN_VALUE")), "reading a local shows that it is bound"


def test_delete_unbinds_and_except_name_is_gone() -> None:
    def f(a: Any) -> Any:
        b = a
        del b
        try:
            a()
        except ValueError as e:
            print(e)
        return a

    flow = flow_of(f)
    at = where(flow, "LOAD_FAST", "a", -1)
    assert flow.bound(at) == {"a"}
    assert flow.maybe_bound(at) == {"a"}


def test_exception_edge_undoes_binding() -> None:
    def f(a: Any) -> Any:
        try:
            b = a()
        except ValueError:
            return a
        return b

    flow = flow_of(f)
    handler = next(iter(set(flow.raises_to.values())))
    assert "b" not in flow.bound(handler)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="comprehensions are functions of their own")
def test_inlined_comprehension_saves_the_local() -> None:
    def f(a: Any) -> Any:
        c = [x for x in a]  # noqa: C416
        return c, a

    flow = flow_of(f)
    inside = where(flow, "LIST_APPEND")
    assert "null" in flow.stack(inside)
    assert "x" not in flow.maybe_bound(where(flow, "LOAD_FAST", "c"))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="comprehensions are functions of their own")
def test_restored_local_is_bound_as_before() -> None:
    def f(a: Any, x: Any) -> Any:
        if a:
            y = 1
        c = [(x, y) for x in a for y in a]
        return c, x, y  # type: ignore[possibly-undefined]

    flow = flow_of(f)
    inside = flow.stack(where(flow, "LIST_APPEND"))
    assert "maybe_null" in inside
    at = where(flow, "LOAD_FAST", "c")
    assert "x" in flow.bound(at)
    assert "y" in flow.maybe_bound(at) - flow.bound(at)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="comprehensions are functions of their own")
def test_a_cell_put_aside_is_no_place_for_a_region() -> None:
    def f(n: Any) -> Any:
        a = [j for j in range(n)]  # noqa: C416
        return a, [lambda: j for j in a]  # noqa: B023

    flow = flow_of(f)
    assert "put a cell aside" in entry_reason(flow, where(flow, "LIST_APPEND"))
    assert flow.illegal_entry(where(flow, "LOAD_FAST", "a")) is None
    inside = behind(flow, "MAKE_CELL", "j", 1)
    assert flow.illegal_entry(inside) is None
    assert "cell" in flow.stack(inside)


def test_liveness() -> None:
    def f(a: Any, b: Any) -> Any:
        c = a
        a = b
        return a, c

    flow = flow_of(f)
    at = where(flow, "LOAD_FAST", "b")
    assert flow.live(at) == {"b", "c"}


def test_liveness_through_a_handler() -> None:
    def f(a: Any, b: Any) -> Any:
        try:
            b = a()
        except ValueError:
            return b
        return b

    flow = flow_of(f)
    assert "b" in flow.live(where(flow, "CALL"))


def test_everything_is_live_where_locals_can_be_seen() -> None:
    def f(a: Any) -> Any:
        b = a
        return locals()

    flow = flow_of(f)
    assert flow.live(where(flow, "RETURN_VALUE")) == {"a", "b"}


def test_cells() -> None:
    def f(a: Any) -> Any:
        def g() -> Any:
            nonlocal a
            a = a + 1
            return a

        return g

    inner = next(const for const in f.__code__.co_consts if getattr(const, "co_name", "") == "g")
    flow = analyse(inner)
    at = where(flow, "BINARY_OP")
    assert flow.bound(at) == {"a"}
    assert flow.live(at) == {"a"}


def test_kinds_of_slots() -> None:
    def f(a: Any) -> Any:
        for b in a:
            with b:
                print(a.m(b))

    flow = flow_of(f)
    at = where(flow, "LOAD_FAST", "b", 1)
    pair = ("maybe_null", "value") if flow.decoded.null_below else ("value", "maybe_null")
    plain = ("null", "value") if flow.decoded.null_below else ("value", "null")
    block = ("other", "maybe_null") if sys.version_info >= (3, 14) else ("other",)
    assert flow.stack(at) == ("iter", *block, *plain, *pair)


def entry_reason(flow: Flow, offset: int) -> str:
    return flow.illegal_entry(offset) or ""


def test_illegal_entries() -> None:
    async def f(a: Any, b: Any) -> Any:
        await a
        for _ in a(b=b):
            pass
        try:
            yield a
        except ValueError:
            a()

    flow = flow_of(f)
    assert "not begun" in entry_reason(flow, 0)
    assert "await" in entry_reason(flow, where(flow, "SEND_POP" if sys.version_info < (3, 12) else "SEND"))
    assert "between its yield" in entry_reason(flow, behind(flow, "YIELD_VALUE"))
    assert "handler" in entry_reason(flow, where(flow, "PUSH_EXC_INFO"))
    assert "no instruction" in entry_reason(flow, 1)
    if sys.version_info < (3, 13):
        assert "keyword names" in entry_reason(flow, behind(flow, "KW_NAMES"))
    if sys.version_info >= (3, 12):
        assert "past END_FOR" in entry_reason(flow, where(flow, "END_FOR"))
    if sys.version_info >= (3, 13):
        reason = "past the POP_TOP" if sys.version_info < (3, 14) else "is dropped here"
        assert reason in entry_reason(flow, behind(flow, "END_FOR"))


def test_start_is_legal() -> None:
    def f(a: Any) -> Any:
        return a

    flow = flow_of(f)
    assert flow.illegal_entry(where(flow, "LOAD_FAST")) is None


def test_class_body_has_no_entry() -> None:
    code = next(const for const in compile("class A:\n x = 1", "", "exec").co_consts if hasattr(const, "co_code"))
    flow = analyse(code)
    assert {flow.illegal_entry(offset) for offset in flow.decoded.at}.isdisjoint({None})


def test_illegal_exits() -> None:
    def f(a: Any) -> Any:
        try:
            a()
        except ValueError:
            a.handled()
        yield a
        return a.end

    flow = flow_of(f)
    start = where(flow, "LOAD_FAST", "a")
    handled = next(i.offset for i in flow.decoded.instrs if i.arg == "handled")
    end = next(i.offset for i in flow.decoded.instrs if i.arg == "end")
    assert "another exception" in (flow.illegal_exit(start, handled) or "")
    assert "yield" in (flow.illegal_exit(start, end) or "")
    assert "not behind" in (flow.illegal_exit(handled, start) or "")
    assert flow.illegal_exit(start, where(flow, "YIELD_VALUE")) is None


def searched(flow: Flow, entry: int) -> set[int]:
    """What can be come to from an entry without a yield, step by step."""
    suspends = {i.offset for i in flow.decoded.instrs if i.op in {"YIELD_VALUE", "RETURN_GENERATOR"}}
    seen: set[int] = set()
    waiting = [entry]
    while waiting:
        offset = waiting.pop()
        if offset not in seen:
            seen.add(offset)
            handler = {flow.raises_to[offset]} if offset in flow.raises_to else set()
            waiting += () if offset in suspends else {*flow.successors[offset], *handler}
    return seen


def test_reach_is_that_of_a_search() -> None:
    for code in sample()[::40]:
        flow = analyse(code)
        for entry in sorted(flow.states)[::5]:
            assert {offset for offset in flow.states if flow.reaches(entry, offset)} == searched(flow, entry)


def test_poor_entries() -> None:
    def f(a: Any) -> Any:
        for b in a:
            b = b + a
        return b

    flow = flow_of(f)
    assert "one" in (flow.poor_entry(where(flow, "STORE_FAST", "b")) or "")
    assert "str" in (flow.poor_entry(where(flow, "STORE_FAST", "b", 1)) or "")
    assert flow.poor_entry(where(flow, "BINARY_OP")) is None


def test_nonsense_is_refused() -> None:
    def f(a: Any) -> Any:
        return a

    code = f.__code__
    pop = bytes((opcode.opmap["POP_TOP"], 0))
    broken = code.replace(co_code=code.co_code[:2] + pop + code.co_code[2:], co_linetable=code.co_linetable + b"\xf8")
    with pytest.raises(FlowError, match="takes 1 of 0"):
        analyse(broken)
