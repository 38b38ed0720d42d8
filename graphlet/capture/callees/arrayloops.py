"""NumPy's functions that loop or call back, in their Python form: ``ndindex``, ``fromfunction``, ``piecewise`` ...

They are followed like callees. Where a loop is long it stays a loop, as any other.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from graphlet.arrayops.indexing import HAS_ITEMS, SIZE_IS, has_items
from graphlet.capture import arrays, effects
from graphlet.capture.arrays_nodes import size
from graphlet.capture.arrays_stores import is_mask
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.callees.sequences import polyfill
from graphlet.capture.machine import Machine
from graphlet.core.pristine import np
from graphlet.ir.types import dim_hint
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Value

Rule = Callable[[Machine, Args, Kwargs], Value]


def ndindex_(*shape: Any) -> Iterator[Any]:
    if len(shape) == 1 and isinstance(shape[0], tuple):
        shape = shape[0]
    if not shape:
        yield ()
        return
    for index in product(*map(range, shape)):  # noqa: UP028
        yield index


def ndenumerate_(arr: Any) -> Iterator[Any]:
    for index in product(*map(range, arr.shape)):
        yield (index, arr[index])


def fromfunction_(function: Callable[..., Any], shape: Any, dtype: Any = float, **kwargs: Any) -> Any:
    return function(*tuple(np.indices(shape, dtype=dtype)[i] for i in range(len(shape))), **kwargs)


def piecewise_(x: Any, conditions: Any, functions: Any, are_called: Any, args: Any, kwargs: Any) -> Any:
    if len(conditions) == len(functions) - 1:
        conditions = [*conditions, ~np.any(np.array(conditions), axis=0)]
    y = np.zeros_like(x)
    for i in range(len(functions)):
        if are_called[i]:
            values = x[conditions[i]]
            has_items(values)  # a rule of another module, not followed: the region declines where there are none
            y[conditions[i]] = functions[i](values, *args, **kwargs)
        else:
            y[conditions[i]] = functions[i]
    return y


def apply_along_axis_(func1d: Any, axis: Any, arr: Any, outer: Any, args: Any, kwargs: Any) -> Any:
    axes = list(range(arr.ndim))
    lines = np.transpose(arr, axes[:axis] + axes[axis + 1 :] + [axis])
    made = None
    for at in np.ndindex(outer):
        line = np.asarray(func1d(lines[(*at, Ellipsis)], *args, **kwargs))
        if made is None:
            made, shape = np.zeros(outer + line.shape, line.dtype), line.shape
        made[(*at, Ellipsis)] = line
    axes = list(range(made.ndim))  # type: ignore[union-attr]
    n_outer = len(axes) - len(shape)
    return np.transpose(made, axes[:axis] + axes[n_outer:] + axes[axis:n_outer])  # type: ignore[arg-type]


def apply_over_axes_(func: Any, a: Any, axes: Any) -> Any:
    value = a
    for axis in axes:
        if axis < 0:
            axis = a.ndim + axis
        result = func(value, axis)
        if result.ndim != value.ndim:
            result = np.expand_dims(result, axis)
        value = result
    return value


def put_along_axis_(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    places = []
    for i in range(arr.ndim):
        along = (1,) * i + (-1,) + (1,) * (arr.ndim - i - 1)
        places.append(indices if i == axis else np.arange(arr.shape[i]).reshape(along))
    arr[tuple(places)] = values


NDINDEX = polyfill(ndindex_, 1, 33)
NDENUMERATE = polyfill(ndenumerate_, 1, 1)
FROMFUNCTION = polyfill(fromfunction_, 2, 2)
PIECEWISE = polyfill(piecewise_, 6, 6)
APPLY_ALONG_AXIS = polyfill(apply_along_axis_, 6, 6)
PUT_ALONG_AXIS = polyfill(put_along_axis_, 4, 4)
APPLY_OVER_AXES = polyfill(apply_over_axes_, 3, 3)


def ndindex(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.ndindex(2, 3)``, ``np.ndindex((2, 3))``"""
    given = m.read(args[0]) if len(args) == 1 else None
    sizes = given.items if isinstance(given, Sequence) and given.kind == "tuple" else args
    known = [m.known(m.read(size)) for size in sizes]
    if any(type(size) is not int or size < 0 for size in known):
        raise Break("GL111", "np.ndindex of something that is no shape")
    return NDINDEX(m, args, kwargs)


