"""Every way a region may begin and end: results, tracebacks and logs are those of the untouched function."""
# The functions below are what is tested: their lines are counted and nothing about them should be tidied up.
# ruff: noqa: B018, C416, F821, F841, RUF, SIM

import asyncio
import sys
from typing import Any

import pytest

from graphlet.opcodes.flow import Flow, analyse
from graphlet.rewrite.stubs import Exit, Stub
from graphlet.rewrite.testmode import instrument
from graphlet.rewrite.verify import verify
from tests.rewrite.shapes import (
    Counted,
    Manager,
    Shape,
    back_edge,
    exit_call,
    leaving,
    line,
    note,
    one,
    op,
    outcome,
    pair,
    with_stubs,
)


def straight(a: Any, b: Any) -> Any:
    c = a + b
    d = c * 2
    note(c)
    return c, d


def to_return(a: Any) -> Any:
    b = a * 2
    return b + 1


def inside_expression(a: Any, b: Any) -> Any:
    return a - b * 2


def all_slots_made_anew(a: Any, b: Any, c: Any) -> Any:
    return a, b, -c


def out_of_a_call(a: Any, b: Any) -> Any:
    c = note(a, b * 2)
    return c


def into_a_call(a: Any, b: Any) -> Any:
    note(a, -b)
    return a


def deletes(a: Any) -> Any:
    c = a
    b = c
    del c
    try:
        return b, c
    except UnboundLocalError as error:
        return b, str(error)


def deletes_what_may_be_unbound(a: Any) -> Any:
    if a:
        c = 1
    b = a
    c = b
    del c
    note(b)
    try:
        return b, c
    except UnboundLocalError as error:
        return b, str(error)


def several_exits(a: Any) -> Any:
    b = a + 1
    if b > 5:
        note("big")
    else:
        note("small")
    c = b * 2
    return b, c


def stub_behind_stub(a: Any) -> Any:
    b = a + 1
    c = b * 2
    return b, c


def into_try(a: Any) -> Any:
    b = a + 1
    try:
        c = b * 2
        note(b, c)
        c.missing
    except AttributeError:
        note("caught", b, c)
    return c


def out_of_try(a: Any) -> Any:
    try:
        b = a + 1
        c = b * 2
    finally:
        note("finally")
    return c.missing


def inside_with(a: Any, m: Any) -> Any:
    with m as n:
        b = a + 1
        c = b * 2
        note(b, c)
        c.missing
    return c


def to_exit_call(a: Any, m: Any) -> Any:
    with m as n:
        b = a + 1
    return b


def over_with(a: Any, m: Any) -> Any:
    b = a
    with m as n:
        b = a + 1
    c = b * 2
    return b, c


def into_with(a: Any, m: Any, error: Any) -> Any:
    b = a
    with m as n:
        b = a + 1
        note(b)
        if error:
            raise error("x")
    return b


def for_body(xs: Any) -> Any:
    total = 0
    for x in xs:
        y = x * 2
        note(y)
        total = total + y
    return total


def to_back_edge(xs: Any) -> Any:
    total = 0
    for x in xs:
        y = x * 2
        total = total + y
    return total


def over_loop(xs: Any) -> Any:
    total = 0
    for x in xs:
        total = total + x
    y = total * 2
    return y


def break_out(xs: Any) -> Any:
    y = None
    for x in xs:
        y = x * 2
        if y > 4:
            break
        note(y)
    return y


def into_for(xs: Any) -> Any:
    total = 1
    for x in xs:
        y = x + total
        note(y)
        total = total + y
    return total


def generator(a: Any) -> Any:
    b = a + 1
    got = yield b
    try:
        c = b + (got or 0)
        d = c * 2
        got = yield d
    except ValueError as error:
        note("thrown", str(error))
        d = b * 3
        e = d + 1
        yield e
    finally:
        note("closed")


async def coroutine(b: Any) -> Any:
    c = b * 2
    await asyncio.sleep(0)
    d = c + b
    e = d * 2
    await asyncio.sleep(0)
    return c, d, e


def bare_raise(a: Any) -> Any:
    try:
        a.missing
    except AttributeError as error:
        b = a + 1
        c = b * 2
        note(c, str(error))
        raise


