"""Checking how a builtin is called. Wrong calls end the region, so that Python raises."""

from graphlet.capture.breaks import Break
from graphlet.values.base import Value

Args = tuple[Value, ...]
Kwargs = dict[str, Value]


def check(
    name: str, args: Args, kwargs: Kwargs, low: int, high: int | None = None, names: tuple[str, ...] = ()
) -> None:
    """Between ``low`` and ``high`` positional arguments (default: exactly ``low``), and no keywords but ``names``."""
    high = low if high is None else high
    if not low <= len(args) <= high or any(key not in names for key in kwargs):
        raise Break("GL102", f"{name} with these arguments")
