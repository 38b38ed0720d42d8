"""Guards as text: what each one says, and what did not hold."""

from collections.abc import Callable
from typing import Any

from graphlet.guards.hold import Weak
from graphlet.guards.kinds import (
    ArrayIs,
    Compare,
    Guard,
    IdentityIs,
    InstanceLacks,
    KeysAre,
    LengthIs,
    NotOverlapping,
    SameObject,
    TypeIs,
    ValueIs,
)
from graphlet.guards.names import object_name


def _name(value: Any) -> str:
    return value.text if type(value) is Weak else object_name(value)


def _array(guard: ArrayIs) -> str:
    words = ["ndarray", str(guard.dtype), f"{guard.ndim}-d"]
    if guard.order != "K":
        words.append(guard.order)
    words += [f"shape[{axis}]=1" for axis, one in enumerate(guard.ones) if one]
    if guard.writeable is not None:
        words.append("writeable" if guard.writeable else "read-only")
    return " ".join(words)


_TEXTS: dict[type, Callable[[Any], str]] = {
    TypeIs: lambda g: f"type({g.source}) is {_name(g.type)}",
    IdentityIs: lambda g: f"{g.source} is {_name(g.value)}",
    ValueIs: lambda g: f"{g.source} == {object_name(g.value)}",
    ArrayIs: lambda g: f"{g.source}: {_array(g)}",
    LengthIs: lambda g: f"len({g.source}) == {g.length}",
    KeysAre: lambda g: f"keys of {g.source} are {', '.join(map(repr, g.keys))}",
    InstanceLacks: lambda g: f"{g.source} has no {g.name} of its own",
    NotOverlapping: lambda g: f"{g.left} and {g.right} do not overlap",
    SameObject: lambda g: f"{g.left} is {'' if g.same else 'not '}{g.right}",
    Compare: lambda g: f"{'' if g.outcome else 'not '}{g.left} {g.op} {g.right}",
}


def describe(guard: Guard) -> str:
    """One guard in a line."""
    return _TEXTS[type(guard)](guard)
