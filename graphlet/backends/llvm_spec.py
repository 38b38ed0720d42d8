"""What a compiled function computes, as plain data: small programs over numbered values, apart from any graph."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from graphlet.core.pristine import np

BOOL, FLOAT32, FLOAT64, PLACE = "b8", "f32", "f64", "i64"


class Op(NamedTuple):
    """``formula`` of some values; ``types`` of operands and result, as ``type_code`` writes them."""

    formula: str
    args: tuple[int, ...]
    types: tuple[str, ...]

    @property
    def result(self) -> str:
        return self.types[-1]


@dataclass(frozen=True, slots=True)
class Reduction:
    """A value over a row: "sum" (of floats in NumPy's tree), "product", "maximum", "minimum", "any" or "all"; over a
    column also "arg_max" and "arg_min", and "arg_max_root" and "arg_min_root", which say it of the square roots."""

    kind: str
    value: int


@dataclass(frozen=True, slots=True)
class Spec:
    """Values are numbered: the inputs, then the results of ``ops``. ``outputs`` are results that are stored.

    columns       what is reduced are columns, not rows
    length        how many elements rows have, where there is code for just so many; 0: any number
    vector_bytes  how wide vectors are; 0: as wide as the machine has them
    """

    inputs: tuple[str, ...]
    ops: tuple[Op, ...]
    outputs: tuple[int, ...]
    reductions: tuple[Reduction, ...] = ()
    columns: bool = False
    length: int = 0
    vector_bytes: int = 0

    def type_of(self, value: int) -> str:
        """The type code of a value."""
        n_inputs = len(self.inputs)
        return self.inputs[value] if value < n_inputs else self.ops[value - n_inputs].result


@lru_cache(256)
def type_code(dtype: np.dtype[Any]) -> str | None:
    """Kind and bits of a dtype that generated code knows; None for all others."""
    code = f"{dtype.kind}{8 * dtype.itemsize}"
    known = dtype.isnative and (dtype.kind in "biu" or code in (FLOAT32, FLOAT64))
    return code if known else None


def bits_of(code: str) -> int:
    """How many bits an element takes in memory."""
    return int(code[1:])


def neutral(kind: str, code: str) -> float:
    """What changes nothing in a reduction. A sum of -0.0 is -0.0."""
    if kind in ("any", "all"):
        return int(kind == "all")
    if kind == "sum":
        return -0.0 if code[0] == "f" else 0
    if kind == "product":
        return 1
    is_max = kind in ("maximum", "arg_max", "arg_max_root")
    if code[0] == "f":
        return float("-inf") if is_max else float("inf")
    half = 1 << bits_of(code) - 1
    least, most = (-half, half - 1) if code[0] == "i" else (0, 2 * half - 1)
    return least if is_max else most
