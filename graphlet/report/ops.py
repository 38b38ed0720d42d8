"""What is followed, counted from the tables themselves: instructions, NumPy's functions, methods, Python's builtins."""

import builtins
import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from graphlet.capture.arrays_attributes import ARRAY_ATTRIBUTES
from graphlet.capture.arrays_calls import is_array_function, is_array_method
from graphlet.capture.callees.table import CALLEES
from graphlet.capture.handlers.refused import REASONS
from graphlet.capture.handlers.table import HANDLERS
from graphlet.core.pristine import np
from graphlet.opcodes.canon import CANON


@dataclass(frozen=True, slots=True)
class Share:
    """Of one kind of thing: which are followed, and which are left to the interpreter."""

    what: str
    followed: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def percent(self) -> float:
        """How much of it is followed."""
        total = len(self.followed) + len(self.left)
        return 100 * len(self.followed) / total if total else 100.0

    def __str__(self) -> str:
        total = len(self.followed) + len(self.left)
        return f"{self.what:<24}{len(self.followed):>4} of {total:>4}{self.percent:>5.0f} %"


_FUNCTOOLS = ("cmp_to_key", "lru_cache", "partial", "reduce")


def shares() -> tuple[Share, ...]:
    """All that can be counted."""
    return (
        split("instructions", CANON, lambda name: name in HANDLERS and name not in REASONS),
        split("functions of numpy", public(np, np.__all__), lambda name: is_known(getattr(np, name))),
        split("numpy.linalg", public(np.linalg, np.linalg.__all__), lambda name: is_known(getattr(np.linalg, name))),
        split("numpy.fft", public(np.fft, np.fft.__all__), lambda name: is_known(getattr(np.fft, name))),
        split("methods of arrays", public(np.ndarray, dir(np.ndarray)), is_array_method),
        split("attributes of arrays", fields(np.ndarray), lambda name: name in ARRAY_ATTRIBUTES),
        split("builtins", public(builtins, dir(builtins)), lambda name: is_known(getattr(builtins, name))),
        split("math", public(math, dir(math)), lambda name: is_known(getattr(math, name))),
        split("operator", public(operator, operator.__all__), lambda name: is_known(getattr(operator, name))),
        split("itertools", public(itertools, dir(itertools)), lambda name: is_known(getattr(itertools, name))),
        split("functools, in C", _FUNCTOOLS, lambda name: is_known(getattr(functools, name))),
        *map(methods, (list, dict, set, tuple)),
    )


def methods(kind: type) -> Share:
    """Of the methods with a name of their own; those behind operators are reached through the operators."""
    return split(f"methods of {kind.__name__}", public(kind, dir(kind)), lambda name: is_known(vars(kind)[name]))


def split(what: str, names: Iterable[str], is_followed: Callable[[str], bool]) -> Share:
    """Names sorted into those that are followed and the others."""
    known = sorted(names)
    followed = tuple(name for name in known if is_followed(name))
    return Share(what, followed, tuple(name for name in known if name not in followed))


def is_known(fn: Any) -> bool:
    """Whether a call of this object has a rule, or is followed as NumPy has written it."""
    return id(fn) in CALLEES or is_array_function(fn) or fn is np.poly1d


def public(owner: Any, names: Iterable[str]) -> list[str]:
    """What can be called, and is no exception and no private thing."""
    found = [(name, getattr(owner, name)) for name in names if not name.startswith("_")]
    return [name for name, value in found if callable(value) and not is_exception(value)]


def is_exception(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


def fields(kind: type) -> list[str]:
    """Data attributes."""
    return [name for name in dir(kind) if not name.startswith("_") and not callable(getattr(kind, name))]


def text(verbose: bool = False) -> str:
    """One line for each kind; with ``verbose`` what is left out, too."""
    lines: list[str] = []
    for share in shares():
        lines.append(str(share))
        if verbose and share.left:
            lines.append(f"    left to Python: {', '.join(share.left)}")
    return "\n".join(lines)
