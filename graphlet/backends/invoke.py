"""Calling a backend and distrusting what it returns: whatever it does, a kernel comes out that keeps NumPy's bits."""

from collections.abc import Callable, Sequence
from typing import Any

from graphlet._evalframe import PyKernel
from graphlet.backends.eager import eager
from graphlet.backends.raising import raise_for_flags
from graphlet.backends.shadow import Shadowed
from graphlet.core.outside import handled
from graphlet.core.pristine import np
from graphlet.core.totals import totals
from graphlet.ir.alias import draws
from graphlet.ir.graph import Graph
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Type
from graphlet.runtime._kernel import Kernel

Backend = Callable[[Graph, Sequence[Any]], Any]
Tell = Callable[[str], None]  # a failure of the backend, once for each graph
EAGER = "eager"


def make_checked_kernel(
    backend: Backend, name: str, graph: Graph, example_inputs: Sequence[Any], tell: Tell, identity: str
) -> tuple[Kernel, str]:
    """Like make_kernel(), and NumPy runs the graph beside it (see ``shadow``)."""
    kernel, made_by = make_kernel(backend, name, graph, example_inputs, tell)
    call: Any = kernel.call if isinstance(kernel, PyKernel) else kernel
    return PyKernel(Shadowed(call, made_by, graph, identity), kernel.n_inputs, kernel.n_outputs), made_by


def make_kernel(
    backend: Backend, name: str, graph: Graph, example_inputs: Sequence[Any], tell: Tell
) -> tuple[Kernel, str]:
    """A kernel for the graph, and the name of the backend that made it.

    A backend that raises or returns something that cannot be called is replaced by ``eager``, which is told. One of
    graphlet's own that raises counts as a failure, too.
    """
    try:
        made = backend(graph, example_inputs)
    except Exception as error:
        if handled(error) is not None:
            raise
        totals["failures"] += getattr(backend, "__module__", "").startswith("graphlet.")
        tell(_instead(name, f"raised {type(error).__name__}: {error}"))
        return make_kernel(eager, EAGER, graph, example_inputs, tell)
    if isinstance(made, Kernel):
        return made, name
    if not callable(made):
        tell(_instead(name, f"returned {type(made).__name__}, expected a callable that takes the graph's inputs"))
        return make_kernel(eager, EAGER, graph, example_inputs, tell)
    checked = _Checked(made, name, graph, tell)
    return PyKernel(checked, len(graph.inputs), len(graph.outputs)), name


def runs_eager(kernel: Kernel) -> bool:
    """Whether NumPy runs a graph node by node, from the start or since its backend failed."""
    call: Any = kernel.call if isinstance(kernel, PyKernel) else None
    return isinstance(call, _Checked) and call.name == EAGER


def _instead(name: str, what: str) -> str:
    return f"backend {name!r} {what}; this graph runs with {EAGER!r} instead"


class _Checked:
    """Calls a backend's callable so that it raises where NumPy would warn, and checks what it returns.

    Raising makes the region decline, where NumPy would warn or raise, too. Anything else that is raised, and a result
    of the wrong kind, is the backend's mistake: told once, then eager.
    """

    __slots__ = ("call", "expected", "graph", "name", "tell")

    def __init__(self, call: Callable[..., Any], name: str, graph: Graph, tell: Tell) -> None:
        self.call = call
        self.name = name
        self.graph = graph
        self.tell = tell
        self.expected = tuple(_type_of(output) for output in graph.outputs)

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        try:
            results = raise_for_flags(self.call, *inputs)
            problem = self.problem_with(results)
        except FloatingPointError:
            raise
        except Exception as error:
            if self.name == EAGER or draws(self.graph) or handled(error) is not None:  # numbers are drawn once only
                raise
            problem = f"raised {type(error).__name__}: {error}"
        if problem is None:
            return tuple(results)
        expected = tuple(raise_for_flags(self.graph.forward, *inputs))
        self.tell(_instead(self.name, problem))
        self.call, self.expected, self.name = self.graph.forward, (), EAGER
        return expected

    def problem_with(self, results: Any) -> str | None:
        """What is wrong with a result, or None."""
        if not self.expected:
            return None
        if not isinstance(results, (tuple, list)) or len(results) != len(self.expected):
            return f"returned {_shortly(results)}, expected a tuple of {len(self.expected)}"
        for position, (result, expected) in enumerate(zip(results, self.expected, strict=True)):
            if not matches(result, expected):
                return f"returned {_shortly(result)} as output {position}, expected {expected}"
        return None


def _type_of(output: Any) -> Type | None:
    return getattr(output, "type", None)


def _shortly(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, (tuple, list)):
        return f"{type(value).__name__} of {len(value)}"
    return type(value).__name__


def matches(value: Any, expected: Type | None) -> bool:
    """Whether an object is of an inferred type: exact class, dtype and rank."""
    if isinstance(expected, ArrayType):
        return type(value) is np.ndarray and value.dtype == expected.dtype and value.ndim == expected.ndim
    if isinstance(expected, ScalarType):
        return type(value) is expected.pytype
    if isinstance(expected, ObjectType):
        return type(value) is expected.pytype
    return True
