"""Dead code: what nobody uses goes, unless leaving it out could be noticed.

Valid before and after. A node that may warn or raise stays, and so does every effect. A write stays while somebody
behind it looks at the memory it writes to, through whatever view.
"""

from graphlet.ir.alias import Storages, written_argument
from graphlet.ir.graph import Graph
from graphlet.ir.node import Node
from graphlet.ir.quiet import why_it_stays


def run(graph: Graph) -> None:
    """Take out the dead nodes. Inputs stay, used or not."""
    storages = Storages(graph.nodes)
    needed: set[Node] = set()
    seen_memory: set[Node] = set()
    dead: list[Node] = []
    for node in reversed(graph.nodes):
        if node in needed or _writes_to(node, seen_memory, storages) or why_it_stays(node) is not None:
            needed.update(node.inputs)
            seen_memory.update(root for root in map(storages.storage_of, node.inputs) if root is not None)
        else:
            dead.append(node)
    graph.erase(*dead)


def _writes_to(node: Node, seen_memory: set[Node], storages: Storages) -> bool:
    target = written_argument(node)
    return target is not None and storages.storage_of(target) in seen_memory
