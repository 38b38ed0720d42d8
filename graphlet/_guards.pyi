from collections.abc import Sequence
from typing import Any

class GuardProgram:
    n_live_ins: int
    n_registers: int
    descriptions: tuple[str, ...]

    def __new__(
        cls,
        instructions: Sequence[tuple[str, int, int, int, Any]],
        n_live_ins: int,
        n_registers: int,
        descriptions: Sequence[str],
    ) -> GuardProgram: ...
    def failing(self, live_ins: tuple[Any, ...], globals_: dict[str, Any]) -> int: ...
    def loaded(self, live_ins: tuple[Any, ...], globals_: dict[str, Any]) -> list[Any] | None: ...

def own_entry(obj: Any, name: str, missing: Any) -> Any: ...
