"""graphlet's own exceptions and warnings. The user's exceptions are never wrapped."""


class GraphletError(Exception):
    """Base of everything graphlet raises itself."""

    __module__ = "graphlet"


class GraphBreakError(GraphletError):
    """A whole graph was asked for and the function cannot be captured as one.

    ``code`` is the GL code of the reason, ``break_reason`` the sentence behind it.
    """

    __module__ = "graphlet"

    def __init__(self, message: str, code: str = "", break_reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.break_reason = break_reason


class BackendError(GraphletError):
    """A backend is unknown, or returned something that is not a backend's result."""

    __module__ = "graphlet"


class GraphError(GraphletError):
    """A graph breaks its own rules: a mistake of whoever built or changed it. The text lists what was found."""

    __module__ = "graphlet"


class MismatchError(GraphletError):
    """A compiled graph and NumPy differ, found by ``set_stance("check")``. ``repro``: a script that shows it."""

    __module__ = "graphlet"

    def __init__(self, message: str, repro: str = "") -> None:
        super().__init__(message)
        self.repro = repro


class ConfigError(GraphletError, ValueError):
    """A setting has a value it cannot have."""

    __module__ = "graphlet"


class PerformanceWarning(UserWarning):
    """Something will run at plain NumPy's speed from now on, for a reason the text gives."""

    __module__ = "graphlet"
