"""Ways to go through the nodes of a block."""

from collections.abc import Iterator

from graphlet.ir.node import OUTPUT, PLACEHOLDER, Block, Node


def inputs(block: Block) -> tuple[Node, ...]:
    """The placeholders, in order."""
    return tuple(node for node in block.nodes if node.op == PLACEHOLDER)


def output(block: Block) -> Node:
    """The output node."""
    last = block.nodes[-1]
    assert last.op == OUTPUT, f"the last node is a {last.op}, not the output"
    return last


def everything(block: Block, depth: int = 0) -> Iterator[tuple[Node, int]]:
    """Every node, those of sub-graphs behind the node that holds them, each with its depth of nesting."""
    for node in block.nodes:
        yield node, depth
        for sub in node.graphs:
            yield from everything(sub, depth + 1)


def last_uses(block: Block) -> dict[Node, list[Node]]:
    """For each node of the block, the nodes that nobody needs behind it (its own value, if nobody ever does)."""
    ends: dict[Node, list[Node]] = {}
    seen: set[Node] = set()
    for node in reversed(block.nodes):
        done = [n for n in (node, *node.inputs) if n not in seen]
        seen.update(done)
        ends[node] = done
    return ends
