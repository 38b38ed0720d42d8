"""What a program can tell by when an object goes: finalisers, generators, files, weak references."""

import gc
import weakref

import numpy as np
import pytest

import graphlet
from graphlet.handle import handle_of

X = np.arange(4.0)


class Loud:
    """Says that it goes, and changes what it was given."""

    n = 2.0

    def __init__(self, log, target=None):
        self.log = log
        self.target = target

    def __del__(self):
        self.log.append("gone")
        if self.target is not None:
            self.target += 100.0


def set_to_none(x, log):
    d = Loud(log)
    y = x * 2.0
    d = None  # noqa: F841
    z = y + 1.0
    log.append(z.sum())
    return z


def deleted(x, log):
    d = Loud(log)
    y = x * 2.0
    del d
    z = y + 1.0
    log.append(z.sum())
    return z


def given_an_array(x, log):
    d = Loud(log)
    log.append("made")
    y = x * 2.0
    d = y + 1.0
    z = d + 1.0
    log.append(z.sum())
    return z


def changes_what_is_read(x, log):
    y = x * 2.0
    d = Loud(log, y)
    z = y + 1.0
    d = None  # noqa: F841
    return y * z


def in_a_loop(x, log):
    total = x
    for i in range(4):
        d = Loud(log)
        y = total * 0.5 + i
        d = None  # noqa: F841
        total = total + y
        log.append(total.sum())
    return total


def replaced_by_another(x, log):
    d = Loud(log)
    y = x + 1.0
    d = Loud(log)  # noqa: F841
    log.append("second")
    return y * 2.0


def on_the_stack(x, log):
    y = Loud(log).n * x + 1.0
    log.append(y.sum())
    return y


def in_a_list(x, log):
    d = [1, [Loud(log)]]
    log.append(len(d))
    y = x * 2.0
    d = y
    z = y + 1.0
    log.append(z.sum())
    return z


def in_a_closure(x, log):
    inner = (lambda loud: lambda: loud)(Loud(log))
    log.append("made")
    y = x * 2.0
    inner = None  # noqa: F841
    log.append((y + 1.0).sum())
    return y


def in_a_cell(x, log):
    d = Loud(log)

    def inner():
        return d

    log.append(inner().n)
    y = x * 2.0
    d = None
    z = y + 1.0
    log.append(z.sum())
    return z


def a_generator(x, log):
    def gen():
        try:
            yield 1
        finally:
            log.append("closed")

    g = gen()
    log.append(next(g))
    y = x * 2.0
    g = None
    z = y + 1.0
    log.append(z.sum())
    return z


def an_array_somebody_watches(x, log):
    y = x * 2.0
    watch = weakref.ref(y, lambda _: log.append("array gone"))
    log.append("watched")
    y = y + 1.0
    z = y * 3.0
    log.append((z.sum(), watch() is None))
    return z


def among_many(x, log):
    d = [Loud(log), *range(1000, 2000)]
    log.append(len(d))
    y = x * 2.0
    d = None
    z = y + 1.0
    log.append(z.sum())
    return z


def an_exception(x, log):
    try:
        raise ValueError(Loud(log))
    except ValueError as error:
        kept = error
    log.append("raised")
    y = x * 2.0
    kept = None  # noqa: F841
    z = y + 1.0
    log.append(z.sum())
    return z


def in_a_handled_exception(x, log):
    try:
        d = Loud(log)
        y = d.n * x + 1.0
        raise ValueError(d)
    except ValueError as error:
        d = error.args[0].n * x
        y = y + d
    log.append(y.sum())
    return y


def held_by_another_that_goes(x, log):
    d = Loud(log)
    box = [d]
    log.append(len(box))
    y = x * 2.0
    d = y + 1.0
    z = d * 2.0
    box = None
    log.append(z.sum())
    return z + 1.0


def never_read_again(x, log):
    kept = [Loud(log)]
    d = kept[0]
    log.append(len(kept))
    y = d.n * x
    d = y
    log.append((y + 1.0).sum())
    kept.clear()
    z = y * 2.0
    log.append(z.sum())
    return z


PROGRAMS = (
    in_a_handled_exception, held_by_another_that_goes, never_read_again, set_to_none, deleted, given_an_array,
    changes_what_is_read, in_a_loop, replaced_by_another, on_the_stack, in_a_list,
    in_a_closure, in_a_cell, a_generator, an_array_somebody_watches, among_many, an_exception,
)  # fmt: skip


def observed(fn):
    log = []
    result = fn(X.copy(), log)
    log.append(result.tolist())
    del result
    gc.collect()
    return log


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda fn: fn.__name__)
def test_objects_go_when_they_do_plainly(program):
    expected = observed(program)
    fast = graphlet.optimize(program)
    assert [observed(fast) for _ in range(6)] == [expected] * 6
    assert handle_of(fast).stats()["hits"] > 0


def a_parameter(x, d, log):
    y = x * 2.0
    d = y + 1.0
    log.append(d.sum())
    return d * 2.0


def calls(fn, first):
    log = []
    for i in range(200):
        fn(X, Loud(log) if i % 20 == first else i, log)
    return log


def test_what_a_caller_hands_over_goes_when_it_does_plainly():
    fast = graphlet.optimize(a_parameter)
    assert calls(fast, 1) == calls(a_parameter, 1)
    assert handle_of(fast).stats()["hits"] > 0


def test_functions_that_were_handed_nothing_of_the_kind_are_late_once():
    """Once a function is entered without a frame, its caller holds the arguments, until one is seen that minds."""

    def places(log):
        return [i for i, said in enumerate(log) if said == "gone"]

    fast = graphlet.optimize(a_parameter)
    late = [there - here for here, there in zip(places(calls(a_parameter, 19)), places(calls(fast, 19)), strict=True)]
    assert sorted(late) in ([0] * 10, [*[0] * 9, 1])


def test_a_file_is_there_when_nobody_holds_it(tmp_path):
    def written(x):
        path = tmp_path / "numbers"
        file = open(path, "w")  # noqa: SIM115
        file.write(str(x.sum()))
        y = x * 2.0
        file = None
        z = y + 1.0
        return path.read_text(), z.tolist()

    fast = graphlet.optimize(written)
    with pytest.warns(ResourceWarning):
        assert [fast(X) for _ in range(5)] == [written(X)] * 5


def test_what_somebody_else_holds_breaks_no_graph():
    log = []
    kept = [Loud(log) for _ in range(3)]

    def loop(x):
        total = x
        for loud in kept:
            total = total * loud.n + 1.0
        loud = None
        return total * 2.0

    fast = graphlet.optimize(loop)
    assert [fast(X).tolist() for _ in range(5)] == [loop(X).tolist()] * 5
    assert handle_of(fast).stats()["breaks"] == 0
    assert log == []


def test_a_local_that_begins_to_hold_such_an_object_gets_other_code():
    def either(x, log, is_loud):
        d = Loud(log) if is_loud else 3.0
        log.append("made")
        y = x * 2.0
        d = y + 1.0
        z = d + 1.0
        log.append(z.sum())
        return z

    def calls(fn):
        log = []
        for i in range(24):
            fn(X, log, i % 6 == 5)
        return log

    assert calls(graphlet.optimize(either)) == calls(either)
