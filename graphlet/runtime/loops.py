"""NumPy's inner loops: the one a ufunc would run for given dtypes, if it can run without the interpreter."""

from functools import lru_cache
from typing import Any

from graphlet.core.pristine import np
from graphlet.runtime._block import loop_facts

KINDS = frozenset("biufc")


def find(ufunc: np.ufunc, dtypes: tuple[np.dtype[Any], ...]) -> Any:
    """A capsule with the loop for exactly these dtypes (operands, then results), or None."""
    if not all(dtype.kind in KINDS and dtype.isnative for dtype in dtypes):
        return None
    if ufunc.signature is not None or not hasattr(ufunc, "_resolve_dtypes_and_context"):
        return None
    return _find(ufunc, "".join(dtype.char for dtype in dtypes))


@lru_cache(4096)
def _find(ufunc: np.ufunc, chars: str) -> Any:
    """By characters: ``long`` and ``long long`` are equal dtypes, but have loops of their own."""
    dtypes = tuple(map(np.dtype, chars))
    operands = dtypes[: ufunc.nin] + (None,) * ufunc.nout
    try:
        resolved, capsule = ufunc._resolve_dtypes_and_context(operands)  # type: ignore[attr-defined]
        if resolved != dtypes:
            return None
        ufunc._get_strided_loop(capsule)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return None
    requires_python, _ = loop_facts(capsule)
    return None if requires_python else capsule


def is_shareable(ufunc: np.ufunc | None, dtypes: tuple[np.dtype[Any], ...]) -> bool:
    """Whether the loop may run on a thread that Python knows nothing of: one of NumPy's own that raises nothing."""
    if ufunc is None or getattr(np, ufunc.__name__, None) is not ufunc:
        return False
    return ufunc is not np.power or all(dtype.kind in "fc" for dtype in dtypes)  # integers: negative exponents
