"""Indexing: basic indices give views, array indices give new arrays, stores give new versions."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphlet.arrayops.broadcasting import (
    UNKNOWN,
    assign_into,
    broadcast,
    check_equal,
    dim_of_size,
    equal,
    fresh_sym,
    is_int,
    is_one,
    shape_of,
)
from graphlet.arrayops.layout import kept_order, sorting, view
from graphlet.arrayops.promotion import check_cast, check_dtype, is_record, operand, scalar_of
from graphlet.core.pristine import np
from graphlet.ir.op import FRESH, VIEW, InferenceError, Op
from graphlet.ir.quiet import takes_one
from graphlet.ir.types import ArrayType, Dim, ObjectType, ScalarType, Sym, Type, dim_hint


def index_items(index: Any) -> tuple[Any, ...]:
    """The parts of an index, as NumPy takes them apart."""
    return index if type(index) is tuple else (index,)


def is_integer(item: Any) -> bool:
    """An integer index, literal or run-time; bools are masks."""
    if isinstance(item, ScalarType):
        return item.pytype is int or (item.dtype is not None and item.dtype.kind in "iu")
    return is_int(item)


def is_fancy(index: Any) -> bool:
    """Whether an index has an array or list in it, so that the result is a new array."""
    return any(isinstance(item, ArrayType) or type(item) is list for item in index_items(index))


def expand_ellipsis(items: Sequence[Any], ndim: int) -> list[Any]:
    """The items with Ellipsis, or what is missing at the end, written as full slices."""
    used = sum(_n_axes(item) for item in items)
    if used > ndim:
        raise InferenceError(f"too many indices: {used} for {ndim} dimensions")
    full = [slice(None)] * (ndim - used)
    positions = [i for i, item in enumerate(items) if item is Ellipsis]
    if len(positions) > 1:
        raise InferenceError("an index with two ellipses")
    if not positions:
        return [*items, *full]
    return [*items[: positions[0]], *full, *items[positions[0] + 1 :]]


def _n_axes(item: Any) -> int:
    if item is None or item is Ellipsis:
        return 0
    if isinstance(item, ArrayType) and item.dtype.kind == "b":
        return item.ndim
    return 1


def slice_length(item: slice, size: int) -> int:
    """How many elements a slice with known bounds takes of ``size``."""
    return len(range(*item.indices(size)))


def is_full(item: slice) -> bool:
    """Whether the slice takes everything in order."""
    return item.start in (None, 0) and item.stop is None and item.step in (None, 1)


def check_slice(item: slice) -> bool:
    """Whether all bounds are literals; InferenceError for bounds that are no integers."""
    parts = (item.start, item.stop, item.step)
    if not all(part is None or is_integer(part) for part in parts):
        raise InferenceError("slice bounds that are no integers")
    if not isinstance(item.step, ScalarType) and item.step is not None and item.step == 0:
        raise InferenceError("slice step cannot be zero")
    return not any(isinstance(part, ScalarType) for part in parts)


def slice_dim(item: slice, dim: Dim) -> Dim:
    """The size a slice leaves of a dimension."""
    literal = check_slice(item)
    if literal and is_full(item):
        return dim
    if not literal or dim_hint(dim) == UNKNOWN:
        return fresh_sym()
    length = slice_length(item, dim_hint(dim))
    if length == 1 and takes_one(item):
        return 1  # whatever the size: the kernel checks that it is there
    return fresh_sym(length) if isinstance(dim, Sym) else dim_of_size(length)


@dataclass(slots=True)
class Run:
    """Whether the elements taken stay contiguous, axis by axis from the slowest to the fastest."""

    ok: bool = True
    sliced: bool = False  # an axis was cut: from there on everything must be taken whole

    def take(self, item: Any, dim: Dim) -> None:
        """The next axis."""
        if not isinstance(item, slice):
            self.ok = self.ok and not self.sliced
        elif is_full(item):
            self.sliced = self.sliced or not is_one(dim)
        else:
            self.ok = self.ok and not self.sliced and item.step in (None, 1)
            self.sliced = True


def basic_view(array: ArrayType, items: Sequence[Any]) -> ArrayType:
    """The view for items that are integers, slices and None, one per axis besides the Nones."""
    shape: list[Dim] = []
    taken: list[tuple[Any, Dim]] = []
    axis = 0
    for item in items:
        if item is None:
            shape.append(1)
            continue
        if isinstance(item, slice):
            shape.append(slice_dim(item, array.shape[axis]))
        elif not is_integer(item):
            raise InferenceError(f"index of type {item if isinstance(item, ScalarType) else type(item).__name__}")
        elif not isinstance(item, ScalarType):
            _check_bounds(int(item), array.shape[axis])
        taken.append((item, array.shape[axis]))
        axis += 1
    run = Run()
    for item, dim in taken if array.order == "C" else taken[::-1]:
        run.take(item, dim)
    if array.order == "K" or not run.ok:
        return view(array, tuple(shape), "K", array.order if array.order != "K" else array.axes)
    return view(array, tuple(shape), array.order, "")


def _check_bounds(position: int, dim: Dim) -> None:
    size = dim_hint(dim)
    if size != UNKNOWN and not -size <= position < size:
        raise InferenceError(f"index {position} is out of bounds for size {size}")


def check_items(array: ArrayType) -> None:
    """InferenceError for arrays that are left to NumPy; of records, parts may be taken."""
    if not is_record(array.dtype):
        operand(array)


def is_element(array: ArrayType, index: Any) -> bool:
    """Whether an index names one element of an array."""
    items = index_items(index)
    return len(items) == array.ndim and all(map(is_integer, items))


def infer_record(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """An object that shares the memory of the array."""
    array, index = args
    if not isinstance(array, ArrayType) or not is_record(array.dtype) or not is_element(array, index):
        raise InferenceError("no element of an array of records")
    return ObjectType(np.void)


def infer_getitem(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """``array[index]`` with a basic index: a view, or a NumPy scalar if there is an integer for each axis."""
    array, index = args
    if not isinstance(array, ArrayType):
        raise InferenceError("indexing of something that is no array")
    items = index_items(index)
    expanded = expand_ellipsis(items, array.ndim)
    if is_element(array, index):
        operand(array)
        basic_view(array, expanded)
        return scalar_of(array.dtype)
    check_items(array)
    return basic_view(array, expanded)


def infer_fancy(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """``array[index]`` with arrays in the index: a new array; its memory order is not known."""
    array, index = args
    if not isinstance(array, ArrayType):
        raise InferenceError("indexing of something that is no array")
    check_items(array)
    items = expand_ellipsis([_as_index_array(item) for item in index_items(index)], array.ndim)
    if any(isinstance(item, ArrayType) and item.dtype.kind == "b" for item in items):
        items = _unmasked(array, items)
    return ArrayType(array.dtype, _fancy_shape(array, items), "K")


def _as_index_array(item: Any) -> Any:
    if type(item) is list:
        sizes, is_mask = _list_shape(item)
        return ArrayType(np.dtype(bool if is_mask else np.intp), tuple(map(dim_of_size, sizes)))
    if isinstance(item, ArrayType) and (item.dtype.kind not in "biu" or item.ndim == 0):
        raise InferenceError(f"index array of type {item}")
    return item


def _list_shape(item: list[Any]) -> tuple[tuple[int, ...], bool]:
    """The sizes of nested lists of integers, or of lists of bools."""
    if item and all(type(entry) is bool for entry in item):
        return (len(item),), True
    if item and all(is_integer(entry) for entry in item):
        return (len(item),), False
    inner = {_list_shape(entry) for entry in item if type(entry) is list}
    if len(inner) != 1 or not all(type(entry) is list for entry in item):
        raise InferenceError("index list that is not made of integers")
    ((sizes, is_mask),) = inner
    return (len(item), *sizes), is_mask


def _unmasked(array: ArrayType, items: list[Any]) -> list[Any]:
    """Masks as the places where they are true: one vector of integers for each of their axes."""
    found: list[Any] = []
    axis = 0
    for item in items:
        if isinstance(item, ArrayType) and item.dtype.kind == "b":
            pairs = list(zip(item.shape, array.shape[axis : axis + item.ndim], strict=True))
            for left, right in pairs:
                check_equal(left, right)
            for left, right in pairs:
                equal(left, right)
            found += [ArrayType(np.dtype(np.intp), (fresh_sym(),))] * item.ndim
        else:
            found.append(item)
        axis += _n_axes(item)
    return found


def _fancy_shape(array: ArrayType, items: list[Any]) -> tuple[Dim, ...]:
    """Integer arrays, which broadcast with each other and with integers, between slices and Nones."""
    shape: list[Dim] = []
    places: list[int] = []  # positions among the items
    indices: list[tuple[Dim, ...]] = []
    first = 0
    axis = 0
    for place, item in enumerate(items):
        if item is None:
            shape.append(1)
            continue
        if isinstance(item, slice):
            shape.append(slice_dim(item, array.shape[axis]))
        elif isinstance(item, ArrayType) or is_integer(item):
            first = first if places else len(shape)
            places.append(place)
            indices.append(shape_of(item))
        else:
            raise InferenceError(f"index of type {type(item).__name__}")
        axis += 1
    together = places == list(range(places[0], places[0] + len(places)))
    at = first if together else 0
    return (*shape[:at], *broadcast(indices), *shape[at:])


def store(array: Any, index: Any, value: Any) -> Any:
    """``array[index] = value``; returns the array."""
    array[index] = value
    return array


def element_type(array: ArrayType, index: Any) -> Type:
    """What a store with this index writes to."""
    infer = infer_fancy if is_fancy(index) else infer_getitem
    return infer((array, index), {})


def check_assignable(value: Any, dtype: np.dtype) -> None:
    """InferenceError for values whose cast warns, raises or is not followed."""
    kind = operand(value)
    check_cast(kind, dtype)
    if not isinstance(value, ArrayType) and kind is complex and dtype.kind != "c":
        raise InferenceError("a complex number assigned to a real array")


def infer_store(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """The array's own type; the value must broadcast to what is written."""
    array, index, value = args
    target = element_type(array, index)
    check_assignable(value, array.dtype)
    if isinstance(target, ScalarType):
        if shape_of(value):
            raise InferenceError("an array assigned to one element")
        return array  # type: ignore[no-any-return]
    assert isinstance(target, ArrayType)
    assign_into(shape_of(value), target.shape)
    return array  # type: ignore[no-any-return]


