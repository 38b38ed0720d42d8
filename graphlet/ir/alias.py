"""Storages and versions: which nodes share memory, and what each write means for the others.

A storage is named by the node that made it. Views, the results of writes and ``after`` nodes belong to the storage
of the array they come from. Every write (a node whose op mutates) makes the next version of its storage; a node shows
the version that was current when it was made. Memory itself has only the newest version, so an older node may no longer
be read behind a write. An op whose result may or may not share memory (EITHER) is taken to share it.
"""

from collections.abc import Iterable, Iterator

from graphlet.ir.node import CALL_FUNCTION, HOLDERS, OUTPUT, Block, Node, iter_nodes
from graphlet.ir.op import FRESH, VIEW, Op
from graphlet.ir.types import ScalarType

# The same array again, behind a write that went through another view of its memory. Reads nothing.
AFTER = Op("after", lambda array, write: array, lambda args, kwargs: args[0], "view", VIEW)


def written_argument(node: Node) -> Node | None:
    """The node whose memory this node writes to."""
    if node.row is None or node.row.mutates is None:
        return None
    argument = node.args[node.row.mutates]
    return argument if isinstance(argument, Node) else None


def shares_with(node: Node) -> Node | None:
    """The argument whose memory the result is, or may be, part of."""
    if node.op != CALL_FUNCTION or node.row is None or isinstance(node.type, ScalarType):
        return None
    if node.row.mutates is not None:
        return written_argument(node)
    if node.row.alias == FRESH or not node.args or not isinstance(node.args[0], Node):
        return None
    return node.args[0]


def reads_memory(node: Node) -> bool:
    """Whether the node looks at the contents of its array arguments; a view looks at shapes and addresses only."""
    row = node.row
    return row is None or row.alias != VIEW or row.mutates is not None or isinstance(node.type, ScalarType)


class Storages:
    """The storages of the nodes added so far, in program order."""

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        self._root: dict[Node, Node] = {}
        self._origin: dict[Node, Node] = {}
        self._version: dict[Node, int] = {}
        self._writes: dict[Node, list[Node]] = {}
        for node in nodes:
            self.add(node)

    def add(self, node: Node) -> None:
        """Take note of the next node in program order."""
        if node.op == OUTPUT or isinstance(node.type, ScalarType):
            return
        base = shares_with(node)
        if base is None or base not in self._root:
            self._root[node], self._origin[node], self._version[node] = node, node, 0
            return
        root = self._root[node] = self._root[base]
        same_object = node.row is AFTER or written_argument(node) is not None
        self._origin[node] = self._origin[base] if same_object else node
        if written_argument(node) is not None:
            writes = self._writes.setdefault(root, [])
            writes.append(node)
            self._version[node] = len(writes)
        elif node.row is AFTER:
            self._version[node] = self._version[node.args[1]]
        else:
            self._version[node] = self._version[base]

    def drop(self, node: Node) -> None:
        """Forget the node added last."""
        root = self._root.pop(node, None)
        if root is None:
            return
        # An interrupt may have come in the middle of ``add``.
        self._origin.pop(node, None)
        self._version.pop(node, None)
        if self._writes.get(root, ())[-1:] == [node]:
            self._writes[root].pop()

    def storage_of(self, node: Node) -> Node | None:
        """The node that made the memory this one is part of; None for scalars, which have none."""
        return self._root.get(node)

    def origin(self, node: Node) -> Node:
        """The node that made the array object this one is: a write and an ``after`` hand on the one they got."""
        return self._origin.get(node, node)

    def version(self, node: Node) -> int:
        """The version of its storage that the node shows."""
        return self._version.get(node, 0)

    def writes(self, storage: Node) -> tuple[Node, ...]:
        """The writes to a storage, in order; write number i makes version i + 1."""
        return tuple(self._writes.get(storage, ()))

    @property
    def written(self) -> bool:
        """Whether there may have been a write to any memory."""
        return bool(self._writes)

    def memory_state(self, node: Node) -> int:
        """How many writes the node's memory has seen."""
        root = self._root.get(node)
        return 0 if root is None else len(self._writes.get(root, ()))

    def is_stale(self, node: Node) -> bool:
        """Whether a write came behind the version this node shows."""
        root = self._root.get(node)
        return root is not None and self._version[node] < len(self._writes.get(root, ()))

    def existed(self, node: Node) -> bool:
        """Whether the node's memory was there before the graph ran: an input's, or a constant's."""
        root = self._root.get(node)
        return root is not None and root.op not in (CALL_FUNCTION, *HOLDERS)


def stale_arguments(node: Node, storages: Storages) -> Iterator[Node]:
    """Arguments that show an old version, as seen when ``node`` is the next node. ``after`` may take one."""
    arguments = node.args[1:] if node.row is AFTER else (node.args, node.kwargs)
    return (argument for argument in dict.fromkeys(iter_nodes(arguments)) if storages.is_stale(argument))


def must_precede(block: Block) -> dict[Node, tuple[Node, ...]]:
    """For each node, the nodes that have to run before it for another reason than being its argument.

    A write comes behind every node that read the version before it, through whatever view, and behind the write that
    made that version; a node that reads memory comes behind the last write to it. Nodes with an effect of their
    own keep their order.
    """
    if not any(written_argument(node) is not None or has_own_effect(node) for node in block.nodes):
        return dict.fromkeys(block.nodes, ())
    order: dict[Node, tuple[Node, ...]] = {}
    storages = Storages()
    readers: dict[Node, list[Node]] = {}
    last_effect: Node | None = None
    for node in block.nodes:
        before: dict[Node, None] = {}
        roots = [root for root in map(storages.storage_of, node.inputs) if root is not None]
        for root in roots:
            before.update(dict.fromkeys(storages.writes(root)[-1:]))
        target = written_argument(node)
        written = storages.storage_of(target) if target is not None else None
        if written is not None:
            before.update(dict.fromkeys(readers.pop(written, ())))
        if reads_memory(node):
            for root in roots:
                readers.setdefault(root, []).append(node)
        if has_own_effect(node):
            before.update(dict.fromkeys([last_effect] if last_effect is not None else []))
            last_effect = node
        storages.add(node)
        order[node] = tuple(n for n in before if n not in node.inputs)
    return order


def has_own_effect(node: Node) -> bool:
    """Whether running the node does something besides its result and the write it declares: it may not be dropped,
    doubled or moved past another such node."""
    if node.row is None:
        return False
    return node.row.random or (not node.row.pure and node.row.mutates is None)


def draws(block: Block) -> bool:
    """Whether random numbers are drawn."""
    return any(node.row is not None and node.row.random for node in block.nodes)
