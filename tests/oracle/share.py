"""How much of the array work ran inside graphs: the number that tells sameness from doing nothing."""

from dataclasses import dataclass

import graphlet
from graphlet.runtime import _block

INSIDE, OUTSIDE = "array_ops_native", "array_ops_python"


@dataclass(frozen=True, slots=True)
class Share:
    """Array operations run inside graphs and outside them.

    compiled, looped  of operations in fused groups, times elements: run in generated code, and in NumPy's inner loops
    """

    inside: int = 0
    outside: int = 0
    compiled: int = 0
    looped: int = 0

    @property
    def native(self) -> float:
        """Share of array operations that ran inside graphs, 0 to 1; 0 when there were none."""
        total = self.inside + self.outside
        return self.inside / total if total else 0.0

    def __add__(self, other: "Share") -> "Share":
        return Share(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def __sub__(self, other: "Share") -> "Share":
        return Share(*(getattr(self, name) - getattr(other, name) for name in self.__slots__))

    def __str__(self) -> str:
        text = f"native share {self.native:.2f} ({self.inside} of {self.inside + self.outside} array operations)"
        if not self.compiled:
            return text
        return f"{text}, {self.compiled / (self.compiled + self.looped):.2f} of fused work in generated code"


def current() -> Share:
    """The totals of this process so far; zeros while graphlet has no counters."""
    if not hasattr(graphlet, "counters"):
        return Share()
    totals = graphlet.counters()
    return Share(int(totals[INSIDE]), int(totals[OUTSIDE]), *_block.work())
