"""Saying that something runs as plain Python from now on: counted, logged, and one warning at the user's line."""

import warnings

from graphlet.core import events
from graphlet.core.errors import PerformanceWarning
from graphlet.core.location import Location
from graphlet.core.totals import totals


def fall_back(name: str, loc: Location, code: str, detail: str, *, warn: bool = True) -> None:
    """Tell once; the caller sees to it that there is no second time. ``name``: the id of what falls back."""
    totals["fallbacks"] += 1
    events.emit(events.Fallback(name, loc, code, detail))
    if warn:
        warnings.warn_explicit(f"{code} {name}: {detail}", PerformanceWarning, loc.filename, loc.lineno)
