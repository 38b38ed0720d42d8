"""NumPy's operators work in place on a large operand that only the stack holds: a temporary.

The values are the same. Where the result lies may be another matter, and which of two NaNs it is.
"""

from dataclasses import replace
from functools import cache

from graphlet.arrayops.broadcasting import UNKNOWN, total_hint
from graphlet.arrayops.given import ASFORTRAN
from graphlet.arrayops.layout import n_moving, sorting
from graphlet.arrayops.reuse import MIN_NBYTES, PLAIN_STRIDES, REUSE
from graphlet.capture.breaks import Break
from graphlet.capture.effects import emit, memory_node, node_of_array, origin, owns_memory
from graphlet.capture.machine import Machine
from graphlet.core.pristine import np
from graphlet.ir.graph import Node
from graphlet.ir.op import Op
from graphlet.ir.types import ArrayType, same_dim
from graphlet.sources import CellContents, FunctionGlobal, Global, InstanceAttr, LiveIn, ModuleAttr, SlotAttr, Source
from graphlet.values.base import Array, Constant, Scalar, Value

# Operators that write into a temporary operand when it is large, so that the result has that operand's memory order;
# the second group does so with the left operand only.
REUSING_BOTH = frozenset("+*&|^")
REUSING_LEFT = frozenset(("-", "/", "//", "<<", ">>")) | REUSING_BOTH
TO_INTEGERS = frozenset(("<<", ">>", "//"))  # of truth values
SWAPPING = frozenset("+*")  # of two NaNs NumPy keeps the other one where it works in place on the right operand
CONTAINERS = (CellContents, InstanceAttr, ModuleAttr, SlotAttr)

LOOKED_AT = "arrays whose layouts the graph compares"  # (itemsize, temporaries, all of them) -> True


@cache
def in_other_order(row: Op, nans: str) -> Op:
    """The row of an operation that NumPy may compute with its operands in the other order; see ``Op``."""
    return replace(row, nans=nans)


def row_between(m: Machine, symbol: str, row: Op, right: Value) -> Op:
    """The row of an operator whose right operand may be a temporary."""
    if symbol not in SWAPPING or not isinstance(right, Array) or right.type.dtype.kind not in "fc":
        return row
    return in_other_order(row, "large") if may_be_temporary(m, right) else row


def may_be_temporary(m: Machine, array: Array) -> bool:
    """Whether it may be that only the stack holds an array that owns its memory."""
    if owns_memory(m, array) or (array.storage.existed and not is_held(array.storage.root)):
        return True
    return array.node is not None and origin(array.node).row is ASFORTRAN  # a copy, if it is not the array itself


def refuses_truth_values(m: Machine, symbol: str, left: Value, right: Value) -> bool:
    """Whether NumPy may refuse an operator: in place in a large temporary, where truth values could not stay."""
    if not isinstance(left, Array) or left.type.dtype != np.bool_ or not may_be_temporary(m, left):
        return False
    if symbol == "**":
        return isinstance(right, Constant) and type(right.value) is int and right.value == 2
    return symbol in TO_INTEGERS and is_truth_value(right)


def is_truth_value(value: Value) -> bool:
    """Whether it is an array of truth values, or one."""
    if isinstance(value, Constant):
        return isinstance(value.value, bool | np.bool_)
    if isinstance(value, Scalar):
        return value.type.pytype in (bool, np.bool_)
    return isinstance(value, Array) and value.type.dtype == np.bool_


def is_held(source: Source | None) -> bool:
    """Whether a variable holds what a source stands for, or an attribute of what a variable holds.

    Items may have been taken out of their container; an object on the stack, and what it holds, may be gone by then.
    """
    while isinstance(source, CONTAINERS):
        source = source.base
    return isinstance(source, (Global, FunctionGlobal)) or (isinstance(source, LiveIn) and not source.on_stack)


def check_layout(m: Machine, symbol: str, left: Value, right: Value, result: Value) -> None:
    """NumPy may reuse a large temporary operand. Where the result might then lie in another way, the graph looks."""
    if symbol == "**" and not (isinstance(right, Array) and right.type.ndim):  # a square or a root
        check_operand(m, left, None, result)
    if symbol in REUSING_LEFT:
        check_operand(m, left, right, result)
    if symbol in REUSING_BOTH:
        check_operand(m, right, left, result)