def stored_copy(array: Any, index: Any, value: Any) -> Any:
    """What an array holds after ``array[index] = value``, as a new one."""
    return store(array.copy("K"), index, value)


def infer_stored_copy(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """An array of the same kind."""
    array = infer_store(args, kwargs)
    assert isinstance(array, ArrayType)
    return ArrayType(array.dtype, array.shape, kept_order(array))


_ONE_BYTE = bytearray(1)


def may_store(array: Any, index: Any, value: Any) -> bool:
    """True where ``array[index] = value`` will not fail; else IndexError or ValueError."""
    places = np.ndarray(array.shape, np.bool_, _ONE_BYTE, 0, (0,) * array.ndim)[index]
    for size, n_places in zip(np.shape(value)[::-1], places.shape[::-1], strict=False):
        if size != n_places and size != 1:
            raise ValueError("the value does not fit what is written")
    return True


def infer_may_store(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """A bool; the value has no more axes than what is written."""
    array, index, value = args
    infer_store(args, kwargs)
    if len(shape_of(value)) > len(shape_of(element_type(array, index))):
        raise InferenceError("a value with more axes than what is written")
    return ScalarType(bool)


def mask_fits(array: Any, mask: Any) -> bool:
    """True where a mask has the shape of the array; else IndexError."""
    if mask.shape != array.shape:
        raise IndexError("the mask has another shape than the array")
    return True


def has_items(array: Any) -> bool:
    """True of an array that is not empty; else ValueError."""
    if array.size == 0:
        raise ValueError("an array without items")
    return True


def leads(array: Any) -> bool:
    """True of a vector whose first element is not zero; else ValueError."""
    if array.size == 0 or array[0] == 0:
        raise ValueError("a vector that begins with zero")
    return True


def size_is(array: Any, axis: int, size: int) -> bool:
    """True of an array of this size along an axis; else ValueError."""
    if array.shape[axis] != size:
        raise ValueError("another size")
    return True


def infer_flag(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """A bool."""
    return ScalarType(bool)


def field(array: Any, name: str) -> Any:
    """``array["name"]`` of an array of records; it may not be aligned."""
    return array[name]


def infer_field(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """A view whose strides are those of the records."""
    array, name = args
    if not isinstance(array, ArrayType) or not is_record(array.dtype) or name not in (array.dtype.names or ()):
        raise InferenceError("a field of something that has none")
    dtype = array.dtype[name]
    if dtype.subdtype is not None:
        raise InferenceError("a field that is an array of its own")
    if not is_record(dtype):
        check_dtype(dtype)
    return view(ArrayType(dtype, array.shape), array.shape, "K", sorting(array))


def size_along(array: Any, axis: int) -> int:
    """``array.shape[axis]``"""
    return array.shape[axis]  # type: ignore[no-any-return]


def of_length(array: Any, length: int) -> Any:
    """The array, which has as many items as it is unpacked into."""
    if len(array) != length:
        raise ValueError("another number of items")
    return array


def infer_of_length(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """The array's own type."""
    array, length = args
    if dim_hint(array.shape[0]) not in (UNKNOWN, length):
        raise InferenceError("another number of items")
    return array  # type: ignore[no-any-return]


def total_size(array: Any) -> int:
    """``array.size``"""
    return array.size  # type: ignore[no-any-return]


def infer_int(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """A Python int."""
    return ScalarType(int)


def infer_item(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """One part of a tuple."""
    parts, position = args
    if not isinstance(parts, ObjectType) or parts.items is None:
        raise InferenceError("item of something that is no tuple")
    item: Type = parts.items[position]
    return item


def update_at(array: Any, ufunc: np.ufunc, indices: Any, values: Any) -> None:
    """``ufunc.at(array, indices, values)``"""
    ufunc.at(array, indices, values)


def infer_written(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """The array's own type; NumPy itself looks at what is written and where."""
    if not isinstance(args[0], ArrayType):
        raise InferenceError("no array to write to")
    return args[0]


UPDATE_AT = Op("update_at", update_at, infer_written, "opaque", VIEW, mutates=0, may_raise=True)
def writer(fn: Callable[..., Any]) -> Op:
    """A function that changes its first argument and returns nothing."""
    return Op(fn.__name__, fn, infer_written, "opaque", VIEW, mutates=0, may_raise=True)


WRITERS: dict[Callable[..., Any], Op] = {
    fn: writer(fn) for fn in (np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis)
}
PUT = Op("put", np.ndarray.put, infer_written, "opaque", VIEW, mutates=0, may_raise=True)
GETITEM = Op("getitem", operator.getitem, infer_getitem, "view", VIEW, may_raise=True)
RECORD = Op("record", operator.getitem, infer_record, "opaque", VIEW, pure=False, may_raise=True)
FANCY = Op("getitem_fancy", operator.getitem, infer_fancy, "opaque", FRESH, may_raise=True)
SETITEM = Op("setitem", store, infer_store, "opaque", VIEW, mutates=0, may_raise=True)
STORED_COPY = Op("stored_copy", stored_copy, infer_stored_copy, "opaque", FRESH, may_raise=True)
FIELD = Op("field", field, infer_field, "view", VIEW, may_raise=True)
MAY_STORE = Op("may_store", may_store, infer_may_store, "opaque", may_raise=True)
MASK_FITS = Op("mask_fits", mask_fits, infer_flag, "opaque", may_raise=True)
HAS_ITEMS = Op("has_items", has_items, infer_flag, "opaque", may_raise=True)
LEADS = Op("leads", leads, infer_flag, "opaque", may_raise=True)
SIZE_IS = Op("size_is", size_is, infer_flag, "opaque", may_raise=True)
OF_LENGTH = Op("of_length", of_length, infer_of_length, "view", VIEW, may_raise=True)
SIZE = Op("size", size_along, infer_int, "scalar", quiet=True)
TOTAL_SIZE = Op("total_size", total_size, infer_int, "scalar", quiet=True)
ITEM = Op("item", operator.getitem, infer_item, "opaque", VIEW, quiet=True)

