"""The graph: nodes in execution order, and how to change them."""

from collections.abc import Collection, Iterator
from contextlib import nullcontext
from typing import Any

from numpy import errstate

from graphlet.core.errors import GraphError
from graphlet.ir import printer, pycode, walk
from graphlet.ir.names import Names
from graphlet.ir.node import (
    CALL_FUNCTION,
    COND,
    CONSTANT,
    HOLDERS,
    LOOP,
    OUTPUT,
    PLACEHOLDER,
    Block,
    Node,
    iter_nodes,
    map_nodes,
)
from graphlet.ir.verify import verify
from graphlet.ir.write import Write

__all__ = [
    "CALL_FUNCTION",
    "COND",
    "CONSTANT",
    "HOLDERS",
    "LOOP",
    "OUTPUT",
    "PLACEHOLDER",
    "Block",
    "Graph",
    "Node",
    "iter_nodes",
    "map_nodes",
]


class Graph:
    """A pure function of arrays and scalars: placeholders, then calls in execution order, then one output.

    ``nodes`` is read freely and changed through the methods only. ``writes``: outputs that become contents of others.
    """

    def __init__(self, nodes: Collection[Node], name: str = "graph") -> None:
        self.nodes: list[Node] = list(nodes)
        self.name = name
        self.writes: tuple[Write, ...] = ()

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        return f"<graph {self.name}: {len(self.nodes)} nodes>"

    def __str__(self) -> str:
        return printer.listing(self, self.name)

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The placeholders, in order."""
        return walk.inputs(self)

    @property
    def output(self) -> Node:
        """The output node."""
        return walk.output(self)

    @property
    def outputs(self) -> tuple[Any, ...]:
        """What the graph returns: nodes and literals, possibly nested."""
        return self.output.args

    @property
    def code(self) -> str:
        """The graph as Python text: a function ``forward`` that returns the tuple of outputs."""
        return pycode.source(self).text

    def print_tabular(self) -> None:
        """Print the nodes as a table."""
        print(printer.table(self))

    def to_dot(self) -> str:
        """The graph in the language of Graphviz."""
        return printer.dot(self, self.name)

    def lint(self) -> None:
        """Raise GraphError if the graph breaks one of its rules."""
        verify(self)

    def forward(self, *inputs: Any) -> tuple[Any, ...]:
        """Run the graph node by node with the real functions; returns the outputs."""
        if len(inputs) != len(self.inputs):
            names = ", ".join(map(str, self.inputs))
            raise TypeError(f"forward takes {len(self.inputs)} inputs ({names}), got {len(inputs)}")
        values: dict[Node, Any] = dict(zip(self.inputs, inputs, strict=True))
        for node in self.nodes:
            if node.op not in (PLACEHOLDER, OUTPUT):
                values[node] = _run(node, values)
        outputs: tuple[Any, ...] = map_nodes(values.__getitem__, self.outputs)
        return outputs

    def insert(self, node: Node, before: Node) -> Node:
        """Put a node that is in no graph in front of one that is in this graph. It gets a free name."""
        node.name = Names(other.name for other in self.nodes).fresh(node.name)
        self.nodes.insert(self.nodes.index(before), node)
        for argument in node.inputs:
            argument.users[node] = None
        return node

    def replace_all_uses_with(self, old: Node, new: Any) -> None:
        """Let every user of ``old`` take ``new`` (a node or a literal)."""
        old.replace_all_uses_with(new)

    def erase(self, *nodes: Node) -> None:
        """Take nodes out. Nobody else may use them."""
        gone = set(nodes)
        for node in nodes:
            users = [user for user in node.users if user not in gone]
            if users:
                raise GraphError(f"{node} cannot be erased: used by {', '.join(map(str, users))}")
        for node in nodes:
            node.set_args((), {})
        self.nodes = [node for node in self.nodes if node not in gone]

    def dissolve(self) -> None:
        """The graph is done with: its nodes forget their users, so that they go with it and not by the collector."""
        for node in self.nodes:
            node.users.clear()
            for sub in node.graphs:
                if isinstance(sub, Graph):
                    sub.dissolve()

    def copy(self) -> "Graph":
        """Another graph with new nodes of the same names; sub-graphs are copied, constants and rows are shared."""
        new: dict[Node, Node] = {}
        for node in self.nodes:
            args, kwargs = map_nodes(new.__getitem__, node.args), map_nodes(new.__getitem__, node.kwargs)
            subs = tuple(sub.copy() for sub in node.graphs if isinstance(sub, Graph))
            made = Node(node.name, node.op, node.target, (), {}, node.type, node.loc, node.row)
            made.graphs, made.modes = subs, node.modes
            made.set_args(args, kwargs)
            new[node] = made
        copied = Graph(new.values(), self.name)
        copied.writes = self.writes
        return copied


def _run(node: Node, values: dict[Node, Any]) -> Any:
    if node.op == CONSTANT:
        return node.target
    args, kwargs = map_nodes(values.__getitem__, node.args), map_nodes(values.__getitem__, node.kwargs)
    subs = (sub.forward for sub in node.graphs)
    with errstate(**dict(node.modes)) if node.modes else nullcontext():  # type: ignore[arg-type]
        result = node.target(*subs, *args, **kwargs)
    written = node.row.mutates if node.row is not None else None
    return result if written is None else args[written]
