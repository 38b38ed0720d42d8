"""What a backend is: ``backend(graph, example_inputs)`` gives something that runs the graph."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, Union

from graphlet.ir.graph import Graph
from graphlet.runtime._kernel import Kernel

NativeKernel: TypeAlias = Kernel  # run without the interpreter; see runtime/_kernel.pxd
PythonKernel = Callable[..., Sequence[Any]]  # takes the graph's inputs, returns its outputs
Made = Union[PythonKernel, NativeKernel]


class Backend(Protocol):
    """Called once for each specialisation, with the graph after the passes and the inputs of the call at hand.

    The graph is pure: what is made writes to none of its inputs, and keeps none of the example inputs. Sizes and
    scalars may differ from call to call; dtypes, ranks, and which sizes are 1 do not. When NumPy would warn or raise,
    raise: nothing has happened then, and the original code runs.
    """

    def __call__(self, graph: Graph, example_inputs: Sequence[Any], /) -> Made: ...
