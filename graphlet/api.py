"""What users call: optimize, enable, disable, explain, reset, counters, capture and the rest of the face."""

import functools
from collections.abc import Callable, Iterable
from types import FunctionType, MethodType
from typing import Any, ParamSpec, TypeVar, overload

from graphlet import _evalframe, discover, driver
from graphlet.backends import registry
from graphlet.cache import Options, all_caches
from graphlet.core.config import config
from graphlet.core.errors import GraphletError
from graphlet.core.totals import clear as clear_totals
from graphlet.core.totals import totals
from graphlet.handle import handle_of, optimized_copy
from graphlet.rewrite.install import forget

P = ParamSpec("P")
R = TypeVar("R")


@overload
def optimize(fn: Callable[P, R], /, **options: Any) -> Callable[P, R]: ...
@overload
def optimize(fn: None = None, /, **options: Any) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def optimize(
    fn: Any = None,
    /,
    *,
    backend: str | Callable[..., Any] | None = None,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    mode: str = "default",
    options: dict[str, Any] | None = None,
    disable: bool = False,
) -> Any:
    """A function that does what ``fn`` does, running what can be captured as graphs.

    A decorator, a decorator factory (``@optimize(backend="eager")``) or a plain call. Returns a real function with
    the same name, doc, signature and module, and a handle at ``.graphlet``; ``fn`` itself is not touched. Nothing is
    compiled before the first call. ``optimize(optimize(f))`` is ``optimize(f)``; staticmethods and classmethods stay
    what they are.

    backend    a name of ``list_backends()`` or ``backend(graph, example_inputs) -> callable``; None: the configured one
    fullgraph  True: raise GraphBreakError on the first call that is not exactly one graph
    dynamic    None or True: sizes are run-time inputs (the only way there is so far)
    mode       "default": results identical to NumPy
    disable    True: return ``fn`` unchanged

    Raises TypeError for what is no Python function, GraphletError for unknown modes, backends and options.
    """
    chosen = _options(backend, fullgraph, dynamic, mode, options)
    if fn is None:
        return functools.partial(_optimize, chosen, disable)
    return _optimize(chosen, disable, fn)


def _options(
    backend: str | Callable[..., Any] | None,
    fullgraph: bool,
    dynamic: bool | None,
    mode: str,
    options: dict[str, Any] | None,
) -> Options:
    if mode != "default":
        raise GraphletError(f"mode={mode!r} is not available; there is: 'default' (results identical to NumPy)")
    if dynamic is False:
        raise GraphletError("dynamic=False is not available: sizes are always run-time inputs")
    if options:
        raise GraphletError(f"no such option: {', '.join(map(repr, options))}; there are none so far")
    if isinstance(backend, str):
        registry.lookup(backend)
    elif backend is not None and not callable(backend):
        raise TypeError(f"backend takes a name or a callable, got {type(backend).__name__}")
    return Options(backend=backend, fullgraph=bool(fullgraph), dynamic=dynamic, mode=mode)


def _optimize(options: Options, disabled: bool, fn: Any) -> Any:
    if disabled or config.enabled == "0":
        return fn
    if isinstance(fn, (staticmethod, classmethod)):
        return type(fn)(_optimize(options, disabled, fn.__func__))
    if isinstance(fn, MethodType):
        return MethodType(_optimize(options, disabled, fn.__func__), fn.__self__)
    if not isinstance(fn, FunctionType):
        raise TypeError(
            f"optimize takes a Python function (def, lambda, method), got {type(fn).__name__}: {fn!r}. "
            "For a callable object, optimize its __call__ method in the class body."
        )
    if handle_of(fn) is not None:
        return fn
    return optimized_copy(fn, options)


class Session:
    """An armed frame hook; ``with enable(): ...`` disarms it at the end of the block."""

    def __init__(self, include: tuple[str, ...], exclude: tuple[str, ...], options: Options) -> None:
        self._active = discover.start(include, exclude, options) if config.enabled != "0" else False

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Disarm and give every discovered function its own code back. Further calls do nothing."""
        if self._active:
            self._active = False
            discover.stop()

    def __repr__(self) -> str:
        return f"<graphlet session, {'active' if self._active else 'closed'}>"


def enable(
    *,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    backend: str | Callable[..., Any] | None = None,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    mode: str = "default",
    options: dict[str, Any] | None = None,
) -> Session:
    """Arm the frame hook: functions over arrays are found as they are called, and optimised in place.

    ``include`` and ``exclude`` are module names or file patterns ("mypkg", "mypkg.*", "*/scripts/*.py"); the standard
    library, NumPy and installed packages are left alone unless included. Other keywords as for ``optimize``.
    Returns a session, also a context manager. Calling it again replaces the session in force.
    """
    return Session(tuple(include), tuple(exclude), _options(backend, fullgraph, dynamic, mode, options))


def disable(fn: Any = None) -> Any:
    """Without argument: disarm the hook and restore every function it found. With a function (or as a decorator):
    leave that function alone from now on, and return it (the original, for an optimised one)."""
    if fn is None:
        discover.stop()
        return None
    handle = handle_of(fn)
    original = handle.original if handle is not None else fn
    if isinstance(original, FunctionType):
        discover.leave_alone(original)
    return original


def reset(fn: Any = None) -> None:
    """Drop compiled code and counters, of one function or of all; functions stay optimised and learn anew."""
    if fn is None:
        for cache in list(all_caches):
            forget(cache)
        clear_totals()
        _evalframe.reset_totals()
        return
    handle = handle_of(fn)
    if handle is None:
        raise TypeError(f"reset takes an optimised function, got {fn!r}")
    handle.reset()


def counters() -> dict[str, Any]:
    """Totals since the start or the last ``reset()``.

    frames (functions given stubs), breaks, compiles, fallbacks, hits, misses, declines, and array operations run in
    graphs (``array_ops_native``) and, of those in captured code, outside them (``array_ops_python``).
    """
    return {**totals, **_evalframe.totals()}


def is_compiling() -> bool:
    """False when called by the interpreter; folded to True where a region is captured."""
    return False


def graph_break(reason: str = "") -> None:
    """Does nothing, except that no graph goes across it."""


def capture(fn: Callable[..., Any]) -> Callable[..., Any]:
    """``capture(fn)(*args)``: the whole call as one graph, without running it; GraphBreakError if it is not one."""
    return functools.partial(driver.whole_graph, fn)


driver.KNOWN_CALLS[is_compiling] = True
driver.BREAKING_CALLS.add(graph_break)
