"""What is computed from known numbers becomes a number, unless it warns or raises."""

import operator

import numpy as np
import pytest

from graphlet.ir.build import Builder
from graphlet.ir.graph import Node
from graphlet.ir.op import Op
from graphlet.ir.types import ScalarType, type_of
from graphlet.passes import constant_folding
from tests.ir.rows import ADD, PLUS, RANDOM, TIMES, with_vectors
from tests.passes.semantics import assert_same


def row(fn: object, result: object, kind: str = "scalar", **traits: bool) -> Op:
    return Op("row", fn, lambda args, kwargs: type_of(result), kind, **traits)


def folded(op: Op, *args: object) -> Node:
    """The output of a graph that only calls ``op`` on constants, after folding."""
    b = Builder()
    g = b.finish((b.call(op, [b.constant(arg) for arg in args]),))
    constant_folding.run(g)
    g.lint()
    return g.outputs[0]


def test_chains_fold_and_keep_their_name_line_and_type() -> None:
    b, x = with_vectors("x")
    product = b.call(TIMES, (b.constant(2.0), b.call(PLUS, (b.constant(3.0), 4.0))))
    before = b.finish((b.call(ADD, (x, product)), product))
    after = before.copy()
    constant_folding.run(after)
    assert_same(before, after, np.arange(4.0))
    value = after.outputs[1]
    assert (value.op, value.target, value.type) == ("constant", 14.0, ScalarType(float))
    assert value.name == before.outputs[1].name


def test_numpy_numbers_fold() -> None:
    node = folded(row(np.multiply, np.float32(0), "elementwise"), np.float32(1.5), np.float32(2))
    assert node.op == "constant"
    assert type(node.target) is np.float32
    assert node.target == 3.0


@pytest.mark.parametrize(
    ("op", "args"),
    [
        (row(operator.truediv, 0.0), (1.0, 0.0)),
        (row(np.multiply, np.float32(0), "elementwise"), (np.float32(3e38), np.float32(3e38))),
        (row(np.divide, np.float64(0), "elementwise"), (1.0, 0.0)),
        (row(operator.neg, np.uint8(0)), (np.uint8(5),)),
        (row(operator.mul, 0.0), (10**400, 1.0)),
        (row(operator.mul, 0), (1 << 5000, 3)),
        (row(operator.pow, 0), (10, 10)),
        (row(operator.invert, 0), (True,)),
        (row(operator.add, 0.0, pure=False), (1.0, 2.0)),
        (row(operator.add, 0.0, random=True), (1.0, 2.0)),
        (row(operator.add, 0.0, "opaque"), (1.0, 2.0)),
        (row(operator.add, ""), ("a", "b")),
        (row(np.add, np.zeros(2), "elementwise"), (np.ones(2), np.ones(2))),
        (row(operator.add, 0), (1.0, 2.0)),
    ],
    ids=str,
)
def test_what_warns_raises_or_is_no_number_is_left(op: Op, args: tuple[object, ...]) -> None:
    b = Builder()
    g = b.finish((b.call(op, [b.constant(arg) for arg in args]),))
    text = str(g)
    constant_folding.run(g)
    assert str(g) == text


def test_inputs_and_random_numbers_are_not_known() -> None:
    b = Builder()
    k = b.placeholder("k", ScalarType(float))
    g = b.finish((b.call(PLUS, (k, 1.0)), b.call(RANDOM)))
    text = str(g)
    constant_folding.run(g)
    assert str(g) == text
