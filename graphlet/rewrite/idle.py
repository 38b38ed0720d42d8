"""Which stubs are not worth standing where they stand: each call of one takes some ten nanoseconds, run or not."""

from typing import Any

from graphlet.backends.block import is_own_work
from graphlet.cache import CodeCache, Entry
from graphlet.ir.graph import Graph
from graphlet.ir.node import CALL_FUNCTION, HOLDERS, Node
from graphlet.ir.op import VIEW
from graphlet.ir.types import ArrayType


def is_useless(entry: Entry) -> bool:
    """Nothing has run for many calls, or what ran was slower time and again, and larger arrays change nothing.

    Where graphlet itself goes over elements, larger arrays may come to pay, so the stub stays.
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
    """Whether graphlet goes over elements of arrays: the more of them, the more there is to gain."""
    return any(map(goes_over_elements, graph.nodes))


def goes_over_elements(node: Node) -> bool:
    """Whether what graphlet does of a node itself takes the longer the more elements there are.

    A view or a single element does not, nor what is left to a function of NumPy's.
    """
    if node.op in HOLDERS:
        return True
    if node.op != CALL_FUNCTION or node.row is None or node.row.alias == VIEW:
        return False
    has_elements = any(isinstance(value.type, ArrayType) and value.type.ndim > 0 for value in (node, *node.inputs))
    return has_elements and (node.row.random or is_own_work(node))
