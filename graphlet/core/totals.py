"""Counts of what graphlet did since the start or the last reset."""

NAMES = ("frames", "graphs", "breaks", "compiles", "fallbacks", "failures")

totals: dict[str, int] = dict.fromkeys(NAMES, 0)


def clear() -> None:
    """Set all counts to zero."""
    for name in NAMES:
        totals[name] = 0
