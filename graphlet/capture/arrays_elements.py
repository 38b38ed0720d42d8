"""Elements of arrays as numbers of Python's: ``item`` and ``tolist``."""

from collections.abc import Callable

from graphlet.arrayops import catalogue, scalar
from graphlet.arrayops.exports import DUMPS, TO_BYTES, TO_LIST
from graphlet.arrayops.indexing import is_integer
from graphlet.capture.arrays_nodes import Args, Kwargs, argument, call, hinted, size
from graphlet.capture.arrays_stores import flat_view
from graphlet.capture.breaks import Break
from graphlet.capture.effects import emit
from graphlet.capture.machine import Machine
from graphlet.core.pristine import np
from graphlet.ir.op import Op
from graphlet.ir.types import ObjectType, dim_hint
from graphlet.values.base import Array, Constant, Sequence, Value
from graphlet.values.objects import Made

Rule = Callable[[Machine, Args, Kwargs], Value]


def exported(row: Op) -> Rule:
    """A method whose result is an object of its own, of which nothing else is known."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        if not isinstance(args[0], Array):
            raise Break("GL107", f"{row.name} of something that is no array")
        rest = [m.known(value) for value in args[1:]]
        node = emit(m, row, (argument(m, args[0]), *rest), {name: m.known(value) for name, value in kwargs.items()})
        assert isinstance(node.type, ObjectType)
        return Made(node.type.pytype, node)

    return rule


def item(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.item()`` of an array of one element, ``array.item(i, j)``"""
    if kwargs:
        raise Break("GL107", "item with keywords")
    array, *index = args
    if isinstance(array, Array) and not index and set(array.type.shape) <= {1}:
        index = [Constant(0)] * array.type.ndim
    hints = [hinted(i) for i in index]
    if isinstance(array, Array) and len(index) == 1 < array.type.ndim and is_integer(hints[0]):
        array = flat_view(m, array)
    if not isinstance(array, Array) or len(index) != array.type.ndim or not all(is_integer(hint) for hint in hints):
        raise Break("GL107", "item of an array without one index per axis")
    return number_at(m, array, tuple(index))


def number_at(m: Machine, array: Array, index: Args) -> Value:
    """One element as a number of Python's."""
    element = call(m, catalogue.operator("[]"), (array, Sequence("tuple", index)))
    return call(m, scalar.ITEM, (element,))


def to_list(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.tolist()``: of few elements, whose number is guarded, a (nested) list of numbers."""
    (array, *rest) = args
    if rest or kwargs or not isinstance(array, Array):
        raise Break("GL111", "tolist with arguments")
    if np.prod([dim_hint(dim) for dim in array.type.shape], dtype=object) > m.options.unroll_limit:
        return exported(TO_LIST)(m, args, kwargs)
    return listed(m, array, ())


def listed(m: Machine, array: Array, index: Args) -> Value:
    """What stands at an index: a number, or a list of what is in the next axis."""
    if len(index) == array.type.ndim:
        return number_at(m, array, index)
    length = m.known(size(m, array, len(index)))
    return Sequence("list", tuple(listed(m, array, (*index, Constant(i))) for i in range(length)))


RULES: dict[str, Rule] = {
    "item": item,
    "tolist": to_list,
    "tobytes": exported(TO_BYTES),
    "dumps": exported(DUMPS),
}
