"""Statements that change arrays: ``a[i] = x``, ``a += x``, ``out=``."""

from collections.abc import Callable
from typing import Any

from graphlet.arrayops import catalogue
from graphlet.arrayops.broadcasting import broadcast_into, match, shape_of
from graphlet.arrayops.elementwise import (
    ASTYPE,
    FILLED_0D,
    MASKED,
    POWER,
    SCALAR_ASTYPE,
    UFUNCS,
    WHERE,
    same_in_any_layout,
)
from graphlet.arrayops.indexing import (
    FANCY,
    FIELD,
    GETITEM,
    MASK_FITS,
    MAY_STORE,
    PUT,
    SETITEM,
    STORED_COPY,
    UPDATE_AT,
    is_element,
    is_fancy,
)
from graphlet.arrayops.promotion import is_python_number, resolve
from graphlet.arrayops.shaping import VIEW_OF_C
from graphlet.capture import effects
from graphlet.capture.arrays_nodes import Args, Kwargs, argument, call
from graphlet.capture.arrays_reuse import in_other_order
from graphlet.capture.breaks import Break
from graphlet.capture.effects import emit, memory_node, node_of_array, origin, require_writeable
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import is_none
from graphlet.core.pristine import np
from graphlet.ir.graph import Node
from graphlet.ir.node import map_nodes
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ArrayType, same_dim, same_shape
from graphlet.values.base import Array, Constant, Scalar, Sequence, Slice, Value

# Which of two NaNs these keep depends on where the result goes: NumPy's loops take one number that is added in place
# for a reduction, and what goes backwards in place forwards.
_SWAPPED = (np.add, np.multiply, np.fmax, np.fmin, np.arctan2)


def setitem(m: Machine, array: Array, index: Value, value: Value) -> None:
    """``array[index] = value``"""
    if isinstance(value, Sequence) and value.kind in ("tuple", "list") and all(map(is_number, value.items)):
        value = as_array(m, value, array)
    if isinstance(value, (Sequence, Slice)):
        raise Break("GL107", f"{describe(value)} is assigned to a part of an array")
    if isinstance(value, Array) and is_that_view(m, array, index, value):
        require_writeable(m, array)
        return
    if isinstance(index, Constant) and type(index.value) is str:
        part = call(m, FIELD, (array, index))
        assert isinstance(part, Array)
        setitem(m, part, Constant(Ellipsis), value)
        return
    if isinstance(value, Array) and may_be_read_late(m, array, index, value):
        effects.check_store(m, value, array)
        write_place(m, array, index_argument(m, index), value, m.node(value))
        return
    stored, is_array = argument(m, value), isinstance(value, Array)
    if not isinstance(stored, Node) and not is_python_number(stored) and not isinstance(stored, np.generic):
        raise Break("GL107", f"{describe(value)} is assigned to a part of an array")
    if isinstance(index, Array) and is_mask(array, index) and index.storage is not array.storage and not is_array:
        store_masked(m, array, index, emit(m, FILLED_0D, (stored, array.type.dtype)))
    elif array.storage.existed:
        store_existing(m, array, index, value, stored)
    else:
        emit(m, SETITEM, (effects.target_node(m, array), index_argument(m, index), stored))


def is_number(value: Value) -> bool:
    return isinstance(value, Scalar) or (isinstance(value, Constant) and is_python_number(value.value))


def as_array(m: Machine, value: Sequence, array: Array) -> Value:
    """A list of numbers as an array of the dtype it is stored as."""
    row = catalogue.lookup(np.array)
    assert row is not None
    return call(m, row, (value,), {"dtype": Constant(array.type.dtype)})


def index_argument(m: Machine, index: Value) -> Any:
    """An index as argument of a node."""
    return argument(m, index)


def is_mask(array: Array, index: Array) -> bool:
    """Whether the index is a boolean array with the rank of the array."""
    return index.type.dtype == np.bool_ and index.type.ndim == array.type.ndim > 0


def store_masked(m: Machine, array: Array, index: Array, number: Node) -> None:
    """``array[mask] = number`` for a number of the array's dtype."""
    try:
        match(index.type.shape, array.type.shape)
    except InferenceError as error:
        raise Break("GL111", "a boolean index of another shape than the array", name_of(array)) from error
    mask = argument(m, index)
    if array.storage.existed:
        write_masked(m, array, index, number, number)
    else:
        effects.write(m, array, emit(m, WHERE, (mask, number, node_of_array(m, array))), exclusive=True)


def write_masked(m: Machine, array: Array, index: Array, value: Node, new: Node) -> None:
    """``array[index] = value`` for an array that existed before; ``new`` is what ``np.where`` takes for the value."""
    require_writeable(m, array)
    effects.stay_apart_if_written(m, array, (index,), f"{describe(array)} is written where it says itself")
    mask = argument(m, index)
    emit(m, MASK_FITS, (m.node(array), mask))
    whole = None  # what np.where makes is in native byte order
    if array.type.dtype.isnative:
        whole = later(m, array, index, WHERE, lambda before: (mask, new, before))
    effects.write_elements(m, array, mask, value, whole)


