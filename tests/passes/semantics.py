"""What a pass must not change: values, dtypes, identity and sharing of memory of everything a graph returns."""

import itertools
import random
from typing import Any

import numpy as np

from graphlet.ir.build import Builder
from graphlet.ir.graph import Graph, Node
from graphlet.ir.types import ArrayType, ScalarType, Sym
from tests.ir.rows import ADD, COPY, DIV, F8, GET, LESS, MUL, PLUS, RAVEL, SET, TIMES

KINDS = ("add", "mul", "div", "less", "copy", "view", "set", "set_view", "number", "ravel", "literal")


def observed(graph: Graph, inputs: tuple[Any, ...]) -> tuple[list[Any], list[tuple[bool, bool]]]:
    """Bits of all outputs; for each pair of inputs and outputs: is it one object, is memory shared."""
    with np.errstate(all="ignore"):
        outputs = graph.forward(*inputs)
    bits = [(type(value), np.asarray(value).dtype, np.asarray(value).tobytes()) for value in outputs]
    arrays = [value for value in (*inputs, *outputs) if isinstance(value, np.ndarray)]
    pairs = itertools.combinations(arrays, 2)
    return bits, [(left is right, np.shares_memory(left, right)) for left, right in pairs]


def assert_same(before: Graph, after: Graph, *inputs: Any) -> None:
    before.lint()
    after.lint()
    kept = [np.copy(value) for value in inputs]
    assert observed(before, inputs) == observed(after, inputs)
    for value, copy in zip(inputs, kept, strict=True):
        np.testing.assert_array_equal(value, copy)


def random_graph(seed: int) -> tuple[Graph, tuple[Any, ...]]:
    """A graph with repeated and unused work, views, writes through views, and outputs that share memory or do not."""
    rng = random.Random(seed)
    b = Builder()
    size = Sym("n", 5)
    arrays = [b.placeholder(name, ArrayType(F8, (size,))) for name in "xy"]
    numbers = [b.placeholder("k", ScalarType(float)), b.constant(2.0), b.constant(3.0)]
    fresh: list[Node] = []
    views: list[Node] = []
    for _ in range(rng.randrange(4, 25)):
        kind = rng.choice(KINDS)
        left, right = rng.choice(arrays), rng.choice(arrays)
        if kind in ("add", "mul", "div"):
            arrays.append(b.call({"add": ADD, "mul": MUL, "div": DIV}[kind], (left, right)))
        elif kind == "literal":
            arrays.append(b.call(ADD, (left, rng.choice([0.0, -0.0, 1.0]))))
        elif kind == "less":
            b.call(LESS, (left, 0.5))
        elif kind == "copy":
            fresh.append(b.call(COPY, (left,)))
            arrays.append(fresh[-1])
        elif kind == "ravel":
            arrays.append(b.call(RAVEL, (left,)))
        elif kind == "view":
            views.append(b.call(GET, (left, rng.choice([slice(1, 3), slice(None, None, 2)]))))
        elif kind == "number":
            numbers.append(b.call(rng.choice([PLUS, TIMES]), (rng.choice(numbers), rng.choice(numbers))))
        elif kind == "set" and fresh:
            b.call(SET, (rng.choice(fresh), slice(0, 2), rng.choice([1.0, *numbers])))
        elif kind == "set_view" and fresh:
            view = b.call(GET, (rng.choice(fresh), slice(1, 3)))
            views.append(view)
            b.call(SET, (view, slice(None), 7.0))
    picked = rng.choices([*arrays, *views, *numbers], k=rng.randrange(1, 6))
    graph = b.finish([b.current(node) for node in picked])
    generator = np.random.default_rng(seed)
    return graph, (generator.standard_normal(5), generator.standard_normal(5), 1.5)
