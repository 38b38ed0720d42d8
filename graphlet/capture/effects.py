"""Writes to arrays, and what may be read behind them.

Memory made in the region is written by nodes (the builder keeps their order), or replaced: when a whole array gets new
values of the same type, the new node simply becomes the array. Memory that existed before is written by commits, when
the region has succeeded; until then a node still sees the old contents. So a later read takes the committed node itself
if that is the whole array, and ends the region if not, or if the array may overlap one that was written. A read for
another commit is done when its turn comes (``is_written_view``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from graphlet.arrayops.broadcasting import assign_into, equal, shape_of
from graphlet.arrayops.elementwise import ASTYPE, FILLED_0D, WHERE, filled_0d
from graphlet.arrayops.indexing import SETITEM
from graphlet.arrayops.owners import owns
from graphlet.arrayops.promotion import is_python_number
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.core.pristine import np
from graphlet.guards.check import is_writeable
from graphlet.guards.kinds import ArrayIs, NotOverlapping
from graphlet.ir.alias import AFTER
from graphlet.ir.graph import Node, iter_nodes
from graphlet.ir.op import FRESH, VIEW, InferenceError, Op
from graphlet.ir.types import ArrayType, Dim, ScalarType, Sym, Type, same_dim, type_of
from graphlet.values.base import Array, Storage, Value

DIRTY: Final = object()  # written in part: what the whole holds now is not a node
CONTENTS = "contents of written storages"  # Storage -> node of the newest contents, or DIRTY
BASES = "nodes that are a whole storage"  # Node -> Storage
FROZEN = "storages whose present contents wait to be committed"  # Storage -> True
NUMBERS = (np.bool_, np.number)
PINNED = "storages that must stay where they are"  # Storage -> True


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """What an array holds behind a write of some of its elements, made only if somebody reads it.

    ``before``: what it held until then; ``args``: of the row, from the node that is. Memory they are in may have been
    written to since: then it is too late.
    """

    row: Op
    args: Callable[[Node], tuple[Any, ...]]
    before: Any


def emit(m: Machine, row: Op, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> Node:
    """A node, or a break that says why its type cannot be known."""
    try:
        return m.emit(row, args, kwargs)
    except InferenceError as error:
        raise Break("GL107", f"{row.name}: {error}") from error


def new_array(m: Machine, node: Node, pinned: bool = False) -> Array:
    """The array a node makes, in new memory. ``pinned`` memory is never replaced by other nodes."""
    assert isinstance(node.type, ArrayType)
    storage = Storage(node, existed=False)
    m.trail.put(m.table(BASES), node, storage)
    if pinned:
        pin(m, storage)
    return Array(node.type, storage, node)


def pin(m: Machine, storage: Storage) -> None:
    """Someone holds the memory in a way that cannot be derived again."""
    m.trail.put(m.table(PINNED), storage, True)


# -- which node stands for an array now


def memory_node(m: Machine, array: Array) -> Node:
    """The node that is the array's memory: for what leaves the region, for views, and as the target of a write."""
    storage = array.storage
    if storage.existed:
        return m.node(array)
    assert array.node is not None and storage.base is not None
    if array.version != storage.version:
        node = derived_again(m, array.node, storage.base)
        m.trail.set(array, "node", node)
        m.trail.set(array, "version", storage.version)
        return m.builder.current(node)
    return m.builder.current(array.node)


def node_of_array(m: Machine, array: Array) -> Node:
    """The node whose value is what the array holds now. Raises Break behind writes that cannot be seen through."""
    storage = array.storage
    if not storage.existed:
        return memory_node(m, array)
    check_apart(m, array)
    contents = made_now(m, array, m.table(CONTENTS).get(storage))
    if contents is None:
        return m.node(array)
    if contents is DIRTY:
        raise Break("GL105", f"{describe(array)} is read after it was written in part", name_of(array))
    return derived_again(m, m.node(array), contents)


