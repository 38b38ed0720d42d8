"""Calls of NumPy's functions and of methods of arrays and numbers."""

from collections.abc import Callable
from typing import Any

from graphlet.arrayops import catalogue, generic, scalar
from graphlet.arrayops.elementwise import ASTYPE, CLIP, SCALAR_ASTYPE, UFUNCS
from graphlet.arrayops.general import ANY_ARRAY, ANY_RESHAPE
from graphlet.arrayops.indexing import GETITEM
from graphlet.arrayops.linalg import EINSUM_VIEW, NONZERO
from graphlet.capture import arrays_elements, arrays_given, arrays_writes
from graphlet.capture.arrays_attributes import get_attribute
from graphlet.capture.arrays_given import known_dtype, row_of
from graphlet.capture.arrays_nodes import Args, Kwargs, array_of, bound, call, first_of, hinted, size, with_pinned
from graphlet.capture.arrays_numbers import LIKES, clip_number, is_number, like_number
from graphlet.capture.arrays_stores import operate_into, operate_where, output_argument, put, setitem, update_at
from graphlet.capture.arrays_writes import into_output
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import exact_type, is_none
from graphlet.capture.truth import truth
from graphlet.core.comparisons import COMPARISONS
from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError, Op
from graphlet.values.base import Array, Constant, Scalar, Sequence, Value

Rule = Callable[[Machine, Args, Kwargs], Value]


def is_array_function(fn: Any) -> bool:
    """Whether there is a rule for calling this object."""
    return id(fn) in _SPECIAL or catalogue.lookup(fn) is not None


def is_array_method(name: str) -> bool:
    """Whether there is a rule for calling the method of an array with this name."""
    return name in _METHODS or catalogue.method(name) is not None


def call_function(m: Machine, fn: Any, args: Args, kwargs: Kwargs) -> Value:
    """``fn(*args, **kwargs)`` for a NumPy function, ufunc, or function of numbers."""
    rule = _SPECIAL.get(id(fn))
    if rule is not None:
        return rule(m, args, kwargs)
    row = catalogue.lookup(fn)
    if row is None:
        raise Break("GL102", f"{fn!r} is not followed")
    if isinstance(fn, np.ufunc):
        return call_ufunc(m, fn, row, args, kwargs)
    if row.kind == "scalar" and any(isinstance(arg, Array) for arg in args):
        raise Break("GL107", f"{row.name} of an array")
    return call_row(m, row, args, kwargs)


def call_row(m: Machine, row: Op, args: Args, kwargs: Kwargs, wider: Op | None = None) -> Value:
    """A call that becomes a node; with ``out=`` its result is written there."""
    if args and isinstance(args[0], Array):
        row = catalogue.view_of_c(row, args[0].type)
    wider = wider or catalogue.wider(row)
    rows = (row,) if wider is None else (row, wider)
    if "out" in kwargs and is_none(kwargs["out"]):
        require_keyword(rows, args, kwargs, "out")
    kwargs = dict(kwargs)
    out = output_argument(kwargs)
    return first_of(m, rows, args, kwargs) if out is None else into_output(m, rows, out, args, kwargs)


def require_keyword(rows: tuple[Op, ...], args: Args, kwargs: Kwargs, name: str) -> None:
    """Break unless a function has the keyword, which is then left out."""
    for row in rows:
        try:
            row.infer(tuple(map(hinted, args)), {key: hinted(value) for key, value in kwargs.items()})
        except InferenceError:
            continue
        return
    raise Break("GL107", f"{rows[0].name} with {name}=")


def call_ufunc(m: Machine, ufunc: np.ufunc, row: Op, args: Args, kwargs: Kwargs) -> Value:
    """A ufunc with ``out`` (positional too), ``where`` and ``dtype``."""
    kwargs = dict(kwargs)
    if len(args) > ufunc.nin and ufunc in (np.maximum, np.minimum):
        raise Break("GL107", f"{ufunc.__name__} with an output that is not named, of which NumPy warns")
    if len(args) == ufunc.nin + 1 and ufunc.nout == 1 and "out" not in kwargs and not isinstance(args[-1], Sequence):
        kwargs["out"], args = args[-1], args[:-1]
    given = kwargs.get("out")
    if given is not None and ufunc.nout > 1:
        raise Break("GL107", f"{ufunc.__name__} with out=")
    if isinstance(given, Sequence) and given.kind == "tuple" and len(given.items) == 1:
        kwargs["out"] = given.items[0]  # no other function takes a tuple
    out = output_argument(kwargs)
    mask = kwargs.pop("where", None)
    if isinstance(mask, Constant) and mask.value is True:
        mask = None
    if mask is None:
        return call(m, row, args, kwargs) if out is None else operate_into(m, out, row, args, kwargs)
    if out is None or kwargs or row.kind != "elementwise":
        raise Break("GL107", f"{ufunc.__name__} with where= and without out=")
    return operate_where(m, out, ufunc, mask, args)


