"""NumPy's functions that write: ``copyto``, ``putmask``, ``place``, ``fill_diagonal``, ``put_along_axis``, ``out=``."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from graphlet.arrayops import catalogue
from graphlet.arrayops.broadcasting import broadcast_into, match, shape_of
from graphlet.arrayops.elementwise import ASTYPE, FILLED_0D, WHERE
from graphlet.arrayops.indexing import FANCY, WRITERS
from graphlet.arrayops.scalar import OPERATORS
from graphlet.capture import effects
from graphlet.capture.arrays_nodes import Args, Kwargs, argument, bound, call, first_of, size
from graphlet.capture.arrays_stores import flat_view, is_mask, setitem, update_elements, write_masked
from graphlet.capture.breaks import Break
from graphlet.capture.effects import emit, node_of_array, require_writeable
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import is_none
from graphlet.core.pristine import np
from graphlet.ir.node import Node
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import same_shape
from graphlet.values.base import Array, Constant, Scalar, Sequence, Slice, Value

Rule = Callable[[Machine, Args, Kwargs], Value]

# Results that are written into ``out=`` as they would be into a new array of the same dtype, layout and shape.
OUTPUTS = frozenset(
    (
        *("sum", "prod", "max", "min", "mean", "std", "var", "any", "all", "argmax", "argmin", "cumsum", "cumprod"),
        *("dot", "take", "concatenate", "stack"),
    )
)

JOINING = ("concatenate", "stack")  # their result has one dtype, that of out= or dtype=


def written(value: Value, what: str) -> Array:
    """The array that is written to."""
    if not isinstance(value, Array):
        raise Break("GL107", f"{what} to something that is no array", name_of(value))
    return value


def copy_to(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.copyto(dst, src, where=mask)``"""
    named = bound(("dst", "src", "casting", "where"), args, kwargs, 2)
    target, source, mask = written(named["dst"], "np.copyto"), named["src"], named.get("where")
    if named.get("casting") is not None and m.known(named["casting"]) != "same_kind":
        raise Break("GL107", "np.copyto with casting")
    kind = source.type.dtype if isinstance(source, (Array, Scalar)) else None
    is_weak = isinstance(source, Constant) and type(source.value) in (bool, float) and target.type.dtype.kind in "fc"
    if not is_weak and (kind is None or not np.can_cast(kind, target.type.dtype, casting="same_kind")):
        raise Break("GL107", "np.copyto with a cast")
    if mask is None or (isinstance(mask, Constant) and mask.value is True):
        setitem(m, target, Constant(Ellipsis), source)
    else:
        copy_where(m, target, mask, source)
    return Constant(None)


def copy_where(m: Machine, target: Array, mask: Value, source: Value) -> None:
    """``np.copyto(target, source, where=mask)``, where the cast is fine."""
    if not isinstance(mask, Array) or mask.type.dtype != np.bool_:
        raise Break("GL107", "a mask that is no boolean array", name_of(mask))
    require_writeable(m, target)
    effects.stay_apart(m, target, (mask, source), "np.copyto with a mask, from a view of the array itself")
    try:
        broadcast_into(mask.type.shape, target.type.shape)
        broadcast_into(shape_of(source.type) if isinstance(source, Array) else (), target.type.shape)
    except InferenceError as error:
        raise Break("GL111", str(error), name_of(target)) from error
    new = argument(m, source)
    if not isinstance(source, Array):
        new = emit(m, FILLED_0D, (new, target.type.dtype))
    elif source.type.dtype != target.type.dtype:
        new = emit(m, ASTYPE, (new, target.type.dtype))
    if target.storage.existed:
        copy_existing(m, target, mask, source, new)
    else:
        effects.write(m, target, emit(m, WHERE, (argument(m, mask), new, node_of_array(m, target))), exclusive=True)


def copy_existing(m: Machine, target: Array, mask: Array, source: Value, new: Node) -> None:
    """``np.copyto(target, new, where=mask)`` into memory that existed before: only where the mask says."""
    if not same_shape(mask.type.shape, target.type.shape):
        sizes = Sequence("tuple", tuple(size(m, target, axis) for axis in range(target.type.ndim)))
        broadcast_to = catalogue.lookup(np.broadcast_to)
        assert broadcast_to is not None
        full = call(m, broadcast_to, (mask, sizes))
        assert isinstance(full, Array)
        mask = full
    place, value = argument(m, mask), new
    if isinstance(source, Array):
        if not same_shape(source.type.shape, target.type.shape):
            new = emit(m, WHERE, (place, new, node_of_array(m, target)))
        value = emit(m, FANCY, (new, place))
    write_masked(m, target, mask, value, new)


