"""Captures from entries other than the start, and what an outcome says."""

import dis
import gc
import weakref
from types import CellType

import numpy as np

from graphlet.capture.capture import NOT_PASSED, private_cells
from graphlet.opcodes.candidates import candidates
from graphlet.opcodes.flow import analyse
from tests.capture.playing import Frame, assert_same, capture_at, captured, frame_of, ops, play, stopped, whole

X = np.linspace(0.1, 1.0, 5)


def loop(x, n):
    for i in range(n):
        y = x * i
        x = y + 1
    return x


def body_entry(function) -> int:
    return next(c.offset for c in candidates(function.__code__) if c.kind == "loop_body")


def test_body_of_a_loop_is_a_region_to_the_back_edge() -> None:
    entry = body_entry(loop)
    frame = Frame({"i": 5, "x": X}, {}, (NOT_PASSED,), globals())
    outcome = capture_at(loop.__code__, frame, entry)
    assert outcome.break_ is None and ops(outcome) == ["multiply", "add"]
    assert outcome.exit.keep == 1 and outcome.exit.pushes == ()
    names = {i.offset: i.opname for i in dis.get_instructions(loop.__code__)}
    assert names[outcome.exit.offset].startswith("JUMP_BACKWARD")
    assert_same(play(outcome, frame).stores, {"x": X * 5 + 1})


def test_inner_loops_of_a_body_are_unrolled() -> None:
    def function(xs, y):
        for x in xs:
            for i in (1, 2):
                y = y + x * i
        return y

    entry = body_entry(function)
    flow = analyse(function.__code__)
    names = {name: X for name in ("x", "y") if name in flow.live(entry)}
    outcome = capture_at(function.__code__, Frame(names, {}, (NOT_PASSED,), globals()), entry)
    assert outcome.break_ is None and ops(outcome) == ["multiply", "add"] * 2


def test_entry_in_the_middle_of_an_expression() -> None:
    def function(x):
        return len(dir()) * (x + 1)

    flow = analyse(function.__code__)
    add = next(i for i in flow.decoded.instrs if i.op == "BINARY_OP" and i.arg == "+")
    before = flow.decoded.instrs[flow.decoded.at[add.offset] - 2]
    entry = before.offset
    depth = len(flow.stack(entry))
    frame = Frame({"x": X}, {}, (3, X)[:depth], globals())
    outcome = capture_at(function.__code__, frame, entry)
    assert outcome.break_ is None and outcome.exit.keep == 0
    assert_same(play(outcome, frame).pushes[0], 3 * (X + 1))


def test_outcome_counts_operations_and_lines() -> None:
    def function(x, n):
        m = n + 1
        y = x + m
        return y * y - x

    outcome = whole(function, X, 3)
    first = function.__code__.co_firstlineno
    assert outcome.array_ops == 3
    assert outcome.lines == {first + 2: 1, first + 3: 2}


def test_lines_of_callees_count_too() -> None:
    def square(v):
        return v * v

    def function(x):
        return square(x) + sum(v + 1 for v in (x, x))

    outcome = whole(function, X)
    assert sum(outcome.lines.values()) == outcome.array_ops
    assert square.__code__.co_firstlineno + 1 in outcome.lines


def test_nothing_captured() -> None:
    def function(x):
        print("first")
        return x

    outcome = stopped(function, X, code="GL101")
    assert outcome.exit is None and outcome.array_ops == 0


def test_a_function_without_operations() -> None:
    def function(x):
        return x

    outcome = captured(function, X)
    assert outcome.exit is None and outcome.break_ is None


def test_break_names_the_place_in_the_users_function() -> None:
    def helper(v):
        print(v)
        return v

    def function(x):
        y = x + 1
        return helper(y)

    outcome = stopped(function, X, code="GL101")
    assert outcome.break_.loc.function == "function"
    line = helper.__code__.co_firstlineno + 1
    assert outcome.break_.detail == f"print(...): side effect (in `helper`, line {line})"


def test_capture_is_deterministic() -> None:
    def function(x, n, d):
        return [x * i + d["k"] for i in range(n)], {k: v for k, v in d.items()}  # noqa: C416

    frame = frame_of(function, (X, 3, {"k": X, "j": 2}), {})
    first, second = (capture_at(function.__code__, frame) for _ in range(2))
    assert str(first.graph) == str(second.graph)
    assert list(map(str, first.guards)) == list(map(str, second.guards))
    assert str(first.exit) == str(second.exit)


def test_what_is_rolled_back_leaves_no_guard() -> None:
    def function(x, d):
        y = x + 1
        return helper_that_prints(y, d["k"])

    def helper_that_prints(v, k):
        z = v * k
        print(z)
        return z

    outcome = captured(function, X, {"k": 3})
    assert ops(outcome) == ["add"]
    assert not any("'k'" in str(guard) for guard in outcome.guards)


def test_values_put_aside_by_an_inlined_comprehension() -> None:
    def function(x, flag):
        if flag:
            i = 1  # noqa: F841
        parts = [x * i for i in range(3)]
        return parts

    flow = analyse(function.__code__)
    entry = next(i.offset for i in flow.decoded.instrs if i.line == function.__code__.co_firstlineno + 3 and not i.part)
    in_cell = "x" in function.__code__.co_cellvars  # 3.11: a comprehension is a function
    frame = Frame({}, {"x": CellType(X)}, (), globals()) if in_cell else Frame({"x": X}, {}, (), globals())
    outcome = capture_at(function.__code__, frame, entry)
    assert outcome.break_ is None and len(ops(outcome)) == 3


def test_a_closure_made_by_a_handler_of_the_same_loop_has_seen_the_cell() -> None:
    def function(xs, kept):
        for x in xs:
            y = x * 2
            try:
                print(y)
            except ValueError:
                kept.append(lambda: y)  # noqa: B023
        return kept

    def plain(xs):
        for x in xs:
            y = x * 2
        return lambda: y

    assert private_cells(analyse(function.__code__), body_entry(function)) == frozenset()
    assert private_cells(analyse(plain.__code__), body_entry(plain)) == {"y"}


def test_values_are_let_go_of_without_the_collector() -> None:
    def function(x):
        y = x + 1
        print(np.log(y.mean(keepdims=9)))

    array = np.linspace(0.1, 1.0, 5)
    seen = weakref.ref(array)
    gc.disable()
    try:
        outcome = captured(function, array)
        assert outcome.break_ is not None
        del array
        assert seen() is None
    finally:
        gc.enable()
