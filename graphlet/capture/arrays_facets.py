"""What an array says about its memory: ``flags``, ``strides``, ``base``; and ``flat``, its elements one by one.

Only what is certain for every call with the same guards is answered; an array without elements has both memory orders
and strides of its own, so that it has some is guarded.
"""

from typing import Any

from graphlet.arrayops import catalogue, scalar
from graphlet.arrayops.indexing import FANCY, is_integer
from graphlet.arrayops.layout import n_moving
from graphlet.arrayops.promotion import is_record
from graphlet.capture.arrays_nodes import READ_ONLY_VIEWS, call, hinted, size
from graphlet.capture.arrays_stores import flat_view, setitem
from graphlet.capture.breaks import Break
from graphlet.capture.effects import guard_writeable, origin, owns_memory, require_writeable, root_array
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.truth import truth
from graphlet.guards.check import is_writeable
from graphlet.ir.graph import Node
from graphlet.ir.op import FRESH, VIEW, Op
from graphlet.ir.types import Sym
from graphlet.values.base import Array, Constant, Scalar, Sequence, Value
from graphlet.values.objects import Facet

# Kinds of rows whose new arrays may be written.
_WRITEABLE = frozenset(("elementwise", "reduction", "creation"))
# Of the views that are not written here, those that NumPy lets nobody write.
_READ_ONLY = frozenset(("broadcast_to", "diagonal", "linalg_diagonal"))


def flags(m: Machine, array: Array) -> Value:
    """``array.flags``"""
    return Facet(array, "flags")


def flat(m: Machine, array: Array) -> Value:
    """``array.flat``"""
    return Facet(array, "flat")


def unknown(array: Array, what: str) -> Break:
    """A break for what is not known of an array's memory."""
    return Break("GL107", f"{what} of {describe(array)} is not known during capture", name_of(array))


def require_elements(m: Machine, array: Array) -> None:
    """Guard that no axis is empty."""
    for axis, dim in enumerate(array.type.shape):
        if (isinstance(dim, Sym) and not truth(m, size(m, array, axis))) or dim == 0:
            raise unknown(array, "the memory layout")


def orders(m: Machine, array: Array) -> tuple[bool, bool]:
    """Whether an array is contiguous in C order, and in Fortran's."""
    order = array.type.order
    if order == "K":
        if array.source is None:
            raise unknown(array, "the memory order")
        return False, False
    if n_moving(array.type.shape) <= 1:
        return True, True
    require_elements(m, array)
    return order == "C", order == "F"


def in_c_order(m: Machine, array: Array) -> bool:
    return orders(m, array)[0]


def in_fortran_order(m: Machine, array: Array) -> bool:
    return orders(m, array)[1]


def made_by(array: Array) -> Op | None:
    """The operation that made the memory of an array made in the region, if nothing but views lies between."""
    if array.storage.existed:
        return None
    row = next((row for row in rows_behind(array) if row.alias != VIEW), None)
    return row if row is not None and row.alias == FRESH else None


def rows_behind(array: Array) -> list[Op]:
    """The operations an array comes from: those it is, or may be, a view by, and last the one that made the memory."""
    found: list[Op] = []
    node: Any = array.node
    while isinstance(node, Node) and (node := origin(node)).row is not None:
        found.append(node.row)
        if node.row.alias == FRESH:
            break
        node = node.args[0]
    return found


def writeable(m: Machine, array: Array) -> bool:
    """``array.flags.writeable``"""
    if array.storage.existed:
        return existing_is_writeable(m, array)
    row = made_by(array)
    if row is None or row.kind not in _WRITEABLE or may_say_otherwise(array):
        raise unknown(array, "whether it may be written, the `writeable` flag")
    return array.writeable


def existing_is_writeable(m: Machine, array: Array) -> bool:
    """A view of what may be written may be, too, unless it was made not to be; what may not stays so, guarded."""
    root = root_array(m, array.storage)
    if is_writeable(root.example) and not may_say_otherwise(array):
        if array.writeable:
            require_writeable(m, array)
        return array.writeable
    if array is not root or root.source is None:
        raise unknown(array, "whether it may be written, the `writeable` flag")
    guard_writeable(m, root, False)
    return False


def may_say_otherwise(array: Array) -> bool:
    """Whether it is a view that is not written here, of which NumPy may say that it may be, and warn."""
    return any(row.name in READ_ONLY_VIEWS - _READ_ONLY for row in rows_behind(array))


def owns_data(m: Machine, array: Array) -> bool:
    """``array.flags.owndata``: known of new results of elementwise operations."""
    row = made_by(array)
    if row is None or row.kind != "elementwise" or not owns_memory(m, array):
        raise unknown(array, "the owner of the memory")
    return True


