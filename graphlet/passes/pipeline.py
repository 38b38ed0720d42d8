"""The passes over a graph, in order. Each can be left out by name."""

from collections.abc import Callable, Collection, Iterator

from graphlet.core.config import config
from graphlet.core.errors import ConfigError
from graphlet.ir.graph import Graph
from graphlet.ir.verify import verify as check
from graphlet.passes import common_subexpressions, constant_folding, copies, dead_code, recompute, variance

PASSES: dict[str, Callable[[Graph], None]] = {
    "constant_folding": constant_folding.run,
    "variance": variance.run,
    "common_subexpressions": common_subexpressions.run,
    "copies": copies.run,
    "dead_code": dead_code.run,
    "recompute": recompute.run,
}


def run(graph: Graph, disabled: Collection[str] = (), verify: bool = False) -> Graph:
    """A better graph with the same meaning, the same inputs and outputs; the given one stays as it is.

    ``verify`` checks the graph at the start and after each pass, and names the pass that broke it (GraphError).
    """
    check_names(disabled)
    result = graph.copy()
    if verify:
        check(result, "capture")
    for name, change in PASSES.items():
        if name in disabled:
            continue
        for part in parts(result):
            change(part)
        if verify:
            check(result, name)
    return result


def run_as_set(graph: Graph) -> Graph:
    """``run`` as the settings say."""
    names = names_in(config.require("disabled_passes", lambda text: check_names(names_in(text))))
    return run(graph, names, bool(config.verify))


def check_names(names: Collection[str]) -> None:
    """Raise ConfigError if there is no pass of some name."""
    unknown = sorted(set(names) - PASSES.keys())
    if unknown:
        raise ConfigError(f"no pass {', '.join(unknown)}; there are: {', '.join(PASSES)}")


def names_in(text: str) -> tuple[str, ...]:
    """The names in a list with commas."""
    return tuple(filter(None, map(str.strip, text.split(","))))


def parts(graph: Graph) -> Iterator[Graph]:
    """The graph and its sub-graphs, innermost first."""
    for node in graph.nodes:
        for sub in node.graphs:
            if isinstance(sub, Graph):
                yield from parts(sub)
    yield graph
