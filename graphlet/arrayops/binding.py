"""Arguments of NumPy's functions by name: many of them have no signature that Python can ask for."""

from collections.abc import Mapping
from typing import Any

from graphlet.ir.op import InferenceError


def bind(names: tuple[str, ...], args: tuple[Any, ...], kwargs: Mapping[str, Any], required: int = 1) -> dict[str, Any]:
    """Arguments by name; those not given are absent. InferenceError for names not listed and for missing ones."""
    if len(args) > len(names):
        raise InferenceError(f"{len(args)} positional arguments")
    bound = dict(zip(names, args, strict=False))
    for key, value in kwargs.items():
        if key not in names or key in bound:
            raise InferenceError(f"argument {key!r}")
        bound[key] = value
    for name in names[:required]:
        if name not in bound:
            raise InferenceError(f"argument {name!r} is missing")
    return bound


def refuse(bound: Mapping[str, Any], *names: str) -> None:
    """InferenceError if one of these arguments is given and not None."""
    for name in names:
        if bound.get(name) is not None:
            raise InferenceError(f"argument {name!r} is given")
