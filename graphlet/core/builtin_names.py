"""Whether the builtins graphlet's own Python code uses are still Python's.

A program may replace ``len`` or ``isinstance`` for everybody. graphlet would then run the program's code in the middle
of looking at it, so it learns nothing meanwhile.
"""

import builtins
from types import BuiltinFunctionType

# Replaced or added by shells, test tools and import hooks; graphlet works on nobody's values with them.
_COMMONLY_REPLACED = frozenset({"__build_class__", "__import__", "breakpoint", "input", "open", "print"})

_OWN = tuple(
    (name, value)
    for name, value in vars(builtins).items()
    if isinstance(value, (type, BuiltinFunctionType)) and name not in _COMMONLY_REPLACED
)
_NOW = vars(builtins)


def replaced() -> str:
    """The first builtin that is no longer Python's, "" if all are. Uses none of them itself."""
    for name, value in _OWN:
        if name not in _NOW or _NOW[name] is not value:
            return name
    return ""
