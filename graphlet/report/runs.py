"""Events of runs: they cost a call of Python each, so they are sent only while somebody wants them."""

from graphlet import _evalframe
from graphlet.core import events
from graphlet.core.location import Location

_wanted_by: set[str] = set()
_NOWHERE = Location("", 0)


def want(who: str, wanted: bool) -> None:
    """Send Executed and Declined events, or stop when nobody else wants them."""
    if wanted:
        _wanted_by.add(who)
    else:
        _wanted_by.discard(who)
    _evalframe.watch(_tell if _wanted_by else None)


def _tell(region_or_specialization: str, n_ops: int, reason: str) -> None:
    if reason:
        events.emit(events.Declined(region_or_specialization, _NOWHERE, reason))
    else:
        events.emit(events.Executed(region_or_specialization, _NOWHERE, n_ops))
