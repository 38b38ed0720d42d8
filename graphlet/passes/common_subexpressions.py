"""Common sub-expressions: what is computed twice from the same values is computed once.

Valid before and after. Two results are one only if nobody can tell: a new array is an object with memory of its own,
so two of them stay two when either is written to or when both leave the graph, as themselves or through views, which
may be the very object: ``x.squeeze()`` is ``x`` where no axis has one element.
"""

import struct
from collections.abc import Iterator
from typing import Any

from graphlet.core.pristine import np
from graphlet.ir.alias import AFTER, Storages, has_own_effect, reads_memory, shares_with, written_argument
from graphlet.ir.graph import Graph
from graphlet.ir.groups import is_elementwise
from graphlet.ir.node import CALL_FUNCTION, CONSTANT, OUTPUT, Node
from graphlet.ir.op import VIEW
from graphlet.ir.types import ArrayType, ScalarType, Type, syms_of, unify


def run(graph: Graph) -> None:
    """Let later nodes give way to earlier ones that hold the same value."""
    storages = Storages()
    writes = any(written_argument(node) is not None for node in graph.nodes)
    first: dict[Any, Node] = {}
    gone: list[Node] = []
    for node in graph.nodes:
        key = key_of(node, storages)
        known = first.setdefault(key, node) if key is not None else node
        if known is not node and why_two(known, node) is None:
            node.replace_all_uses_with(known)
            join_sizes(known.type, node.type)
            gone.append(node)
        elif writes:
            storages.add(node)
    if gone:
        graph.erase(*gone)


def join_sizes(kept: Type | None, gone: Type | None) -> None:
    """Declare the sizes of a result that goes away to be those of the one that stays: users are typed with them."""
    left, right = tuple(syms_of(kept)), tuple(syms_of(gone))
    if len(left) == len(right):
        for one, other in zip(left, right, strict=True):
            unify(one, other)


def key_of(node: Node, storages: Storages) -> Any:
    """Equal for nodes that compute the same value from the same values; None for nodes that are never merged."""
    if node.op == CONSTANT:
        return (CONSTANT, key_of_value(node.target))
    row = node.row
    if node.op != CALL_FUNCTION or row is None or row.mutates is not None or not row.pure or has_own_effect(node):
        return None
    args = [key_of_value(argument) for argument in node.args]
    if _may_swap(node):
        args[:2] = sorted(args[:2], key=repr)
    kwargs = [(name, key_of_value(value)) for name, value in sorted(node.kwargs.items())]
    seen = node.inputs if reads_memory(node) else ()
    memory = frozenset([(id(argument), state) for argument in seen if (state := storages.memory_state(argument))])
    return (id(row), tuple(args), tuple(kwargs), memory, node.modes)


def key_of_value(value: Any) -> Any:
    """Nodes by identity; literals by type and bits, so that 1, 1.0 and True, or 0.0 and -0.0, are told apart."""
    if type(value) is Node:
        return ("object", id(value))
    if type(value) is float:
        return (float, struct.pack("d", value))
    if type(value) is complex:
        return (complex, struct.pack("dd", value.real, value.imag))
    if isinstance(value, np.generic):
        return (type(value), value.dtype, value.tobytes())
    if type(value) in (tuple, list):
        return (type(value), *map(key_of_value, value))
    if type(value) is slice:
        return (slice, *map(key_of_value, (value.start, value.stop, value.step)))
    if type(value) is dict:
        return (dict, *((key_of_value(k), key_of_value(v)) for k, v in value.items()))
    if type(value) in (bool, int, str, bytes) or isinstance(value, np.dtype):
        return (type(value), value)
    return ("object", id(value))


def _may_swap(node: Node) -> bool:
    """Whether the order of the operands shows nowhere: not in a NaN's payload, not in the memory layout."""
    return (
        node.row is not None
        and node.row.commutative
        and len(node.args) == 2
        and all(_is_plain_integer_array(operand) for operand in (node, *node.args))
    )


def _is_plain_integer_array(operand: Any) -> bool:
    type_ = operand.type if isinstance(operand, Node) else None
    return isinstance(type_, ArrayType) and type_.dtype.kind in "biu" and type_.order == "C"


def why_two(left: Node, right: Node) -> str | None:
    """Why two nodes of equal value have to stay two, or None."""
    if any(map(_leaves, sharing(left))) and any(map(_leaves, sharing(right))):
        return "both leave the graph, as themselves or as what may share memory with them or be them: x.squeeze()"
    if left.op == CONSTANT or isinstance(left.type, ScalarType) or (left.row is not None and left.row.alias == VIEW):
        return None
    if _is_written(left) or _is_written(right):
        return "one of them is written to"
    if _meet(left, right):
        return "an operation gets both, and may do otherwise where they are the same memory"
    return None


def _meet(left: Node, right: Node) -> bool:
    """Whether both, or views of them, go to one operation that is no arithmetic, as those of ``a.T @ b`` do.

    NumPy multiplies a matrix by its own transpose in another way than by a copy of it, and the last bits differ.
    """
    users = {user for known in sharing(left) for user in known.users if not is_elementwise(user)}
    return any(user in users for known in sharing(right) for user in known.users)


def _leaves(node: Node) -> bool:
    """Whether this object goes where it can be looked at: out of the graph, or to an operation with effects."""
    return any(
        user.op == OUTPUT or has_own_effect(user) or (_same_object(user, node) and _leaves(user)) for user in node.users
    )


def _same_object(user: Node, node: Node) -> bool:
    return written_argument(user) is node or (user.row is AFTER and user.args[0] is node)


def _is_written(node: Node) -> bool:
    return any(written_argument(user) is known for known in sharing(node) for user in known.users)


def sharing(node: Node) -> Iterator[Node]:
    """The node, and everything made from it that is or may be part of its memory."""
    yield node
    for user in node.users:
        if shares_with(user) is node:
            yield from sharing(user)
