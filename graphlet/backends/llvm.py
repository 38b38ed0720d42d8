"""The block machine with compiled functions: arithmetic in generated loops, everything else as it was.

A kernel is a plan of the block machine. Its groups say which of their operations may run as one function; which of
those functions exist, and for which layouts, changes while it runs. It starts with none. For small arrays a kernel also
starts without such groups, which takes less time to make.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from graphlet.backends.block import block, plan_of
from graphlet.backends.block_groups import Draft, Part
from graphlet.backends.llvm_fast import contracted
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_service import PATIENCE, code_for, make_now, wishes
from graphlet.backends.llvm_spec import Spec
from graphlet.backends.llvm_stages import arrange
from graphlet.core.pristine import np
from graphlet.ir.graph import Graph, Node
from graphlet.runtime._block import BlockKernel
from graphlet.runtime._code import Code
from graphlet.runtime.plan import Plan

LARGE = 100_000  # operations times elements: one run takes as long as it takes to arrange what may be compiled

can_compile()  # looks for llvmlite here, and not in somebody's first call


class Kernel:
    """A kernel, and the tables of functions in its plan; they are compiled while it is in use."""

    def __init__(self, plan: Plan, codes: tuple[Code, ...]) -> None:
        self.plan = plan
        self.codes = codes
        self.kernel = BlockKernel(plan, _wish_for(codes))

    def with_plan(self, plan: Plan) -> "Kernel":
        """The same functions in another plan."""
        return Kernel(plan, self.codes)

    def compile_now(self) -> None:
        """Compiles what runs up to now would have liked, here and now."""
        make_now(self.codes)


def llvm(graph: Graph, example_inputs: Sequence[Any], is_fast: bool = False) -> BlockKernel:
    """A kernel whose fused operations are compiled while it is in use; ``block`` where nothing can be compiled.

    ``is_fast``: some results may be others than NumPy's, within bounds (see ``llvm_fast``).
    """
    if not can_compile():
        return block(graph, example_inputs)
    if wishes.at_once or _work_of(graph, example_inputs) >= LARGE:
        return prepare(graph, is_fast).kernel
    return BlockKernel(plan_of(graph), partial(wishes.ask, partial(_arrange, graph, is_fast)), PATIENCE)


def _work_of(graph: Graph, example_inputs: Sequence[Any]) -> float:
    """Operations times elements of a run; any number of them where there is no example."""
    sizes = [value.size for value in example_inputs if isinstance(value, np.ndarray)]
    return len(graph.nodes) * max(sizes, default=math.inf)


def _arrange(graph: Graph, is_fast: bool, kernel: BlockKernel, _: None) -> None:
    """Beside the program, when the kernel has run for some time."""
    plan, codes = _with_stages(graph, is_fast, patience=0)
    kernel.arrange(plan, _wish_for(codes))


def _wish_for(codes: tuple[Code, ...]) -> Callable[[BlockKernel], object] | None:
    return partial(wishes.collect, codes) if codes else None


def prepare(graph: Graph, is_fast: bool = False, vector_bytes: int = 0) -> Kernel:
    """A kernel with tables that are empty as yet; ``vector_bytes``: of a vector, 0: all there are."""
    return Kernel(*_with_stages(graph, is_fast, vector_bytes))


def _with_stages(
    graph: Graph, is_fast: bool, vector_bytes: int = 0, patience: int = PATIENCE
) -> tuple[Plan, tuple[Code, ...]]:
    codes: list[Code] = []

    def make_code(spec: Spec) -> Code:
        spec = contracted(spec) if is_fast else spec
        codes.append(code_for(replace(spec, vector_bytes=vector_bytes) if vector_bytes else spec, patience))
        return codes[-1]

    def arranged(draft: Draft, outputs: Sequence[Node]) -> list[Part]:
        return arrange(draft, outputs, make_code, is_fast)

    return plan_of(graph, arranged), tuple(codes)