def region_raises(a: Any, m: Any) -> Any:
    try:
        with m as n:
            b = a + 1
            c = b / a
            note(c)
    except ZeroDivisionError as error:
        note("caught", str(error))
        c = 7
    return c


def cell_in_and_out(a: Any) -> Any:
    def get() -> Any:
        return a

    a = a + 1
    b = a * 2
    note(get())
    return get(), b


def make_free() -> Any:
    count = 0

    def free_in_and_out(a: Any) -> Any:
        nonlocal count
        count = count * 0 + a
        b = count * 2
        note(count)
        return count, b

    return free_in_and_out


def after_comprehension(xs: Any, x: Any) -> Any:
    ys = [x for x in xs]
    a = len(ys)
    b = a + x
    return ys, b


def inside_comprehension(xs: Any, x: Any) -> Any:
    ys = [x * 2 for x in xs]
    return ys, x


def while_loop(n: Any) -> Any:
    total = 0
    while n > 0:
        total = total + n
        n = n - 1
        note(n)
    return total


def long_jump(a: Any) -> Any:
    b = a + 1
    if a:
        b = [a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a]
        b = [b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b]
        b = [b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b]
        b = [b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b]
        b = [b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b]
        b = [b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b]
        b = [b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b]
        b = len(b)
    return b


def enter(manager: Any) -> Any:
    """What entering a block leaves: the bound exit, from 3.14 on as a function and its object."""
    bound = manager.__exit__
    return (bound.__func__, manager) if sys.version_info >= (3, 14) else (bound,), manager.__enter__()


def entered(a: Any, m: Any) -> Any:
    leave, n = enter(m)
    return n, a + 1, *leave


def around(a: Any, m: Any) -> Any:
    with m as n:
        b = a + 1
    return n, b


def next_of(xs: Any) -> Any:
    iterator = iter(xs)
    x = next(iterator)
    return x, x + 1, iterator


def drain(steps: Any) -> Any:
    """Runs a generator: sends, throws and closes as told."""

    def run(gen: Any) -> Any:
        got = [next(gen)]
        for step in steps:
            got.append(gen.throw(step("x")) if isinstance(step, type) else gen.send(step))
        gen.close()
        return got

    return run


def add_to_cell(cell: Any) -> Any:
    value = cell.cell_contents + 1
    return value, value * 2


def set_count(a: Any, cell: Any) -> Any:
    value = cell.cell_contents * 0 + a
    return value, value * 2


def choose(a: Any) -> Any:
    b = a + 1
    return ((b,), 0) if b > 5 else ((b,), 1) if b > 2 else ((b, b * 2), 2)


def three_exits(flow: Flow) -> list[Stub]:
    exits = (
        Exit(line(flow, 3), 0, stores=("b",)),
        Exit(line(flow, 5), 0, stores=("b",)),
        Exit(op(flow, "STORE_FAST", "c"), 0, (True,), ("b",)),
    )
    return [Stub(line(flow, 1), Counted(choose), ("a",), exits=exits)]


def small(a: Any) -> Any:
    """Logs as the branch it goes through does."""
    result = choose(a)
    if result[1] == 2:
        note("small")
    return result


def several(flow: Flow) -> list[Stub]:
    stub = three_exits(flow)[0]
    return [Stub(stub.offset, Counted(small), stub.locals_in, exits=stub.exits)]


def two_stubs(flow: Flow) -> list[Stub]:
    first = one(line(flow, 1), line(flow, 2), lambda a: (a + 1,), "a", "b")
    return first + one(line(flow, 2), line(flow, 3), lambda b: (b * 2,), "b", "c")


def loop_over(xs: Any) -> Any:
    total = x = 0
    for x in xs:
        total += x
    return total, x


def first_big(xs: Any) -> Any:
    """Breaks out of the loop with the first double above 4; declines when the loop goes on."""
    y = xs * 2
    return (y,) if y > 4 else None


