"""Real values in brief, for reports and traces: types and sizes, never array data, and no code of the user's runs."""

from typing import Any

import numpy as np

_LONGEST = 20
_MOST_ITEMS = 4
_DEEPEST = 2


def brief(value: Any, depth: int = 0) -> str:
    """``float64[9] C`` for an array, ``3.0`` for a number, the type's name for most others."""
    kind = type(value)
    if kind is np.ndarray:
        return array(value)
    if kind in (bool, float, complex, str, type(None)) or (kind is int and value.bit_length() < 64):
        text = repr(value)
        return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    if kind in (tuple, list) and len(value) <= _MOST_ITEMS and depth < _DEEPEST:
        inner = ", ".join(brief(item, depth + 1) for item in value)
        return f"[{inner}]" if kind is list else f"({inner}{',' if len(value) == 1 else ''})"
    if kind in (tuple, list, dict, set):
        return f"{kind.__name__} of {len(value)}"
    return kind.__name__


def array(value: np.ndarray) -> str:
    """dtype, shape and memory layout: ``float64[3,4] C``; F for Fortran order, K for neither."""
    dims = ",".join(map(str, value.shape))
    order = "C" if value.flags.c_contiguous else "F" if value.flags.f_contiguous else "K"
    dtype = str(value.dtype) if value.dtype.names is None else "record"
    return f"{dtype}[{dims}] {order}"
