"""Which stubs are not worth standing where they stand: each call of one takes some ten nanoseconds, run or not."""

from graphlet.cache import Entry
from graphlet.ir.graph import Graph
from graphlet.ir.node import CALL_FUNCTION, HOLDERS, Node
from graphlet.ir.op import VIEW
from graphlet.ir.types import ArrayType


def is_useless(entry: Entry) -> bool:
    """Nothing has run for many calls, or what ran was slower time and again, and larger arrays change nothing.

    What takes the longer the more elements there are may come to pay, so its stub stays.
    """
    region = entry.region
    if not entry.records:
        return bool(region.is_idle) and region.on_miss is None
    loses = region.is_idle or region.is_settled
    return loses and not any(grows_with_arrays(record.graph) for record in entry.records)


def grows_with_arrays(graph: Graph) -> bool:
    """Whether a graph takes the longer the more elements its arrays have; reading some of them does not."""
    return any(map(goes_over_elements, graph.nodes))


def goes_over_elements(node: Node) -> bool:
    """An operation that makes an array with dimensions, or reads all of one; a view or a single element is neither."""
    if node.op in HOLDERS:
        return True
    if node.op != CALL_FUNCTION or node.row is None or node.row.alias == VIEW:
        return False
    return any(isinstance(value.type, ArrayType) and value.type.ndim > 0 for value in (node, *node.inputs))
