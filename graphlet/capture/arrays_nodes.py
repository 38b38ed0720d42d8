"""From values to nodes and back: the one way an array rule makes a node."""

from collections.abc import Callable
from typing import Any

from graphlet.arrayops.binding import bind
from graphlet.arrayops.broadcasting import UNKNOWN, is_int
from graphlet.arrayops.indexing import ITEM, SIZE
from graphlet.capture.breaks import Break
from graphlet.capture.effects import emit, memory_node, never_one, new_array, node_of_array, pin, was_written
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.core.pristine import np
from graphlet.ir.graph import Node
from graphlet.ir.op import EITHER, FRESH, VIEW, InferenceError, Op
from graphlet.ir.types import ArrayType, Dim, ObjectType, ScalarType, Sym
from graphlet.sources import Known
from graphlet.values.base import Array, Constant, Scalar, Sequence, Slice, Value
from graphlet.values.objects import NamedTuple

Args = tuple[Value, ...]
Kwargs = dict[str, Value]

# These lay results out by the order of axes, where one with one element counts for nothing; others look at all strides.
BY_AXES = frozenset(("elementwise", "reduction", "scalar"))
COPIES = frozenset(("astype", "copy"))
LITERALS = (bool, int, float, complex, str, type(None), type(Ellipsis), slice)
MAX_HINT_BITS = 63
READ_ONLY_VIEWS = frozenset(
    (
        *("broadcast_to", "diagonal", "linalg_diagonal", "broadcast_arrays"),
        *("stride_tricks_sliding_window_view", "stride_tricks_as_strided"),  # elements stand there repeatedly
    )
)


def bound(names: tuple[str, ...], args: Args, kwargs: Kwargs, required: int = 1) -> dict[str, Value]:
    """Arguments by name."""
    try:
        return bind(names, args, kwargs, required)
    except InferenceError as error:
        raise Break("GL107", str(error)) from error


def array_of(value: Value | None, what: str) -> Array:
    """A value that has to be an array."""
    if not isinstance(value, Array):
        raise Break("GL107", f"{what} of something that is no array")
    return value


def argument(m: Machine, value: Value) -> Any:
    """A value as argument of a node: a node, a literal, or a container of such."""
    if isinstance(value, Array):
        return node_of_array(m, value)
    if isinstance(value, Scalar):
        return m.node(value)
    if isinstance(value, Sequence) and value.kind in ("tuple", "list"):
        items = [argument(m, item) for item in value.items]
        return tuple(items) if value.kind == "tuple" else items
    if isinstance(value, Slice):
        return slice(argument(m, value.start), argument(m, value.stop), argument(m, value.step))
    if isinstance(value, Constant) and is_literal(value.value):
        return value.value
    raise Break("GL110", f"{describe(value)} as argument of an array operation", name_of(value))


def is_literal(value: Any) -> bool:
    """Whether a constant may stand in a graph as it is."""
    if type(value) in (tuple, list):
        return all(is_literal(item) for item in value)
    return type(value) in LITERALS or isinstance(value, (np.generic, np.dtype, type))


def hinted(value: Value) -> Any:
    """A value as argument of type inference, with run-time integers replaced by what they were during capture."""
    if isinstance(value, Array):
        return value.type
    if isinstance(value, Scalar):
        return value.hint if is_index_hint(value.hint) else value.type
    if isinstance(value, Sequence):
        items = [hinted(item) for item in value.items]
        return tuple(items) if value.kind == "tuple" else items
    if isinstance(value, Slice):
        return slice(hinted(value.start), hinted(value.stop), hinted(value.step))
    return value.value if isinstance(value, Constant) else None


def is_index_hint(hint: Any) -> bool:
    """Whether a hint is an integer of moderate size."""
    return is_int(hint) and int(hint).bit_length() <= MAX_HINT_BITS


def call(m: Machine, row: Op, args: Args, kwargs: Kwargs | None = None) -> Value:
    """The result of an operation on values."""
    kwargs = kwargs or {}
    view_of = args[0] if row.alias != FRESH and row.mutates is None and args else None
    if isinstance(view_of, Array) and row.alias == EITHER and was_written(m, view_of):
        raise Break("GL105", f"{describe(view_of)} was written, and {row.name} of it may or may not be a view")
    if row.alias != VIEW and (row.kind not in BY_AXES or row.name in COPIES):
        refuse_strides_of_its_own(m, row, args)
    memory = isinstance(view_of, Array) and row.alias == VIEW
    first = memory_node(m, view_of) if memory else None  # type: ignore[arg-type]
    node_args = [first if memory and i == 0 else argument(m, arg) for i, arg in enumerate(args)]
    named = {key: argument(m, value) for key, value in kwargs.items()}
    node = emit(m, row, tuple(node_args), named)
    if memory and isinstance(node.type, ScalarType):  # an element is read
        contents = argument(m, args[0])
        if contents is not first:
            node = emit(m, row, (contents, *node_args[1:]), named)
    learn_sizes(node, row, args, kwargs)
    return result(m, node, row, view_of)


