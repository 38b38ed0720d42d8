"""``copy.copy`` and ``copy.deepcopy`` of arrays and of plain containers of them."""

import copy
from collections.abc import Callable
from typing import Any

from graphlet.capture import arrays, containers, dicts
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import is_plain
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Value
from graphlet.values.objects import Derived

DEEPEST = 8


def shallow(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("copy", args, kwargs, 1)
    value = plain_container(m, args[0])
    if is_fixed(value) or (type(value) is Sequence and value.kind == "tuple"):
        return value
    if type(value) is Sequence and value.kind == "list":
        return Sequence("list", value.items)
    if type(value) is Mapping:
        return Mapping(dict(value.items))
    return copied(m, value, "copy.copy")


def deep(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    check("deepcopy", args, kwargs, 1)
    return deeply(m, args[0], {}, DEEPEST)


def deeply(m: Machine, value: Value, known: dict[Value, Value], depth: int) -> Value:
    """What is found twice is copied once; a tuple in which nothing had to be copied stays."""
    value = plain_container(m, value)
    if is_fixed(value):
        return value
    if value in known:
        return known[value]
    if depth == 0:
        raise Break("GL102", "copy.deepcopy of something deep", name_of(value))
    if type(value) is Sequence and value.kind in ("tuple", "list"):
        items = [m.read(item) for item in value.items]
        new = tuple(deeply(m, item, known, depth - 1) for item in items)
        stays = value.kind == "tuple" and all(a is b for a, b in zip(new, items, strict=True))
        made: Value = value if stays else Sequence(value.kind, new)
    elif type(value) is Mapping:
        made = Mapping({key: deeply(m, item, known, depth - 1) for key, item in value.items.items()})
    else:
        made = copied(m, value, "copy.deepcopy")
    known[value] = made
    return made


def plain_container(m: Machine, value: Value) -> Value:
    """A dict with its items; an object of a class derived from one is copied in its own way."""
    value = m.read(value)
    return value if isinstance(value, Derived) or dicts.is_derived(value) else containers.as_mapping(m, value)


def is_fixed(value: Value) -> bool:
    """Python's own numbers, strings and the like are never copied."""
    return (isinstance(value, Constant) and is_plain(value.value)) or (
        isinstance(value, Scalar) and value.type.dtype is None
    )


def copied(m: Machine, value: Value, what: str) -> Value:
    """An array, as its own method copies it; of other objects the class decides."""
    if not isinstance(value, Array) or value.type.dtype.hasobject:
        raise Break("GL102", f"{what} of {describe(value)}: not followed", name_of(value))
    return arrays.call_method(m, value, "copy", (), {"order": Constant("K")})


RULES: dict[Any, Callable[[Machine, Args, Kwargs], Value]] = {copy.copy: shallow, copy.deepcopy: deep}
