"""Memory that a graph hands out and nobody wrote: what lies there is nobody's result, and differs from run to run."""

from collections.abc import Callable
from typing import Any

from graphlet.core.pristine import np
from graphlet.ir.graph import Graph, Node
from graphlet.runtime._streams import taken_back

_MAKERS = (np.empty, np.empty_like)


def has_unwritten(graph: Graph) -> bool:
    """Whether a node of the graph gives memory with whatever lies there."""
    return any(_filler(node) is not None for node in _nodes(graph))


def two_runs(graph: Graph, inputs: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """What NumPy gives with zeros in such memory, and with ones; numbers that are drawn are taken back.

    Raises what NumPy raises.
    """
    return taken_back(_filled(graph, 0).forward, *inputs), taken_back(_filled(graph, 1).forward, *inputs)


def _filled(graph: Graph, number: int) -> Graph:
    copied = graph.copy()
    for node in _nodes(copied):
        filler = _filler(node)
        if filler is not None:
            node.target = filler(node.target, number)
    return copied


def _nodes(graph: Graph) -> list[Node]:
    subs = (sub for node in graph.nodes for sub in node.graphs if isinstance(sub, Graph))
    return [*graph.nodes, *(node for sub in subs for node in _nodes(sub))]


def _filler(node: Node) -> Callable[[Any, int], Callable[..., Any]] | None:
    if any(node.target is maker for maker in _MAKERS):
        return _whole
    if isinstance(node.target, np.ufunc) and "where" in node.kwargs and node.kwargs.get("out") is None:
        return _left_out
    return None


def _whole(maker: Callable[..., Any], number: int) -> Callable[..., Any]:
    def made(*args: Any, **kwargs: Any) -> Any:
        array = maker(*args, **kwargs)
        if array.dtype.kind in "?biufcmMSU":
            array.fill(number)
        return array

    return made


def _left_out(ufunc: np.ufunc, number: int) -> Callable[..., Any]:
    def made(*args: Any, where: Any, **kwargs: Any) -> Any:
        array = ufunc(*args, where=where, **kwargs)
        if isinstance(array, np.ndarray) and array.dtype.kind in "?biufc":
            np.copyto(array, number, where=np.logical_not(where), casting="unsafe")
        return array

    return made
