"""How an object of plain constants came to be, call by call, so that another one can be made in the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """``fn(*args)``; arguments that are steps are taken first, anew each time. ``n_steps`` counts all of them."""

    fn: Callable[..., Any]
    args: tuple[Any, ...]
    n_steps: int

    def replay(self) -> Any:
        """The object that these calls make."""
        return self.fn(*(arg.replay() if isinstance(arg, Step) else arg for arg in self.args))


def step(fn: Callable[..., Any], *args: Any) -> Step:
    """One more call."""
    return Step(fn, args, 1 + sum(arg.n_steps for arg in args if isinstance(arg, Step)))