def in_generator(flow: Flow) -> list[Stub]:
    first = one(line(flow, 1), op(flow, "YIELD_VALUE"), lambda a: (a + 1, a + 1), "a", "b", pushes=(True,))
    second = one(
        line(flow, 4),
        op(flow, "YIELD_VALUE", nth=1),
        lambda b, got: (b + (got or 0), (b + (got or 0)) * 2, (b + (got or 0)) * 2),
        "b got",
        "c d",
        pushes=(True,),
    )
    thrown = one(line(flow, 9), line(flow, 11), lambda b: (b * 3, b * 3 + 1), "b", "d e", keep=1)
    return first + second + thrown


def in_coroutine(flow: Flow) -> list[Stub]:
    return one(line(flow, 3), line(flow, 5), lambda b, c: (c + b, (c + b) * 2), "b c", "d e")


def raising(flow: Flow) -> list[Stub]:
    return one(line(flow, 3), line(flow, 5), lambda a: (a + 1, (a + 1) / a), "a", "b c", keep=len(leaving(flow)))


def in_comprehension(flow: Flow) -> list[Stub]:
    """Inside an inlined comprehension the saved local lies below; before 3.12 there is nothing inlined to be in."""
    if "LIST_APPEND" not in {instr.op for instr in flow.decoded.instrs}:
        return []
    entry, exit_ = op(flow, "BINARY_OP", "*"), op(flow, "LIST_APPEND")
    depth = len(flow.stack(entry)) - 2
    return one(entry, exit_, lambda x, two: (x * two,), keep=depth, pushes=(True,), stack_in=(depth, depth + 1))


