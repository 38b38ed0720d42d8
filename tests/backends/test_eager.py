"""The backend that calls NumPy node by node."""

import numpy as np

from graphlet.backends.eager import eager
from tests.ir.test_graph import looped, small
from tests.passes.semantics import random_graph


def test_the_graph_s_own_name_is_in_the_function_s_code() -> None:
    g = small()
    g.name = "kmeans#r1.s1"
    assert "kmeans#r1.s1" in eager(g, ()).__code__.co_filename


def test_eager_agrees_with_forward_bit_for_bit() -> None:
    for seed in range(100):
        graph, inputs = random_graph(seed)
        with np.errstate(all="ignore"):
            got, want = eager(graph, inputs)(*inputs), graph.forward(*inputs)
        assert [np.asarray(value).tobytes() for value in got] == [np.asarray(value).tobytes() for value in want]
        assert [type(value) for value in got] == [type(value) for value in want]


def test_sub_graphs_run() -> None:
    assert eager(looped(), ())(np.arange(3.0))[0].tolist() == [1.0, 9.0, 17.0]
