"""What can be part of a group, and with which loop."""

import numpy as np
import pytest

from graphlet.arrayops import catalogue
from graphlet.backends.block import block
from graphlet.backends.block_members import CAST, LOOP, WHERE, Members, cast_is_exact, member_of
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, ScalarType, Sym
from graphlet.runtime import loops
from tests.backends.block_cases import bits, values

N = Sym("n", 4)
CHARS = "?bBhHiIlLfdgFDG"


def member(row, *args, **kwargs):
    """The member of a call; dtype characters stand for vectors, types for scalars."""
    b = Builder()

    def node(arg):
        if isinstance(arg, str):
            return b.placeholder("x", ArrayType(np.dtype(arg), (N,)))
        if isinstance(arg, type):
            return b.placeholder("k", ScalarType(arg, np.dtype(arg) if issubclass(arg, np.generic) else None))
        return arg

    return member_of(b.call(row, [node(arg) for arg in args], kwargs))


def add(*args):
    return member(catalogue.operator("+"), *args)


def power(*args):
    return member(catalogue.operator("**"), *args)


def of(ufunc, chars):
    return loops.find(ufunc, tuple(map(np.dtype, chars)))


def test_operands_are_cast_to_what_numpy_takes():
    made = add("f", "l")
    assert (made.kind, made.loop) == (LOOP, of(np.add, "ddd"))
    assert "".join(dtype.char for dtype in made.dtypes) == "dd"
    assert add("f", float).loop is of(np.add, "fff")
    assert add("f", np.float64).loop is of(np.add, "ddd")
    assert add("b", 100).loop is of(np.add, "bbb")
    assert add("?", True).loop is of(np.add, "???")


def test_what_numpy_converts_in_its_own_way_is_called():
    assert add("e", "l") is None
    assert add("f", 1e300) is None
    assert member(catalogue.method("astype"), "d", np.dtype("l")) is None
    assert member(catalogue.lookup(np.add), "f", "f", dtype=np.dtype("d")) is None


def test_casts_and_selects():
    assert member(catalogue.method("astype"), "l", np.dtype("f")).kind == CAST
    assert member(catalogue.lookup(np.where), "?", "d", 0).kind == WHERE
    assert member(catalogue.lookup(np.where), "l", "d", 0) is None


def test_the_short_cuts_of_the_power_operator():
    assert power("d", 2).loop is of(np.square, "dd")
    assert power("l", 2).loop is of(np.square, "ll")
    assert power("d", 0.5).loop is of(np.sqrt, "dd")
    assert power("d", -1).loop is of(np.reciprocal, "dd")
    assert power("d", 3).loop is of(np.power, "ddd")
    assert power("f", np.float32).loop is of(np.power, "fff")
    assert power("d", "d").strict and power(2.0, "d").strict
    assert power("d", float) is None  # 0.5, perhaps
    assert power("l", 3) is None


def test_results_that_depend_on_the_cut_are_strict():
    assert not add("d", "d").strict
    assert add("D", "D").strict and add("e", "e").strict
    assert member(catalogue.lookup(np.fmax), "d", "d").strict
    assert not member(catalogue.lookup(np.fmax), "l", "l").strict


@pytest.mark.parametrize("source", CHARS)
def test_exact_casts_give_the_bits_of_astype(source):
    x = values(np.random.default_rng(0), source, 700)
    for target in CHARS:
        if not cast_is_exact(np.dtype(source), np.dtype(target)):
            continue
        b = Builder()
        node = b.placeholder("x", ArrayType(np.dtype(source), (N,)))
        kernel = block(b.finish([b.call(catalogue.method("astype"), (node, np.dtype(target)))]), ())
        with np.errstate(all="ignore"):
            for data in (x, x[::3], x[::-2], x[:1]):
                assert bits(kernel(data)[0]) == bits(data.astype(target)), (source, target)
        assert kernel.n_nodewise == 0


def test_members_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    b = Builder()
    x = b.placeholder("x", ArrayType(np.dtype("d"), (N,)))
    total = b.call(catalogue.operator("+"), (x, 1.0))
    asked: list[object] = []
    monkeypatch.setattr("graphlet.backends.block_members.member_of", lambda node: asked.append(node))
    members = Members()
    assert members[total] is members[total] is None
    assert asked == [total]


@pytest.mark.parametrize("chars", ["l", "q", "L", "Q"])
def test_equal_dtypes_keep_loops_of_their_own_whichever_was_met_first(chars):
    """``long`` and ``long long`` are equal and not the same: what is remembered of one is not taken for the other."""
    for char in (chars, *"lqLQ"):
        made = member(catalogue.operator("+"), char, char)
        assert made is not None
        assert [dtype.char for dtype in (*made.dtypes, made.dtype)] == [char] * 3