def made_now(m: Machine, array: Array, contents: Any) -> Any:
    """Contents that were to be made when they are read, made."""
    if not isinstance(contents, Later):
        return contents
    before = made_now(m, array, contents.before)
    if before is DIRTY:
        return DIRTY
    root = root_array(m, array.storage)
    args = contents.args(m.node(root) if before is None else before)
    if not all(map(m.builder.is_current, iter_nodes(args))):
        return DIRTY
    node = emit(m, contents.row, args)
    if not same_layout(node.type, root.type):
        return DIRTY
    m.trail.put(m.table(CONTENTS), array.storage, node)
    return node


def was_written(m: Machine, array: Array) -> bool:
    """Whether the region is to write memory that was there before: until then, its contents are another array."""
    return array.storage.existed and array.storage in m.table(CONTENTS)


def is_written_view(m: Machine, array: Array) -> bool:
    """Whether it is, without doubt, a view of memory that was there before and is written in part."""
    if not array.storage.existed or m.table(CONTENTS).get(array.storage) is not DIRTY:
        return False
    node = m.node(array)
    while node not in m.inputs:
        if node.row is None or node.row.alias != VIEW or node.row.mutates is not None:
            return False
        node = node.args[0]
    return True


def derived_again(m: Machine, node: Node, base: Node) -> Node:
    """The same view as ``node``, of ``base`` in place of the array it was a view of."""
    row = node.row
    if row is None or node in m.table(BASES):
        return base
    if row is AFTER or row.mutates is not None:
        return derived_again(m, node.args[0], base)
    if row.alias == FRESH:
        return base
    if row.alias != VIEW:
        raise Break("GL105", f"the array is read after a write, and it may or may not be a view ({row.name})")
    again = emit(m, row, (derived_again(m, node.args[0], base), *node.args[1:]), node.kwargs)
    assert isinstance(node.type, ArrayType) and isinstance(again.type, ArrayType)
    for old, new in zip(node.type.shape, again.type.shape, strict=True):
        if isinstance(old, Sym) and isinstance(new, Sym):
            equal(old, new)
    return again


def owns_memory(m: Machine, array: Array) -> bool:
    """Whether the array was made in the region and is no view."""
    return array.node is not None and not array.storage.existed and origin(array.node) in m.table(BASES)


def origin(node: Node) -> Node:
    """The node that made the array object which ``node`` is: writes return the object they were given."""
    while node.row is not None and (node.row is AFTER or node.row.mutates is not None):
        node = node.args[0]
    return node


# -- arrays that were there before


def root_array(m: Machine, storage: Storage) -> Array:
    """The array, there before the region, whose memory a storage is."""
    assert storage.root is not None
    value = m.read(m.reader.unread(storage.root, None))
    assert isinstance(value, Array)
    return value


def may_overlap_itself(m: Machine, storage: Storage) -> bool:
    """Whether elements of an array that existed before may share memory with each other."""
    kind = root_array(m, storage).type
    return kind.order == "K" and not kind.axes


def check_apart(m: Machine, array: Array) -> None:
    """Guard that the array does not overlap other arrays that were written. Raises Break if it does in the examples."""
    storage = array.storage
    for written in m.table(CONTENTS):
        if written is storage:
            continue
        guard_apart(m, array, written, "which was written")


def guard_apart(m: Machine, array: Array, other: Storage, what: str) -> None:
    """Guard that an array has nothing to do with other memory that was there before."""
    left, right = root_array(m, other), root_array(m, array.storage)
    if np.may_share_memory(left.example, right.example):
        raise Break("GL105", f"{describe(array)} may share memory with {describe(left)}, {what}", name_of(array))
    assert other.root is not None and array.storage.root is not None
    m.guard(NotOverlapping(other.root, array.storage.root))


def stay_apart(m: Machine, target: Array, values: Iterable[Value], what: str) -> None:
    """Guard that what NumPy reads while it writes, item by item, is not what it writes."""
    for value in values:
        if not isinstance(value, Array):
            continue
        if value.storage is target.storage:
            raise Break("GL107", what, name_of(target))
        if value.storage.existed and target.storage.existed:
            guard_apart(m, value, target.storage, "which is written at the same time")


