"""What to do in place of handing over something that is no Python function."""

import functools
from types import BuiltinFunctionType, CoroutineType, GeneratorType
from typing import Any

_IN_C = "it is written in C: there is nothing in it to follow"
_HINTS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (functools.partial, "take its .func"),
    (property, "decorate the function, below @property"),
    (functools.cached_property, "decorate the function, below @cached_property"),
    (type, "decorate its methods"),
    (functools._lru_cache_wrapper, "decorate the function, below @lru_cache"),
    (BuiltinFunctionType, _IN_C),
    ((CoroutineType, GeneratorType), "pass the function that was called, not what it returned"),
)


def no_function(name: str, given: Any) -> str:
    """Why ``graphlet.<name>`` refuses an object, and what would do."""
    hint = next((hint for types, hint in _HINTS if isinstance(given, types)), "")
    if not hint and type(given).__module__ == "numpy" and callable(given):
        hint = _IN_C
    if not hint and callable(given):
        hint = "take its __call__ method"
    text = f"{name} takes a Python function or method (def, lambda), got {type(given).__name__}: {given!r:.200}"
    return f"{text}; {hint}" if hint else text
