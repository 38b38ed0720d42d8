"""Nodes: the values of a graph, and the nested arguments that name them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphlet.core.location import Location
from graphlet.ir.op import Op
from graphlet.ir.types import Type

PLACEHOLDER = "placeholder"
CONSTANT = "constant"
CALL_FUNCTION = "call_function"
OUTPUT = "output"
LOOP = "loop"
COND = "cond"
Modes = tuple[tuple[str, str], ...]
HOLDERS = (LOOP, COND)  # nodes with sub-graphs; target(*callables of the sub-graphs, *args, **kwargs) is the meaning


class Block(Protocol):
    """Nodes in execution order: placeholders first, one output last. Names resolve inside the block only."""

    @property
    def nodes(self) -> Sequence["Node"]: ...

    def forward(self, *inputs: Any) -> tuple[Any, ...]: ...


@dataclass(eq=False, slots=True)
class Node:
    """One value of the graph.

    op      "placeholder", "constant", "call_function", "output"; "loop", "cond" for nodes that hold sub-graphs
    target  the callable of a call_function (``Op.fn``), the input name of a placeholder, the object of a constant
    row     the catalogue row of a call_function, else None
    args    nodes and literals, nested in tuples, lists, slices and dicts; ``kwargs`` likewise. Not assigned:
            ``set_args`` keeps ``users`` right. The arguments of the output node are the graph's outputs.
    users   the nodes that have this one among their arguments, in the order they were added
    modes   what ``np.errstate`` says around the call: (kind, "ignore" or "raise"), sorted by kind. "raise" stands for
            every mode in which NumPy does something about a floating-point error: the graph must not get over it
    graphs  the sub-graphs of a "loop" or "cond"; they see their own placeholders only
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
    graphs: tuple[Block, ...] = ()
    modes: Modes = ()
    _inputs: tuple["Node", ...] | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return self.name

    @property
    def inputs(self) -> tuple["Node", ...]:
        """The nodes among the arguments, each once, in order."""
        if self._inputs is None:
            found: list[Node] = []
            _collect(self.args, found)
            if self.kwargs:
                _collect(self.kwargs, found)
            self._inputs = tuple(dict.fromkeys(found))
        return self._inputs

    def set_args(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Give the node other arguments; the users of old and new ones are kept right."""
        for node in self.inputs:
            node.users.pop(self, None)
        self.args, self.kwargs, self._inputs = args, kwargs, None
        for node in self.inputs:
            node.users[self] = None

    def replace_input_with(self, old: "Node", new: Any) -> None:
        """Put ``new`` (a node or a literal) wherever ``old`` stands among the arguments."""

        def swap(node: Node) -> Any:
            return new if node is old else node

        self.set_args(map_nodes(swap, self.args), map_nodes(swap, self.kwargs))

    def replace_all_uses_with(self, new: Any) -> None:
        """Let every user take ``new`` (a node or a literal) in place of this node."""
        for user in tuple(self.users):
            user.replace_input_with(self, new)


_NESTED = frozenset((tuple, list, dict, slice))


def map_nodes(fn: Callable[[Node], Any], value: Any) -> Any:
    """Copy a nested argument, with each node replaced by ``fn(node)``."""
    kind = type(value)
    if kind is Node:
        return fn(value)
    if kind is tuple or kind is list:
        mapped = [
            fn(v) if type(v) is Node else map_nodes(fn, v) if type(v) in _NESTED else v
            for v in value
        ]
        return tuple(mapped) if kind is tuple else mapped
    if kind is dict:
        return {k: map_nodes(fn, v) for k, v in value.items()}
    if kind is slice:
        return slice(map_nodes(fn, value.start), map_nodes(fn, value.stop), map_nodes(fn, value.step))
    return value


def iter_nodes(value: Any) -> Iterator[Node]:
    """The nodes in a nested argument, in order, repeated as often as they stand there."""
    found: list[Node] = []
    _collect(value, found)
    return iter(found)


def _collect(value: Any, found: list[Node]) -> None:
    kind = type(value)
    if kind is Node:
        found.append(value)
    elif kind is tuple or kind is list:
        for item in value:
            if type(item) is Node:
                found.append(item)
            elif type(item) in _NESTED:
                _collect(item, found)
    elif kind is dict:
        for item in value.values():
            _collect(item, found)
    elif kind is slice:
        for item in (value.start, value.stop, value.step):
            _collect(item, found)
