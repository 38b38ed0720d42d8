"""Elements of arrays as numbers of Python's: ``item`` and ``tolist``."""

import numpy as np

from graphlet.arrayops import catalogue, scalar
from graphlet.arrayops.indexing import is_integer
from graphlet.capture.arrays_nodes import Args, Kwargs, call, hinted, size
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.ir.types import dim_hint
from graphlet.values.base import Array, Constant, Sequence, Value


def item(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.item()`` of an array of one element, ``array.item(i, j)``"""
    if kwargs:
        raise Break("GL107", "item with keywords")
    array, *index = args
    if isinstance(array, Array) and not index and set(array.type.shape) <= {1}:
        index = [Constant(0)] * array.type.ndim
    hints = [hinted(i) for i in index]
    if not isinstance(array, Array) or len(index) != array.type.ndim or not all(is_integer(hint) for hint in hints):
        raise Break("GL107", "item of an array without one index per axis")
    return number_at(m, array, tuple(index))


def number_at(m: Machine, array: Array, index: Args) -> Value:
    """One element as a number of Python's."""
    element = call(m, catalogue.operator("[]"), (array, Sequence("tuple", index)))
    return call(m, scalar.ITEM, (element,))


def to_list(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.tolist()`` of few elements, whose number is guarded: a (nested) list of numbers."""
    (array, *rest) = args
    if rest or kwargs or not isinstance(array, Array):
        raise Break("GL111", "tolist with arguments")
    if np.prod([dim_hint(dim) for dim in array.type.shape], dtype=object) > m.options.unroll_limit:
        raise Break("GL108", f"{describe(array)} has many items", name_of(array))
    return listed(m, array, ())


def listed(m: Machine, array: Array, index: Args) -> Value:
    """What stands at an index: a number, or a list of what is in the next axis."""
    if len(index) == array.type.ndim:
        return number_at(m, array, index)
    length = m.known(size(m, array, len(index)))
    return Sequence("list", tuple(listed(m, array, (*index, Constant(i))) for i in range(length)))
