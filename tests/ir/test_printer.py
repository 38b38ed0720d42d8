"""Graphs as listings, tables and in the language of Graphviz."""

from collections.abc import Callable

import numpy as np

from graphlet.ir import printer
from graphlet.ir.build import Builder
from graphlet.ir.graph import Graph
from graphlet.ir.types import ScalarType
from tests.ir.rows import COPY, GET, HERE, MUL, SET, SUM, TIMES, matrix
from tests.ir.test_graph import looped

Golden = Callable[[str, str], None]


def everything() -> Graph:
    b = Builder("demo")
    x = b.placeholder("x", matrix("x"))
    k = b.placeholder("k", ScalarType(float))
    weights = b.constant(np.arange(4.0))
    twice = b.call(TIMES, (k, 2.0), {}, HERE)
    fresh = b.call(COPY, (x,), {"order": "K"}, HERE)
    row = b.call(GET, (fresh, 0), {}, HERE)
    b.call(SET, (row, slice(None), weights), {}, HERE)
    product = b.call(MUL, (fresh, fresh))
    return b.finish((b.call(SUM, (product,), {}, HERE), (b.current(row), twice), None))


def test_listing(golden: Golden) -> None:
    golden("listing", printer.listing(everything(), "demo"))


def test_str_of_a_graph_is_its_listing() -> None:
    g = everything()
    assert str(g) == printer.listing(g, "demo")


def test_table(golden: Golden) -> None:
    golden("table", printer.table(everything()))


def test_dot(golden: Golden) -> None:
    golden("dot", printer.dot(everything(), "demo"))
    assert everything().to_dot() == printer.dot(everything(), "demo")


def test_sub_graphs_are_printed_inside(golden: Golden) -> None:
    g = looped()
    golden("sub_graphs", "\n\n".join([printer.listing(g), printer.table(g), printer.dot(g)]))


def test_long_constants_are_cut() -> None:
    assert printer.summary("x" * 200) == "'" + "x" * 56 + "..."
    assert printer.summary(np.zeros((3, 4), np.int8)) == "<int8 array of shape (3, 4)>"


def test_windows_paths_are_cut_to_the_file() -> None:
    g = everything()
    assert printer.line_text(g.nodes[3]) == "demo.py:7"
    assert printer.line_text(g.nodes[0]) == ""
