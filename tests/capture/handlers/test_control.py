"""Loops that are unrolled, loops that stay loops, generators."""

import dis

import numpy as np
import pytest

from graphlet.capture.capture import NOT_PASSED
from graphlet.capture.options import Options
from graphlet.opcodes.candidates import candidates
from tests.capture.playing import Frame, capture_at, captured, ops, stopped, whole
from tests.oracle.runner import differential

X = np.linspace(0.1, 1.0, 5)
Y = np.arange(15.0).reshape(3, 5)


def opname(function, offset: int) -> str:
    return {i.offset: i.opname for i in dis.get_instructions(function.__code__)}[offset]


def test_short_loops_are_unrolled() -> None:
    def function(x):
        for i in range(3):
            for j in (1, 2):
                if j == 2 and i == 1:
                    continue
                x = x + i * j
            else:
                x = x - 1
        return x

    whole(function, X)


def test_loop_with_break() -> None:
    def function(x, stop):
        for i in range(10):
            x = x + i
            if i == 3:
                break
        else:
            return x
        return -x

    whole(function, X, 3)


def test_while_with_known_condition() -> None:
    def function(x):
        i = 0
        while i < 4:
            x = x + i
            i += 1
        return x

    assert ops(whole(function, X)) == ["add"] * 4


@pytest.mark.parametrize("n", [17, 1000])
def test_long_loop_stays_a_loop(n: int) -> None:
    def function(x, n):
        y = x * 2
        for i in range(n):
            y = y + i
        return y

    outcome = stopped(function, X, n, code="GL108")
    assert ops(outcome) == ["multiply"]
    assert opname(function, outcome.exit.offset) == "GET_ITER"
    body, behind = outcome.resume_at
    assert outcome.exit.offset < body < behind


@pytest.mark.parametrize(("rows", "columns", "is_whole"), [(5, 5, True), (2, 16, True), (6, 6, False), (16, 3, False)])
def test_loops_in_loops_share_what_may_be_unrolled(rows: int, columns: int, is_whole: bool) -> None:
    def function(x, rows, columns):
        y = x * 2
        for i in range(rows):
            for j in range(columns):
                y = y + i * j
        return y

    if is_whole:
        whole(function, X, rows, columns)
        return
    outcome = stopped(function, X, rows, columns, code="GL108")
    assert outcome.break_.detail == f"the loop runs {columns} times in each turn of the loops around it"
    assert ops(outcome) == ["multiply"]


def test_loops_in_a_function_called_in_a_loop_are_loops_in_loops() -> None:
    def inner(x):
        for j in range(8):
            x = x + j
        return x

    def function(x):
        for _ in range(8):
            x = inner(x)
        return x

    assert captured(function, X).break_.code == "GL108"


def test_long_while_ends_the_region_in_front_of_it() -> None:
    def function(x):
        y = x * 2
        i = 0
        while i < 100:
            y = y + 1
            i += 1
        return y

    outcome = stopped(function, X, code="GL108")
    assert ops(outcome) == ["multiply"]


def test_unroll_limit_is_an_option() -> None:
    def function(x):
        for i in range(5):
            x = x + i
        return x

    assert captured(function, X, options=Options(unroll_limit=4)).break_.code == "GL108"


def test_instruction_limit() -> None:
    def function(x):
        for i in range(10):
            x = x + i
        return x

    assert captured(function, X, options=Options(instruction_limit=20)).break_.code == "GL116"


def test_bounds_from_arguments_are_guarded_by_value_unless_told_not_to() -> None:
    def function(x, n):
        for i in range(n):
            x = x + i
        return x

    whole(function, X, 3)
    assert captured(function, X, 3, options=Options(unpinned=frozenset({"n"}))).break_.code == "GL108"


def test_variables_of_the_loop_around_the_region_are_not_fixed() -> None:
    def function(x, n, k):
        for i in range(n):
            x = x * i
            if i % k == 3:
                x = x - 1
        return x

    entry = next(c.offset for c in candidates(function.__code__) if c.kind == "loop_body")
    frame = Frame({"i": 3, "k": 5, "x": X}, {}, (NOT_PASSED,), globals())
    outcome = capture_at(function.__code__, frame, entry)
    assert outcome.break_ is not None and outcome.break_.code == "GL112"
    assert not any("ValueIs" in str(guard) for guard in outcome.guards)


def test_a_break_inside_a_loop_ends_the_region_in_front_of_the_loop() -> None:
    def function(x, xs):
        y = x + 1
        for a, b in zip(xs, xs):  # noqa: B905
            y = y * a
            print(b)
        return y

    outcome = stopped(function, X, [1, 2], code="GL101")
    assert ops(outcome) == ["add"]
    assert len(outcome.resume_at) == 3


def test_loop_over_rows() -> None:
    def function(y):
        return [row.sum() for row in y]

    whole(function, Y)


def test_generators() -> None:
    def function(x):
        def scaled(n):
            for i in range(n):
                yield x * i
            return None

        total = sum(v + 1 for v in scaled(3))
        it = iter([x, 1])
        return total + next(it) + next(it) + next(it, 5)

    whole(function, X)


def test_a_list_that_grows_while_it_is_iterated() -> None:
    def function(x):
        y = x + 1
        a = [1, 2]
        for v in a:
            if len(a) < 4:
                a.append(v)
        return y, a

    stopped(function, X, code="GL103")


def test_yield_of_the_frame_itself() -> None:
    def function(x):
        y = x + 1
        yield y

    stopped(function, X, code="GL109")


def test_try_bodies_are_followed() -> None:
    def function(x):
        try:
            y = x + 1
        except ValueError:
            return x
        finally:
            z = x * 2
        return y + z

    whole(function, X)


def test_none_tests() -> None:
    def function(x, w=None, b=None):
        if w is None:
            w = 2.0
        if b is not None:
            x = x + b
        return x * w

    whole(function, X)
    whole(function, X, 3.0, X)
    whole(function, X, X, None)


def test_iterators_are_used_up() -> None:
    def function(x):
        pairs = zip((1, 2), (3, 4))  # noqa: B905
        first = list(pairs)
        return first, list(pairs), x + 1, list(enumerate("ab", 1)), [*reversed((1, 2))]

    whole(function, X)


ITERATORS = [
    lambda x: zip(x, x, strict=True),
    lambda x: ((row, row) for row in x),
    lambda x: iter([(row, row) for row in x]),
    lambda x: map(lambda p, q: (p, q), x, x),
    lambda x: reversed([(row, row) for row in x]),
]


@pytest.mark.parametrize("make", ITERATORS)
def test_what_was_iterated_before_the_region_stays_a_loop(make):
    def function(x, pairs):
        for p, q in pairs:
            x = x + p * q
        return x

    stopped(function, X, make(X), code="GL108")
    report = differential(function, *[lambda: (X, make(X))] * 3)
    assert report.last_share.native == 1.0
