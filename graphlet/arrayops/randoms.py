"""Rows that draw random numbers: a draw of the same kind from a generator of our own says the type of the result.

Their first argument is the method's name, the second the generator. What is drawn can be taken back: see
``runtime/streams``.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from numpy.random import RandomState

from graphlet.arrayops.broadcasting import broadcast, dim_of, fresh_sym
from graphlet.arrayops.creation import shape_literal
from graphlet.arrayops.promotion import MAX_PROBE_NDIM, call_sample, check_dtype, kind_of, number_of
from graphlet.core.pristine import np
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ArrayType, Dim, ObjectType, ScalarType, Type
from graphlet.runtime.streams import BIT_GENERATORS, GENERATORS, draw, shuffled

SIZES = ("rand", "randn")  # take the sizes one by one
PERMUTED = ("permutation", "permuted")  # of an array: its elements in another order
JOINT = ("choice", "multivariate_normal", "multinomial", "dirichlet", "multivariate_hypergeometric")
SEED = 7
N_SAMPLES = 3


def is_draw(kind: type, name: str) -> bool:
    """Whether a method of a generator does nothing but draw, and say what it drew."""
    return not name.startswith("_") and name not in _OTHER and hasattr(kind, name)


_OTHER = frozenset(
    ("bit_generator", "spawn", "shuffle", "bytes", "seed", "get_state", "set_state", "random_integers", "tomaxint")
)


def infer_draw(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """``draw(name, generator, ...)``"""
    name, generator, *rest = args
    kind: type = generator.pytype
    named = bound_to(kind, name, rest, kwargs)
    if named.get("out") is not None:
        raise InferenceError("an argument is written to")
    found = result_of(kind, name, named)
    if isinstance(found, ScalarType):
        return found
    if not isinstance(found, ArrayType):
        raise InferenceError(f"{name} gives a {found}")
    return ArrayType(found.dtype, shape_of_draw(name, named, found.ndim), "K" if name in PERMUTED else "C")


def bound_to(kind: type, name: str, args: list[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by name; sizes that are given one by one make one ``size``."""
    if name in SIZES:
        if kwargs:
            raise InferenceError(f"{name} with keywords")
        return {"size": tuple(args)} if args else {}
    names = parameters(kind, name)
    if len(args) > len(names):
        raise InferenceError(f"{len(args)} positional arguments")
    return {**dict(zip(names, args, strict=False)), **kwargs}


@functools.cache
def parameters(kind: type, name: str) -> tuple[str, ...]:
    """The names of a method's arguments, without the generator."""
    try:
        return tuple(inspect.signature(getattr(kind, name)).parameters)[1:]
    except (ValueError, TypeError) as error:
        raise InferenceError(f"the arguments of {name} are not known") from error


def result_of(kind: type, name: str, named: Mapping[str, Any]) -> Type:
    """What a draw with arguments like these gives."""
    problem = ""
    for number in range(N_SAMPLES):
        generator = RandomState(SEED) if kind is RandomState else np.random.default_rng(SEED)
        counter = iter(range(1, 100))
        values = {key: sampled(value, counter, number) for key, value in named.items() if key != "size"}
        if "size" in named:
            values["size"] = sampled_size(named["size"], 1 + number % 2)
        given = values.pop("size", ()) if name in SIZES else ()
        try:
            call = functools.partial(getattr(kind, name), generator)
            return kind_of(call_sample(call, given, values, lambda value: value))
        except InferenceError as error:
            problem = str(error)
    raise InferenceError(problem)


def sampled_size(size: Any, side: int) -> Any:
    """A ``size=`` of the same rank."""
    if size is None:
        return None
    return (side,) * len(shape_literal(size)) if type(size) in (tuple, list) else side


def sampled(arg: Any, counter: Iterator[int], number: int) -> Any:
    """A value like an argument: numbers that rise from argument to argument."""
    if isinstance(arg, ArrayType):
        if arg.ndim > MAX_PROBE_NDIM:
            raise InferenceError(f"{arg.ndim} dimensions")
        dtype = check_dtype(arg.dtype)
        step = next(counter)
        value = 0.5 + 0.25 * number * step if dtype.kind in "fc" else step
        return np.full((2,) * arg.ndim, value, dtype)
    if isinstance(arg, ScalarType):
        if arg.pytype is bool:
            return True
        step = next(counter)
        value = 0.25 + 0.25 * step + number if arg.pytype is float else step
        return arg.pytype(value) if arg.dtype is None else number_of(check_dtype(arg.dtype), int(value))
    if isinstance(arg, ObjectType):
        raise InferenceError(f"an argument is a {arg}")
    if type(arg) in (tuple, list):
        return type(arg)(sampled(item, counter, number) for item in arg)
    return arg


def shape_of_draw(name: str, named: Mapping[str, Any], ndim: int) -> tuple[Dim, ...]:
    """The shape of what is drawn: the ``size=``, then what each draw has of its own."""
    size = named.get("size")
    first = next(iter(named.values()), None)
    if size is not None and not (name == "choice" and isinstance(first, ArrayType) and first.ndim > 1):
        given = shape_literal(size)
        return (*given, *(fresh_sym() for _ in range(ndim - len(given))))
    arrays = [arg for arg in named.values() if isinstance(arg, ArrayType)]
    if name in PERMUTED and isinstance(first, ArrayType):
        return first.shape
    if name == "permutation" and ndim == 1:
        return (dim_of(first),)
    shape = broadcast([array.shape for array in arrays]) if arrays and name not in JOINT else ()
    return shape if len(shape) == ndim else tuple(fresh_sym() for _ in range(ndim))


def infer_shuffled(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """``shuffled(generator, array, axis)``: a new array."""
    array = args[1]
    if not isinstance(array, ArrayType) or array.ndim == 0:
        raise InferenceError("something is shuffled that is no array")
    check_dtype(array.dtype)
    return ArrayType(array.dtype, array.shape, "K" if array.order == "K" else array.order)


def infer_seeded(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """``draw("seed", generator, number)``"""
    return ObjectType(type(None))


def making(fn: Callable[..., Any], kind: type) -> Op:
    """A row for what makes a generator from a seed."""

    def infer(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        return ObjectType(kind)

    return Op(fn.__name__, fn, infer, "opaque", pure=False, may_raise=True, random=True)


def drawing(name: str, fn: Callable[..., Any], infer: Callable[..., Type]) -> Op:
    return Op(name, fn, infer, "opaque", pure=False, may_raise=True, random=True)


DRAW = drawing("draw", draw, infer_draw)
SEEDED = drawing("seed", draw, infer_seeded)
SHUFFLED = drawing("shuffled", shuffled, infer_shuffled)
MAKERS: dict[Any, Op] = {
    np.random.default_rng: making(np.random.default_rng, np.random.Generator),
    **{kind: making(kind, kind) for kind in (*GENERATORS, *BIT_GENERATORS)},
}
ROWS = (DRAW, SEEDED, SHUFFLED, *MAKERS.values())
