"""Which nodes can be left out without anybody noticing: those that can neither raise, nor warn, nor do anything else.

An unused ``x / y`` is not among them: it may warn, and the warning is part of what the program does. The answer is a
reason why a node has to stay, or None.
"""

import operator
from typing import Any

from graphlet.core.pristine import np
from graphlet.ir.alias import AFTER, has_own_effect, written_argument
from graphlet.ir.node import CALL_FUNCTION, CONSTANT, HOLDERS, OUTPUT, PLACEHOLDER, Node
from graphlet.ir.types import ArrayType, Dim, ScalarType, Type, type_of

# No floating-point flag, no exception, for any value of these kinds of dtype.
REAL = frozenset("biuf")
INTEGER = frozenset("biu")
NUMBER = frozenset("biufc")
QUIET_UFUNCS: dict[np.ufunc, frozenset[str]] = {
    **dict.fromkeys((np.equal, np.not_equal), NUMBER),
    **dict.fromkeys((np.less, np.less_equal, np.greater, np.greater_equal), REAL),
    **dict.fromkeys((np.logical_and, np.logical_or, np.logical_xor, np.logical_not), NUMBER),
    **dict.fromkeys((np.isnan, np.isinf, np.isfinite), NUMBER),
    **dict.fromkeys((np.signbit, np.copysign), REAL),
    **dict.fromkeys((np.negative, np.positive, np.conjugate), NUMBER),
    **dict.fromkeys((np.absolute, np.maximum, np.minimum), REAL),
    **dict.fromkeys((np.floor, np.ceil, np.trunc), REAL),
    **dict.fromkeys((np.add, np.subtract, np.multiply, np.square), INTEGER),
    **dict.fromkeys((np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert), INTEGER),
    **dict.fromkeys((np.left_shift, np.right_shift), INTEGER),
}
# Python's own numbers, all of one kind; a whole number beside a float may be too large for it.
ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.neg, operator.pos, operator.eq, operator.ne)
QUIET_OPERATORS: dict[Any, tuple[tuple[type, ...], ...]] = {
    **dict.fromkeys(ARITHMETIC, ((bool, int), (float,), (complex,))),
    operator.not_: ((bool, int, float, complex),),
    **dict.fromkeys((abs, operator.abs), ((bool, int), (float,))),
    **dict.fromkeys((operator.lt, operator.le, operator.gt, operator.ge), ((bool, int), (float,))),
    **dict.fromkeys((operator.and_, operator.or_, operator.xor), ((bool, int),)),
}
LARGE = 1 << 40  # more elements than an axis has
SMALL = 127  # a literal that fits into every dtype there is


def why_it_stays(node: Node) -> str | None:
    """Why an unused node must stay, or None if it may go. Says nothing about memory it writes to."""
    if node.op in (PLACEHOLDER, OUTPUT):
        return "it belongs to the graph's form"
    if node.op in HOLDERS:
        return "its sub-graphs may do something"
    if node.op == CONSTANT or node.row is AFTER:
        return None
    return _why_a_call_stays(node)


def _why_a_call_stays(node: Node) -> str | None:
    row = node.row
    if row is None or node.op != CALL_FUNCTION:
        return "nothing is known about it"
    if has_own_effect(node):
        return "it draws random numbers" if row.random else "it has an effect"
    if row.quiet or any(knows(node) for knows in (_is_plain_slicing, _is_quiet_ufunc, _is_quiet_operator)):
        return None
    return "it may raise" if row.may_raise or row.kind in ("view", "creation") else "it may warn"


def _is_plain_slicing(node: Node) -> bool:
    """Slices and new axes of an array: no position is out of bounds then."""
    array = _type(node.args[0])
    if node.target is not operator.getitem or not isinstance(array, ArrayType):
        return False
    items = node.args[1] if type(node.args[1]) is tuple else (node.args[1],)
    if not all(item is None or item is Ellipsis or (type(item) is slice and _is_plain(item)) for item in items):
        return False
    return all(type(dim) is int for dim in array.shape) or not any(map(takes_one, items))


def _is_plain(part: slice) -> bool:
    """Ends are whole numbers or open; the step is not zero."""
    ends = (part.start, part.stop)
    return all(end is None or _is_whole(end) for end in ends) and (
        part.step is None or (type(part.step) is int and part.step != 0)
    )


def takes_one(item: Any) -> bool:
    """Whether it is a slice of one element or none: the shape says one, and that it is there shows when it is made."""
    if type(item) is not slice or any(isinstance(end, Node) for end in (item.start, item.stop)):
        return False
    return len(range(*item.indices(LARGE))) == 1


def _is_whole(end: Any) -> bool:
    type_ = _type(end)
    return isinstance(type_, ScalarType) and type_.pytype is int


def _type(argument: Any) -> Type | None:
    return argument.type if isinstance(argument, Node) else type_of(argument)


def _is_quiet_ufunc(node: Node) -> bool:
    kinds = QUIET_UFUNCS.get(node.target) if isinstance(node.target, np.ufunc) else None
    if kinds is None or node.kwargs or written_argument(node) is not None:
        return False
    types = [argument.type for argument in node.args if isinstance(argument, Node)]
    arrays = [type_ for type_ in types if isinstance(type_, ArrayType)]
    literals = [argument for argument in node.args if not isinstance(argument, Node)]
    return (
        len(arrays) == len(types) > 0
        and all(type_.dtype.kind in kinds for type_ in arrays)
        and all(fits_together(type_.shape, arrays[0].shape) for type_ in arrays)
        and all(_is_small(literal, arrays) for literal in literals)
    )


def fits_together(left: tuple[Dim, ...], right: tuple[Dim, ...]) -> bool:
    """Whether two shapes were equal before anything was unified: the operation need not check their sizes."""
    pairs = zip(left, right, strict=False)
    return len(left) == len(right) and all(a is b or (type(a) is int and a == b) for a, b in pairs)


def _is_small(literal: Any, arrays: list[ArrayType]) -> bool:
    if type(literal) is float:
        return abs(literal) <= SMALL and any(type_.dtype.kind in "fc" for type_ in arrays)
    return type(literal) in (bool, int) and 0 <= literal <= SMALL


def _is_quiet_operator(node: Node) -> bool:
    families = QUIET_OPERATORS.get(node.target) if node.row is not None and node.row.kind == "scalar" else None
    if families is None or node.kwargs:
        return False
    kinds = {_python_type(argument) for argument in node.args}
    return any(kinds <= set(family) for family in families)


def _python_type(argument: Any) -> type | None:
    type_ = _type(argument)
    return type_.pytype if isinstance(type_, ScalarType) and type_.dtype is None else None