def later(m: Machine, array: Array, index: Array, row: Op, args: Callable[[Node], tuple[Any, ...]]) -> Any:
    """What an array holds behind ``array[index] = ...``, for who reads it.

    NumPy reads a mask that shares memory with the array while it writes there, which no node does.
    """

    def apart(before: Node) -> tuple[Any, ...]:
        effects.stay_apart(m, array, (index,), f"{describe(array)} is read after it was written where it says itself")
        return args(before)

    return effects.later(m, array, row, apart)


def store_existing(m: Machine, array: Array, index: Value, value: Value, stored: Any) -> None:
    """A store into memory that existed before."""
    if isinstance(value, Array):
        effects.freeze(m, value.storage)
        effects.check_store(m, value, array)
    place = index_argument(m, index)
    if is_fancy(types_in(place)):
        require_writeable(m, array)
        if isinstance(value, Array) and value.storage is array.storage:
            raise Break("GL107", f"elements of {describe(array)} are set by index to others of them", name_of(array))
        read = (value, *parts_of(index))
        effects.stay_apart_if_written(m, array, read, f"{describe(array)} is written where it says itself")
        if not was_read_there(m, array, place, value):
            emit(m, MAY_STORE, (m.node(array), place, stored))
        whole = None
        if isinstance(index, Array) and is_mask(array, index):
            whole = later(m, array, index, STORED_COPY, lambda before: (before, place, stored))
        effects.write_elements(m, array, place, stored, whole)
        return
    write_place(m, array, place, value, stored)


def write_place(m: Machine, array: Array, place: Any, value: Value, stored: Any) -> None:
    """``array[place] = value`` for an array that existed before and a place that needs no array to say."""
    effects.write(m, array if is_everything(place, array.type.ndim) else part_of(m, array, place, value), stored)


def may_be_read_late(m: Machine, array: Array, index: Value, value: Array) -> bool:
    """Whether a view of what was written in part goes as it is into memory that existed before: ``u[0] = u[1]``.

    Such writes are carried out one after the other, so each reads what is there when its turn comes.
    """
    same = array.storage.existed and array.type.dtype == value.type.dtype
    return same and effects.is_written_view(m, value) and not is_fancy(types_in(index_argument(m, index)))


def types_in(place: Any) -> Any:
    """An index with the types of what the graph knows only when it runs."""
    return map_nodes(lambda node: node.type, place)


def was_read_there(m: Machine, array: Array, place: Any, value: Value) -> bool:
    """Whether ``array[place]`` was read in the region, and the value is a number or of that shape."""
    shape = value.type.shape if isinstance(value, Array) else ()
    for node in m.builder.nodes:
        if node.row is FANCY and node.args[0] is m.node(array) and same_argument(node.args[1], place):
            assert isinstance(node.type, ArrayType)
            return not shape or (len(shape) == node.type.ndim and all(map(same_dim, shape, node.type.shape)))
    return False


def is_everything(place: Any, ndim: int) -> bool:
    """Whether an index takes the whole array as it is; a single number has nothing that could be sliced."""
    return place is Ellipsis or (isinstance(place, slice) and place == slice(None) and ndim > 0)


def part_of(m: Machine, array: Array, place: Any, value: Value) -> Array:
    """The view that a store of ``value`` with this index writes to; of rank 0 for a single element."""
    parts = place if type(place) is tuple else (place,)
    if is_element(array.type, tuple(map(effects.type_of_argument, parts))):
        if isinstance(value, Array) and value.type.ndim:
            raise Break("GL107", f"{describe(value)} is assigned to one element", name_of(array))
        place = (*parts, Ellipsis)
    node = emit(m, GETITEM, (memory_node(m, array), place))
    assert isinstance(node.type, ArrayType)
    return Array(node.type, array.storage, node, array.storage.version, array.writeable)


def is_that_view(m: Machine, array: Array, index: Value, value: Array) -> bool:
    """Whether ``value`` is ``array[index]`` itself, as it is in the last step of ``array[index] += x``."""
    if value.storage is not array.storage or value.node is None:
        return False
    node = origin(memory_node(m, value))
    if node.row not in (GETITEM, FIELD) or origin(node.args[0]) is not origin(memory_node(m, array)):
        return False
    return same_argument(node.args[1], index_argument(m, index))