def ndenumerate(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.ndenumerate(array)``"""
    if len(args) != 1 or not isinstance(m.read(args[0]), Array):
        raise Break("GL107", "np.ndenumerate of something that is no array")
    return NDENUMERATE(m, args, kwargs)


def fromfunction(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.fromfunction(function, shape)``"""
    if "like" in kwargs or len(args) != 2 or not isinstance(m.read(args[1]), Sequence):
        raise Break("GL107", "np.fromfunction with these arguments")
    return FROMFUNCTION(m, args, kwargs)


def require_items(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """The condition on which a function is called in the graph."""
    values = m.read(args[0])
    assert isinstance(values, Array)
    effects.emit(m, HAS_ITEMS, (m.node(values),))
    return Constant(None)


def piecewise(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.piecewise(x, conditions, functions, *args)`` of an array; each function gets at least one element."""
    x, conditions, functions = (m.read(value) for value in args[:3]) if len(args) >= 3 else (None, None, None)
    if not isinstance(functions, Sequence) or not any(map(is_function, map(m.read, functions.items))):
        return arrays.call_function(m, np.piecewise, tuple(map(m.read_deep, args)), kwargs)
    if isinstance(conditions, Array) and conditions.type.ndim == 1:  # its rows are the conditions if it has some
        conditions = Sequence("list", (conditions,))
    if not isinstance(x, Array) or not isinstance(conditions, Sequence) or len(conditions.items) == 0:
        raise Break("GL107", "np.piecewise with these arguments")
    for condition in map(m.read, conditions.items):
        if not isinstance(condition, Array) or not is_mask(x, condition):
            raise Break("GL107", "np.piecewise with conditions that are no boolean arrays of the same rank")
    if len(functions.items) - len(conditions.items) not in (0, 1):
        raise Break("GL111", "np.piecewise with another number of functions than of conditions")
    called = Sequence("tuple", tuple(Constant(is_function(m.read(item))) for item in functions.items))
    return PIECEWISE(m, (x, conditions, functions, called, Sequence("tuple", args[3:]), Mapping(kwargs)), {})


def is_function(value: Value) -> bool:
    """Whether a value is called by ``np.piecewise``, and not just stored."""
    if isinstance(value, Constant):
        return callable(value.value)
    return not isinstance(value, (Array, Scalar))


def known_size(m: Machine, array: Array, axis: int) -> Constant:
    """The size of an array along an axis: guarded, or checked when the graph runs."""
    try:
        return Constant(m.known(size(m, array, axis)))
    except Break:  # no size of an input
        found = dim_hint(array.type.shape[axis])
        effects.emit(m, SIZE_IS, (effects.memory_node(m, array), axis, found))
        return Constant(found)


def apply_along_axis(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.apply_along_axis(function, axis, array, *args)`` for few lines, whose number is guarded."""
    if len(args) < 3:
        raise Break("GL107", "np.apply_along_axis with arguments that are named")
    array, axis = m.read(args[2]), m.known(args[1])
    if not isinstance(array, Array) or type(axis) is not int or not -array.type.ndim <= axis < array.type.ndim:
        raise Break("GL107", "np.apply_along_axis of something that is no array, or along no axis of it")
    axis %= array.type.ndim
    sizes = [dim_hint(dim) for i, dim in enumerate(array.type.shape) if i != axis]
    if any(n < 0 for n in sizes):
        raise Break("GL114", "how many lines np.apply_along_axis takes is known only after the graph has run")
    n_lines = int(np.prod(sizes, dtype=object))
    if not 0 < n_lines <= m.options.unroll_limit:
        raise Break("GL108", f"np.apply_along_axis(...): it calls a Python function {n_lines} times")
    outer = Sequence("tuple", tuple(known_size(m, array, i) for i in range(array.type.ndim) if i != axis))
    given = (args[0], Constant(axis), array, outer, Sequence("tuple", args[3:]), Mapping(kwargs))
    return APPLY_ALONG_AXIS(m, given, {})


def apply_over_axes(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.apply_over_axes(function, array, axes)``"""
    if kwargs or len(args) != 3 or not isinstance(m.read(args[1]), Array):
        raise Break("GL107", "np.apply_over_axes with these arguments")
    axes = m.known(args[2])
    known = tuple(axes) if type(axes) in (list, tuple) else (axes,)
    if any(type(axis) is not int for axis in known):
        raise Break("GL107", "np.apply_over_axes with axes that are no integers")
    return APPLY_OVER_AXES(m, (args[0], args[1], Sequence("tuple", tuple(map(Constant, known)))), {})


def put_along_axis(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.put_along_axis(array, indices, values, axis)``"""
    named = dict(zip(("arr", "indices", "values", "axis"), args, strict=False)) | kwargs
    array, indices = m.read(named.get("arr", Constant(None))), m.read(named.get("indices", Constant(None)))
    axis = m.known(named["axis"]) if "axis" in named else None
    if not isinstance(array, Array) or not array.storage.existed or len(named) != 4 or type(axis) is not int:
        return arrays.call_function(m, np.put_along_axis, tuple(map(m.read_deep, args)), kwargs)
    ndim = array.type.ndim
    fits = isinstance(indices, Array) and indices.type.dtype.kind in "iu" and indices.type.ndim == ndim
    if not fits or not -ndim <= axis < ndim:
        raise Break("GL111", "np.put_along_axis with indices or an axis that do not fit")
    return PUT_ALONG_AXIS(m, (array, indices, named["values"], Constant(axis % ndim)), {})


RULES: dict[Any, Rule] = {
    np.put_along_axis: put_along_axis,
    np.piecewise: piecewise,
    np.apply_along_axis: apply_along_axis,
    np.apply_over_axes: apply_over_axes,
    has_items: require_items,
    np.ndindex: ndindex,
    np.ndenumerate: ndenumerate,
    np.fromfunction: fromfunction,
}
