"""What every graph must be. Each check yields sentences; an empty answer means the graph is sound."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphlet.core.errors import GraphError
from graphlet.ir.alias import Storages, stale_arguments, written_argument
from graphlet.ir.node import CALL_FUNCTION, CONSTANT, HOLDERS, OUTPUT, PLACEHOLDER, Block, Node, iter_nodes, map_nodes
from graphlet.ir.op import InferenceError
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Type, type_of

KNOWN_OPS = (PLACEHOLDER, CONSTANT, CALL_FUNCTION, OUTPUT, *HOLDERS)


def verify(block: Block, after: str = "") -> None:
    """Raise GraphError with everything that is wrong; ``after`` names the step that was done last."""
    found = list(problems(block))
    if found:
        step = f" after {after}" if after else ""
        raise GraphError(f"the graph is not sound{step}:\n" + "\n".join(f"  {line}" for line in found))


def problems(block: Block, place: str = "") -> Iterator[str]:
    """Everything wrong in a block and its sub-graphs. Later checks are left out when the form is broken."""
    form = [f"{place}{text}" for check in FORM for text in check(block)]
    yield from form
    if not form:
        for check in MEANING:
            yield from (f"{place}{text}" for text in check(block))
    for node in block.nodes:
        for number, sub in enumerate(node.graphs):
            yield from problems(sub, f"{place}{node.name}.{number}: ")


def _order_of_kinds(block: Block) -> Iterator[str]:
    kinds = [node.op for node in block.nodes]
    for node in block.nodes:
        if node.op not in KNOWN_OPS:
            yield f"{node} has the unknown op {node.op!r}"
    if kinds.count(OUTPUT) != 1 or kinds[-1] != OUTPUT:
        yield f"expected one output, at the end; got {kinds.count(OUTPUT)}"
    n_inputs = kinds.count(PLACEHOLDER)
    if PLACEHOLDER in kinds[n_inputs:]:
        yield f"{block.nodes[kinds.index(PLACEHOLDER, n_inputs)]} is a placeholder behind other nodes"


def _names(block: Block) -> Iterator[str]:
    seen: set[str] = set()
    for node in block.nodes:
        if node.name in seen:
            yield f"two nodes are called {node.name}"
        if not node.name.isidentifier():
            yield f"{node.name!r} is no identifier"
        seen.add(node.name)


def _arguments(block: Block) -> Iterator[str]:
    known: set[Node] = set()
    everyone = set(block.nodes)
    for node in block.nodes:
        for argument in node.inputs:
            if argument not in known:
                where = "comes later" if argument in everyone else "is not in the graph"
                yield f"{node} uses {argument}, which {where}"
        known.add(node)


def _users(block: Block) -> Iterator[str]:
    expected: dict[Node, set[Node]] = {node: set() for node in block.nodes}
    for node in block.nodes:
        for argument in node.inputs:
            expected.get(argument, set()).add(node)
    for node, users in expected.items():
        if users != set(node.users):
            got, want = sorted(map(str, node.users)), sorted(map(str, users))
            yield f"{node}.users is {got}, the arguments say {want}"


def _rows(block: Block) -> Iterator[str]:
    for node in block.nodes:
        if node.op == CALL_FUNCTION and (node.row is None or node.target is not node.row.fn):
            yield f"{node} calls {node.target!r}, its row is {node.row!r}"
        if node.op in HOLDERS and not node.graphs:
            yield f"{node} is a {node.op} without sub-graphs"
        if node.op not in HOLDERS and node.graphs:
            yield f"{node} is a {node.op} with sub-graphs"
        if node.op != OUTPUT and node.type is None:
            yield f"{node} has no type"
        if node.row is not None and node.row.mutates is not None and not _writes_an_array(node, node.row.mutates):
            yield f"{node} writes to argument {node.row.mutates}, which is no array"


def _writes_an_array(node: Node, position: int) -> bool:
    return (
        position < len(node.args)
        and isinstance(node.args[position], Node)
        and isinstance(node.args[position].type, ArrayType)
    )


def _types(block: Block) -> Iterator[str]:
    for node in block.nodes:
        if node.op == CONSTANT and not same_kind(node.type, type_of(node.target)):
            yield f"{node} holds {type_of(node.target)}, its type says {node.type}"
        if node.row is None or node.op != CALL_FUNCTION:
            continue
        try:
            inferred = node.row.infer(types_of(node.args), types_of(node.kwargs))
        except InferenceError as error:
            yield f"{node} has no type any more: {error}"
            continue
        if not same_kind(node.type, inferred):
            yield f"{node} is typed {node.type}, its arguments give {inferred}"


def types_of(arguments: Any) -> Any:
    """Nested arguments with each node replaced by its type, as ``Op.infer`` wants them."""
    return map_nodes(lambda node: node.type, arguments)


def same_kind(left: Type | None, right: Type | None) -> bool:
    """Whether two types agree in all but sizes and memory layout."""
    if isinstance(left, ArrayType) and isinstance(right, ArrayType):
        return left.dtype == right.dtype and left.ndim == right.ndim
    if isinstance(left, ScalarType) and isinstance(right, ScalarType):
        return left == right
    if isinstance(left, ObjectType) and isinstance(right, ObjectType):
        return left.pytype is right.pytype and _same_items(left.items, right.items)
    return False


def _same_items(left: Sequence[Type] | None, right: Sequence[Type] | None) -> bool:
    if left is None or right is None:
        return left is right
    return len(left) == len(right) and all(map(same_kind, left, right))


def _versions(block: Block) -> Iterator[str]:
    """No node behind a write uses an older version, nor a view of one; nobody writes to memory from outside."""
    storages = Storages()
    for node in block.nodes:
        for argument in stale_arguments(node, storages):
            write = storages.writes(_root(storages, argument))[storages.version(argument)]
            yield f"{node} uses {argument}, whose memory {write} has written to since"
        target = written_argument(node)
        if target is not None and storages.existed(target):
            yield f"{node} writes to the memory of {_root(storages, target)}, which was there before the graph ran"
        storages.add(node)


def _sub_graph_results(block: Block) -> Iterator[str]:
    """What a sub-graph returns is its own: nothing a loop or a branch gives back shares memory with what went in."""
    for node in block.nodes:
        for number, sub in enumerate(node.graphs):
            storages = Storages(sub.nodes)
            for result in iter_nodes(sub.nodes[-1].args):
                if storages.existed(result):
                    yield f"sub-graph {number} of {node} returns memory of its input {_root(storages, result)}"


def _root(storages: Storages, node: Node) -> Node:
    root = storages.storage_of(node)
    assert root is not None
    return root


Check = Callable[[Block], Iterator[str]]
FORM: tuple[Check, ...] = (_order_of_kinds, _names, _arguments, _users, _rows)
MEANING: tuple[Check, ...] = (_types, _versions, _sub_graph_results)
