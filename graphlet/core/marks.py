"""Functions of graphlet's own that capture treats specially when a program calls them."""

from typing import Any

# Calls without arguments whose result is known while a region is captured.
KNOWN_CALLS: dict[Any, Any] = {}

# Calls that end a region.
BREAKING_CALLS: set[Any] = set()
