"""Tables of functions, wishes for them, and the thread that makes them."""

import os
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from graphlet.runtime._code import Code, Piece, Wishes, run_apart

RETURN = b"\x31\xc0\xc3"  # xor eax, eax; ret


def code(n_inputs=2):
    return Code(SimpleNamespace(inputs=("f64",) * n_inputs), 0)


def test_variants_are_known_by_the_strides_of_their_inputs():
    table = code()
    table.add("d0", Piece(RETURN, 0))
    table.add("sd", None)
    table.add("d0", None)
    assert table.variants() == {"d0": True, "sd": False}
    assert table.take_wanted() is None


def test_a_table_takes_only_so_many():
    table = code(4)
    for first in "0dsr":
        for second in "0dsr":
            table.add(first + second + "dd", None)
    assert len(table.variants()) == 8


def test_an_entry_outside_of_the_code_is_refused():
    with pytest.raises(ValueError, match="outside"):
        Piece(RETURN, 3)


class Wanting(Code):
    """Always wants the same."""

    def take_wanted(self):
        return "dd"


def wanting():
    return Wanting(SimpleNamespace(inputs=("f64",) * 2), 0)


def test_wishes_are_made_in_a_thread_that_goes_when_all_are_made():
    made, table, other = [], wanting(), wanting()
    wishes = Wishes(lambda code, kinds: made.append((code, kinds, threading.get_ident())))
    assert wishes.wait()
    wishes.collect((table, other))
    assert wishes.wait()
    assert [(code, kinds) for code, kinds, _ in made] == [(table, "dd"), (other, "dd")]
    assert threading.get_ident() not in {ident for *_, ident in made}
    wishes.collect((table,))
    assert wishes.wait()
    assert len(made) == 3


def test_what_is_wished_for_again_while_it_is_made_is_made_once():
    began, go, made, table, other = threading.Event(), threading.Event(), [], wanting(), wanting()

    def work(code, kinds):
        began.set()
        go.wait(10.0)
        made.append(code)

    wishes = Wishes(work)
    for _ in range(100):  # a kernel goes on wishing, call after call
        wishes.collect((table,))
    assert began.wait(10.0)
    for _ in range(100):
        wishes.collect((table, other))
    go.set()
    assert wishes.wait()
    assert made == [table, other]


def test_at_once_means_where_the_wish_is_made():
    made = []
    wishes = Wishes(lambda code, kinds: made.append(threading.get_ident()))
    wishes.at_once = True
    wishes.collect((wanting(),))
    assert made == [threading.get_ident()]


def test_what_cannot_be_made_is_noted_and_the_rest_goes_on():
    def work(code, kinds):
        raise OSError("disk full")

    tables = wanting(), wanting()
    wishes = Wishes(work)
    wishes.collect(tables)
    assert wishes.wait()
    assert [table.variants() for table in tables] == [{"dd": False}] * 2
    assert wishes.last_error == "OSError: disk full"


def test_while_it_is_held_nothing_starts():
    made = []
    wishes = Wishes(lambda code, kinds: made.append(kinds))
    assert wishes.hold(10.0)
    wishes.collect((wanting(),))
    assert wishes.wait()
    assert made == []
    wishes.release()
    assert wishes.wait()
    assert made == ["dd"]


def test_holding_waits_for_what_is_being_made_only():
    began, go, made = threading.Event(), threading.Event(), []

    def work(code, kinds):
        began.set()
        go.wait()
        made.append(kinds)

    wishes = Wishes(work)
    wishes.collect((wanting(), wanting()))
    began.wait()
    assert not wishes.hold(0.01)
    go.set()
    assert wishes.wait()
    assert made == ["dd"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("is_busy", [False, True])
def test_a_forked_child_makes_its_own_unless_it_was_in_the_middle_of_something(is_busy):
    began, go = threading.Event(), threading.Event()

    def work(code, kinds):
        began.set()
        if is_busy:
            go.wait()

    wishes = Wishes(work)
    wishes.collect((wanting(),))
    began.wait()
    assert wishes.hold(0.05 if is_busy else 10.0) is not is_busy
    pid = os.fork()
    if pid == 0:
        wishes.release_in_child()
        wishes.collect((wanting(),))
        os._exit(0 if wishes.wait(0.2 if is_busy else 10.0) is not is_busy else 1)
    assert os.waitpid(pid, 0)[1] == 0
    go.set()
    wishes.release()
    assert wishes.wait()


def test_run_apart_is_seen_by_no_tracer():
    seen = []
    before = sys.gettrace()
    sys.settrace(lambda frame, event, arg: seen.append(frame.f_code.co_name))
    try:
        run_apart(lambda: time.sleep(0))
    finally:
        sys.settrace(before)
    assert "<lambda>" not in seen
