"""Which stubs are not worth standing where they stand: each call of one takes some ten nanoseconds, run or not."""

from typing import Any

from graphlet.cache import CodeCache, Entry
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


def calls_to_sleep(cache: CodeCache) -> int:
    """In so many calls all stubs that control comes to would decline; 0: one may run, or learn."""
    return min((region.dormant for region in _regions_reached(cache)), default=0)


def sleep_through(cache: CodeCache, n_calls: int) -> None:
    """So many calls came by without stubs: those that slept do as if they had declined them."""
    for region in _regions_reached(cache) if n_calls else ():
        region.sleep_through(n_calls)


def _regions_reached(cache: CodeCache) -> list[Any]:
    return [entry.region for entry in cache.all_entries() if entry.has_stub and is_reached(entry)]


def is_reached(entry: Entry) -> bool:
    """Control came to its stub, and the region was awake."""
    return bool(entry.attempts or entry.records or entry.given_up or entry.region.misses)


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