def stay_apart_if_written(m: Machine, target: Array, values: Iterable[Value], what: str) -> None:
    """The same only for what the region writes too: of all else the commit sees the memory itself, as NumPy does."""
    stay_apart(m, target, (value for value in values if isinstance(value, Array) and was_written(m, value)), what)


def check_store(m: Machine, array: Array, target: Array) -> None:
    """A store with a cast, or where elements share memory: NumPy copies item by item, in an order of its own."""
    if not array.storage.existed or not target.storage.existed:
        return
    if array.type.dtype != target.type.dtype or may_overlap_itself(m, target.storage):
        guard_apart(m, array, target.storage, "which it is stored in item by item")


def require_writeable(m: Machine, array: Array) -> None:
    """Guard that the array may be written. Raises Break if NumPy would raise."""
    if not array.writeable:
        raise Break("GL111", f"ValueError: {describe(array)} is read-only", name_of(array))
    if not array.storage.existed:
        return
    root = root_array(m, array.storage)
    if not is_writeable(root.example):
        raise Break("GL111", f"{describe(root)} is read-only", name_of(root))
    guard_writeable(m, root, True)


def guard_writeable(m: Machine, root: Array, expected: bool) -> None:
    """Guard that an array that was there before the region may be written, or may not."""
    ones = tuple(dim == 1 for dim in root.type.shape)
    assert root.source is not None
    order = "S" if root.type.order == "K" and root.type.axes else root.type.order
    m.guard(ArrayIs(root.source, root.type.dtype, ones, order, True, expected))


# -- writing


def type_of_argument(argument: Any) -> Type | Any:
    """The type of a node; literals are themselves."""
    return argument.type if isinstance(argument, Node) else argument


def write(m: Machine, array: Array, value: Any, exclusive: bool = False) -> None:
    """``array[...] = value`` for a node or literal.

    ``exclusive``: the node was made for this write; nobody else holds its array.
    """
    require_writeable(m, array)
    try:
        assign_into(shape_of(type_of_argument(value)), array.type.shape)
    except InferenceError as error:
        raise Break("GL107", str(error)) from error
    if array.storage.existed:
        commit(m, array, value, exclusive)
    elif exclusive and may_become(m, array, value):
        replace(m, array, value)
    else:
        emit(m, SETITEM, (target_node(m, array), Ellipsis, value))


def target_node(m: Machine, array: Array) -> Node:
    """The node to write to, for an array made in the region."""
    require_writeable(m, array)
    if array.storage in m.table(FROZEN):
        raise Break("GL105", f"{describe(array)} is changed after it was stored in an array that existed before")
    return memory_node(m, array)


def freeze(m: Machine, storage: Storage) -> None:
    """The contents are part of a commit: nodes may not write to this memory any more."""
    if not storage.existed:
        m.trail.put(m.table(FROZEN), storage, True)


def may_become(m: Machine, array: Array, value: Any) -> bool:
    """Whether a new node can stand for the array from now on: the whole of its memory, same dtype, shape and layout."""
    memory_node(m, array)
    storage, kind = array.storage, type_of_argument(value)
    return (
        isinstance(kind, ArrayType)
        and owns_memory(m, array)
        and storage not in m.table(PINNED)
        and kind.dtype == array.type.dtype
        and kind.order == array.type.order != "K"
        and kind.ndim == array.type.ndim
        and all(map(same_dim, kind.shape, array.type.shape))
        and is_as_arithmetic_makes_it(m, array)
        and (value.row is not WHERE or kind.ndim < 2 or never_one(m, kind.shape))  # np.where has strides of its own
    )


def is_as_arithmetic_makes_it(m: Machine, array: Array) -> bool:
    """Whether an array made in the region has the base and strides that the result of arithmetic on it has.

    Where an axis has one element its stride says nothing of the order, and is left over from what made the array:
    ``a.sum(axis=1, keepdims=True)`` of a column-major ``a`` has one of its own, and so has arithmetic with a cast.
    """
    assert array.node is not None
    row = origin(array.node).row
    if row is None or not owns(row):
        return False
    in_c_order = row.kind == "elementwise" and array.type.order == "C"
    return in_c_order or array.type.ndim < 2 or never_one(m, array.type.shape)


