"""The ways to run: plainly, with declining stubs in every function, with an armed hook that changes nothing."""

import gc
import sys
from collections.abc import Callable, Iterable
from importlib import _bootstrap_external  # type: ignore[attr-defined]
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType
from typing import Any

from graphlet._evalframe import Region, StubHandle, arm, set_policy, totals
from graphlet.rewrite.testmode import instrument

WAYS = ("plain", "stubs", "hook")
# The tools themselves, and what shows its own frames away by file name.
LEFT_ALONE = ("graphlet", "numpy", "tests.", "bytecode", "importlib._bootstrap", "__main__", "zipimport")


class Stubs:
    """Puts stubs that always decline into functions, loaded and imported; counts them and their calls."""

    def __init__(self, density: float, seed: int) -> None:
        self.density = density
        self.seed = seed
        self.functions = 0
        self.stubs = 0
        self.errors: list[str] = []

    def region(self, name: str) -> StubHandle:
        """What a stub calls: a region that has nothing to run and may not learn, and counts that."""
        region = Region(name)
        region.on_miss = _never
        self.stubs += 1
        return StubHandle(region, 2)

    def code(self, code: CodeType) -> CodeType:
        """The code with stubs; the code itself, and a note, when the rewriter fails."""
        try:
            new = instrument(code, self.region, self.density, self.seed)
        except Exception as error:
            self.errors.append(f"{code.co_filename}:{code.co_firstlineno} {code.co_qualname}: {error!r}")
            return code
        self.functions += 1
        return new

    def imported(self, module: str, code: CodeType | None) -> CodeType | None:
        """The code of a module that is being imported."""
        return code if code is None or left_alone(module) else self.code(code)

    def start(self) -> None:
        """All is in place."""

    def prepare(self, loaded: bool) -> None:
        """Rewrite what is loaded, if that is wanted, and whatever will be imported from source."""
        set_policy(run=True, learn=False)
        SourceFileLoader.get_code = _unseen(SourceFileLoader.get_code, self.imported)  # type: ignore[method-assign]
        done: dict[CodeType, CodeType] = {}
        for fn in list(_functions(gc.get_objects())) if loaded else ():
            if fn.__code__ not in done:
                done[fn.__code__] = self.code(fn.__code__)
            fn.__code__ = done[fn.__code__]

    def counts(self) -> dict[str, Any]:
        """What was done: code objects, stubs, calls of stubs, and failures of the rewriter."""
        calls = totals()["declines"]
        return {"code objects": self.functions, "stubs": self.stubs, "declined calls": calls, "errors": self.errors}


def _unseen(
    get_code: Callable[[Any, str], CodeType | None], change: Callable[[str, CodeType | None], CodeType | None]
) -> FunctionType:
    """``get_code`` with a change to what it returns, in a frame that debuggers take for one of the import system."""
    gettrace, settrace = sys.gettrace, sys.settrace

    def changed(loader: Any, fullname: str) -> CodeType | None:
        code = get_code(loader, fullname)
        trace = gettrace()
        settrace(None)
        try:
            return change(fullname, code)
        finally:
            settrace(trace)

    return FunctionType(changed.__code__, vars(_bootstrap_external), "get_code", None, changed.__closure__)


def _never(*_: object) -> bool:
    raise AssertionError("learning is switched off")


class Hook:
    """The frame hook with a callback that lets every frame run as it is; counts the code objects it was shown."""

    def __init__(self) -> None:
        self.shown = 0

    def __call__(self, function: FunctionType, code: CodeType) -> None:
        self.shown += 1

    def prepare(self, loaded: bool) -> None:
        """Nothing to do ahead."""

    def start(self) -> None:
        """Arm it."""
        arm(self)

    def counts(self) -> dict[str, Any]:
        """How many code objects it was shown."""
        return {"code objects": self.shown, "errors": []}


class Plain:
    """Nothing."""

    def prepare(self, loaded: bool) -> None:
        """Nothing to do ahead."""

    def start(self) -> None:
        """Leave all as it is."""

    def counts(self) -> dict[str, Any]:
        """Nothing to count."""
        return {"errors": []}


Way = Plain | Stubs | Hook


def way(name: str, density: float, seed: int) -> Way:
    """A way by its name."""
    makers: dict[str, Callable[[], Way]] = {
        "plain": Plain,
        "stubs": lambda: Stubs(density, seed),
        "hook": Hook,
    }
    return makers[name]()


def left_alone(module: str) -> bool:
    """Whether functions of this module keep their code."""
    return module.startswith(LEFT_ALONE)


def _functions(objects: Iterable[Any]) -> Iterable[FunctionType]:
    for item in objects:
        if isinstance(item, FunctionType) and isinstance(item.__module__, str) and not left_alone(item.__module__):
            yield item
