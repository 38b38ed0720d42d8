"""The ways to run: plainly, with declining stubs in every function, with an armed hook that changes nothing."""

import gc
from collections.abc import Callable, Iterable
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

    def start(self) -> None:
        """All is in place."""

    def prepare(self, loaded: bool) -> None:
        """Rewrite what is loaded, if that is wanted, and whatever will be imported from source."""
        set_policy(run=True, learn=False)
        original = SourceFileLoader.get_code

        def get_code(loader: Any, fullname: str) -> CodeType | None:
            code = original(loader, fullname)
            return code if code is None or left_alone(fullname) else self.code(code)

        SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
        done: dict[CodeType, CodeType] = {}
        for fn in list(_functions(gc.get_objects())) if loaded else ():
            if fn.__code__ not in done:
                done[fn.__code__] = self.code(fn.__code__)
            fn.__code__ = done[fn.__code__]

    def counts(self) -> dict[str, Any]:
        """What was done: code objects, stubs, calls of stubs, and failures of the rewriter."""
        calls = totals()["declines"]
        return {"code objects": self.functions, "stubs": self.stubs, "declined calls": calls, "errors": self.errors}


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
