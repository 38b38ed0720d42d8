"""Numbers whose value is known only at run time, when capture needs to know them now."""

from collections.abc import Callable
from typing import Any

from numpy import errstate

from graphlet.arrayops.promotion import PYTHON_NUMBERS
from graphlet.capture.breaks import Break
from graphlet.guards.hold import NUMPY_NUMBERS
from graphlet.ir.graph import CALL_FUNCTION, CONSTANT, PLACEHOLDER, Node
from graphlet.ir.types import ScalarType

NUMBERS = frozenset({*PYTHON_NUMBERS, *NUMPY_NUMBERS})
_MAX_BITS = 4096


def evaluate(node: Node, leaf: Callable[[Node], Any]) -> Any:
    """The value a scalar node has, given the values of the placeholders it is computed from.

    Only arithmetic of Python's and NumPy's numbers is done here; ``leaf`` may raise ``Break`` for a placeholder.
    """
    if node.op == PLACEHOLDER:
        return leaf(node)
    if node.op == CONSTANT:
        return plain(node.target)
    if node.op != CALL_FUNCTION or node.row is None or node.row.kind != "scalar" or node.kwargs:
        raise Break("GL114", "the number is computed from array data")
    if not isinstance(node.type, ScalarType):
        raise Break("GL114", "the number is computed from array data")
    args = [evaluate(a, leaf) if isinstance(a, Node) else plain(a) for a in node.args]
    try:
        with errstate(all="raise"):
            return plain(node.target(*args))
    except (ArithmeticError, ValueError, TypeError, Warning) as error:
        raise Break("GL111", f"{type(error).__name__}: {error}") from error


def plain(value: Any) -> Any:
    """``value`` if it is an exact number of Python's, of moderate size, or of NumPy's."""
    if type(value) not in NUMBERS:
        raise Break("GL114", f"the number is a {type(value).__name__}")
    if type(value) is int and value.bit_length() > _MAX_BITS:
        raise Break("GL114", "the number is huge")
    return value