def put_mask(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.putmask(a, mask, values)``: values of the array's shape go where the mask is true."""
    named = bound(("a", "mask", "values"), args, kwargs, 3)
    target, mask, values = written(named["a"], "np.putmask"), named["mask"], named["values"]
    fits = isinstance(values, Array) and values.type.dtype == target.type.dtype
    same = isinstance(values, Array) and same_shape(values.type.shape, target.type.shape)
    whole = isinstance(mask, Array) and same_shape(mask.type.shape, target.type.shape)
    if not (fits and same and whole):
        return writing(np.putmask)(m, args, kwargs)
    copy_where(m, target, mask, values)
    return Constant(None)


def writing(fn: Any) -> Rule:
    """A function that changes its first argument: one made in the region, or where a mask or index says."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        array = written(args[0], fn.__name__) if args else None
        if array is None:
            raise Break("GL111", f"{fn.__name__} without an array")
        if array.storage.existed:
            write_existing(m, fn, array, args[1:], kwargs)
            return Constant(None)
        rest = [argument(m, value) for value in args[1:]]
        named = {name: argument(m, value) for name, value in kwargs.items()}
        emit(m, WRITERS[fn], (effects.target_node(m, array), *rest), named)
        return Constant(None)

    return rule


def write_existing(m: Machine, fn: Any, array: Array, rest: Args, kwargs: Kwargs) -> None:
    """``fn(array, place, values)`` for an array that existed before."""
    if fn is np.fill_diagonal and len(rest) == 1 and not kwargs:
        fill_diagonal(m, array, rest[0])
        return
    if fn not in PLACED or kwargs or len(rest) != 2:
        text = f"{describe(array)}, which existed before, is written in part ({fn.__name__})"
        raise Break("GL104", text, name_of(array))
    if fn is np.place:
        effects.stay_apart(m, array, rest, "np.place with values from the array itself")
    given = tuple(argument(m, value) for value in rest)
    place = rest[0]
    if fn is np.put:
        array = flat_view(m, array)
    elif not covers(array, place):
        raise Break("GL107", f"{fn.__name__} with a mask that is no boolean array of the same shape", name_of(place))
    update_elements(m, array, WRITERS[fn], given, place)


def covers(array: Array, mask: Value) -> bool:
    """Whether a mask is boolean, and of the array's shape, as is checked when the graph runs."""
    return isinstance(mask, Array) and is_mask(array, mask) and fits(mask, array)


def fits(value: Array, target: Array) -> bool:
    """Whether two arrays may be declared to be of one shape."""
    try:
        match(value.type.shape, target.type.shape)
    except InferenceError:
        return False
    return True


def fill_diagonal(m: Machine, array: Array, value: Value) -> None:
    """``np.fill_diagonal(matrix, number)``: each so many elements of what is a matrix in C order."""
    if array.type.ndim != 2 or isinstance(value, (Array, Sequence)):
        raise Break("GL107", "np.fill_diagonal of other than a matrix and a number", name_of(array))
    n_columns = size(m, array, 1)
    step = call(m, OPERATORS["+"], (n_columns, Constant(1)))
    end = call(m, OPERATORS["*"], (n_columns, n_columns))
    setitem(m, flat_view(m, array), Slice(Constant(None), end, step), value)


def into_output(m: Machine, rows: tuple[Op, ...], out: Array, args: Args, kwargs: Kwargs) -> Value:
    """``fn(..., out=out)``, where that has the dtype, shape and layout of what the function makes anyway."""
    require_writeable(m, out)
    others = list(arrays_in((*args, *kwargs.values())))
    if rows[0].name not in OUTPUTS:
        raise Break("GL107", f"{rows[0].name} with out=")
    if rows[0].name in JOINING and not is_none(kwargs.get("dtype")):
        raise Break("GL111", f"{rows[0].name} with both out= and dtype=")
    if rows[0].name == "mean" and out.type.dtype == np.float16:
        raise Break("GL107", "a mean with out= of float16, in which NumPy adds up")
    effects.stay_apart(m, out, others, f"{rows[0].name} with out= that is an operand, too")
    result = first_of(m, rows, args, kwargs)
    plain = [out, *others] if isinstance(result, Array) else [out]
    if any(array.type.order != "C" for array in plain) or not isinstance(result, (Array, Scalar)):
        raise Break("GL107", f"{rows[0].name} with out= that is not in C order")
    if result.type.dtype != out.type.dtype:
        raise Break("GL107", f"{rows[0].name} with out= of another dtype")
    try:
        match(shape_of(result.type), out.type.shape)
    except InferenceError as error:
        raise Break("GL111", str(error), name_of(out)) from error
    assert result.node is not None
    effects.write(m, out, result.node, exclusive=True)
    return out


def arrays_in(values: Iterable[Value]) -> Iterator[Array]:
    """The arrays among some values, and in tuples and lists among them."""
    for value in values:
        if isinstance(value, Array):
            yield value
        elif isinstance(value, Sequence):
            yield from arrays_in(value.items)


PLACED = (np.put, np.place, np.putmask)
RULES: dict[Any, Rule] = {
    np.copyto: copy_to,
    np.putmask: put_mask,
    **{fn: writing(fn) for fn in WRITERS if fn is not np.putmask},
}
