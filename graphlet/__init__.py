"""graphlet makes plain Python functions over NumPy arrays fast without changing a line of them."""

import importlib as _importlib
import os as _os
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

# Loaded before the function of the same name takes its place, since loading a package sets it in its parent.
import graphlet.capture as _package  # noqa: F401
import graphlet.core.pristine as _pristine  # noqa: F401  before a program puts functions of its own in NumPy's place
from graphlet.api import (
    Optimized,
    Session,
    capture,
    counters,
    disable,
    enable,
    graph_break,
    is_compiling,
    optimize,
    reset,
    set_stance,
)
from graphlet.core.config import config, warn_unknown_variables
from graphlet.core.errors import (
    BackendError,
    ConfigError,
    GraphBreakError,
    GraphError,
    GraphletError,
    MismatchError,
    PerformanceWarning,
)
from graphlet.core.lazy import lazy as _lazy

if _TYPE_CHECKING:
    from graphlet.backends.registry import list_backends, register_backend
    from graphlet.ir.graph import Graph, Node
    from graphlet.report.explain import explain
    from graphlet.report.result import ExplainReport

__version__ = "0.1.0"

__all__ = [
    "BackendError",
    "ConfigError",
    "ExplainReport",
    "Graph",
    "GraphBreakError",
    "GraphError",
    "GraphletError",
    "MismatchError",
    "Node",
    "Optimized",
    "PerformanceWarning",
    "Session",
    "__version__",
    "capture",
    "config",
    "counters",
    "disable",
    "enable",
    "explain",
    "graph_break",
    "is_compiling",
    "list_backends",
    "optimize",
    "register_backend",
    "reset",
    "set_stance",
]

# Names that are loaded when they are first used.
_LATER = {
    "ExplainReport": "graphlet.report.result",
    "Graph": "graphlet.ir.graph",
    "Node": "graphlet.ir.graph",
    "explain": "graphlet.report.explain",
    "list_backends": "graphlet.backends.registry",
    "register_backend": "graphlet.backends.registry",
}


def __getattr__(name: str) -> _Any:
    if name not in _LATER:
        raise AttributeError(f"module 'graphlet' has no attribute {name!r}")
    value = getattr(_importlib.import_module(_LATER[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


warn_unknown_variables(_os.environ)
config.on_change("logs", lambda topics: _lazy("graphlet.report.logs").start(topics))
config.on_change("cost_model", lambda on: _lazy("graphlet._evalframe").set_cost_model(on))
config.on_change("debug", lambda level: _lazy("graphlet.report.debug").start(level))
