"""Real values in brief, for reports and traces: types and sizes, never array data, and no code of the user's runs."""

from typing import Any

from graphlet.core.pristine import np

_NAME = type.__dict__["__name__"]
_LONGEST = 20
_MOST_ITEMS = 4
_DEEPEST = 2
# By identity: to compare a class of the user's could run code of its metaclass.
_LITERALS = frozenset(map(id, (bool, float, complex, str, type(None))))
_CONTAINERS = frozenset(map(id, (tuple, list, dict, set)))


def brief(value: Any, depth: int = 0) -> str:
    """``float64[9] C`` for an array, ``3.0`` for a number, the type's name for most others."""
    kind = type(value)
    if kind is np.ndarray:
        return array(value)
    if id(kind) in _LITERALS or (kind is int and value.bit_length() < 64):
        text = repr(value)
        return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    if (kind is tuple or kind is list) and len(value) <= _MOST_ITEMS and depth < _DEEPEST:
        inner = ", ".join(brief(item, depth + 1) for item in value)
        return f"[{inner}]" if kind is list else f"({inner}{',' if len(value) == 1 else ''})"
    if kind is type:
        return f"class {_NAME.__get__(value)}"
    name: str = _NAME.__get__(kind)
    return f"{name} of {len(value)}" if id(kind) in _CONTAINERS else name


def array(value: np.ndarray) -> str:
    """dtype, shape and memory layout: ``float64[3,4] C``; F for Fortran order, K for neither."""
    dims = ",".join(map(str, value.shape))
    order = "C" if value.flags.c_contiguous else "F" if value.flags.f_contiguous else "K"
    dtype = str(value.dtype) if value.dtype.names is None else "record"
    return f"{dtype}[{dims}] {order}"
