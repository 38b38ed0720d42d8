"""The block machine with compiled functions: arithmetic in generated loops, everything else as it was.

A kernel is a plan of the block machine. Its groups say which of their operations may run as one function; which of
those functions exist, and for which layouts, changes while it runs. It starts with none.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from graphlet.backends.block import block, plan_of
from graphlet.backends.block_groups import Draft, Part
from graphlet.backends.llvm_fast import contracted
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_service import code_for, make_now, wishes
from graphlet.backends.llvm_spec import Spec
from graphlet.backends.llvm_stages import arrange
from graphlet.ir.graph import Graph, Node
from graphlet.runtime._block import BlockKernel
from graphlet.runtime._code import Code
from graphlet.runtime.plan import Plan

can_compile()  # looks for llvmlite here, and not in somebody's first call


class Kernel:
    """A kernel, and the tables of functions in its plan; they are compiled while it is in use."""

    def __init__(self, plan: Plan, codes: tuple[Code, ...]) -> None:
        self.plan = plan
        self.codes = codes
        self.kernel = BlockKernel(plan, partial(wishes.collect, codes) if codes else None)

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
    return prepare(graph, is_fast).kernel if can_compile() else block(graph, example_inputs)


def prepare(graph: Graph, is_fast: bool = False, vector_bytes: int = 0) -> Kernel:
    """The plan of a graph, with tables that are empty as yet; ``vector_bytes``: of a vector, 0: all there are."""
    codes: list[Code] = []

    def make_code(spec: Spec) -> Code:
        spec = contracted(spec) if is_fast else spec
        codes.append(code_for(replace(spec, vector_bytes=vector_bytes) if vector_bytes else spec))
        return codes[-1]

    def arranged(draft: Draft, outputs: Sequence[Node]) -> list[Part]:
        return arrange(draft, outputs, make_code, is_fast)

    return Kernel(plan_of(graph, arranged), tuple(codes))
