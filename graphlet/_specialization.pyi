from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphlet._guards import GuardProgram
from graphlet.runtime._kernel import Kernel

class PyKernel(Kernel):
    call: Callable[..., Any]
    def __init__(self, call: Callable[..., Any], n_inputs: int, n_outputs: int) -> None: ...

class Specialization:
    name: str
    guards: GuardProgram
    kernel: Kernel
    input_registers: tuple[int, ...]
    exit: int
    array_ops: int
    draws: bool
    for_exits: int
    hits: int
    declines: int
    misses: int
    last_failed_guard: int
    def __init__(
        self,
        name: str,
        guards: GuardProgram,
        input_registers: Iterable[int],
        kernel: Kernel,
        exit: int,
        temps: Iterable[tuple[Any, ...]],
        liveouts: Iterable[tuple[Any, ...]],
        commits: Iterable[tuple[Any, ...]],
        array_ops: int = 0,
        inlined: Iterable[int] = (),
        stores: Iterable[Any] = (),
        draws: bool = False,
        for_exits: int = 0,
        drops: Sequence[int] = (),
        n_left: int = 0,
    ) -> None: ...
    def swap_kernel(self, kernel: Kernel) -> None: ...