def refuse_strides_of_its_own(m: Machine, row: Op, args: Args) -> None:
    """Break where what stands for an array since it was written may have other strides, at axes of one element."""
    for arg in args:
        if not isinstance(arg, Array) or arg.type.order != "K" or arg.type.ndim < 2 or not was_written(m, arg):
            continue
        if not never_one(m, arg.type.shape):
            raise Break("GL105", f"{describe(arg)} was written, and {row.name} looks at strides only its memory has")


def learn_sizes(node: Node, row: Op, args: Args, kwargs: Kwargs) -> None:
    """Give new symbols the sizes that the run-time integers of the capture lead to."""
    if not isinstance(node.type, ArrayType) or not any(map(is_unknown, node.type.shape)):
        return
    try:
        known = row.infer(tuple(map(hinted, args)), {key: hinted(value) for key, value in kwargs.items()})
    except InferenceError as error:
        raise Break("GL107", f"{row.name}: {error}") from error
    if not isinstance(known, ArrayType) or known.ndim != node.type.ndim:
        return
    for dim, size in zip(node.type.shape, known.shape, strict=True):
        if isinstance(dim, Sym) and dim.hint == UNKNOWN:
            dim.hint = size.hint if isinstance(size, Sym) else size


def is_unknown(dim: Dim) -> bool:
    """Whether nothing is known of a size, not even what it was during capture."""
    return isinstance(dim, Sym) and dim.hint == UNKNOWN


def result(m: Machine, node: Node, row: Op, view_of: Value | None) -> Value:
    """The value of a node."""
    if isinstance(node.type, ScalarType):
        return Scalar(node.type, node)
    if isinstance(node.type, ObjectType):
        return parts(m, node, row, view_of)
    assert isinstance(node.type, ArrayType)
    if not isinstance(view_of, Array):
        return new_array(m, node)
    storage = view_of.storage
    if row.alias == EITHER:
        pin(m, storage)
    writeable = view_of.writeable and row.name not in READ_ONLY_VIEWS
    return Array(node.type, storage, node, storage.version, writeable)


def parts(m: Machine, node: Node, row: Op, view_of: Value | None) -> Sequence:
    """A tuple or list of results."""
    assert isinstance(node.type, ObjectType)
    kind = node.type.pytype
    if not issubclass(kind, (tuple, list)) or node.type.items is None:
        raise Break("GL107", f"the result is a {kind.__name__}")
    nodes = [emit(m, ITEM, (node, i)) for i in range(len(node.type.items))]
    items = tuple(result(m, item, row, view_of) for item in nodes)
    if kind in (tuple, list):
        return Sequence(kind.__name__, items)
    return NamedTuple("tuple", items, type=kind, at=Known(kind))


def size(m: Machine, array: Array, axis: int) -> Value:
    """``array.shape[axis]``"""
    dim = array.type.shape[axis]
    if not isinstance(dim, Sym):
        return Constant(dim)
    for known in (dim, dim.root()):
        if known in m.reader.dims:
            return m.dim(known)
    node = emit(m, SIZE, (memory_node(m, array), axis))
    return Scalar(ScalarType(int), node, None if dim.hint == UNKNOWN else dim.hint)


def with_pinned(m: Machine, attempt: Callable[[Args, Kwargs], Value], args: Args, kwargs: Kwargs) -> Value:
    """Try a call; if its result depends on the values of run-time integers among its arguments, with those guarded."""
    mark, guards = m.builder.mark(), m.trail.mark()
    try:
        return attempt(args, kwargs)
    except Break as first:
        if first.code != "GL107" or not any(is_pinnable(v) for v in (*args, *kwargs.values())):
            raise
        m.trail.rollback(guards)
        m.builder.rollback(mark)
        pinned = tuple(pinned_value(m, arg) for arg in args)
        return attempt(pinned, {key: pinned_value(m, value) for key, value in kwargs.items()})


def first_of(m: Machine, rows: tuple[Op, ...], args: Args, kwargs: Kwargs) -> Value:
    """A call of the first of these rows that can say what comes of it."""
    row, *others = rows
    mark, guards = m.builder.mark(), m.trail.mark()
    try:
        return with_pinned(m, lambda a, k: call(m, row, a, k), args, kwargs)
    except Break as first:
        if first.code not in ("GL107", "GL114") or not others:
            raise
        m.trail.rollback(guards)
        m.builder.rollback(mark)
        try:
            return first_of(m, tuple(others), args, kwargs)
        except Break:
            raise first from None


def is_pinnable(value: Value) -> bool:
    """A run-time int, or a tuple with one in it."""
    if isinstance(value, Sequence):
        return any(is_pinnable(item) for item in value.items)
    return isinstance(value, Scalar) and value.type.pytype in (int, bool)


def pinned_value(m: Machine, value: Value) -> Value:
    """The value with its run-time ints guarded and known."""
    if isinstance(value, Sequence) and is_pinnable(value):
        return Sequence(value.kind, tuple(pinned_value(m, item) for item in value.items))
    return Constant(m.pin(value)) if isinstance(value, Scalar) and is_pinnable(value) else value
