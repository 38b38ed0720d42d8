"""NumPy's objects that are indexed: ``np.s_``, ``np.r_``, ``np.c_``, ``np.mgrid``, ``np.ogrid``; and ``np.ix_``."""

from collections.abc import Callable
from typing import Any

from graphlet.arrayops import catalogue
from graphlet.arrayops.indextricks import COLUMNS, DENSE, DENSE_LINE, JOINED, SPARSE
from graphlet.capture.arrays_nodes import call, with_pinned
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.handlers.attributes import get_attribute
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.core.pristine import np
from graphlet.ir.op import Op
from graphlet.values.base import Array, Constant, Sequence, Slice, Value
from graphlet.values.objects import Instance

Rule = Callable[[Machine, Args, Kwargs], Value]


def object_and_key(m: Machine, args: Args, kwargs: Kwargs) -> tuple[Instance, Value]:
    """An object of one of NumPy's own classes, which say what it does, and what it is indexed with."""
    check("__getitem__", args, kwargs, 2)
    indexed = m.read(args[0])
    if not isinstance(indexed, Instance):
        raise Break("GL110", f"an item of {describe(indexed)}", name_of(indexed))
    return indexed, m.read_deep(args[1])


def parts_of(key: Value) -> Args:
    """What stands between the commas."""
    return key.items if isinstance(key, Sequence) and key.kind == "tuple" else (key,)


def index_expression(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.s_[key]``: the key; ``np.index_exp[key]``: always as a tuple."""
    indexed, key = object_and_key(m, args, kwargs)
    if isinstance(key, Sequence) and key.kind == "tuple":
        return key
    return Sequence("tuple", (key,)) if m.known(get_attribute(m, indexed, "maketuple")) else key


def on_grid(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.mgrid[a:b, c:d]``, ``np.ogrid[...]``"""
    indexed, key = object_and_key(m, args, kwargs)
    parts = parts_of(key)
    if parts and all(isinstance(part, Slice) or is_slice(part) for part in parts):
        if isinstance(key, Sequence):
            return made(m, DENSE if indexed.type is type(np.mgrid) else SPARSE, parts)
        return made(m, DENSE_LINE, parts)
    raise Break("GL107", "a grid of something else than slices")


def is_slice(value: Value) -> bool:
    return isinstance(value, Constant) and type(value.value) is slice


def joined(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.r_[...]``, ``np.c_[...]``"""
    indexed, key = object_and_key(m, args, kwargs)
    return made(m, JOINED if indexed.type is type(np.r_) else COLUMNS, parts_of(key))


def made(m: Machine, row: Op, parts: Args) -> Value:
    """The call, with whole numbers that decide a size left to the call."""
    return with_pinned(m, lambda a, k: call(m, row, a, k), parts, {})


def open_mesh(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.ix_``: each vector along an axis of its own, as views of the vectors."""
    row = catalogue.lookup(np.ix_)
    assert row is not None
    given = [m.read_deep(arg) for arg in args]
    if kwargs or not any(isinstance(arg, Array) for arg in given):
        return call(m, row, tuple(given), kwargs)
    return Sequence("tuple", tuple(along_axis(m, arg, at, len(given)) for at, arg in enumerate(given)))


def along_axis(m: Machine, value: Value, axis: int, n_axes: int) -> Value:
    """One vector of ``np.ix_``; where a mask is true."""
    asarray, reshape = Constant(np.asarray), catalogue.method("reshape")
    assert reshape is not None
    vector = value if isinstance(value, Array) else m.read(m.call(m, asarray, (value,), {}))
    if isinstance(vector, Array) and vector.type.ndim == 1 and vector.type.dtype == np.bool_:
        places = m.read(m.call(m, Constant(np.nonzero), (vector,), {}))
        assert isinstance(places, Sequence)
        vector = places.items[0]
    if not isinstance(vector, Array) or vector.type.ndim != 1 or vector.type.dtype != np.intp:
        raise Break("GL107", f"np.ix_ of {describe(value)}", name_of(value))
    shape = [Constant(1)] * n_axes
    shape[axis] = Constant(-1)
    return call(m, catalogue.view_of_c(reshape, vector.type), (vector, Sequence("tuple", tuple(shape))))


RULES: dict[Any, Rule] = {
    type(np.s_).__getitem__: index_expression,
    type(np.mgrid).__getitem__: on_grid,
    type(np.r_).__getitem__: joined,
    np.ix_: open_mesh,
}
