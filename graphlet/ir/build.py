"""Building graphs: the only way to make a node. Infers its type, keeps versions, can go back to a mark."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from graphlet.core.errors import GraphError
from graphlet.core.location import Location
from graphlet.ir.alias import AFTER, Storages, stale_arguments, written_argument
from graphlet.ir.graph import Graph
from graphlet.ir.names import Names
from graphlet.ir.node import CALL_FUNCTION, CONSTANT, OUTPUT, PLACEHOLDER, Modes, Node, map_nodes
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ArrayType, ObjectType, Sym, Type, now, separate, syms_of, type_of
from graphlet.ir.verify import types_of

MAX_DIMS = 64  # NumPy's; 2.0 on


class Mark(NamedTuple):
    """A state of a builder: how many inputs and other nodes there were, and when."""

    n_inputs: int
    n_nodes: int
    time: int


class Builder:
    """Makes a graph node by node, in program order.

    Inputs may be added at any time; they come first in the finished graph. Arguments are taken as they are *now*: a
    node that shows an old version of its memory is replaced by ``current(node)``. ``modes`` is given to every call.
    """

    def __init__(self, name: str = "graph") -> None:
        self._name = name
        self._inputs: list[Node] = []
        self._nodes: list[Node] = []
        self._names = Names()
        self._storages = Storages()
        self._syms: dict[Sym, None] = {}
        self.modes: Modes = ()

    def placeholder(self, name: str, type_: Type) -> Node:
        """A further input."""
        node = Node(self._names.fresh(name), PLACEHOLDER, name, type=type_)
        return self._added(node, self._inputs)

    def constant(self, value: Any, loc: Location | None = None) -> Node:
        """A node that holds an object."""
        node = Node(self._names.fresh("const"), CONSTANT, value, type=type_of(value), loc=loc)
        return self._added(node, self._nodes)

    def call(
        self, op: Op, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None, loc: Location | None = None
    ) -> Node:
        """The call of an operation on nodes and literals.

        Raises InferenceError if the result cannot be known, or if the op would write to memory that existed before;
        nothing has changed then.
        """
        mark = self.mark()
        try:
            return self._call(op, tuple(args), dict(kwargs or {}), loc)
        except BaseException:
            self.rollback(mark)
            raise

    def _call(self, op: Op, args: tuple[Any, ...], kwargs: dict[str, Any], loc: Location | None) -> Node:
        if self._storages.written:
            args, kwargs = map_nodes(self.current, args), map_nodes(self.current, kwargs)
        type_ = op.infer(types_of(args), types_of(kwargs))
        if isinstance(type_, ArrayType) and type_.ndim > MAX_DIMS:
            raise InferenceError(f"{type_.ndim} dimensions, at most {MAX_DIMS} can be")
        node = Node(self._names.fresh(op.name), CALL_FUNCTION, op.fn, (), {}, type_, loc, op, modes=self.modes)
        node.set_args(args, kwargs)
        self._added(node, self._nodes)
        if op.mutates is not None:
            self._check_write(node)
        return node

    def _check_write(self, node: Node) -> None:
        target = written_argument(node)
        if target is None or not isinstance(target.type, ArrayType):
            raise InferenceError(f"{node.row} writes to argument {node.row and node.row.mutates}, which is no array")
        if self._storages.existed(target):
            raise InferenceError(f"{node.row} would write to {target}, whose memory was there before the graph")

    def is_current(self, node: Node) -> bool:
        """Whether no write to the memory of ``node`` came behind it."""
        return not self._storages.is_stale(node)

    def current(self, node: Node) -> Node:
        """The node that shows what the array ``node`` holds now, behind all writes to its memory so far."""
        if self.is_current(node):
            return node
        root = self._storages.storage_of(node)
        assert root is not None
        write = self._storages.writes(root)[-1]
        origin = self._storages.origin(node)
        for known in reversed(self._nodes):
            if known.type is not None and self._is_now(known, root, origin):
                return known
            if known is write:
                break
        made = Node(self._names.fresh(origin.name), CALL_FUNCTION, AFTER.fn, (), {}, node.type, write.loc, AFTER)
        made.set_args((node, write), {})
        return self._added(made, self._nodes)

    def _is_now(self, known: Node, root: Node, origin: Node) -> bool:
        storages = self._storages
        return (
            storages.storage_of(known) is root
            and storages.origin(known) is origin
            and not storages.is_stale(known)
        )

    def _added(self, node: Node, where: list[Node]) -> Node:
        where.append(node)
        self._storages.add(node)
        if isinstance(node.type, ArrayType):
            for dim in node.type.shape:
                if isinstance(dim, Sym):
                    self._syms[dim] = None
        elif isinstance(node.type, ObjectType):
            self._syms.update(dict.fromkeys(syms_of(node.type)))
        return node

    def mark(self) -> Mark:
        """The present state, to go back to."""
        return Mark(len(self._inputs), len(self._nodes), now())

    def rollback(self, mark: Mark) -> None:
        """Forget every node made since, and every ``unify``."""
        separate(self._syms, mark.time)
        self._forget(self._nodes, mark.n_nodes)
        self._forget(self._inputs, mark.n_inputs)

    def _forget(self, nodes: list[Node], keep: int) -> None:
        gone = nodes[keep:]
        del nodes[keep:]
        for node in reversed(gone):
            self._storages.drop(node)
            node.set_args((), {})
        self._names.release(node.name for node in gone)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes so far: inputs, then the others."""
        return (*self._inputs, *self._nodes)

    def finish(self, outputs: Iterable[Any]) -> Graph:
        """The graph that returns ``outputs`` (nodes and literals). The builder is used up.

        An output must show the present: what is returned is memory, and memory holds the newest version only.
        """
        node = Node(self._names.fresh("output"), OUTPUT, "output")
        node.set_args(tuple(outputs), {})
        stale = list(stale_arguments(node, self._storages))
        if stale:
            node.set_args((), {})
            self._names.release([node.name])
            raise GraphError(f"output {stale[0]} has been written to since; use current({stale[0]}) or copy it before")
        graph = Graph((*self._inputs, *self._nodes, node), self._name)
        self._inputs, self._nodes = [], []
        return graph
