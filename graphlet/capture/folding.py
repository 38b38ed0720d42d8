"""Operations on plain constants, done now: only where the result is small and nothing of the user's can run."""

from collections.abc import Callable
from typing import Any

from numpy import errstate

from graphlet.capture.breaks import Break
from graphlet.capture.pytypes import is_plain
from graphlet.capture.raising import raises_as

_MAX_BITS = 4096
_MAX_LENGTH = 4096


def fold(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """``fn(*args)`` for plain arguments. Raises Break if it raises, warns, or gives something big or not plain."""
    for arg in args:
        _check_size(arg)
    _check_growth(fn, args)
    try:
        with errstate(all="raise"):
            result = fn(*args, **kwargs)
    except Exception as error:
        raise raises_as(error) from error
    if not is_plain(result) and result is not NotImplemented:
        raise Break("GL110", f"the result is a {type(result).__name__}")
    _check_size(result)
    return result


def _check_size(value: Any) -> None:
    if type(value) is int and value.bit_length() > _MAX_BITS:
        raise Break("GL114", "a number with more than a thousand digits")
    if type(value) in (str, bytes, tuple) and len(value) > _MAX_LENGTH:
        raise Break("GL114", f"a {type(value).__name__} of {len(value)} items")


def _check_growth(fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Powers, shifts and repetitions whose result would be huge are not tried."""
    name = getattr(fn, "__name__", "")
    if name == "invert" and type(args[0]) is bool:
        raise Break("GL111", "~ of a bool warns in some versions of Python")
    if name not in ("pow", "lshift", "mul") or len(args) < 2:
        return
    left, right = args[:2] if type(args[0]) not in (int, bool) or name != "mul" else (args[1], args[0])
    if type(right) not in (int, bool):
        return
    if name == "pow" and type(left) is int and left.bit_length() * abs(right) > _MAX_BITS:
        raise Break("GL114", "a power that is huge")
    if name == "lshift" and abs(right) > _MAX_BITS:
        raise Break("GL114", "a shift that is huge")
    if name == "mul" and type(left) in (str, bytes, tuple) and len(left) * right > _MAX_LENGTH:
        raise Break("GL114", "a repetition that is huge")
