"""Operations: one row of the catalogue, with the traits that passes and backends ask for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphlet.ir.types import Type

FRESH = "fresh"  # the result owns new memory
VIEW = "view"  # the result shares memory with argument 0
EITHER = "either"  # decided at run time, as for reshape


@dataclass(frozen=True, eq=False)
class Op:
    """One operation a node may call.

    fn       what runs it: ``fn(*args, **kwargs)`` with real values is the reference meaning
    infer    ``infer(args, kwargs) -> Type | tuple`` from argument types and literals; raises ``InferenceError``
             when the result cannot be known or NumPy would raise
    kind     "elementwise" | "reduction" | "view" | "creation" | "scalar" | "opaque"
             elementwise: ``fn`` is a ufunc with one output, broadcast over its array arguments
    alias    FRESH, VIEW or EITHER
    mutates  index of the argument that is written, or None. The node's value is the new version of that argument.
    pure     no effect besides the result: may be merged; dropped when unused and quiet
    may_raise may fail for reasons beyond shapes and floating-point flags (linalg, out-of-bounds, integer power ...)
    quiet    can neither raise nor warn, whatever the values, once inference has accepted the types: an unused one may
             go (``ir/quiet.py`` knows this of plain ufuncs and operators without being told)
    random   result differs from call to call: neither folded nor merged
    nans     when NumPy computes in place and may keep the other one of two NaNs that meet: "" never, "large" where the
             result is large, "placed" where it is one number or the operands do not lie dense, "apart" wherever it is
    """

    name: str
    fn: Callable[..., Any]
    infer: Callable[[tuple[Any, ...], Mapping[str, Any]], Type]
    kind: str
    alias: str = FRESH
    mutates: int | None = None
    pure: bool = True
    may_raise: bool = False
    commutative: bool = False
    random: bool = False
    quiet: bool = False
    nans: str = ""

    def __repr__(self) -> str:
        return f"<op {self.name}>"


class InferenceError(Exception):
    """The result type of an operation cannot be known; the text says why."""
