"""Functions that capture treats specially when a program calls them, and the name of values that have none."""

from types import CodeType
from typing import Any

from graphlet.core.bag import WeakBag

PENDING = "pending value"  # an item of the stack, with its depth

# Calls without arguments whose result is known while a region is captured.
KNOWN_CALLS: dict[Any, Any] = {}

# Calls that end a region.
BREAKING_CALLS: set[Any] = set()

# Code of functions the user wants left alone: neither optimised by the hook nor made part of a caller's graph.
LEFT_ALONE: WeakBag[CodeType] = WeakBag()
