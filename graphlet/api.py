"""What users call: optimize, enable, disable, explain, reset, counters, capture and the rest of the face."""

import contextlib
import functools
from collections.abc import Callable, Iterable
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

from graphlet import _evalframe
from graphlet.cache import Options, all_caches
from graphlet.core.config import config
from graphlet.core.errors import GraphletError
from graphlet.core.lazy import lazy
from graphlet.core.marks import BREAKING_CALLS, KNOWN_CALLS
from graphlet.core.modes import MODES, OF_GENERATED_CODE
from graphlet.core.totals import clear as clear_totals
from graphlet.core.totals import totals

if TYPE_CHECKING:
    from graphlet import discover, driver, handle
    from graphlet.backends import registry
    from graphlet.core import refusals
    from graphlet.ir.graph import Graph
    from graphlet.rewrite import install
else:
    discover = lazy("graphlet.discover")
    driver = lazy("graphlet.driver")
    handle = lazy("graphlet.handle")
    refusals = lazy("graphlet.core.refusals")
    registry = lazy("graphlet.backends.registry")
    install = lazy("graphlet.rewrite.install")

P = ParamSpec("P")
Q = ParamSpec("Q")
S = TypeVar("S")
R = TypeVar("R")
F = TypeVar("F")
R_co = TypeVar("R_co", covariant=True)


class Optimized(Protocol[P, R_co]):
    """The type of a function made by ``optimize``: a real function, with a handle at ``.graphlet``."""

    __name__: str
    __qualname__: str

    @property
    def graphlet(self) -> "handle.Handle": ...

    @property
    def __wrapped__(self) -> Callable[P, R_co]: ...

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...

    # By way of the class it may be a plain, class or static method: a type checker cannot tell, so any arguments pass.
    @overload
    def __get__(self, instance: None, owner: Any = None) -> "Optimized[..., R_co]": ...
    @overload
    def __get__(self: "Optimized[Concatenate[S, Q], R]", instance: S, owner: Any = None) -> Callable[Q, R]: ...
    @overload
    def __get__(self, instance: object, owner: Any = None) -> Callable[..., R_co]: ...


class Optimizer(Protocol):
    """The type of ``optimize(backend=...)``: a decorator."""

    def __call__(self, fn: Callable[P, R], /) -> Optimized[P, R]: ...


@overload
def optimize(
    fn: Callable[P, R],
    /,
    *,
    backend: str | Callable[..., Any] | None = None,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    mode: str | None = None,
    options: dict[str, Any] | None = None,
    disable: bool = False,
) -> Optimized[P, R]: ...
@overload
def optimize(
    fn: None = None,
    /,
    *,
    backend: str | Callable[..., Any] | None = None,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    mode: str | None = None,
    options: dict[str, Any] | None = None,
    disable: bool = False,
) -> Optimizer: ...
def optimize(
    fn: Any = None,
    /,
    *,
    backend: str | Callable[..., Any] | None = None,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    mode: str | None = None,
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
    mode       None: the configured one. "default": results identical to NumPy, and what NumPy does faster is left to
               it. "reduce-overhead": as that, but nothing is measured: each call that fits goes straight to its graph.
               "max-autotune": block lengths, vector widths and threads are searched once for each kernel, which is told
               on stderr, and remembered. "fast": fused multiply-add, faster sin, cos and powers; the only mode whose
               results may differ, within the bounds of docs/native.md
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
    mode: str | None,
    options: dict[str, Any] | None,
) -> Options:
    mode = config.mode if mode is None else mode
    if not isinstance(mode, str) or mode not in MODES:
        known = "; ".join(f"{name!r} ({text})" for name, text in MODES.items())
        raise GraphletError(f"mode={mode!r} is not available; there are: {known}")
    if mode in OF_GENERATED_CODE and backend not in (None, "llvm"):
        raise GraphletError(f"mode={mode!r} is about generated code: it goes with backend='llvm', not {backend!r}")
    if dynamic not in (None, True):
        raise GraphletError(f"dynamic={dynamic!r} is not available: sizes are always run-time inputs")
    if not isinstance(fullgraph, (bool, int)):
        raise TypeError(f"fullgraph takes True or False, got {fullgraph!r}")
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
        raise TypeError(refusals.no_function("optimize", fn))
    found = handle.handle_of(fn)
    if found is None:
        return handle.optimized_copy(fn, options)
    if options not in (found.cache.options, Options(mode=config.mode)):
        raise GraphletError(
            f"{fn.__qualname__} is optimised already, with other options: {found.cache.options}; "
            "optimize what is at its .graphlet.original"
        )
    return fn


class Session:
    """An armed frame hook; ``with enable(): ...`` disarms it at the end of the block.

    Functions the session found keep their stubs until it is closed; then they have their own code back.
    """

    def __init__(self, include: tuple[str, ...], exclude: tuple[str, ...], options: Options) -> None:
        self._finder = discover.start(include, exclude, options) if config.enabled != "0" else None

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def functions(self) -> tuple[FunctionType, ...]:
        """The functions found so far that are alive, in no order."""
        return tuple(self._finder.found) if self._finder is not None else ()

    def close(self) -> None:
        """Give every function found its own code back; the session in force before is in force again.

        Further calls do nothing.
        """
        if self._finder is not None:
            finder, self._finder = self._finder, None
            discover.stop(finder)

    def __repr__(self) -> str:
        state = f"{len(self.functions)} functions found" if self._finder is not None else "closed"
        return f"<graphlet session, {state}>"


