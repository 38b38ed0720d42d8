"""Which step may put its result straight into memory that existed before: what of that is known beforehand.

The law stands in ``runtime/native_placed.c``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from graphlet.ir.graph import OUTPUT, PLACEHOLDER, Node
from graphlet.ir.write import Write
from graphlet.runtime.plan import Build, Call, Fused, LoopOp, Placed, Step


def with_placed(
    steps: list[Step], outputs: Sequence[Any], writes: Sequence[Write], slot: Mapping[Node, int]
) -> tuple[list[Step], Placed | None]:
    """The steps in an order in which the one that makes what is written comes last, and what it may do then."""
    write = writes[0] if len(writes) == 1 else None
    root = None if write is None else root_of(outputs[write.target])
    if write is None or root is None:
        return steps, None
    target, value = outputs[write.target], outputs[write.value]
    at = _maker(steps, slot.get(value)) if isinstance(value, Node) else None
    if at is None or sum(output is value for output in outputs) > 1:
        return steps, None
    maker, behind = steps[at], steps[at + 1 :]
    assert isinstance(maker, Fused)
    if not all(may_come_before(step, maker) for step in behind):
        return steps, None
    always = maker.quiet or (write.is_result and len(maker.ops) == 1 and isinstance(maker.ops[0], LoopOp))
    return [*steps[:at], *behind, maker], Placed(slot[value], slot[target], slot[root], always)


def root_of(target: Any) -> Node | None:
    """The input a target is, or is a view of, if nothing else of that is in use."""
    node, user = target, None
    while isinstance(node, Node):
        if any(other is not user and other.op != OUTPUT for other in node.users):
            return None
        if node.op == PLACEHOLDER:
            return node
        if node.row is None or node.row.kind != "view" or any(node is other for other in node.args[1:]):
            return None
        node, user = node.args[0], node
    return None


def _maker(steps: Sequence[Step], slot: int | None) -> int | None:
    """The group that makes a value, if it is one that always ends well and only computes element by element."""
    for at, step in enumerate(steps):
        if slot in step.writes:
            return at if isinstance(step, Fused) and step.walk == "plain" and step.shareable else None
    return None


def may_come_before(step: Step, maker: Step) -> bool:
    """Whether a step may as well run before the maker: nothing but values goes from one to the other."""
    if isinstance(step, Call) and (step.out is None or step.errstate or step.warns):
        return False
    return isinstance(step, (Build, Call, Fused)) and not set(step.reads) & set(maker.writes)
