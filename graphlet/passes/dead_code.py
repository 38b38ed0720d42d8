"""Dead code: what nobody uses goes, unless leaving it out could be noticed.

Valid before and after. A node that may warn or raise stays, and so does every effect. Whoever looks at memory behind a
write has the write among what it needs (``verify`` sees to that), so a write that nobody needs is one that nobody sees.
"""

from graphlet.ir.graph import Graph
from graphlet.ir.node import Node
from graphlet.ir.quiet import why_it_stays


def run(graph: Graph) -> None:
    """Take out the dead nodes. Inputs stay, used or not."""
    needed: set[Node] = set()
    dead: list[Node] = []
    for node in reversed(graph.nodes):
        if node in needed or why_it_stays(node) is not None:
            needed.update(node.inputs)
        else:
            dead.append(node)
    graph.erase(*dead)