def same_argument(left: Any, right: Any) -> bool:
    """Whether two arguments are the same nodes and equal literals of one type."""
    if isinstance(left, Node) or isinstance(right, Node):
        return left is right
    if type(left) is not type(right):
        return False
    if isinstance(left, slice):
        return same_argument((left.start, left.stop, left.step), (right.start, right.stop, right.step))
    if isinstance(left, (tuple, list)):
        return len(left) == len(right) and all(map(same_argument, left, right))
    return bool(left == right)


# -- operations that write their result into an array


def operate_into(m: Machine, array: Array, row: Op, args: Args, kwargs: Kwargs | None = None) -> Array:
    """Compute, cast as a ufunc does for its output, and write into ``array``; the array."""
    require_writeable(m, array)
    if array.storage.existed and effects.may_overlap_itself(m, array.storage):
        raise Break("GL107", f"elements of {describe(array)} may share memory with each other", name_of(array))
    if row.fn in _SWAPPED and array.type.dtype.kind in "fc":
        lies_like_operand = array.type.order == "C" or any(arg is array for arg in args)
        row = in_other_order(row, "placed" if lies_like_operand else "apart")
    result = call(m, row, args, kwargs)
    if not isinstance(result, (Array, Scalar)):
        raise Break("GL107", f"{row.name} with several results and out=")
    backwards = is_spread_backwards(array, args)
    layout_counts = array.type.order == "K" or backwards or may_be_single(m, array, row, args)
    if (layout_counts and not same_bits(row, (*args, result))) or may_swap_nans(array, row, args):
        text = f"the last bit of {row.name} depends on how the array it is written to lies in memory"
        raise Break("GL107", text, name_of(array))
    node = result.node
    assert node is not None
    try:
        (broadcast_into if row.kind == "elementwise" else match)(shape_of(result.type), array.type.shape)
    except InferenceError as error:
        raise Break("GL111", str(error), name_of(array)) from error
    dtype = result.type.dtype
    if dtype is None or not np.can_cast(dtype, array.type.dtype, casting="same_kind"):
        raise Break("GL111", f"NumPy refuses to cast {dtype} to {array.type.dtype}", name_of(array))
    if dtype != array.type.dtype:
        node = emit(m, ASTYPE if isinstance(result, Array) else SCALAR_ASTYPE, (node, array.type.dtype))
    effects.write(m, array, node, exclusive=True)
    return array


def is_spread_backwards(array: Array, operands: Args) -> bool:
    """Whether an operand may lie backwards that is smaller than the array its result is spread over.

    NumPy goes through the array, and so backwards through the operand; made for the operand alone, it is made forwards.
    """
    return any(
        isinstance(value, Array) and value.type.order == "K" and not same_shape(value.type.shape, array.type.shape)
        for value in operands
    )


def may_swap_nans(array: Array, row: Op, args: Args) -> bool:
    """Whether two NaNs may meet that NumPy takes in the other order, as the array has one element."""
    is_single = array.type.dtype.kind in "fc" and all(dim == 1 for dim in array.type.shape)
    return is_single and row.fn in _SWAPPED and not any(isinstance(arg, Constant) and is_no_nan(arg) for arg in args)


def is_no_nan(number: Constant) -> bool:
    """Whether a constant equals itself."""
    return bool(number.value == number.value)


def may_be_single(m: Machine, array: Array, row: Op, operands: Args) -> bool:
    """Whether there may be one number that NumPy's loops compute otherwise where its result is put into an array.

    Those for complex numbers, float16 and powers do, as they get strides of 0 for one; all others if the number lies
    backwards, which they look at where they make a new array. The sizes of inputs are never 1.
    """
    single = [value for value in operands if isinstance(value, Array) and value.type.ndim]
    if array.type.dtype.kind == "c" or array.type.dtype == np.float16 or row is POWER:
        single.append(array)
    return any(not any(effects.never_one(m, (dim,)) for dim in value.type.shape) for value in single)


def same_bits(row: Op, operands: Args) -> bool:
    """Whether an operation computes the same wherever its result is put."""
    if row is not POWER and row.kind != "elementwise":
        return True
    fn: Any = row.fn
    if row is POWER and isinstance(operands[1], Constant) and operands[1].value == 2:
        fn = np.square
    dtypes = (value.type.dtype for value in operands if isinstance(value, (Array, Scalar)))
    return same_in_any_layout(fn, [dtype.kind for dtype in dtypes if dtype is not None])


def update_at(m: Machine, ufunc: np.ufunc, args: Args) -> None:
    """``ufunc.at(array, indices, values)``"""
    array, index, values = args
    if not isinstance(array, Array):
        raise Break("GL107", f"{describe(array)} is written in part (at)", name_of(array))
    update_elements(m, array, UPDATE_AT, (ufunc, argument(m, index), argument(m, values)), index)


def parts_of(index: Value) -> tuple[Value, ...]:
    """What stands between the commas of an index."""
    return index.items if isinstance(index, Sequence) else (index,)


