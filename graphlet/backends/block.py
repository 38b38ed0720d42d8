"""The block machine backend: a graph becomes a plan of native steps, run in one C call."""

from collections.abc import Sequence
from typing import Any

from graphlet.backends.block_lower import Lowering
from graphlet.ir.graph import OUTPUT, Graph
from graphlet.runtime._block import BlockKernel


def block(graph: Graph, example_inputs: Sequence[Any]) -> BlockKernel:
    """A kernel that runs the graph with NumPy's own functions and inner loops; the results are NumPy's bit for bit."""
    lowering = Lowering(graph)
    for node in graph.nodes:
        if node.op != OUTPUT:
            lowering.node(node)
    return BlockKernel(lowering.finish(graph.outputs))
