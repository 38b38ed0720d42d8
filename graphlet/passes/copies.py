"""A copy that is only read is what it was copied from: ``un = u.copy()`` in front of a step that writes ``u``.

Memory that was there before is written when the graph has run, so a graph that reads it needs no copy. Valid before and
after: the copy and its views are read by arithmetic, reductions and slices alone, which cannot tell it from an array of
the same layout, and nothing writes to it or to what it was copied from.
"""

from graphlet.arrayops.indexing import GETITEM
from graphlet.core.pristine import np
from graphlet.ir.alias import Storages, has_own_effect, shares_with
from graphlet.ir.graph import Graph
from graphlet.ir.groups import is_elementwise, is_reduction
from graphlet.ir.node import CALL_FUNCTION, Node
from graphlet.ir.types import ArrayType, ScalarType

COPIERS = (np.copy, np.ndarray.copy)


def run(graph: Graph) -> None:
    """Let the users of such copies take the array itself."""
    copies = [node for node in graph.nodes if is_copy(node)]
    if not copies or any(map(has_own_effect, graph.nodes)):
        return
    storages = Storages(graph.nodes)
    for node in copies:
        source = node.args[0]
        written = storages.writes(storages.storage_of(source) or source) or storages.writes(node)
        if not written and is_only_read(node):
            node.replace_all_uses_with(source)
            graph.erase(node)


def is_copy(node: Node) -> bool:
    """Whether it copies an array in C order, in that order."""
    if node.op != CALL_FUNCTION or node.target not in COPIERS or not node.args or not isinstance(node.args[0], Node):
        return False
    kinds = (node.type, node.args[0].type)
    return all(isinstance(kind, ArrayType) and kind.order == "C" for kind in kinds)


def is_only_read(node: Node) -> bool:
    """Whether neither the array nor a view of it gets to anybody who could tell whose memory it is."""
    for user in node.users:
        if user.row is GETITEM and shares_with(user) is node and not isinstance(user.type, ScalarType):
            if not is_only_read(user):
                return False
        elif not (is_elementwise(user) or is_reduction(user)):
            return False
    return True
