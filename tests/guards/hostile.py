"""Objects of classes that notice whatever is asked of them."""

from collections.abc import Callable
from typing import Any


class Hostile(type):
    """Whatever is asked of an instance of a class of this kind, or of the class, counts as a call."""

    calls: list[str] = []  # noqa: RUF012

    def __eq__(cls, other: object) -> bool:
        Hostile.calls.append("class __eq__")
        return True

    def __hash__(cls) -> int:
        Hostile.calls.append("class __hash__")
        return 0

    def __getattribute__(cls, name: str) -> Any:
        Hostile.calls.append(f"class {name}")
        return type.__getattribute__(cls, name)

    def __instancecheck__(cls, instance: object) -> bool:
        Hostile.calls.append("class __instancecheck__")
        return True


def _trap(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any) -> Any:
        Hostile.calls.append(name)
        raise RuntimeError(name)

    return method


TRAPPED = (
    "__eq__", "__ne__", "__lt__", "__gt__", "__le__", "__ge__", "__hash__", "__bool__", "__len__", "__getattribute__",
    "__getattr__", "__getitem__", "__iter__", "__contains__", "__index__", "__int__", "__float__", "__repr__",
    "__str__", "__array__", "__array_ufunc__", "__array_interface__",
    "__set_name__", "__get__", "__call__", "__format__",
)  # fmt: skip


def hostile_class() -> type:
    made = Hostile("HostileClass", (), {name: _trap(name) for name in TRAPPED})
    Hostile.calls.clear()
    return made


class Impostor:
    """A key that would be found by the look-up of a name, if its ``__eq__`` were asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked = 0

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        self.asked += 1
        return other == self.name
