"""The block machine with compiled functions: arithmetic in generated loops, everything else as it was.

A kernel is a plan of the block machine. Its groups say which of their operations may run as one function; which of
those functions exist, and for which layouts, changes while it runs. It starts with none.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from graphlet.backends.block import block, plan_of
from graphlet.backends.block_groups import Draft, Part
from graphlet.backends.llvm_host import can_compile
from graphlet.backends.llvm_service import code_for, wishes
from graphlet.backends.llvm_spec import Spec
from graphlet.backends.llvm_stages import arrange
from graphlet.ir.graph import Graph, Node
from graphlet.runtime._block import BlockKernel
from graphlet.runtime._code import Code


def llvm(graph: Graph, example_inputs: Sequence[Any]) -> BlockKernel:
    """A kernel whose fused operations are compiled while it is in use; ``block`` where nothing can be compiled."""
    if not can_compile():
        return block(graph, example_inputs)
    codes: list[Code] = []

    def make_code(spec: Spec) -> Code:
        codes.append(code_for(spec))
        return codes[-1]

    def arranged(draft: Draft, outputs: Sequence[Node]) -> list[Part]:
        return arrange(draft, outputs, make_code)

    plan = plan_of(graph, arranged)
    return BlockKernel(plan, partial(wishes.collect, tuple(codes)) if codes else None)
