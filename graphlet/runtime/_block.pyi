from collections.abc import Callable
from typing import Any

import numpy as np

from graphlet.runtime._kernel import Kernel
from graphlet.runtime.plan import Plan

class BlockKernel(Kernel):
    plan: Plan
    status: int
    n_nodewise: int
    n_compiled: int
    n_interpreted: int
    def __init__(self, plan: Plan, on_wish: Callable[[], object] | None = None) -> None: ...
    def __call__(self, *inputs: Any) -> tuple[Any, ...] | None: ...

def work() -> tuple[int, int]: ...
def loop_facts(capsule: Any) -> tuple[bool, bool]: ...
def scalar_bytes(value: Any, dtype: np.dtype[Any]) -> bytes | None: ...
def with_warnings_raised(fn: Callable[..., Any], *args: Any) -> Any: ...
