"""Graphs: running node by node, copying, inserting and erasing."""

import numpy as np
import pytest

from graphlet.core.errors import GraphError
from graphlet.ir.graph import LOOP, Graph, Node
from graphlet.ir.types import ArrayType, Sym
from tests.ir.rows import ADD, F8, GET, HERE, MUL, SET, STORE, with_vectors


def repeat(body: object, times: int, value: object) -> object:
    for _ in range(times):
        (value,) = body(value)
    return value


def looped() -> Graph:
    """A graph with a node that holds a sub-graph; made by hand, as nothing in the builder makes one."""
    inner, v = with_vectors("v")
    body = inner.finish((inner.call(MUL, (v, 2.0)),))
    outer, x = with_vectors("x")
    last = outer.call(ADD, (x, 1.0))
    g = outer.finish((last,))
    node = Node("loop", LOOP, repeat, (3, x), {}, ArrayType(F8, (Sym("n", 4),)), HERE, graphs=(body,))
    g.insert(node, before=last)
    last.replace_input_with(x, node)
    return g


def small() -> Graph:
    b, x, y = with_vectors("x", "y")
    s = b.call(ADD, (x, y), {}, HERE)
    return b.finish((b.call(MUL, (s, 2.0)), [s, x], 3))


def test_forward_returns_the_outputs_with_their_nesting() -> None:
    x, y = np.arange(4.0), np.ones(4)
    product, (total, same), three = small().forward(x, y)
    np.testing.assert_array_equal(product, (x + y) * 2)
    np.testing.assert_array_equal(total, x + y)
    assert same is x
    assert three == 3


def test_forward_wants_all_inputs() -> None:
    with pytest.raises(TypeError, match=r"forward takes 2 inputs \(x, y\), got 1"):
        small().forward(np.arange(4.0))


@pytest.mark.parametrize("row", [SET, STORE])
def test_a_write_gives_the_array_it_was_given_whatever_the_function_returns(row: object) -> None:
    b, x = with_vectors("x")
    fresh = b.call(ADD, (x, 0.0))
    written = b.call(row, (fresh, slice(1, 2), 9.0))
    g = b.finish((written,))
    assert g.forward(np.arange(3.0))[0].tolist() == [0.0, 9.0, 2.0]


def test_names_order_and_ends() -> None:
    g = small()
    assert [node.name for node in g] == ["x", "y", "add", "multiply", "output"]
    assert [node.name for node in g.inputs] == ["x", "y"]
    assert g.outputs == (g.nodes[3], [g.nodes[2], g.nodes[0]], 3)
    assert g.output is g.nodes[-1]
    assert len(g) == 5
    assert repr(g) == "<graph graph: 5 nodes>"


def test_erase_refuses_what_is_used() -> None:
    g = small()
    with pytest.raises(GraphError, match=r"add cannot be erased: used by multiply, output"):
        g.erase(g.nodes[2])


def test_insert_replace_erase() -> None:
    g = small()
    add = g.nodes[2]
    made = Node("add", "call_function", np.add, (add.args[0], 1.0), {}, add.type, None, ADD)
    g.insert(made, before=g.nodes[3])
    assert made.name == "add_1"
    g.replace_all_uses_with(add, made)
    g.erase(add)
    g.lint()
    product, (total, _), _ = g.forward(np.arange(4.0), np.ones(4))
    assert total.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert product.tolist() == [2.0, 4.0, 6.0, 8.0]


def test_copy_is_equal_and_apart() -> None:
    g = small()
    other = g.copy()
    other.lint()
    assert str(other) == str(g)
    assert not set(g.nodes) & set(other.nodes)
    other.nodes[3].replace_input_with(other.nodes[2], 5.0)
    assert "np.multiply(add, 2.0)" in g.code
    g.lint()


def test_copy_copies_sub_graphs() -> None:
    g = looped()
    other = g.copy()
    other.lint()
    assert str(other) == str(g)
    assert other.nodes[1].graphs[0] is not g.nodes[1].graphs[0]


def test_a_node_with_a_sub_graph_runs() -> None:
    g = looped()
    g.lint()
    assert g.forward(np.arange(3.0))[0].tolist() == [1.0, 9.0, 17.0]


def test_print_tabular(capsys: pytest.CaptureFixture[str]) -> None:
    small().print_tabular()
    assert "np.multiply" in capsys.readouterr().out


def test_views_are_views() -> None:
    b, x = with_vectors("x")
    g = b.finish((b.call(GET, (x, slice(1, None))),))
    given = np.arange(4.0)
    assert g.forward(given)[0].base is given
