"""Comparisons of numbers computed in the graph whose outcome a guard on one input can fix.

``i + 1 < n`` for run-time integers i and n known: the guard is ``i < n - 1``, and other values of i keep the graph.
"""

import operator
from typing import Any, NamedTuple

from graphlet.arrayops.scalar import SYMBOLS
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine
from graphlet.capture.scalars import evaluate
from graphlet.core.pristine import np
from graphlet.guards.kinds import Compare
from graphlet.ir.graph import PLACEHOLDER, Node
from graphlet.sources import Known, Source
from graphlet.values.base import Scalar

_MIRRORED = {"<": ">", "<=": ">=", "==": "==", "!=": "!=", ">": "<", ">=": "<="}
_SYMBOLS = {SYMBOLS[symbol]: symbol for symbol in _MIRRORED}
_EXACT_IN_FLOAT64 = 2**53


class _Side(NamedTuple):
    """``source + offset``, or ``offset`` alone. The offset of a float is zero."""

    source: Source | None
    hint: int | float
    offset: int | float


def guarded_order(m: Machine, value: Scalar) -> bool | None:
    """The outcome of a comparison between an input and a known number, guarded; None if the value is no such thing."""
    node = value.node
    if node is None or node.target not in _SYMBOLS or len(node.args) != 2:
        return None
    left, right = (_side(m, arg) for arg in node.args)
    if left is None or right is None:
        return None
    symbol = _SYMBOLS[node.target]
    if left.source is None:
        left, right, symbol = right, left, _MIRRORED[symbol]
    if left.source is None or right.source is not None:
        return None
    bound = _bound(left, right.offset)
    if bound is None:
        return None
    outcome = bool(SYMBOLS[symbol](left.hint, bound))
    m.guard(Compare(left.source, symbol, Known(bound), outcome))
    return outcome


def _bound(side: _Side, number: int | float) -> int | float | None:
    """What the source is to be compared with in place of ``number``; None where NumPy or Python might round."""
    if type(side.hint) is int:
        return number - side.offset if type(number) is int else None
    small = type(number) is float or abs(number) < _EXACT_IN_FLOAT64
    return number if small else None


def _side(m: Machine, arg: Any) -> _Side | None:
    base, shift = arg, 0
    while isinstance(base, Node) and base.target in (operator.add, operator.sub) and len(base.args) == 2:
        inner, step = base.args
        if type(step) is not int:
            break
        shift += step if base.target is operator.add else -step
        base = inner
    value = m.inputs.get(base) if isinstance(base, Node) and base.op == PLACEHOLDER else None
    if isinstance(value, Scalar) and value.source is not None and value.type.pytype in (int, float):
        return _Side(value.source, value.hint, shift) if value.type.pytype is int or shift == 0 else None
    known = _known(arg)
    return None if known is None else _Side(None, known, known)


def _known(arg: Any) -> int | float | None:
    """A number that no input has a part in, as a Python number that compares like it."""
    try:
        number = evaluate(arg, _input) if isinstance(arg, Node) else arg
    except Break:
        return None
    if isinstance(number, np.integer) and not isinstance(number, np.timedelta64):
        return int(number)
    if type(number) is np.float64:
        return float(number)
    return number if type(number) in (int, float) else None


def _input(node: Node) -> Any:
    raise Break("GL114", f"{node} is an input")
