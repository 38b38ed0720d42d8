"""A graph as runnable Python: text, and the function it defines."""

import itertools
import linecache
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from graphlet.core.pristine import np
from graphlet.ir import walk
from graphlet.ir.alias import AFTER, written_argument
from graphlet.ir.node import CONSTANT, OUTPUT, PLACEHOLDER, Block, Node
from graphlet.ir.printer import line_comment, summary
from graphlet.ir.spelling import Speller

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Source:
    """``text`` defines ``forward``; ``namespace`` holds what it cannot import."""

    text: str
    namespace: dict[str, Any]


def source(block: Block, private: bool = False) -> Source:
    """The graph as a function ``forward(*inputs) -> tuple`` that runs its nodes in order and drops values early.

    ``private``: functions are taken from the namespace, not looked up in modules when the text runs.
    """
    speller = Speller(private)
    body = list(_function("forward", block, speller, ""))
    prologue = [*_imports(speller), *_given(speller)]
    text = "\n".join([*prologue, *([""] * 2 if prologue else []), *body]) + "\n"
    return Source(text, speller.namespace)


def _imports(speller: Speller) -> Iterator[str]:
    for name, module in sorted(speller.roots.items()):
        yield f"import {module.__name__}" + ("" if module.__name__ == name else f" as {name}")
    for name, (origin, attribute) in sorted(speller.imported.items()):
        yield f"from {origin} import {attribute} as {name}"


def _given(speller: Speller) -> Iterator[str]:
    for name, value in speller.bound.items():
        if name not in speller.imported:
            yield f"# {name} is given: {summary(value)}"


def _function(name: str, block: Block, speller: Speller, indent: str) -> Iterator[str]:
    parameters = ", ".join(node.name for node in walk.inputs(block))
    yield f"{indent}def {name}({parameters}):"
    inner = indent + "    "
    ends = walk.last_uses(block)
    for node in block.nodes:
        if node.op == PLACEHOLDER:
            continue
        if node.op == OUTPUT:
            yield f"{inner}return {speller.value(node.args)}"
            return
        for number, sub in enumerate(node.graphs):
            yield from _function(sub_name(node, number), sub, speller, inner)
        done = [n.name for n in ends[node] if n.op != PLACEHOLDER]
        drop = f"; del {', '.join(done)}" if done else ""
        yield f"{inner}{statement(node, speller)}{drop}{line_comment(node)}"


def sub_name(node: Node, number: int) -> str:
    """The function of a node's sub-graph; begins with an underscore, so that no node has this name."""
    return f"_{node.name}_{number}"


def statement(node: Node, speller: Speller) -> str:
    """The assignment of one node. A write's value is the array it was given, whatever the function returns."""
    return around(node, speller) + assignment(node, speller)


def around(node: Node, speller: Speller) -> str:
    """What ``np.errstate`` says around a call, or nothing."""
    if not node.modes:
        return ""
    return f"with {speller.call(np.errstate, (), dict(node.modes))}: "


def assignment(node: Node, speller: Speller) -> str:
    """``name = call`` for one node."""
    if node.op == CONSTANT:
        return f"{node.name} = {speller.value(node.target)}"
    if node.row is AFTER:
        return f"{node.name} = {speller.value(node.args[0])}"
    if node.graphs:
        words = [sub_name(node, number) for number in range(len(node.graphs))]
        words += [speller.value(arg) for arg in node.args]
        words += [f"{key}={speller.value(arg)}" for key, arg in node.kwargs.items()]
        return f"{node.name} = {speller.function(node.target)}({', '.join(words)})"
    call = speller.call(node.target, node.args, node.kwargs)
    written = written_argument(node)
    return f"{node.name} = {call}" if written is None else f"{call}; {node.name} = {written.name}"


def compiled(block: Block, label: str = "graph") -> Callable[..., tuple[Any, ...]]:
    """The function of ``source``. Tracebacks and debuggers can show its text for as long as it lives."""
    made = source(block, private=True)
    filename = f"<graphlet {label} {next(_numbers)}>"
    namespace = dict(made.namespace)
    exec(compile(made.text, filename, "exec"), namespace)  # our own text
    function: Callable[..., tuple[Any, ...]] = namespace["forward"]
    linecache.cache[filename] = (len(made.text), None, made.text.splitlines(keepends=True), filename)
    weakref.finalize(function, linecache.cache.pop, filename, None)
    return function