# -- functions that are other functions in disguise


def clip(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.clip(a, a_min, a_max, out)``, also ``min=`` and ``max=``: bounds of one kind of name, or of the other."""
    by_keyword = {name: kwargs[name] for name in ("min", "max") if name in kwargs}
    named = bound(("a", "a_min", "a_max", "out"), args, {k: v for k, v in kwargs.items() if k not in by_keyword})
    n_named = sum(name in named for name in ("a_min", "a_max"))
    if n_named == 1 or (n_named and by_keyword):
        raise Break("GL111", "np.clip with one bound of two, or with more")
    low, high = (named.get(f"a_{name}", by_keyword.get(name)) for name in ("min", "max"))
    if is_number(named["a"]) and "out" not in named:
        return clip_number(m, named["a"], low, high)
    return clip_array(m, array_of(named["a"], "clip"), low, high, named.get("out"))


def clip_method(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.clip(min, max, out)``"""
    named = bound(("array", "min", "max", "out"), args, kwargs)
    return clip_array(m, array_of(named["array"], "clip"), named.get("min"), named.get("max"), named.get("out"))


def clip_array(m: Machine, array: Array, low: Value | None, high: Value | None, target: Value | None) -> Value:
    """One of three ufuncs, as NumPy has it."""
    if array.type.dtype.kind in "iu":
        low = None if _beyond(m, low, array, low=True) else low
        high = None if _beyond(m, high, array, low=False) else high
    row, operands = clip_row(array, low, high)
    out = output_argument({} if target is None else {"out": target})
    return call(m, row, operands) if out is None else operate_into(m, out, row, operands)


def clip_row(array: Array, low: Value | None, high: Value | None) -> tuple[Op, Args]:
    """The ufunc that clips between the bounds that are there."""
    if low is None or is_none(low):
        if high is None or is_none(high):
            return UFUNCS[np.positive], (array,)
        return UFUNCS[np.minimum], (array, high)
    if high is None or is_none(high):
        return UFUNCS[np.maximum], (array, low)
    return CLIP, (array, low, high)


def _beyond(m: Machine, bound: Value | None, array: Array, low: bool) -> bool:
    """Whether a Python int lies at or beyond the end of an integer dtype's range: NumPy leaves it out then."""
    if bound is None or exact_type(bound) is not int:
        return False
    info = np.iinfo(array.type.dtype)
    symbol, limit = ("<=", int(info.min)) if low else (">=", int(info.max))
    if isinstance(bound, Constant):
        return bool(COMPARISONS[symbol](bound.value, limit))
    return truth(m, call(m, scalar.OPERATORS[symbol], (bound, Constant(limit))))


def new_array(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.array``: a copy of an array, a stack of arrays, or an array of numbers."""
    if len(args) > 2:
        raise Break("GL111", "np.array with three arguments that are not named")
    named = bound(("object", "dtype", "copy", "ndmin"), args, kwargs)
    item, copy = named["object"], named.get("copy")
    ndmin = m.known(named["ndmin"]) if "ndmin" in named else 0
    if type(ndmin) is not int:
        raise Break("GL107", f"np.array with ndmin of type {type(ndmin).__name__}")
    if "ndmin" in named and (not isinstance(item, (Array, Sequence)) or n_dims(item) < ndmin):
        if not isinstance(item, Array) or not named.keys() <= {"object", "ndmin"}:
            raise Break("GL107", "np.array with more axes than what it is made of")
        return first_of(m, (ANY_ARRAY,), (item,), {"ndmin": named["ndmin"]})
    if copy is not None and is_none(copy) and isinstance(item, Array):  # a copy only if there has to be one
        return arrays_given.as_array(m, (item, named.get("dtype", Constant(None))), {})
    if copy is not None and not is_none(copy) and not (isinstance(copy, Constant) and copy.value is True):
        raise Break("GL107", "np.array with copy=")  # the array itself may come back: so decides a number, or an enum
    dtype = named.get("dtype")
    if isinstance(item, Array):
        if is_none(dtype):
            return call(m, catalogue.lookup(np.copy) or ASTYPE, (item,))
        assert dtype is not None
        return call(m, ASTYPE, (item, dtype))
    rest = {} if is_none(dtype) or dtype is None else {"dtype": dtype}
    if isinstance(item, Scalar):
        return first_of(m, (ANY_ARRAY,), (item,), rest)
    return call_row(m, row_of(np.array), (item,), rest, ANY_ARRAY)


def n_dims(value: Array | Sequence) -> int:
    """How many axes an array has, or at least what is made of a list."""
    return value.type.ndim if isinstance(value, Array) else 1


def part(name: str, fn: Any) -> Rule:
    """``np.real`` and ``np.imag``"""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        named = bound(("val",), args, kwargs)
        value = named["val"]
        if not isinstance(value, (Array, Scalar)):
            raise Break("GL107", f"np.{name} of {describe(value)}")
        return get_attribute(m, value, name)

    return rule


def attribute(name: str) -> Rule:
    """``np.shape`` and ``np.ndim`` of an array"""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        given = bound(("a",), args, kwargs)["a"]
        if is_number(given):
            return Sequence("tuple") if name == "shape" else Constant(0)
        return get_attribute(m, array_of(given, f"np.{name}"), name)

    return rule


def number_of_elements(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.size(a, axis)``"""
    named = bound(("a", "axis"), args, kwargs)
    array, axis = array_of(named["a"], "np.size"), named.get("axis")
    if is_none(axis):
        return get_attribute(m, array, "size")
    assert axis is not None
    place = m.known(axis)
    if type(place) is not int or not -array.type.ndim <= place < array.type.ndim:
        raise Break("GL107", "np.size with such an axis")
    return size(m, array, place)


def where(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.where``: a choice, or the places that are not zero."""
    row = row_of(np.where)
    return call(m, NONZERO if len(args) == 1 and not kwargs else row, args, kwargs)


def rounded(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.round(a, decimals)`` of floats (of integers it may return its argument)."""
    named = bound(("a", "decimals"), args, kwargs)
    array = array_of(named["a"], "np.round")
    decimals = named.get("decimals")
    if array.type.dtype.kind != "f":
        raise Break("GL107", "np.round of an array that has no floats")
    if decimals is None or (isinstance(decimals, Constant) and type(decimals.value) is int and decimals.value == 0):
        return call(m, UFUNCS[np.rint], (array,))
    return first_of(m, (ROUND,), (array, decimals), {})


def reversed_axis(axis: int, min_ndim: int) -> Rule:
    """``np.flipud`` and ``np.fliplr``"""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        array = array_of(bound(("m",), args, kwargs)["m"], "flip")
        row = row_of(np.flip)
        if array.type.ndim < min_ndim:
            raise Break("GL111", "an array of too low rank is flipped")
        return call(m, row, (array, Constant(axis)))

    return rule


def divide(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``divmod`` of two operands"""
    if kwargs or len(args) != 2:
        raise Break("GL111", "divmod of other than two operands")
    row = catalogue.operator("divmod") if any(isinstance(arg, Array) for arg in args) else catalogue.lookup(divmod)
    assert row is not None
    return call(m, row, args)


def like(fn: Any, make: Any) -> Rule:
    """``np.zeros_like`` and the like, of a number too."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        row = row_of(fn)
        return like_number(m, make, args, kwargs) if args and is_number(args[0]) else call_row(m, row, args, kwargs)

    return rule


def diagonal(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.diagonal(a, ...)``"""
    array = array_of(args[0] if args else None, "np.diagonal")
    return array_method(m, array, "diagonal", args[1:], kwargs)


def einsum(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.einsum``: of one operand without a sum it is a view."""
    row = row_of(np.einsum)
    if len(args) != 2 or kwargs or not isinstance(args[1], Array):
        return call_row(m, row, args, kwargs)
    subscripts = m.known(args[0])
    left, arrow, output = str(subscripts).replace(" ", "").partition("->")
    if type(subscripts) is not str or not arrow or set(left) != set(output):
        return call_row(m, row, args, kwargs)
    return call(m, EINSUM_VIEW, args[::-1])


def outer(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.outer(a, b)``"""
    if len(args) == 2 and not kwargs and all(isinstance(arg, Array) and arg.type.ndim == 1 for arg in args):
        return outer_by(m, np.multiply, *args)
    return call_row(m, row_of(np.outer), args, kwargs)


def outer_by(m: Machine, ufunc: np.ufunc, left: Value, right: Value) -> Value:
    """``ufunc.outer(left, right)`` of arrays: an ordinary call, once ``left`` has an axis for each of ``right``."""
    assert isinstance(right, Array)
    spread = call(m, GETITEM, (left, Constant((Ellipsis, *(None,) * right.type.ndim))))
    return call_function(m, ufunc, (spread, right), {})


def reshape(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.reshape(a, shape, order, copy)``"""
    if len(args) < 3 and not kwargs.keys() & {"order", "copy"}:
        return call_row(m, row_of(np.reshape), args, kwargs)
    return call_row(m, row_of(np.reshape), args, kwargs, ANY_RESHAPE)


def reshape_method(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.reshape(*shape, order, copy)``"""
    row = catalogue.method("reshape")
    assert row is not None
    if not kwargs.keys() & {"order", "copy"}:
        return call_row(m, row, args, kwargs)
    shape = args[1] if len(args) == 2 else Sequence("tuple", args[1:])
    return reshape(m, (args[0], shape), kwargs)


def matrix_transpose(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.matrix_transpose(x)``"""
    return get_attribute(m, array_of(bound(("x",), args, kwargs)["x"], "np.matrix_transpose"), "mT")


def as_type_function(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.astype(x, dtype, copy=True)``"""
    if len(args) != 2 or kwargs.keys() - {"copy"}:
        raise Break("GL107", "np.astype with these arguments")
    return as_type(m, (array_of(args[0], "np.astype"), args[1]), kwargs)


ROUND = catalogue.lookup(np.round) or ASTYPE

_SPECIAL: dict[int, Rule] = {
    **{id(fn): rule for fn, rule in (*arrays_writes.RULES.items(), *arrays_given.RULES.items())},
    id(np.clip): clip,
    id(np.array): new_array,
    id(np.real): part("real", np.real),
    id(np.imag): part("imag", np.imag),
    id(np.shape): attribute("shape"),
    id(np.ndim): attribute("ndim"),
    id(np.size): number_of_elements,
    id(np.where): where,
    id(np.round): rounded,
    id(np.around): rounded,
    id(divmod): divide,
    id(np.flipud): reversed_axis(0, 1),
    id(np.fliplr): reversed_axis(1, 2),
    id(np.diagonal): diagonal,
    id(np.einsum): einsum,
    id(np.outer): outer,
    **{id(fn): like(fn, make) for fn, make in LIKES.items()},
    id(np.matrix_transpose): matrix_transpose,
    id(np.reshape): reshape,
    **({id(np.astype): as_type_function} if hasattr(np, "astype") else {}),  # from NumPy 2.1 on
}

# -- methods


def call_method(m: Machine, obj: Value, name: str, args: Args, kwargs: Kwargs) -> Value:
    """``obj.name(*args, **kwargs)`` for an array, a number or a ufunc."""
    if isinstance(obj, Array):
        return array_method(m, obj, name, args, kwargs)
    if isinstance(obj, Scalar):
        return scalar_method(m, obj, name, args, kwargs)
    if isinstance(obj, Constant) and isinstance(obj.value, np.ufunc):
        if name == "at" and len(args) == 3 and not kwargs and obj.value in UFUNCS:
            update_at(m, obj.value, args)
            return Constant(None)
        wider = catalogue.wider_ufunc_method(obj.value, name)
        is_outer = wider is not None and name == "outer" and len(args) == 2 and not kwargs
        if is_outer and all(isinstance(arg, Array) for arg in args):
            return outer_by(m, obj.value, *args)
        if wider is not None:
            return call_row(m, catalogue.ufunc_method(obj.value, name) or wider, args, kwargs, wider)
    raise Break("GL102", f"the method `{name}` of {describe(obj)}", name_of(obj))


def array_method(m: Machine, array: Array, name: str, args: Args, kwargs: Kwargs) -> Value:
    """A method of an array."""
    rule = _METHODS.get(name)
    if rule is not None:
        return rule(m, (array, *args), kwargs)
    row = catalogue.method(name)
    if row is None:
        raise Break("GL102", f"the method `{name}` of {describe(array)}", name_of(array))
    return call_row(m, row, (array, *args), kwargs)


def sort_in_place(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.sort(axis)``"""
    named = bound(("array", "axis"), args, kwargs)
    row = row_of(np.sort)
    array = array_of(named["array"], "sort")
    rest = {"axis": named["axis"]} if "axis" in named else {}
    with_pinned(m, lambda a, k: operate_into(m, array, row, a, k), (array,), rest)
    return Constant(None)


def partition_in_place(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.partition(kth, axis)``"""
    named = bound(("array", "kth", "axis"), args, kwargs, required=2)
    if "axis" in named and is_none(named["axis"]):
        raise Break("GL111", "partition in place along no axis")
    row = row_of(np.partition)
    array = array_of(named.pop("array"), "partition")
    with_pinned(m, lambda a, k: operate_into(m, array, row, a, k), (array,), named)
    return Constant(None)


def as_function(fn: Any) -> Rule:
    """A method that takes what the function of its name takes."""
    return lambda m, args, kwargs: call_function(m, fn, args, kwargs)


def fill(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.fill(number)``"""
    named = bound(("array", "value"), args, kwargs, required=2)
    if not isinstance(named["value"], (Constant, Scalar)):
        raise Break("GL107", "fill with something that is no number")
    setitem(m, array_of(named["array"], "fill"), Constant(Ellipsis), named["value"])
    return Constant(None)


def conjugate(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.conj()``: the array itself unless it is complex."""
    array = array_of(args[0], "conj")
    if len(args) > 1 or kwargs:
        raise Break("GL107", "conj with out")
    if array.type.dtype.kind not in "biufc":
        raise Break("GL111", f"{describe(array)} has no conjugate")
    return call(m, UFUNCS[np.conjugate], args) if array.type.dtype.kind == "c" else array


def as_type(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``array.astype(dtype)``; with ``copy=False`` the array itself if nothing has to change."""
    copy = kwargs.get("copy")
    if copy is None:
        return call(m, ASTYPE, args, kwargs)
    rest = {key: value for key, value in kwargs.items() if key != "copy"}
    array = array_of(args[0], "astype")
    if not isinstance(copy, Constant) or type(copy.value) is not bool or len(args) != 2 or rest:
        raise Break("GL107", "astype with keywords")
    if not copy.value and known_dtype(args[1]) == array.type.dtype:
        return array
    return call(m, ASTYPE, args)


_METHODS: dict[str, Rule] = {
    "clip": clip_method,
    "round": rounded,
    "reshape": reshape_method,
    "sort": sort_in_place,
    "fill": fill,
    "put": put,
    **arrays_elements.RULES,
    "argpartition": as_function(np.argpartition),
    "choose": as_function(np.choose),
    "compress": lambda m, args, kwargs: call_function(m, np.compress, (*args[1:2], args[0], *args[2:]), kwargs),
    "partition": partition_in_place,
    "conj": conjugate,
    "conjugate": conjugate,
    "astype": as_type,
    "nonzero": lambda m, args, kwargs: call(m, NONZERO, args, kwargs),
}


def scalar_method(m: Machine, number: Scalar, name: str, args: Args, kwargs: Kwargs) -> Value:
    """A method of a NumPy scalar."""
    if number.type.dtype is not None and not kwargs:
        if name == "item" and not args:
            return call(m, scalar.ITEM, (number,))
        if name == "astype" and len(args) == 1:
            return call(m, SCALAR_ASTYPE, (number, *args))
    row = generic.METHODS.get(name) if number.type.dtype is not None else None
    if row is not None:
        return call_row(m, row, (number, *args), kwargs)
    raise Break("GL102", f"the method `{name}` of {describe(number)}", name_of(number))

