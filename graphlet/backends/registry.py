"""The backends by name: those of this package, those registered, and those that installed packages offer."""

import threading
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Union, overload

from graphlet.backends.block import block
from graphlet.backends.debug import debug
from graphlet.backends.eager import eager
from graphlet.backends.llvm import llvm
from graphlet.backends.protocol import Backend
from graphlet.core.errors import BackendError
from graphlet.core.forks import freed_by_fork

GROUP = "graphlet.backends"

_backends: dict[str, Backend] = {"block": block, "llvm": llvm, "eager": eager, "debug": debug}
OWN = frozenset(_backends)
_offered: dict[str, EntryPoint] | None = None  # read when an unknown name is asked for
_lock = freed_by_fork(threading.Lock())


@overload
def register_backend(name: str | None = None) -> Callable[[Backend], Backend]: ...
@overload
def register_backend(name: Backend) -> Backend: ...
def register_backend(name: Union[str, Backend, None] = None) -> Any:
    """Make a backend known by name: ``@register_backend``, ``@register_backend("name")`` or a plain call.

    Without a name it is the function's own. A name may be registered again: the latest counts, for later compiles.
    """
    if name is None or isinstance(name, str):
        return _decorator(name)
    return _decorator(None)(name)


def _decorator(name: str | None) -> Callable[[Backend], Backend]:
    def register(backend: Backend) -> Backend:
        chosen = name if name is not None else getattr(backend, "__name__", None)
        if not callable(backend):
            raise BackendError(f"a backend is backend(graph, example_inputs), got {type(backend).__name__}")
        if not isinstance(chosen, str) or not chosen:
            raise BackendError(f"{backend!r} has no name of its own: register_backend('name')")
        with _lock:
            _backends[chosen] = backend
        return backend

    return register


def lookup(backend: Union[str, Backend]) -> Backend:
    """The backend of this name, or the backend itself if it is one. Raises BackendError if there is none."""
    if not isinstance(backend, str):
        if callable(backend):
            return backend
        raise BackendError(f"a backend is a name or backend(graph, example_inputs), got {type(backend).__name__}")
    if backend in _backends:
        return _backends[backend]
    offered = _entry_points().get(backend)
    if offered is None:
        raise BackendError(f"no backend {backend!r}; there are: {', '.join(list_backends())}")
    return _load(offered)


def _load(offered: EntryPoint) -> Backend:
    try:
        loaded = offered.load()
    except Exception as error:
        raise BackendError(f"backend {offered.name!r} ({offered.value}) cannot be imported: {error}") from error
    if not callable(loaded):
        raise BackendError(f"backend {offered.name!r} ({offered.value}) is a {type(loaded).__name__}, not a function")
    with _lock:
        backend: Backend = _backends.setdefault(offered.name, loaded)
    return backend


def _entry_points() -> dict[str, EntryPoint]:
    global _offered
    if _offered is None:
        _offered = {point.name: point for point in entry_points(group=GROUP)}
    return _offered


def list_backends() -> list[str]:
    """The names that ``lookup`` knows, sorted."""
    return sorted({*_backends, *_entry_points()})


def names() -> list[str]:
    """The names registered so far; does not look at installed packages."""
    return sorted(_backends)
