"""Modules that are loaded when they are first used, so that ``import graphlet`` costs little.

The name stands where an import would stand, at the top of the file, and counts as one for the floors::

    if TYPE_CHECKING:
        from graphlet import driver
    else:
        driver = lazy("graphlet.driver")
"""

import importlib
from _thread import RLock
from typing import Any

from graphlet.core.forks import waited_for_by_fork

_loading = waited_for_by_fork(RLock())  # the child of a fork would wait for ever for another thread's import


class _LazyModule:
    """Stands for a module; the first attribute read loads it."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __getattr__(self, attribute: str) -> Any:
        with _loading:
            value = getattr(importlib.import_module(self.__name__), attribute)
        self.__dict__[attribute] = value
        return value

    def __repr__(self) -> str:
        return f"<lazy {self.__name__}>"


def lazy(name: str) -> Any:
    """The module of this full name, not loaded yet."""
    return _LazyModule(name)
