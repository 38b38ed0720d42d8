from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from graphlet._dispatch import Region as Region
from graphlet._dispatch import StubHandle as StubHandle
from graphlet._dispatch import policy as policy
from graphlet._dispatch import reset_totals as reset_totals
from graphlet._dispatch import set_policy as set_policy
from graphlet._dispatch import totals as totals
from graphlet._dispatch import tracing as tracing
from graphlet._dispatch import watch as watch
from graphlet._specialization import PyKernel as PyKernel
from graphlet._specialization import Specialization as Specialization

SUPPORTED: bool

def arm(new_callback: Callable[[FunctionType, CodeType], CodeType | None]) -> None: ...
def disarm() -> None: ...
def is_armed() -> bool: ...
def get_state(code: CodeType) -> Any: ...
def set_state(code: CodeType, state: Any) -> None: ...
def skip(code: CodeType) -> None: ...
