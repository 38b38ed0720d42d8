"""The block machine backend: a graph becomes a plan of native steps, run in one C call."""

from collections.abc import Sequence
from typing import Any

from graphlet.backends.block_bands import Band, in_bands
from graphlet.backends.block_lower import Arrange, Lowering
from graphlet.backends.block_members import Members, member_of
from graphlet.backends.block_tails import tail_of
from graphlet.ir.graph import Graph, Node
from graphlet.ir.groups import units
from graphlet.runtime import threads
from graphlet.runtime._block import BlockKernel
from graphlet.runtime.plan import Plan

threads.follow_settings()

OWN_CALLS = frozenset({"getitem_fancy", "roll"})  # calls that the runtime knows a faster way for


def block(graph: Graph, example_inputs: Sequence[Any]) -> BlockKernel:
    """A kernel that runs the graph with NumPy's own functions and inner loops; the results are NumPy's bit for bit."""
    return BlockKernel(plan_of(graph))


def plan_of(graph: Graph, arrange: Arrange | None = None) -> Plan:
    """The graph as a plan; ``arrange`` may say more about its groups."""
    members = Members()
    lowering = Lowering(graph, members, arrange)
    for part in in_bands(units(graph, lambda node: members[node] is not None, can_be_tail)):
        if isinstance(part, Band):
            lowering.band(part)
        else:
            lowering.unit(part)
    return lowering.finish(graph.outputs, graph.writes)


def can_be_tail(node: Node) -> bool:
    """Whether a node is a reduction that can be the end of a group."""
    return tail_of(node) is not None


def can_be_fused(node: Node) -> bool:
    """Whether a node can be part of a group."""
    return member_of(node) is not None


def is_own_work(node: Node) -> bool:
    """Whether the machine does the work of a node itself; what it calls takes as long as NumPy takes for it."""
    return can_be_fused(node) or can_be_tail(node) or (node.row is not None and node.row.name in OWN_CALLS)