def check_operand(m: Machine, temporary: Value, other: Value | None, result: Value) -> None:
    """The same of one operand, beside another or alone."""
    if not isinstance(result, Array) or not isinstance(temporary, Array) or not may_be_temporary(m, temporary):
        return
    if has_strides_left_over(m, temporary, result.type):
        emit(m, PLAIN_STRIDES, (memory_node(m, temporary),))
    if may_reuse(temporary, other, result.type):
        others = (node_of_array(m, other),) if isinstance(other, Array) else ()
        check_reuse(m, (memory_node(m, temporary), *others), result.type)


def has_strides_left_over(m: Machine, temporary: Array, result: ArrayType) -> bool:
    """Whether an operand that may be reused has an axis of one element with a stride of its own.

    Reductions leave one behind if what they reduce is not in C order; so may whatever made it before the region.
    """
    kind = temporary.type
    if kind.ndim < 2 or 1 not in kind.shape or kind.dtype != result.dtype:
        return False
    may_leave = temporary.storage.existed or leaves_strides(origin(memory_node(m, temporary)))
    return may_leave and all(map(same_dim, kind.shape, result.shape))


def leaves_strides(node: Node) -> bool:
    """Whether an array that is made in the region may have such an axis."""
    if node.row is None or is_fused(node):
        return False
    source = node.args[0].type if node.row.kind == "reduction" and isinstance(node.args[0], Node) else None
    in_order = node.row.kind == "creation" or (isinstance(source, ArrayType) and sorting(source) == "C")
    return not in_order


def check_reuse(m: Machine, nodes: tuple[Node, ...], result: ArrayType) -> None:
    """A node that looks, when the graph runs, whether it matters that an operand is reused."""
    whole = dict.fromkeys(node for node in nodes if not is_fused(node))
    parts = [leaf for leaf in leaves_of(nodes) if leaf not in whole]
    orders = {sorting(leaf.type) for leaf in (*whole, *parts) if isinstance(leaf.type, ArrayType)} - {""}
    size = total_hint(result.shape)
    if len(orders) > 1 and (size == UNKNOWN or size * result.dtype.itemsize >= MIN_NBYTES):
        raise Break("GL107", "the memory order of the result depends on whether NumPy reuses an operand")
    looked = m.table(LOOKED_AT)
    new = (result.dtype.itemsize, frozenset(whole), frozenset((*whole, *parts)))
    if not any(old[0] >= new[0] and old[1] >= new[1] and old[2] >= new[2] for old in looked):
        m.trail.put(looked, new, True)
        emit(m, REUSE, (result.dtype.itemsize, len(whole), *whole, *parts))


def is_fused(node: Node) -> bool:
    """Whether a node is computed together with its arguments, and may never lie in memory."""
    return node.row is not None and node.row.kind == "elementwise"


def leaves_of(nodes: tuple[Node, ...]) -> list[Node]:
    """The arrays that fused operations are computed from: those that are in memory anyway."""
    seen = dict.fromkeys(nodes)
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        new = [argument for argument in node.inputs if argument not in seen] if is_fused(node) else []
        seen.update(dict.fromkeys(new))
        waiting += new
    return [node for node in seen if not is_fused(node) and isinstance(node.type, ArrayType)]


def may_reuse(temporary: Array, other: Value | None, result: ArrayType) -> bool:
    """Whether reusing the temporary would be possible, and would give another memory order.

    An axis of one element between others counts: where it goes in an order other than C, arithmetic decides anew.
    """
    kind = temporary.type
    if kind.order == "C" or kind.dtype != result.dtype or not all(map(same_dim, kind.shape, result.shape)):
        return False
    if 1 in kind.shape and n_moving(kind.shape) > 1:
        return True
    in_rows = isinstance(other, Array) and n_moving(other.type.shape) > 1 and other.type.ndim == kind.ndim
    return in_rows and (kind.order != result.order or kind.order == "K")
