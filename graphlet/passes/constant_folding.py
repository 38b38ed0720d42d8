"""Constant folding: operators and ufuncs on known numbers are computed now.

Valid before and after. Only numbers come out, never arrays. What raises, sets a floating-point flag or would print a
warning is left to run where the program has it; random numbers are never drawn early.
"""

import operator
from typing import Any

from numpy import errstate

from graphlet.core.pristine import np
from graphlet.ir.graph import Graph
from graphlet.ir.node import CALL_FUNCTION, CONSTANT, Node, map_nodes
from graphlet.ir.types import ScalarType, type_of

OPERATORS = frozenset(
    (
        *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod),
        *(operator.neg, operator.pos, operator.abs, abs, operator.and_, operator.or_, operator.xor),
        *(operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge, operator.truth, operator.not_),
    )
)
NUMBERS = (bool, int, float, complex)
MAX_BITS = 4096  # whole numbers longer than this are not multiplied here


def run(graph: Graph) -> None:
    """Replace the nodes whose value is known by constants."""
    for node in tuple(graph.nodes):
        arguments = _known(node) if why_not(node) is None else None
        if arguments is None:
            continue
        value = _computed(node, arguments)
        if value is not None and type_of(value) == node.type:
            made = Node(node.name, CONSTANT, value, type=node.type, loc=node.loc)
            graph.insert(made, before=node)
            node.replace_all_uses_with(made)
            graph.erase(node)
            made.name = node.name


def why_not(node: Node) -> str | None:
    """Why a node is not computed early, whatever its arguments; None if it may be."""
    row = node.row
    if node.op != CALL_FUNCTION or row is None or row.kind not in ("scalar", "elementwise"):
        return "it is no operation on single numbers"
    if not isinstance(node.type, ScalarType):
        return "its result is no number"
    if row.random or not row.pure or row.mutates is not None or node.kwargs:
        return "it does more than compute"
    if not isinstance(node.target, np.ufunc) and node.target not in OPERATORS:
        return "it is neither a ufunc nor an operator"
    return None


def _known(node: Node) -> tuple[Any, ...] | None:
    """The arguments as real numbers, or None if one is not known."""
    if any(argument.op != CONSTANT for argument in node.inputs):
        return None
    arguments: tuple[Any, ...] = map_nodes(lambda argument: argument.target, node.args)
    return arguments if all(map(_is_number, arguments)) else None


def _is_number(value: Any) -> bool:
    if type(value) is int:
        return value.bit_length() <= MAX_BITS
    return type(value) in NUMBERS or (isinstance(value, np.generic) and value.dtype.kind in "biufc")


def _computed(node: Node, arguments: tuple[Any, ...]) -> Any:
    """The value, or None where NumPy or Python would raise or warn."""
    try:
        with errstate(all="raise"):
            return node.target(*arguments)
    except (ArithmeticError, TypeError, ValueError):
        return None
