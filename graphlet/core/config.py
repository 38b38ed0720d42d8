"""Settings: one table, set by attribute, by ``config.patch(...)`` or by environment variable."""

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlet.core.errors import ConfigError, GraphletError
from graphlet.core.lazy import lazy
from graphlet.core.modes import DEFAULT, MODES

if TYPE_CHECKING:
    import difflib
else:
    difflib = lazy("difflib")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: default, environment variable, and the values it may have (None: any of the default's type).

    ``least``: the smallest number it may be.
    """

    default: Any
    variable: str
    effect: str
    choices: tuple[Any, ...] | None = None
    least: int = 0


SETTINGS: dict[str, Setting] = {
    "enabled": Setting("1", "GRAPHLET", "0: decorators and enable() do nothing", ("0", "1", "check")),
    "logs": Setting("", "GRAPHLET_LOGS", "list of log topics; +topic more, -topic off; help prints the list"),
    "debug": Setting(0, "GRAPHLET_DEBUG", "1: step-by-step trace of capture and execution", (0, 1, 2)),
    "backend": Setting("llvm", "GRAPHLET_BACKEND", "default backend, below an explicit argument"),
    "mode": Setting(
        DEFAULT, "GRAPHLET_MODE", "default mode, below an explicit argument",
        tuple(MODES),
    ),
    "compile": Setting(
        "background", "GRAPHLET_COMPILE", "when the llvm backend compiles: beside the program, or at once, in it",
        ("background", "at once"),
    ),
    "cache_dir": Setting("", "GRAPHLET_CACHE_DIR", "folder for compiled code; empty: the user's; off: none is kept"),
    "num_threads": Setting(
        0, "GRAPHLET_NUM_THREADS", "threads that share large work; 0: OMP_NUM_THREADS, else the processors at hand"
    ),
    "share_from": Setting(40, "GRAPHLET_SHARE_FROM", "microseconds of work from which threads may share it; 0: all"),
    "recompile_limit": Setting(
        8, "GRAPHLET_RECOMPILE_LIMIT", "specialisations per region, then the original code", least=1
    ),
    "unroll_limit": Setting(
        16,
        "GRAPHLET_UNROLL_LIMIT",
        "turns of a loop over known items that are unrolled; twice as many of loops in loops",
    ),
    "cost_model": Setting(
        1, "GRAPHLET_COST_MODEL", "1: measure now and then, and leave to NumPy what it does faster; 0: do not", (0, 1)
    ),
    "verify": Setting(0, "GRAPHLET_VERIFY", "1: check every graph after each pass and every rewritten code", (0, 1)),
    "disabled_passes": Setting("", "GRAPHLET_DISABLED_PASSES", "list of graph passes to leave out"),
}


_ALSO_MEANT = {"GRAPHLET_STANCE": "GRAPHLET"}


class Config:
    """The settings in force. Reading one is a plain attribute read; writing checks type and choice."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        object.__setattr__(self, "_listeners", {})
        for name, setting in SETTINGS.items():
            object.__setattr__(self, name, _from_environment(name, setting, environ))

    def __setattr__(self, name: str, value: Any) -> None:
        self._set(name, _checked(name, value))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name in self._listeners:
            self._listeners[name](value)

    def on_change(self, name: str, listener: Callable[[Any], None]) -> None:
        """Call ``listener(value)`` whenever the setting is set, and now if it is not the default."""
        self._listeners[name] = listener
        if getattr(self, name) != SETTINGS[name].default:
            listener(getattr(self, name))

    def require(self, name: str, check: Callable[[Any], object]) -> Any:
        """A setting that ``check`` takes; one that it refuses (GraphletError) gets its default, with a warning."""
        setting, value = SETTINGS[name], getattr(self, name)
        try:
            check(value)
        except GraphletError as problem:
            self._set(name, setting.default)
            text = f"{name}={value!r} (attribute or {setting.variable}) is ignored: {problem}"
            warnings.warn(text, UserWarning, stacklevel=2)
        return getattr(self, name)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no setting {name!r}; there are: {', '.join(SETTINGS)}")

    def __repr__(self) -> str:
        return f"Config({', '.join(f'{name}={getattr(self, name)!r}' for name in SETTINGS)})"

    @contextlib.contextmanager
    def patch(self, **changes: Any) -> Iterator[None]:
        """Set some settings for the duration of a ``with`` block (for the whole process, not one thread)."""
        checked = {name: _checked(name, value) for name, value in changes.items()}
        before = {name: getattr(self, name) for name in checked}
        try:
            for name, value in checked.items():
                self._set(name, value)
            yield
        finally:
            for name, value in before.items():
                self._set(name, value)


def _checked(name: str, value: Any, label: str = "") -> Any:
    """The value, if the setting can have it; ConfigError otherwise. ``label``: what the user calls the setting."""
    setting = SETTINGS.get(name)
    label = label or name
    if setting is None:
        raise ConfigError(f"no setting {name!r}; there are: {', '.join(SETTINGS)}")
    if type(value) is not type(setting.default):
        raise ConfigError(f"{label} takes {type(setting.default).__name__}, got {type(value).__name__} ({value!r})")
    if setting.choices is not None and value not in setting.choices:
        raise ConfigError(f"{label} takes one of {', '.join(map(repr, setting.choices))}, got {value!r}")
    if isinstance(value, int) and value < setting.least:
        raise ConfigError(f"{label} takes {setting.least} or more, got {value}")
    return value


def _from_environment(name: str, setting: Setting, environ: Mapping[str, str]) -> Any:
    text = environ.get(setting.variable)
    if text is None or text == "":
        return setting.default
    try:
        return _checked(name, _whole(text) if isinstance(setting.default, int) else text, setting.variable)
    except ValueError as error:
        warnings.warn(f"{setting.variable}={text!r} is ignored: {error}", UserWarning, stacklevel=2)
        return setting.default


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ConfigError("it takes a whole number") from None


def warn_unknown_variables(environ: Mapping[str, str]) -> None:
    """One warning for each GRAPHLET_* variable that is no setting, with the nearest name."""
    known = [setting.variable for setting in SETTINGS.values()]
    for variable in environ:
        if variable.startswith("GRAPHLET_") and variable not in known:
            meant = {f"GRAPHLET_{name.upper()}": setting.variable for name, setting in SETTINGS.items()} | _ALSO_MEANT
            near = difflib.get_close_matches(variable, [*known, *meant], n=1)
            hint = f"; did you mean {meant.get(near[0], near[0])}?" if near else f"; known: {', '.join(known)}"
            warnings.warn(f"{variable} is not a setting of graphlet{hint}", UserWarning, stacklevel=2)


config = Config(os.environ)
