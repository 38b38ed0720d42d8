"""Graphs as text for people: a listing close to Python, and a table of nodes as FX prints it."""

from collections.abc import Iterator, Sequence
from typing import Any

from graphlet.ir import walk
from graphlet.ir.alias import AFTER
from graphlet.ir.node import CALL_FUNCTION, CONSTANT, OUTPUT, PLACEHOLDER, Block, Node
from graphlet.ir.spelling import Speller
from graphlet.ir.types import ArrayType, Type

HEADINGS = ("opcode", "name", "target", "args", "kwargs", "type", "line")


def listing(block: Block, name: str = "graph") -> str:
    """One line a node: name, type, the call, the source line."""
    return "\n".join(_listing(block, name, ""))


def _listing(block: Block, name: str, indent: str) -> Iterator[str]:
    speller = Speller()
    heads = ", ".join(f"{node.name}: {type_text(node.type)}" for node in walk.inputs(block))
    yield f"{indent}{name}({heads}):"
    inner = indent + "    "
    for node in block.nodes:
        if node.op == PLACEHOLDER:
            continue
        for number, sub in enumerate(node.graphs):
            yield from _listing(sub, f"{node.name}.{number}", inner)
        text = expression(node, speller)
        if node.op == OUTPUT:
            yield f"{inner}return {text}"
        else:
            yield f"{inner}{node.name}: {type_text(node.type)} = {text}{line_comment(node)}"


def expression(node: Node, speller: Speller) -> str:
    """What computes a node, in Python's own notation where there is one."""
    if node.op == CONSTANT:
        return summary(node.target) if isinstance(node.type, ArrayType) else speller.value(node.target)
    if node.op == OUTPUT:
        return speller.value(node.args)
    if node.row is AFTER:
        return f"{node.args[0]} after {node.args[1]}"
    args = tuple(f"{node.name}.{number}" for number in range(len(node.graphs)))
    if args:
        words = [*args, *map(speller.value, node.args)]
        return f"{speller.function(node.target)}({', '.join(words)})"
    call = speller.call(node.target, node.args, node.kwargs)
    return call + "".join(f" [{kind}: {mode}]" for kind, mode in node.modes)


def line_comment(node: Node) -> str:
    """The source line as a comment, or nothing."""
    return f"  # {line_text(node)}" if node.loc is not None else ""


def line_text(node: Node) -> str:
    """File name without folder, and line."""
    if node.loc is None:
        return ""
    return f"{node.loc.filename.replace(chr(92), '/').rpartition('/')[2]}:{node.loc.lineno}"


def type_text(type_: Type | None) -> str:
    """A type in brief: float64[n, 3], float, tuple."""
    return "?" if type_ is None else str(type_)


def summary(value: Any) -> str:
    """A constant in brief, whatever its size."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"<{value.dtype} array of shape {value.shape}>"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def table(block: Block) -> str:
    """The nodes in columns, as ``print_tabular`` of FX, with type and source line; sub-graphs stand indented."""
    speller = Speller()
    rows = [HEADINGS, *(_row(node, depth, speller) for node, depth in walk.everything(block))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(_joined(row, widths) for row in rows)


def _joined(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(node: Node, depth: int, speller: Speller) -> tuple[str, ...]:
    return (
        "  " * depth + node.op,
        node.name,
        _target(node, speller),
        speller.value(node.args),
        speller.value(node.kwargs),
        "" if node.op == OUTPUT else type_text(node.type),
        line_text(node),
    )


def _target(node: Node, speller: Speller) -> str:
    if node.op == CALL_FUNCTION and node.row is AFTER:
        return "after"
    if node.op == CONSTANT:
        return summary(node.target)
    if node.op in (PLACEHOLDER, OUTPUT):
        return str(node.target)
    return speller.function(node.target)


def dot(block: Block, name: str = "graph") -> str:
    """The graph in the language of Graphviz; sub-graphs are clusters."""
    lines = [f'digraph "{_quoted(name)}" {{', "  node [shape=box, fontname=monospace];"]
    lines += _dot_lines(block, "", "  ")
    return "\n".join([*lines, "}"])


def _dot_lines(block: Block, prefix: str, indent: str) -> Iterator[str]:
    speller = Speller()
    for node in block.nodes:
        label = _quoted(f"{node.name}\n{_target(node, speller)}\n{'' if node.op == OUTPUT else type_text(node.type)}")
        yield f'{indent}"{prefix}{node.name}" [label="{label}"];'
        for source in node.inputs:
            yield f'{indent}"{prefix}{source.name}" -> "{prefix}{node.name}";'
        for number, sub in enumerate(node.graphs):
            inner = f"{prefix}{node.name}.{number}/"
            yield f'{indent}subgraph "cluster_{inner}" {{ label="{node.name}.{number}";'
            yield from _dot_lines(sub, inner, indent + "  ")
            yield f"{indent}}}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
