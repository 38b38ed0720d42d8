"""What a backend takes and returns."""

import inspect

from graphlet.backends import protocol
from graphlet.backends.debug import debug
from graphlet.backends.eager import eager
from graphlet.runtime._kernel import Kernel


def test_built_in_backends_take_graph_and_examples() -> None:
    wanted = list(inspect.signature(protocol.Backend.__call__).parameters)[1:]
    for backend in (eager, debug):
        assert list(inspect.signature(backend).parameters) == wanted


def test_a_native_kernel_is_the_runtime_s() -> None:
    assert protocol.NativeKernel is Kernel
