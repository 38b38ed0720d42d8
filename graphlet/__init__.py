"""graphlet makes plain Python functions over NumPy arrays fast without changing a line of them."""

import os as _os

from graphlet.api import (
    Session,
    capture,
    counters,
    disable,
    enable,
    graph_break,
    is_compiling,
    optimize,
    reset,
)
from graphlet.backends.registry import list_backends, register_backend
from graphlet.core.config import config, warn_unknown_variables
from graphlet.core.errors import BackendError, GraphBreakError, GraphletError, PerformanceWarning
from graphlet.ir.graph import Graph, Node
from graphlet.report import debug as _debug
from graphlet.report import logs as _logs
from graphlet.report.explain import explain
from graphlet.report.result import ExplainReport

__version__ = "0.1.0"

__all__ = [
    "BackendError",
    "ExplainReport",
    "Graph",
    "GraphBreakError",
    "GraphletError",
    "Node",
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
]

warn_unknown_variables(_os.environ)
config.on_change("logs", _logs.start)
config.on_change("debug", _debug.start)