def enable(
    *,
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    backend: str | Callable[..., Any] | None = None,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    mode: str | None = None,
    options: dict[str, Any] | None = None,
) -> Session:
    """Arm the frame hook: functions over arrays are found as they are called, and optimised in place.

    A function is looked at when it is called for the first time, and that call already runs the new code: a ``main``
    that loops for hours is found too. ``include`` and ``exclude`` are module names or file patterns ("mypkg",
    "mypkg.*", "*/scripts/*.py"). Unless included, the standard library, NumPy, installed packages and
    graphlet are left alone. Other keywords as for ``optimize``. What falls back is logged (topic ``fallback``); only
    what fails, graphlet itself or a backend, is told in a warning, too.

    Returns a session, also a context manager. Sessions nest: the innermost decides about functions called for the first
    time. ``disable()`` ends them all. When no new code comes for a while the hook rests, and ordinary calls cost what
    they cost without it (3.12 and later; see ``discover``).
    """
    chosen = _options(backend, fullgraph, dynamic, mode, options)
    return Session(_patterns("include", include), _patterns("exclude", exclude), chosen)


def _patterns(name: str, given: str | Iterable[str]) -> tuple[str, ...]:
    patterns = (given,) if isinstance(given, str) or not isinstance(given, Iterable) else tuple(given)
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise TypeError(f"{name} takes names of modules or file patterns, got {type(pattern).__name__}")
    return patterns


@overload
def disable(fn: None = None) -> None: ...
@overload
def disable(fn: F) -> F: ...
def disable(fn: Any = None) -> Any:
    """Without argument: disarm the hook and restore every function it found, in all sessions.

    With a function (or as a decorator): that function is left alone from now on, by the hook and by graphs of those who
    call it: what was compiled before is compiled again. Returns the function, and the original for one made by
    ``optimize``; methods, staticmethods and classmethods stay what they are. Raises TypeError for anything else.
    """
    if fn is None:
        discover.stop_all()
        return None
    inner = _inner(fn)
    if not isinstance(inner, FunctionType):
        raise TypeError(refusals.no_function("disable", fn))
    found = handle.handle_of(inner)
    original = found.original if found is not None else inner
    discover.leave_alone(original)
    _forget_all()
    if found is None or fn is inner:
        return original
    return MethodType(original, fn.__self__) if isinstance(fn, MethodType) else type(fn)(original)


def reset(fn: Any = None) -> None:
    """Drop compiled code and counters, of one function or of all; functions stay optimised and learn anew."""
    if fn is None:
        _forget_all()
        clear_totals()
        _evalframe.reset_totals()
        return
    found = handle.handle_of(_inner(fn))
    if found is None:
        raise TypeError(f"reset takes an optimised function, got {fn!r}")
    found.reset()


def _inner(fn: Any) -> Any:
    """The function of a method."""
    return fn.__func__ if isinstance(fn, (staticmethod, classmethod, MethodType)) else fn


def _forget_all() -> None:
    for cache in all_caches:
        install.forget(cache)


class _Stance(contextlib.AbstractContextManager["_Stance"]):
    """In force already; at the end of a ``with`` block the one before is in force again."""

    def __init__(self, before: str) -> None:
        self._before = before

    def __exit__(self, *_: object) -> None:
        _take(self._before)


# stance -> (whether regions run, whether they learn, setting `enabled`)
STANCES = {
    "default": (True, True, "1"),
    "force_eager": (False, False, "1"),
    "eager_on_recompile": (True, False, "1"),
    "check": (True, True, "check"),
}
_stance = "check" if config.enabled == "check" else "default"


def set_stance(stance: str) -> _Stance:
    """How optimised code behaves from now on, on all threads; in a ``with`` statement for the length of the block.

    default             run what is compiled, learn what is not
    force_eager         run everything as plain Python
    eager_on_recompile  run what is compiled, learn nothing
    check               as default, and NumPy runs every graph beside its compiled form: MismatchError at the first
                        difference, with a script that shows it again. Compiled code is dropped on the way in and out.

    Raises GraphletError for an unknown stance.
    """
    if not isinstance(stance, str) or stance not in STANCES:
        raise GraphletError(f"no stance {stance!r}; there are: {', '.join(STANCES)}")
    before = _stance
    _take(stance)
    return _Stance(before)


def _take(stance: str) -> None:
    global _stance
    run, learn, enabled = STANCES[stance]
    checked = "check" in (stance, _stance) and stance != _stance
    _stance = stance
    _evalframe.set_policy(run=run, learn=learn)
    if config.enabled != "0":
        config.enabled = enabled
    if checked:
        reset()


def counters() -> dict[str, Any]:
    """Totals since the start or the last ``reset()``.

    frames (functions given stubs), breaks, compiles, graphs, fallbacks, failures (of graphlet itself), hits, misses,
    declines (``declines_by_reason``: reason -> how many), and array operations run in graphs (``array_ops_native``)
    and, of those in captured code, outside them (``array_ops_python``).
    """
    return {**totals, **_evalframe.totals()}


def is_compiling() -> bool:
    """False when called by the interpreter; folded to True where a region is captured."""
    return False


def graph_break(reason: str = "") -> None:
    """Does nothing, except that no graph goes across it."""


def capture(fn: Callable[..., Any]) -> "Callable[..., Graph]":
    """``capture(fn)(*args)``: the whole call as one graph, without running it; GraphBreakError if it is not one.

    What the function writes into its arguments is not part of the graph: what is written is among the outputs. Raises
    TypeError for what is no Python function or method.
    """
    if isinstance(fn, MethodType):
        return functools.partial(capture(fn.__func__), fn.__self__)
    if not isinstance(fn, FunctionType):
        raise TypeError(refusals.no_function("capture", fn))
    return functools.partial(driver.whole_graph, fn)


KNOWN_CALLS[is_compiling] = True
BREAKING_CALLS.add(graph_break)
