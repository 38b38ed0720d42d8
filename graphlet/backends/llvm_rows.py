"""Stages that reduce rows: which function is for which rows.

Long ones one by one; short ones side by side where nothing but the reductions is stored; those of a known length
without a loop.
"""

from graphlet.backends.llvm_emit import SIGNATURE, internal
from graphlet.backends.llvm_known import KnownRows
from graphlet.backends.llvm_reduce import STRANDS, Reducer
from graphlet.backends.llvm_short import LANES, ShortRows

ARGUMENTS = "ptr %data, ptr %strides, i64 %n, i64 %rows, ptr %steps"


class RowReducer(Reducer):
    """The module of a spec with reductions, for rows of all lengths."""

    def functions(self) -> list[str]:
        """As for other rows, or as for short ones; where elements are stored as well there is one way only."""
        others = super().functions()
        if self.spec.outputs:
            return others
        others[others.index(SIGNATURE)] = internal("rows")
        known = KnownRows(self).function() if self.spec.length else []
        return [*others, *ShortRows(self).function(), *known, *self.choice()]

    def choice(self) -> list[str]:
        """Rows of no elements are not short; fewer than eight do not fill the lanes."""
        lines = [
            SIGNATURE,
            "  %beyond.one = sub i64 %n, 1",
            f"  %few = icmp ult i64 %beyond.one, {STRANDS - 1}",
            f"  %enough = icmp uge i64 %rows, {LANES}",
            "  %is.short = and i1 %few, %enough",
            "  br i1 %is.short, label %side.by.side, label %one.by.one",
            "side.by.side:",
        ]
        if self.spec.length:
            lines += [
                f"  %is.known = icmp eq i64 %n, {self.spec.length}",
                "  br i1 %is.known, label %as.known, label %as.short",
                *self.call("as.known", "known"),
                "as.short:",
            ]
        return [*lines, *self.call("", "short"), *self.call("one.by.one", "rows"), "}"]

    @staticmethod
    def call(block: str, name: str) -> list[str]:
        """Leave it to a function."""
        lines = [f"  %of.{name} = call i64 @{name}({ARGUMENTS})", f"  ret i64 %of.{name}"]
        return [f"{block}:", *lines] if block else lines