def put(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.put(indices, values)``"""
    array, index, values = args if len(args) == 3 else (None, None, None)
    if not isinstance(array, Array) or index is None or values is None or kwargs:
        raise Break("GL107", "put with these arguments")
    given = argument(m, index), argument(m, values)
    if array.storage.existed:
        array = flat_view(m, array)
    update_elements(m, array, PUT, given, index)
    return Constant(None)


def flat_view(m: Machine, array: Array) -> Array:
    """The elements of an array in C order, where they are."""
    if array.type.ndim == 1:
        return array
    if array.type.order != "C" or not array.type.ndim:
        raise Break("GL107", f"{describe(array)} is written as if it were flat, not in C order", name_of(array))
    row = catalogue.method("ravel")
    assert row is not None
    made = call(m, VIEW_OF_C[row], (array,))
    assert isinstance(made, Array)
    return made


def update_elements(m: Machine, array: Array, row: Op, args: tuple[Any, ...], index: Value) -> None:
    """What ``row`` writes into an array at ``index``: in place, or into a copy whose new elements go there later on."""
    if not array.storage.existed:
        emit(m, row, (effects.target_node(m, array), *args))
        return
    require_writeable(m, array)
    place = argument(m, index)
    parts = place if type(place) is tuple else (place,)
    if not is_fancy(tuple(part.type if isinstance(part, Node) else part for part in parts)):
        text = f"an element of {describe(array)}, which existed before, is set ({row.name})"
        raise Break("GL104", text, name_of(array))
    if effects.may_overlap_itself(m, array.storage):
        raise Break("GL107", f"elements of {describe(array)} may share memory with each other", name_of(array))
    effects.stay_apart(m, array, parts_of(index), f"{describe(array)} is written where it says itself")
    copy = catalogue.lookup(np.copy)
    assert copy is not None
    new = emit(m, row, (emit(m, copy, (node_of_array(m, array),)), *args))
    whole = new if m.node(array) in m.inputs and effects.same_layout(new.type, array.type) else None
    effects.write_elements(m, array, place, emit(m, FANCY, (new, place)), whole)


def operate_where(m: Machine, array: Array, ufunc: np.ufunc, mask: Value, args: Args) -> Array:
    """``ufunc(*args, out=array, where=mask)``"""
    inputs = tuple(argument(m, arg) for arg in args)
    if not array.storage.existed:
        emit(m, MASKED, (effects.target_node(m, array), ufunc, argument(m, mask), *inputs))
        return array
    require_writeable(m, array)
    if not isinstance(mask, Array) or not is_mask(array, mask) or not same_shape(mask.type.shape, array.type.shape):
        text = f"{describe(array)} is written where a mask says that is no boolean array of its shape"
        raise Break("GL107", text, name_of(array))
    effects.stay_apart(m, array, (mask,), f"{describe(array)} is written where it says itself")
    if not is_as_in_place(m, array, ufunc, args):
        raise Break("GL107", f"the last bit of {ufunc.__name__} depends on where it is written", name_of(array))
    copy, place = catalogue.lookup(np.copy), argument(m, mask)
    assert copy is not None
    new = emit(m, MASKED, (emit(m, copy, (node_of_array(m, array),)), ufunc, place, *inputs))
    # Where something is cast and an operand overlaps, NumPy writes beside the mask, too.
    if any(dtype != array.type.dtype for dtype in resolve(ufunc, tuple(map(effects.type_of_argument, inputs)))):
        others = [arg for arg in args if isinstance(arg, Array) and not is_same_view(m, arg, array)]
        effects.stay_apart(m, array, others, f"{describe(array)} is written where a mask says, from other parts of it")
    write_masked(m, array, mask, emit(m, FANCY, (new, place)), new)
    return array


def is_same_view(m: Machine, array: Array, other: Array) -> bool:
    """Whether two arrays that existed before are one."""
    return array.storage is other.storage and m.node(array) is m.node(other)


def is_as_in_place(m: Machine, array: Array, ufunc: np.ufunc, args: Args) -> bool:
    """Whether an operation gives the same bits in a copy of the array as in the array itself."""
    row = UFUNCS.get(ufunc)
    if row is None or effects.may_overlap_itself(m, array.storage) or may_swap_nans(array, row, args):
        return False
    layout_counts = array.type.order == "K" or is_spread_backwards(array, args) or may_be_single(m, array, row, args)
    return not layout_counts or same_bits(row, (*args, array))


def output_argument(kwargs: Kwargs) -> Array | None:
    """The array of ``out=``, taken out of the keywords."""
    out = kwargs.pop("out", None)
    if out is None or is_none(out):
        return None
    if not isinstance(out, Array):
        raise Break("GL107", f"out={describe(out)}")
    return out


__all__ = ["operate_into", "operate_where", "output_argument", "setitem"]
