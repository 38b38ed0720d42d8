"""Which operation of a graph NumPy warns about, or fails in, for given inputs."""

from collections.abc import Sequence
from typing import Any

from graphlet.backends.raising import raise_for_flags
from graphlet.core.pristine import np
from graphlet.ir.alias import AFTER, written_argument
from graphlet.ir.graph import Graph
from graphlet.ir.node import CALL_FUNCTION, OUTPUT, PLACEHOLDER, Node, map_nodes
from graphlet.runtime._streams import taken_back


def first_problem(graph: Graph, inputs: Sequence[Any]) -> Node | None:
    """The first node, run one after the other, that warns or raises as NumPy's error state wants it; None if none does.

    The inputs are not changed: a graph writes to arrays of its own only, and random numbers that it draws are put back.
    """
    node: Node | None = taken_back(_first_problem, graph, inputs)
    return node


def _first_problem(graph: Graph, inputs: Sequence[Any]) -> Node | None:
    given, values = iter(inputs), dict[Node, Any]()
    for node in graph.nodes:
        if node.op == OUTPUT or node.graphs:
            return None
        if node.op == PLACEHOLDER:
            values[node] = next(given)
        elif node.op == CALL_FUNCTION:
            try:
                values[node] = raise_for_flags(_value, node, values)
            except Exception:
                return node
        else:
            values[node] = node.target
    return None


def _value(node: Node, values: dict[Node, Any]) -> Any:
    args, kwargs = map_nodes(values.__getitem__, node.args), map_nodes(values.__getitem__, node.kwargs)
    if node.row is AFTER:
        return args[0]
    with np.errstate(**dict(node.modes)):  # type: ignore[arg-type]
        result = node.target(*args, **kwargs)
    written = written_argument(node)
    return result if written is None else values[written]
