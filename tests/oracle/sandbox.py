"""A function in a world of its own: same code, but its globals, cells and defaults are copies."""

import types
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from tests.oracle.copying import deep_copy


def all_names(code: CodeType) -> Iterator[str]:
    """The global and attribute names that a code object and the code nested in it mention."""
    yield from code.co_names
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from all_names(const)


def _is_data(value: Any) -> bool:
    return not isinstance(value, types.ModuleType) and not callable(value)


def _reached_functions(fn: FunctionType) -> dict[str, FunctionType]:
    """The functions of the same module that ``fn`` may call by a global name, itself included if it does."""
    home, found = fn.__globals__, {}
    todo = [fn]
    while todo:
        for name in set(all_names(todo.pop().__code__)):
            value = home.get(name)
            if isinstance(value, FunctionType) and value.__globals__ is home and name not in found:
                found[name] = value
                todo.append(value)
    return found


class World:
    """A private copy of what a function reaches by name: ``fn`` runs in it, ``data()`` shows what it left behind."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        original = _plain_function(fn)
        functions = _reached_functions(original)
        names = {name for f in (original, *functions.values()) for name in all_names(f.__code__)}
        home = original.__globals__
        self._names = sorted(name for name in names if name in home and _is_data(home[name]))
        self._stored = sorted(names)
        carried = {name: home[name] for name in self._names}
        cells = {name: _cell_contents(f) for name, f in (*functions.items(), ("", original))}
        defaults = {name: (f.__defaults__, f.__kwdefaults__) for name, f in (*functions.items(), ("", original))}
        carried, cells, defaults = deep_copy((carried, cells, defaults))
        self.globals: dict[str, Any] = {**home, **carried}
        self.fn: FunctionType = _rebuild(original, self.globals, cells[""], defaults[""])
        self._cells = self.fn.__closure__ or ()
        for name, f in functions.items():
            again = f is original
            self.globals[name] = self.fn if again else _rebuild(f, self.globals, cells[name], defaults[name])

    def decorate(self, decorator: Callable[..., Any]) -> Callable[..., Any]:
        """What the decorator makes of the function; it also replaces the function under its global names."""
        new = decorator(self.fn)
        for name, value in self.globals.items():
            if value is self.fn:
                self.globals[name] = new
        return new

    def data(self) -> dict[str, Any]:
        """The data globals the function can name and the contents of its cells, as they are now."""
        home = self.globals
        held = {name: home[name] for name in self._stored if name in home and _is_data(home[name])}
        for name, cell in zip(self.fn.__code__.co_freevars, self._cells, strict=True):
            held[f"cell {name}"] = _content(cell)
        return held


def _plain_function(fn: Callable[..., Any]) -> FunctionType:
    if not isinstance(fn, FunctionType):
        raise TypeError(f"expected a Python function, got {type(fn).__name__}")
    return fn


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return "empty cell"


def _cell_contents(fn: FunctionType) -> tuple[Any, ...]:
    return tuple(_content(cell) for cell in fn.__closure__ or ())


def _rebuild(fn: FunctionType, home: dict[str, Any], cells: tuple[Any, ...], defaults: Any) -> FunctionType:
    """The same function over other globals; a cell that holds the function itself holds the new one."""
    closure = tuple(types.CellType(c) for c in cells)
    new = FunctionType(fn.__code__, home, fn.__name__, defaults[0], closure)
    new.__kwdefaults__ = defaults[1]
    new.__qualname__, new.__doc__, new.__dict__ = fn.__qualname__, fn.__doc__, dict(fn.__dict__)
    for cell in closure:
        if cell.cell_contents is fn:
            cell.cell_contents = new
    return new
