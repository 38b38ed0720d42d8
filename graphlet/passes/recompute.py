"""Recomputing: sums, differences and products of small arrays spread against each other are made again where they are
used again behind a reduction, so that they are never stored.

``apart = x[None] - x[:, None]`` reads little and makes much. Where a reduction of it lies between two uses, no loop can
have both, and the array would go through memory twice. Valid before and after: nothing is written in such a graph, so
that the same operands have the same values. Flags are raised twice, which is as good as once.
"""

import math
import operator

from graphlet.core.pristine import np
from graphlet.ir.alias import has_own_effect, written_argument
from graphlet.ir.graph import Graph
from graphlet.ir.groups import is_elementwise, is_reduction
from graphlet.ir.node import Node
from graphlet.ir.types import ArrayType

LIGHT = frozenset((np.add, np.subtract, np.multiply, operator.add, operator.sub, operator.mul))
LARGE = 1 << 14  # elements
SMALL_PART = 4  # of what is made, at most such a part is read
NOTHING, DIRECTLY, BEHIND = range(3)  # how a node depends on another: not, through elements alone, behind other nodes


def run(graph: Graph) -> None:
    """Let late users of cheap large arrays have arrays of their own."""
    if any(written_argument(node) is not None or has_own_effect(node) for node in graph.nodes):
        return
    for node in tuple(graph.nodes):
        if is_cheap(node) and len(node.users) > 1 and all(is_elementwise(u) or is_reduction(u) for u in node.users):
            late = late_users(graph, node)
            if late:
                make_again(graph, node, late)


def is_cheap(node: Node) -> bool:
    """Whether it takes little to make the array, compared with reading it."""
    if not is_elementwise(node) or node.row is None or node.row.fn not in LIGHT:
        return False
    size = _size(node)
    return size >= LARGE and SMALL_PART * sum(map(_size, node.inputs)) <= size


def _size(node: Node) -> int:
    return math.prod(node.type.shape_hint) if isinstance(node.type, ArrayType) else 1


def late_users(graph: Graph, node: Node) -> list[Node]:
    """The users that wait for something else that is made of the array, other than element by element."""
    depends = {node: DIRECTLY}
    left, late = len(node.users), []
    nodes = iter(graph.nodes)
    while next(nodes) is not node:
        pass
    for other in nodes:
        how = max((depends.get(source, NOTHING) for source in other.inputs), default=NOTHING)
        depends[other] = BEHIND if how == DIRECTLY and not is_elementwise(other) else how
        if node in other.inputs:
            left -= 1
            if how == BEHIND:
                late.append(other)
            if left == 0:
                break
    return late


def make_again(graph: Graph, node: Node, users: list[Node]) -> None:
    """Put the same node in front of the first of these users, for all of them."""
    again = Node(node.name, node.op, node.target, (), {}, node.type, node.loc, node.row, modes=node.modes)
    again.set_args(node.args, node.kwargs)
    graph.insert(again, before=users[0])
    for user in users:
        user.replace_input_with(node, again)