def aligned(m: Machine, array: Array) -> bool:
    """Arrays that are not are left alone; fields of records may not be."""
    if array.storage.existed and is_record(root_array(m, array.storage).type.dtype):
        raise unknown(array, "the alignment")
    return True


_FLAGS: dict[str, Any] = {
    "c_contiguous": in_c_order,
    "contiguous": in_c_order,
    "f_contiguous": in_fortran_order,
    "fortran": in_fortran_order,
    "forc": lambda m, array: any(orders(m, array)),
    "fnc": lambda m, array: orders(m, array) == (False, True),
    "writeable": writeable,
    "aligned": aligned,
    "behaved": lambda m, array: aligned(m, array) and writeable(m, array),
    "owndata": owns_data,
}
_KEYS = {
    **{"C": "c_contiguous", "C_CONTIGUOUS": "c_contiguous", "CONTIGUOUS": "c_contiguous"},
    **{"F": "f_contiguous", "F_CONTIGUOUS": "f_contiguous", "FORTRAN": "f_contiguous"},
    **{"W": "writeable", "WRITEABLE": "writeable", "A": "aligned", "ALIGNED": "aligned"},
    **{"O": "owndata", "OWNDATA": "owndata", "B": "behaved", "BEHAVED": "behaved", "FNC": "fnc", "FORC": "forc"},
}


def facet_attribute(m: Machine, facet: Facet, name: str) -> Value:
    """``array.flags.writeable`` and its like, ``array.flat.base``"""
    if facet.name == "flags" and name in _FLAGS:
        return Constant(_FLAGS[name](m, facet.array))
    if facet.name == "flat" and name == "base":
        return facet.array
    raise Break("GL110", f"the attribute `{name}` of the {facet.name} of {describe(facet.array)}")


def facet_item(m: Machine, facet: Facet, key: Value) -> Value:
    """``array.flags["C"]``; ``array.flat[index]`` of an integer, or a copy of a part."""
    if facet.name == "flags":
        name = _KEYS.get(m.known(key))
        if name is None:
            raise Break("GL110", f"an item of the flags of {describe(facet.array)}")
        return facet_attribute(m, facet, name)
    index, array = hinted(key), flattened(m, facet)
    if is_list(index):
        return call(m, FANCY, (array, key))
    if type(index) is slice:
        part = call(m, catalogue.operator("[]"), (array, key))
        row = catalogue.method("flatten")
        assert row is not None
        return call(m, row, (part,))
    if type(index) is not int:
        raise Break("GL110", f"an item of {describe(facet.array)}.flat")
    return call(m, catalogue.operator("[]"), (array, key))


def set_facet_item(m: Machine, facet: Facet, key: Value, value: Value) -> None:
    """``array.flat[index] = number``"""
    places = hinted(key)
    known = type(places) in (int, slice) or is_list(places)
    if facet.name != "flat" or isinstance(value, (Array, Sequence)) or not known:
        raise Break("GL110", f"an item of {describe(facet.array)}.{facet.name} is set")
    setitem(m, flattened(m, facet), key, value)


def is_list(index: Any) -> bool:
    """Whether an index is a list of integers."""
    return type(index) is list and bool(index) and all(map(is_integer, index))


def set_flat(m: Machine, array: Array, value: Value) -> None:
    """``array.flat = number``"""
    if not isinstance(value, (Constant, Scalar)):
        raise Break("GL104", f"{describe(array)}.flat is set to something that is no number", name_of(array))
    setitem(m, array, Constant(Ellipsis), value)


def flattened(m: Machine, facet: Facet) -> Array:
    """The elements in C order as they are in memory, so that later writes are seen."""
    array = facet.array
    if facet.name != "flat":
        raise Break("GL110", f"the {facet.name} of {describe(array)} are gone over")
    return flat_view(m, array)


def strides(m: Machine, array: Array) -> Value:
    """``array.strides`` of a contiguous array that has elements and no axis of size 1."""
    order, shape = array.type.order, array.type.shape
    if order == "K" or 1 in shape:
        raise unknown(array, "strides")
    require_elements(m, array)
    axes = range(len(shape))
    step: Value = Constant(array.type.dtype.itemsize)
    found: dict[int, Value] = {}
    for axis in reversed(axes) if order == "C" else axes:
        found[axis] = step
        step = times(m, step, size(m, array, axis))
    return Sequence("tuple", tuple(found[axis] for axis in axes))


def times(m: Machine, left: Value, right: Value) -> Value:
    """The product of two ints."""
    if isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(left.value * right.value)
    return call(m, scalar.OPERATORS["*"], (left, right))


def base(m: Machine, array: Array) -> Value:
    """``array.base``: None for new results of elementwise operations."""
    owns_data(m, array)
    return Constant(None)
