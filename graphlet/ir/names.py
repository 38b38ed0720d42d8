"""Names of nodes: Python identifiers, numbered as FX does (add, add_1), never a name that generated code needs."""

import builtins
import functools
import keyword
import re
from collections.abc import Iterable

RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "np", "operator", "math"})


@functools.lru_cache(1024)
def clean(text: str) -> str:
    """The last part of a dotted name as an identifier without leading underscores."""
    name = re.sub(r"\W", "_", text.rpartition(".")[2], flags=re.ASCII).strip("_")
    if not name or name[0].isdigit():
        return "v" + name
    return name


class Names:
    """The names in use in one graph."""

    def __init__(self, used: Iterable[str] = ()) -> None:
        self._used = set(used)
        self._next: dict[str, int] = {}

    def fresh(self, text: str) -> str:
        """A name like ``text`` that nobody has yet; it is in use from now on."""
        base = name = clean(text)
        number = self._next.get(base, 1)
        while name in self._used or name in RESERVED:
            name = f"{base}_{number}"
            number += 1
        self._next[base] = number
        self._used.add(name)
        return name

    def release(self, names: Iterable[str]) -> None:
        """Names that are free again."""
        self._used.difference_update(names)
        self._next.clear()