def never_one(m: Machine, shape: tuple[Dim, ...]) -> bool:
    """Whether certainly no axis has just one element: the sizes of inputs, where they are not known, are never 1."""
    given = {sym.root() for sym in m.reader.dims if isinstance(sym, Sym)}
    return all(dim.root() in given if isinstance(dim, Sym) else dim != 1 for dim in shape)


def replace(m: Machine, array: Array, node: Node) -> None:
    """The array's memory is that of ``node`` from now on; other views of it are derived again when they are used."""
    storage = array.storage
    m.trail.put(m.table(BASES), node, storage)
    m.trail.set(storage, "base", node)
    m.trail.set(storage, "version", storage.version + 1)
    m.trail.set(array, "node", node)
    m.trail.set(array, "version", storage.version)


def commit(m: Machine, array: Array, value: Any, exclusive: bool) -> None:
    """A write to memory that existed before."""
    node = cast_for_store(m, value, array.type.dtype)
    target = m.node(array)
    m.commit(target, node, is_result=exclusive and node is value)
    whole = target in m.inputs and exclusive and same_layout(node.type, array.type)
    m.trail.put(m.table(CONTENTS), array.storage, node if whole else DIRTY)


def write_elements(m: Machine, array: Array, index: Any, value: Any, whole: Node | Later | None = None) -> None:
    """``array[index] = value`` for memory that existed before and an index with arrays in it, which is known to fit.

    Nothing but the elements the index names is written: another thread may be at work on the others.
    ``whole``: what all of the array holds then, if that can be told.
    """
    for storage in storages_in(m, index):
        freeze(m, storage)
    m.commit(m.node(array), cast_for_store(m, value, array.type.dtype), index)
    m.trail.put(m.table(CONTENTS), array.storage, DIRTY if whole is None else whole)


def later(m: Machine, array: Array, row: Op, args: Callable[[Node], tuple[Any, ...]]) -> Later | None:
    """What the array will hold, as ``row`` makes it of what it holds now; None for a part of an array."""
    if m.node(array) not in m.inputs:
        return None
    return Later(row, args, m.table(CONTENTS).get(array.storage))


def storages_in(m: Machine, index: Any) -> list[Storage]:
    """The memory of the arrays of an index that were made in the region."""
    bases = m.table(BASES)
    return [bases[origin(node)] for node in iter_nodes(index) if origin(node) in bases]


def same_layout(kind: Type | None, target: ArrayType) -> bool:
    """Whether a node may be read in place of the array: nothing that depends on memory order changes."""
    return (
        isinstance(kind, ArrayType)
        and kind.order == target.order != "K"
        and kind.ndim == target.ndim
        and all(map(same_dim, kind.shape, target.shape))
    )


def cast_for_store(m: Machine, value: Any, dtype: np.dtype) -> Node:
    """The value as a node of the dtype it is stored in."""
    kind = type_of_argument(value)
    if isinstance(kind, ArrayType):
        node: Node = value
        return node if kind.dtype == dtype else emit(m, ASTYPE, (value, dtype))
    if isinstance(kind, ScalarType) and kind.dtype == dtype:
        return value  # type: ignore[no-any-return]
    known = None if isinstance(value, Node) else number_of(value, dtype)
    return emit(m, FILLED_0D, (value, dtype)) if known is None else m.builder.constant(known, m.loc)


def number_of(value: Any, dtype: np.dtype) -> np.generic | None:
    """A known number as a store into an array of this dtype leaves it; None where NumPy might warn or raise."""
    kinds = "c" if isinstance(value, complex | np.complexfloating) else "biufc"
    if dtype.kind not in kinds or not (is_python_number(value) or isinstance(value, NUMBERS)):
        return None
    try:
        with np.errstate(all="raise"):
            number: np.generic = filled_0d(value, dtype)[()]
    except (ArithmeticError, TypeError, ValueError):
        return None
    return number if type_of(number) == ScalarType(dtype.type, dtype) else None
