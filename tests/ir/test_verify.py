"""What ``verify`` finds: every rule of a graph, broken one at a time."""

import dataclasses

import numpy as np
import pytest

from graphlet.core.errors import GraphError
from graphlet.ir.alias import AFTER
from graphlet.ir.graph import Graph, Node
from graphlet.ir.types import ArrayType, ObjectType, ScalarType
from graphlet.ir.verify import problems, same_kind, verify
from tests.ir.rows import COPY, F8, GET, MUL, SET, vector, with_vectors
from tests.ir.test_graph import looped, small
from tests.ir.test_printer import everything


@pytest.mark.parametrize("make", [small, everything, looped])
def test_sound_graphs(make: object) -> None:
    assert list(problems(make())) == []


def node(g: Graph, name: str) -> Node:
    return next(n for n in g.nodes if n.name == name)


def break_op(g: Graph) -> None:
    node(g, "add").op = "call_module"


def break_output(g: Graph) -> None:
    g.nodes.pop()


def break_placeholder_order(g: Graph) -> None:
    g.nodes.insert(3, g.nodes.pop(1))


def break_names(g: Graph) -> None:
    node(g, "multiply").name = "add"


def break_identifier(g: Graph) -> None:
    node(g, "multiply").name = "a b"


def break_order(g: Graph) -> None:
    g.nodes[2], g.nodes[3] = g.nodes[3], g.nodes[2]


def break_membership(g: Graph) -> None:
    g.nodes.remove(node(g, "add"))


def break_users(g: Graph) -> None:
    node(g, "add").users.clear()


def break_target(g: Graph) -> None:
    node(g, "add").target = np.multiply


def break_row(g: Graph) -> None:
    node(g, "add").row = None


def break_missing_type(g: Graph) -> None:
    node(g, "add").type = None


def break_type(g: Graph) -> None:
    node(g, "add").type = ArrayType(np.dtype(np.float32), node(g, "add").type.shape)


def break_inference(g: Graph) -> None:
    node(g, "multiply").set_args((1.0, 2.0), {})


def break_holder(g: Graph) -> None:
    node(g, "add").graphs = (small(),)


BREAKS = {
    break_op: "add has the unknown op 'call_module'",
    break_output: "expected one output, at the end; got 0",
    break_placeholder_order: "y is a placeholder behind other nodes",
    break_names: "two nodes are called add",
    break_identifier: "'a b' is no identifier",
    break_order: "multiply uses add, which comes later",
    break_membership: "multiply uses add, which is not in the graph",
    break_users: "add.users is [], the arguments say ['multiply', 'output']",
    break_target: "add calls <ufunc 'multiply'>, its row is <op add>",
    break_row: "add calls <ufunc 'add'>, its row is None",
    break_missing_type: "add has no type",
    break_type: "add is typed float32[n_x], its arguments give float64[n_x]",
    break_inference: "multiply has no type any more: no array among the operands",
    break_holder: "add is a call_function with sub-graphs",
}


@pytest.mark.parametrize("damage", BREAKS, ids=lambda fn: fn.__name__)
def test_each_damage_is_found_and_named(damage: object) -> None:
    g = small()
    damage(g)
    with pytest.raises(GraphError) as caught:
        verify(g, "a test")
    assert "not sound after a test" in str(caught.value)
    assert BREAKS[damage] in str(caught.value)


def written() -> tuple[Graph, Node, Node, Node]:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    view = b.call(GET, (fresh, slice(1, 3)))
    write = b.call(SET, (fresh, slice(None), 0.0))
    late = b.call(MUL, (write, 2.0))
    return b.finish((late,)), fresh, view, late


def test_reading_an_old_version_is_found() -> None:
    g, fresh, _, late = written()
    late.replace_input_with(late.args[0], fresh)
    assert list(problems(g)) == ["multiply uses copy, whose memory setitem has written to since"]


def test_reading_a_view_of_an_old_version_is_found() -> None:
    g, _, view, late = written()
    late.replace_input_with(late.args[0], view)
    assert list(problems(g)) == ["multiply uses getitem, whose memory setitem has written to since"]


def test_after_may_take_an_old_version_and_its_result_may_be_read() -> None:
    g, _, view, late = written()
    made = Node("after", "call_function", AFTER.fn, (view, late.args[0]), {}, view.type, None, AFTER)
    g.insert(made, before=late)
    late.replace_input_with(late.args[0], made)
    assert list(problems(g)) == []


def test_writing_to_an_input_is_found() -> None:
    g, fresh, _, late = written()
    late.args[0].replace_input_with(fresh, g.inputs[0])
    assert "setitem writes to the memory of x, which was there before the graph ran" in list(problems(g))


def test_writing_to_a_number_is_found() -> None:
    g, fresh, _, late = written()
    late.args[0].replace_input_with(fresh, 1.0)
    assert "setitem writes to argument 0, which is no array" in list(problems(g))


def test_constants_are_what_they_say() -> None:
    g = everything()
    node(g, "const").target = np.zeros(4, np.int8)
    assert "const holds int8[4], its type says float64[4]" in list(problems(g))


def test_problems_in_sub_graphs_say_where() -> None:
    g = looped()
    body = g.nodes[1].graphs[0]
    body.nodes[1].type = vector("v", dtype=np.float32)
    assert list(problems(g)) == ["loop.0: multiply is typed float32[n_v], its arguments give float64[n_v]"]


def test_sub_graphs_return_no_memory_of_their_inputs() -> None:
    g = looped()
    body = g.nodes[1].graphs[0]
    body.output.set_args((body.inputs[0],), {})
    assert list(problems(g)) == ["sub-graph 0 of loop returns memory of its input v"]


def test_a_loop_without_sub_graph() -> None:
    g = looped()
    g.nodes[1].graphs = ()
    assert "loop is a loop without sub-graphs" in list(problems(g))


def test_same_kind_ignores_sizes_and_layout_only() -> None:
    array = vector("x")
    assert same_kind(array, dataclasses.replace(vector("y"), order="K"))
    assert not same_kind(array, ScalarType(float))
    assert not same_kind(ScalarType(float), ScalarType(np.float64, F8))
    assert same_kind(ObjectType(tuple, (array,)), ObjectType(tuple, (vector("z"),)))
    assert not same_kind(ObjectType(tuple, (array,)), ObjectType(tuple, None))
    assert not same_kind(ObjectType(tuple, (array,)), ObjectType(list, (array,)))
