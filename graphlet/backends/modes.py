"""What a mode makes of a backend. Those that generate no code are the same in all modes."""

from collections.abc import Sequence
from typing import Any

from graphlet.backends import registry
from graphlet.backends.llvm import llvm
from graphlet.backends.llvm_tune import tuned
from graphlet.backends.protocol import Backend
from graphlet.core.config import config
from graphlet.core.modes import DEFAULT, FAST, MAX_AUTOTUNE
from graphlet.ir.graph import Graph
from graphlet.runtime._block import BlockKernel


def fast(graph: Graph, example_inputs: Sequence[Any]) -> BlockKernel:
    """The llvm backend within the bounds of ``llvm_fast``."""
    return llvm(graph, example_inputs, is_fast=True)


_LLVM: dict[str, Backend] = {MAX_AUTOTUNE: tuned, FAST: fast}


def in_mode(backend: Backend, mode: str) -> Backend:
    """The backend as a mode wants it; what is compared with NumPy is not to differ."""
    if config.enabled == "check" and mode == FAST:
        mode = DEFAULT
    return _LLVM.get(mode, backend) if backend is llvm else backend


def chosen(backend: Backend | str | None, mode: str) -> tuple[Backend, str]:
    """The backend that is asked for, None: the configured one, as a mode wants it; and its name."""
    if backend is None:
        backend = config.require("backend", registry.lookup)
    return in_mode(registry.lookup(backend), mode), name_of(backend)


def name_of(backend: Backend | str | None) -> str:
    """What texts call it."""
    named = config.backend if backend is None else backend
    return named if isinstance(named, str) else getattr(named, "__name__", type(named).__name__)
