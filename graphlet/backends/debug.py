"""The backend to look with: prints each graph it gets, then runs it node by node."""

from collections.abc import Sequence
from typing import Any

from graphlet.backends.eager import eager
from graphlet.backends.protocol import PythonKernel
from graphlet.ir.graph import Graph
from graphlet.ir.types import type_of


def debug(graph: Graph, example_inputs: Sequence[Any]) -> PythonKernel:
    """Print the graph as a table and as code, then run it node by node with NumPy."""
    given = ", ".join(f"{node} {type_of(value)}" for node, value in zip(graph.inputs, example_inputs, strict=True))
    print(f"graph {graph.name}({given})")
    graph.print_tabular()
    print()
    print(graph.code)
    return eager(graph, example_inputs)
