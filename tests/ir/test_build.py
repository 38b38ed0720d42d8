"""The builder: inputs, marks and rollbacks, arguments as they are now."""

import numpy as np
import pytest

from graphlet.core.errors import GraphError
from graphlet.ir.build import Builder
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ScalarType, Sym, same_dim, unify
from tests.ir.rows import ADD, COPY, GET, HERE, MUL, SET, broadcast, vector, with_vectors


def test_inputs_may_come_late_and_stand_first() -> None:
    b, x = with_vectors("x")
    s = b.call(ADD, (x, 1.0), {}, HERE)
    y = b.placeholder("self.w", vector("y"))
    g = b.finish((b.call(ADD, (s, y)),))
    g.lint()
    assert [node.name for node in g] == ["x", "w", "add", "add_1", "output"]
    assert g.inputs[1].target == "self.w"
    assert s.loc is HERE


def test_constants_are_typed() -> None:
    b = Builder()
    node = b.constant(np.float32(2))
    assert node.type == ScalarType(np.float32, np.dtype(np.float32))
    assert b.finish((node,)).forward() == (np.float32(2),)


def test_a_failed_call_changes_nothing() -> None:
    def joins_then_fails(args: object, kwargs: object) -> None:
        broadcast(args)
        raise InferenceError("no")

    b, x, y = with_vectors("x", "y")
    with pytest.raises(InferenceError):
        b.call(Op("bad", np.add, joins_then_fails, "elementwise"), (x, y))
    assert not same_dim(x.type.shape[0], y.type.shape[0])
    assert b.nodes == (x, y)
    assert not x.users


def test_rollback_takes_nodes_names_users_and_sizes_back() -> None:
    b, x, y = with_vectors("x", "y")
    first = b.call(ADD, (x, 1.0))
    mark = b.mark()
    b.placeholder("z", vector("z"))
    b.call(SET, (first, slice(None), 0.0))
    b.call(ADD, (x, y))
    assert same_dim(x.type.shape[0], y.type.shape[0])
    b.rollback(mark)
    assert b.nodes == (x, y, first)
    assert not same_dim(x.type.shape[0], y.type.shape[0])
    assert not first.users
    assert b.current(first) is first
    assert b.call(ADD, (first, y)).name == "add_1"
    assert b.placeholder("z", vector("z")).name == "z"


def test_marks_nest() -> None:
    b, x, y, z = with_vectors("x", "y", "z")
    dims = [node.type.shape[0] for node in (x, y, z)]
    outer = b.mark()
    b.call(ADD, (x, y))
    inner = b.mark()
    b.call(ADD, (z, y))
    b.rollback(inner)
    assert same_dim(dims[0], dims[1])
    assert not same_dim(dims[0], dims[2])
    b.rollback(outer)
    assert not same_dim(dims[0], dims[1])


def test_symbols_of_a_rolled_back_input_are_separate_again() -> None:
    b, x = with_vectors("x")
    mark = b.mark()
    y = b.placeholder("y", vector("y"))
    unify(y.type.shape[0], x.type.shape[0])
    b.rollback(mark)
    assert not same_dim(y.type.shape[0], x.type.shape[0])


def test_arguments_are_taken_as_they_are_now() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    view = b.call(GET, (fresh, slice(1, 3)))
    b.call(SET, (view, slice(None), 9.0))
    total = b.call(ADD, (fresh, fresh))  # the builder finds the version behind the write
    doubled = b.call(MUL, (view, 2.0))
    assert len([node for node in b.nodes if node.row is not None and node.row.name == "after"]) == 1
    g = b.finish((total, doubled, b.current(fresh)))
    g.lint()
    total_value, doubled_value, fresh_value = g.forward(np.arange(4.0))
    assert total_value.tolist() == [0.0, 18.0, 18.0, 6.0]
    assert doubled_value.tolist() == [18.0, 18.0]
    assert fresh_value.tolist() == [0.0, 9.0, 9.0, 3.0]


def test_current_is_the_write_itself_for_the_written_array() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    first = b.call(SET, (fresh, slice(0, 1), 9.0))
    second = b.call(SET, (fresh, slice(1, 2), 8.0))
    assert second.args[0] is first
    assert b.current(fresh) is second
    assert b.current(first) is second


def test_an_old_version_is_no_output() -> None:
    b, x = with_vectors("x")
    fresh = b.call(COPY, (x,))
    b.call(SET, (fresh, slice(0, 1), 9.0))
    with pytest.raises(GraphError, match=r"output copy has been written to since; use current\(copy\)"):
        b.finish((fresh,))
    g = b.finish((b.current(fresh),))
    assert g.output.name == "output"
    assert g.forward(np.zeros(2))[0].tolist() == [9.0, 0.0]


def test_writes_to_inputs_and_views_of_inputs_are_refused() -> None:
    b, x = with_vectors("x")
    view = b.call(GET, (x, slice(1, None)))
    for target in (x, view):
        with pytest.raises(InferenceError, match="was there before the graph"):
            b.call(SET, (target, slice(None), 0.0))
    with pytest.raises(InferenceError, match="which is no array"):
        b.call(SET, (1.0, slice(None), 0.0))
    assert b.nodes == (x, view)


def test_symbols_inside_results_belong_to_the_builder() -> None:
    b, x = with_vectors("x")
    part = b.call(GET, (x, slice(1, None)))
    mark = b.mark()
    b.call(ADD, (part, x))
    b.rollback(mark)
    assert isinstance(part.type.shape[0], Sym)
    assert not same_dim(part.type.shape[0], x.type.shape[0])