SHAPES = [
    Shape(
        straight,
        lambda f: one(line(f, 1), line(f, 3), lambda a, b: (a + b, (a + b) * 2), "a b", "c d"),
        ((1, 2), ("x", "y")),
    ),
    Shape(
        to_return,
        lambda f: one(line(f, 1), op(f, "RETURN_VALUE"), lambda a: (a * 2, a * 2 + 1), "a", "b", pushes=(True,)),
        ((3,), (2.5,)),
    ),
    Shape(
        inside_expression,
        lambda f: one(
            op(f, "BINARY_OP", "*"),
            op(f, "BINARY_OP", "-"),
            lambda b, two: (b * two,),
            keep=1,
            pushes=(True,),
            stack_in=(1, 2),
        ),
        ((3, 4),),
    ),
    Shape(
        all_slots_made_anew,
        lambda f: one(
            op(f, "UNARY_NEGATIVE"),
            op(f, "BUILD_TUPLE", 3),
            lambda c, a, b: (a, b, -c),
            pushes=(True,) * 3,
            stack_in=(2, 0, 1),
        ),
        ((1, 2, 3),),
    ),
    Shape(
        into_a_call,
        lambda f: one(
            line(f, 1), op(f, "UNARY_NEGATIVE"), lambda a, b: (note, a, b), "a b", pushes=(*pair(f), True, True)
        ),
        ((3, 4),),
    ),
    Shape(
        out_of_a_call,
        lambda f: one(
            op(f, "BINARY_OP", "*"),
            op(f, "STORE_FAST"),
            lambda a, b, two: (note(a, b * two),),
            pushes=(True,),
            stack_in=(2, 3, 4),
        ),
        ((3, 4),),
    ),
    Shape(deletes, lambda f: one(line(f, 2), line(f, 4), lambda a: (a,), "a", "b", deletes="c"), ((1,),)),
    Shape(
        deletes_what_may_be_unbound,
        lambda f: one(line(f, 3), line(f, 6), lambda a: (a,), "a", "b", deletes="c"),
        ((1,), (0,)),
    ),
    Shape(several_exits, several, ((9,), (3,), (1,))),
    Shape(stub_behind_stub, two_stubs, ((3,),)),
    Shape(into_try, lambda f: one(line(f, 1), line(f, 4), lambda a: (a + 1, (a + 1) * 2), "a", "b c"), ((1,),)),
    Shape(
        out_of_try, lambda f: one(line(f, 2), line(f, 5), lambda a: (a + 1, (a + 1) * 2), "a", "b c"), ((1,), ("x",))
    ),
    Shape(
        inside_with,
        lambda f: one(line(f, 2), line(f, 4), lambda a: (a + 1, (a + 1) * 2), "a", "b c", keep=len(leaving(f))),
        ((1, Manager()), ("x", Manager())),
    ),
    Shape(
        to_exit_call,
        lambda f: one(line(f, 2), exit_call(f), lambda a: (a + 1,), "a", "b", keep=len(leaving(f))),
        ((1, Manager()),),
    ),
    Shape(over_with, lambda f: one(line(f, 2), line(f, 4), lambda a, m: around(a, m), "a m", "n b"), ((1, Manager()),)),
    Shape(
        into_with,
        lambda f: one(line(f, 2), line(f, 4), entered, "a m", "n b", pushes=leaving(f)),
        ((1, Manager(), None), (1, Manager(), KeyError), (1, Manager(), ValueError)),
    ),
    Shape(
        for_body,
        lambda f: one(line(f, 3), line(f, 4), lambda x: (x * 2,), "x", "y", keep=1),
        (([1, 2, 3],), ([],), ([1, None],)),
    ),
    Shape(
        to_back_edge,
        lambda f: one(line(f, 3), back_edge(f), lambda x, total: (x * 2, total + x * 2), "x total", "y total", keep=1),
        (([1, 2, 3],),),
    ),
    Shape(over_loop, lambda f: one(line(f, 2), line(f, 4), loop_over, "xs", "total x"), (([1, 2, 3],),)),
    Shape(break_out, lambda f: one(line(f, 3), line(f, 7), first_big, "x", "y"), (([1, 2, 3, 4],),)),
    Shape(
        into_for,
        lambda f: one(
            line(f, 2),
            line(f, 4),
            lambda xs, total: (lambda r: (r[0], r[0] + total, r[2]))(next_of(xs)),
            "xs total",
            "x y",
            pushes=(True,),
        ),
        (([1, 2, 3],),),
    ),
    Shape(generator, in_generator, ((1,),), drain([5])),
    Shape(generator, in_generator, ((1,),), drain([None, ValueError])),
    Shape(generator, in_generator, ((1,),), drain([5, KeyError])),
    Shape(generator, in_generator, ((1,),), drain([])),
    Shape(coroutine, in_coroutine, ((1,),), asyncio.run),
    Shape(
        bare_raise,
        lambda f: one(
            line(f, 4), line(f, 6), lambda a: (a + 1, (a + 1) * 2), "a", "b c", keep=len(f.stack(line(f, 4)))
        ),
        ((1,),),
    ),
    Shape(region_raises, raising, ((1, Manager()), (0, Manager()))),
    Shape(cell_in_and_out, lambda f: one(line(f, 4), line(f, 6), add_to_cell, "", "a b", cells="a"), ((1,),)),
    Shape(make_free(), lambda f: one(line(f, 2), line(f, 4), set_count, "a", "count b", cells="count"), ((1,), (5,))),
    Shape(
        after_comprehension,
        lambda f: one(line(f, 2), line(f, 4), lambda ys, x: (len(ys), len(ys) + x), "ys x", "a b"),
        (([1, 2], 5),),
    ),
    Shape(inside_comprehension, in_comprehension, (([1, 2], 5),)),
    Shape(
        while_loop,
        lambda f: one(line(f, 3), line(f, 5), lambda total, n: (total + n, n - 1), "total n", "total n"),
        ((3,),),
    ),
    Shape(long_jump, lambda f: one(line(f, 1), line(f, 11), lambda a: (36,), "a", "b"), ((1,),)),
]


def compare(shape: Shape, changed: Any) -> None:
    for arguments in shape.calls:
        expected = outcome(shape.function, arguments, shape.run)
        assert outcome(changed, arguments, shape.run) == expected, arguments


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_hit(shape: Shape, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = with_stubs(shape.function, shape.stubs)
    monkeypatch.setattr(Counted, "hits", 0)
    verify(shape.function.__code__, changed.__code__)
    compare(shape, changed)
    assert Counted.hits > 0 or not shape.stubs(analyse(shape.function.__code__))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_declined(shape: Shape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counted, "declines", True)
    compare(shape, with_stubs(shape.function, shape.stubs))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_declined_everywhere(shape: Shape) -> None:
    calls: list[Any] = []
    code = instrument(shape.function.__code__, lambda name: lambda *live_ins: calls.append(live_ins), 1.0, 1)
    changed = type(shape.function)(code, globals(), shape.name, None, shape.function.__closure__)
    compare(shape, changed)
    assert calls
