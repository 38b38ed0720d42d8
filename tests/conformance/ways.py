"""The ways to run: plainly; declining stubs in every function; an armed hook that changes nothing; switched on."""

import ctypes
import gc
import mmap
import platform
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from importlib import _bootstrap_external
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import Any

import graphlet
from graphlet import discover, driver
from graphlet._evalframe import Region, StubHandle, arm, set_policy, totals
from graphlet._sight import is_near
from graphlet.guards.hold import CannotHold
from graphlet.opcodes.flow import CO_OPTIMIZED
from graphlet.rewrite.testmode import instrument

WAYS = ("plain", "stubs", "hook", "thunk", "enable", "learn")
# The tools themselves, and what shows its own frames away by file name.
LEFT_ALONE = ("graphlet", "numpy", "tests.", "bytecode", "importlib._bootstrap", "__main__", "zipimport")


class Stubs:
    """Puts stubs that always decline into functions, loaded and imported; counts functions, stubs and their calls."""

    def __init__(self, density: float, seed: int) -> None:
        self.density = density
        self.seed = seed
        self.functions = 0
        self.stubs = 0
        self.errors: list[str] = []
        self.before = self._done()

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
        self.functions += _n_functions(new)
        return new

    def imported(self, module: str, code: CodeType | None) -> CodeType | None:
        """The code of a module that is being imported."""
        return code if code is None or left_alone(module) else self.code(code)

    def start(self) -> None:
        """All is in place; what was done up to here, the modules that run in forks of this process share."""
        self.before = self._done()

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
        """What was done since the start: functions, stubs, calls of stubs; and failures of the rewriter."""
        done = {name: number - self.before[name] for name, number in self._done().items()}
        return {**done, "before": self.before, "errors": self.errors}

    def _done(self) -> dict[str, int]:
        return {"code objects": self.functions, "stubs": self.stubs, "declined calls": totals()["declines"]}


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


def _n_functions(code: CodeType) -> int:
    """The functions in a code object, itself one or the code of a module."""
    nested = sum(_n_functions(const) for const in code.co_consts if isinstance(const, CodeType))
    return nested + bool(code.co_flags & CO_OPTIMIZED)


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


class Enabled:
    """graphlet switched on for every module; every function is considered, not only those whose code looks likely.

    ``everywhere``: every function that is called gets stubs and learns, though no arrays are anywhere in sight.
    ``include``: for these modules or files only, whatever else is usually left alone.
    """

    COUNTED = ("frames", "graphs", "hits", "misses", "declines", "failures", "array_ops_native", "array_ops_python")

    def __init__(self, everywhere: bool, include: tuple[str, ...] = ()) -> None:
        self.everywhere = everywhere
        self.include = include
        self.errors: list[str] = []

    def prepare(self, loaded: bool) -> None:
        """Look at the modules that are loaded: a process does that once, the modules that run in its forks share it."""
        for module in list(sys.modules.values()):
            if isinstance(module, ModuleType):
                is_near(vars(module))

    def start(self) -> None:
        """Arm it. The session ends with the process."""
        discover.is_candidate = lambda *_: True
        if self.everywhere:
            discover.arrays_in_sight = lambda *_: True  # type: ignore[assignment]
        driver.note_failure = self.noted(driver.note_failure)
        discover._note_failure = self.noted(discover._note_failure)
        left_alone = () if self.include else tuple(pattern.rstrip(".") for pattern in LEFT_ALONE)
        graphlet.enable(include=self.include or "*", exclude=left_alone)
        graphlet.reset()

    def counts(self) -> dict[str, Any]:
        """The totals that are numbers."""
        totals = graphlet.counters()
        return {**{name: totals[name] for name in self.COUNTED}, "errors": self.errors}

    def noted(self, note_failure: Callable[..., None]) -> Callable[..., None]:
        """What notes failures, which are listed here with the place inside graphlet."""

        def noting(subject: Any, *more: Any) -> None:
            error = sys.exception()
            if error is not None and not isinstance(error, CannotHold):
                place = traceback.extract_tb(error.__traceback__)[-1]
                code = next(item for item in (subject, *more) if isinstance(item, CodeType))
                where = f"{Path(place.filename).name}:{place.lineno} {place.name}"
                self.errors.append(f"{code.co_filename}:{code.co_firstlineno} {code.co_name}: {error!r} at {where}")
            note_failure(subject, *more)

        return noting


class Thunk:
    """The least a frame hook can be: a jump to CPython's own evaluation of frames. What it changes, any hook does."""

    JUMPS: Mapping[str, tuple[bytes, bytes]] = MappingProxyType(
        {
            "x86_64": (b"\x48\xb8", b"\xff\xe0"),  # mov rax, address; jmp rax
            "aarch64": (b"\x50\x00\x00\x58\x00\x02\x1f\xd6", b""),  # ldr x16, address behind; br x16
        }
    )

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        address = ctypes.cast(ctypes.pythonapi._PyEval_EvalFrameDefault, ctypes.c_void_p).value or 0
        before, behind = self.JUMPS[platform.machine()]
        self.memory.write(before + address.to_bytes(8, "little") + behind)

    def prepare(self, loaded: bool) -> None:
        """Nothing to do ahead."""

    def start(self) -> None:
        """Set it."""
        interpreter = ctypes.pythonapi.PyInterpreterState_Get
        interpreter.restype = ctypes.c_void_p
        jump = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        ctypes.pythonapi._PyInterpreterState_SetEvalFrameFunc(ctypes.c_void_p(interpreter()), ctypes.c_void_p(jump))

    def counts(self) -> dict[str, Any]:
        """Nothing to count."""
        return {"errors": []}


class Plain:
    """Nothing."""

    def prepare(self, loaded: bool) -> None:
        """Nothing to do ahead."""

    def start(self) -> None:
        """Leave all as it is."""

    def counts(self) -> dict[str, Any]:
        """Nothing to count."""
        return {"errors": []}


Way = Plain | Stubs | Hook | Thunk | Enabled


def way(name: str, density: float, seed: int) -> Way:
    """A way by its name."""
    makers: dict[str, Callable[[], Way]] = {
        "plain": Plain,
        "stubs": lambda: Stubs(density, seed),
        "hook": Hook,
        "thunk": Thunk,
        "enable": lambda: Enabled(everywhere=False),
        "learn": lambda: Enabled(everywhere=True),
    }
    return makers[name]()


def left_alone(module: str) -> bool:
    """Whether functions of this module keep their code."""
    return module.startswith(LEFT_ALONE)


def _functions(objects: Iterable[Any]) -> Iterable[FunctionType]:
    for item in objects:
        if isinstance(item, FunctionType) and isinstance(item.__module__, str) and not left_alone(item.__module__):
            yield item
