"""Calling what may warn so that it raises instead."""

from collections.abc import Callable
from contextvars import copy_context
from typing import Any, TypeVar

from graphlet.core.pristine import np

_Result = TypeVar("_Result")


def raise_for_flags(call: Callable[..., _Result], *args: Any) -> _Result:
    """``call(*args)``, with a FloatingPointError for each floating-point flag that NumPy does not ignore at present.

    It runs in a context of its own: an interrupt at any moment leaves the caller's error state as it was.
    """
    return copy_context().run(_run, call, args)


def _run(call: Callable[..., _Result], args: tuple[Any, ...]) -> _Result:
    np.seterr(**{kind: "raise" for kind, mode in np.geterr().items() if mode != "ignore"})  # type: ignore[arg-type]
    return call(*args)
