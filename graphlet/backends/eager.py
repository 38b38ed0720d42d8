"""The reference: the graph as a Python function that calls NumPy node by node."""

from collections.abc import Sequence
from typing import Any

from graphlet.backends.protocol import PythonKernel
from graphlet.ir import pycode
from graphlet.ir.graph import Graph


def eager(graph: Graph, example_inputs: Sequence[Any]) -> PythonKernel:
    """Run the graph node by node with NumPy."""
    return pycode.compiled(graph, graph.name)
