"""What a mode makes of a backend. Those that generate no code are the same in all modes."""

from collections.abc import Sequence
from typing import Any

from graphlet.backends.llvm import llvm
from graphlet.backends.llvm_tune import tuned
from graphlet.backends.protocol import Backend
from graphlet.core.modes import FAST, MAX_AUTOTUNE
from graphlet.ir.graph import Graph
from graphlet.runtime._block import BlockKernel


def fast(graph: Graph, example_inputs: Sequence[Any]) -> BlockKernel:
    """The llvm backend within the bounds of ``llvm_fast``."""
    return llvm(graph, example_inputs, is_fast=True)


_LLVM: dict[str, Backend] = {MAX_AUTOTUNE: tuned, FAST: fast}


def in_mode(backend: Backend, mode: str) -> Backend:
    """The backend as a mode wants it."""
    return _LLVM.get(mode, backend) if backend is llvm else backend
