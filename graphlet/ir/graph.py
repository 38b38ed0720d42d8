"""The graph: nodes in execution order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphlet.core.location import Location
from graphlet.ir.op import Op
from graphlet.ir.types import Type

PLACEHOLDER = "placeholder"
CONSTANT = "constant"
CALL_FUNCTION = "call_function"
OUTPUT = "output"


@dataclass(eq=False, slots=True)
class Node:
    """One value of the graph.

    op      "placeholder", "constant", "call_function", "output" (later "loop", "cond" with sub-graphs)
    target  the callable of a call_function (``Op.fn``), the input name of a placeholder, the object of a constant
    row     the catalogue row of a call_function, else None
    args    nodes and literals, nested in tuples, lists, slices and dicts; ``kwargs`` likewise
    """

    name: str
    op: str
    target: Any
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    type: Type | None = None
    loc: Location | None = None
    row: Op | None = None
    users: dict["Node", None] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.name


def map_nodes(fn: Callable[[Node], Any], value: Any) -> Any:
    """Copy a nested argument, with each node replaced by ``fn(node)``."""
    if isinstance(value, Node):
        return fn(value)
    if isinstance(value, (tuple, list)):
        return type(value)(map_nodes(fn, v) for v in value)
    if isinstance(value, dict):
        return {k: map_nodes(fn, v) for k, v in value.items()}
    if isinstance(value, slice):
        return slice(map_nodes(fn, value.start), map_nodes(fn, value.stop), map_nodes(fn, value.step))
    return value


def iter_nodes(value: Any) -> Iterator[Node]:
    """The nodes in a nested argument, in order, repeated as often as they stand there."""
    if isinstance(value, Node):
        yield value
    elif isinstance(value, (tuple, list)):
        for v in value:
            yield from iter_nodes(v)
    elif isinstance(value, dict):
        for v in value.values():
            yield from iter_nodes(v)
    elif isinstance(value, slice):
        yield from iter_nodes((value.start, value.stop, value.step))
