"""Variances and standard deviations as NumPy computes them: a mean, differences, squares, their mean, its root.

Valid before and after. What NumPy's own function goes through memory for, one step after the other, can then be fused,
and shares its mean with others. The steps and their order are those of ``numpy._core._methods._var``, so are the bits
and the floating-point flags. Only for ``ddof=0``: with others there is a warning where too few elements are left.
"""

from typing import Any

from graphlet.arrayops import catalogue
from graphlet.arrayops.binding import bind
from graphlet.arrayops.reduction import FAMILIES
from graphlet.core.pristine import np
from graphlet.ir.alias import has_own_effect, written_argument
from graphlet.ir.graph import Graph
from graphlet.ir.node import CALL_FUNCTION, Node
from graphlet.ir.op import InferenceError, Op
from graphlet.ir.types import ArrayType
from graphlet.ir.verify import types_of

FLOATS = (np.dtype("f"), np.dtype("d"))


def run(graph: Graph) -> None:
    """Take apart what can be."""
    for node in tuple(graph.nodes):
        if node.op == CALL_FUNCTION and node.row is not None and node.row.name in ("var", "std"):
            steps = steps_of(node)
            if steps:
                put_in_place(graph, node, steps)


def steps_of(node: Node) -> list[Node]:
    """What the node does as other nodes, the last one has its value; nothing where it stays as it is."""
    found = arguments(node)
    if found is None:
        return []
    array, axis, keepdims = found
    assert node.row is not None
    try:
        return _steps(node, array, axis, keepdims)
    except InferenceError:
        return []


def arguments(node: Node) -> tuple[Node, Any, bool] | None:
    """Array, axis (None: all) and keepdims of a variance that can be taken apart."""
    assert node.row is not None
    if written_argument(node) is not None or has_own_effect(node):
        return None
    try:
        bound = bind(("a", *FAMILIES[node.row.name]), node.args, node.kwargs)
    except InferenceError:
        return None
    array, axis, keepdims = bound.pop("a"), bound.pop("axis", None), bound.pop("keepdims", False)
    ddof = bound.pop("ddof", 0)
    if any(value is not None for value in bound.values()) or type(keepdims) is not bool or type(ddof) is not int:
        return None
    if not isinstance(array, Node) or not isinstance(array.type, ArrayType) or ddof != 0:
        return None
    if array.type.dtype not in FLOATS or not array.type.dtype.isnative or array.type.ndim == 0:
        return None
    if axis is None or (array.type.ndim == 1 and axis in (0, -1)):
        return None if keepdims else (array, None, False)
    return None if array.type.order == "F" else (array, axis, keepdims)  # in that order nothing would be fused


def _steps(node: Node, array: Node, axis: Any, keepdims: bool) -> list[Node]:
    steps: list[Node] = []

    def step(row: Op | None, args: tuple[Any, ...], **kwargs: Any) -> Node:
        assert row is not None
        type_ = row.infer(types_of(args), types_of(kwargs))
        made = Node(node.name, CALL_FUNCTION, row.fn, args, kwargs, type_, node.loc, row, modes=node.modes)
        steps.append(made)
        return made

    mean = catalogue.method("mean")
    whole = {} if axis is None else {"axis": axis}
    middle = step(mean, (array,), **whole, **({} if axis is None else {"keepdims": True}))
    apart = step(catalogue.lookup(np.subtract), (array, middle))
    square = step(catalogue.lookup(np.square), (apart,))
    last = step(mean, (square,), **whole, **({"keepdims": True} if keepdims else {}))
    if node.row is not None and node.row.name == "std":
        if not lies_as_made(array, last):
            return []
        last = step(catalogue.lookup(np.sqrt), (last,))
    return steps if last.type == node.type else []


def lies_as_made(array: Node, reduced: Node) -> bool:
    """Whether a root in new memory lies as the variances do, where NumPy puts it: also in axes of one element."""
    assert isinstance(array.type, ArrayType)
    return array.type.order == "C" or not isinstance(reduced.type, ArrayType) or reduced.type.ndim == 1


def put_in_place(graph: Graph, node: Node, steps: list[Node]) -> None:
    """Let the steps stand where the node stood."""
    for made in steps:
        args, kwargs = made.args, made.kwargs
        made.args, made.kwargs = (), {}
        made.set_args(args, kwargs)
        graph.insert(made, before=node)
    node.replace_all_uses_with(steps[-1])
    graph.erase(node)
