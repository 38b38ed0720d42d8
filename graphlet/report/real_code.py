"""Which share of the instructions of real code there are rules for: of files, folders and modules."""

import importlib.machinery
import importlib.util
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType

from graphlet.capture.handlers.refused import REASONS
from graphlet.capture.handlers.table import HANDLERS
from graphlet.opcodes.decode import decode
from graphlet.report.words import count as amount


@dataclass(slots=True)
class RealCode:
    """What was counted: functions and instructions, as they are written, not as often as they run.

    An instruction is followed if the symbolic interpreter has a rule for it. What it works on may still end a graph:
    a call of something unknown, for example. A function is whole if all its instructions are followed.
    """

    functions: int = 0
    whole: int = 0
    instructions: int = 0
    left: Counter[str] = field(default_factory=Counter)  # by name of the instruction

    def add(self, code: CodeType) -> None:
        """Count the instructions of one function."""
        found = [instr.op for instr in decode(code).instrs]
        left = [name for name in found if name not in HANDLERS or name in REASONS]
        self.functions += 1
        self.whole += not left
        self.instructions += len(found)
        self.left.update(left)

    @property
    def followed(self) -> float:
        """The share of instructions there is a rule for; 1 of none."""
        return 1 - self.left.total() / self.instructions if self.instructions else 1.0

    def __str__(self) -> str:
        whole = 100 * self.whole / self.functions if self.functions else 100.0
        return (
            f"{amount(self.functions, 'function')}, {amount(self.instructions, 'instruction')}, "
            f"{100 * self.followed:.2f} % followed; {whole:.1f} % of the functions wholly"
        )

    def reasons(self) -> list[str]:
        """What is left to Python, most frequent first."""
        return [f"{count:>8} {name:<28}{reason(name)}" for name, count in self.left.most_common()]


def reason(name: str) -> str:
    """Why an instruction ends a graph."""
    code, text = REASONS.get(name, ("GL103", "no rule"))
    return f"{code} {text}"


def count(place: str) -> RealCode:
    """Count the functions of a file, of a folder, or of a module or package that can be imported (it is not run).

    Module and class bodies are no functions: they run once. ValueError if there is no such place.
    """
    total = RealCode()
    for path in sources(place):
        for code in functions(path):
            total.add(code)
    return total


def sources(place: str) -> list[Path]:
    """The Python files of a place; ValueError says that there is none."""
    path = Path(place)
    if not path.exists():
        spec = _spec(place)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            raise ValueError(f"{place!r} is no file, no folder and no module written in Python")
        path = Path(spec.origin)
        path = path.parent if path.name == "__init__.py" else path
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _spec(name: str) -> importlib.machinery.ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None


def functions(path: Path) -> Iterator[CodeType]:
    """The functions of a file, at whatever depth; none if it is not Python of this version."""
    return (code for code in codes(path) if code.co_flags & CO_OPTIMIZED)


def codes(path: Path) -> Iterator[CodeType]:
    """The code object of a file and all below it; none if it is not Python of this version."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return
    yield from nested(module)


def nested(code: CodeType) -> Iterator[CodeType]:
    """A code object and all below it."""
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from nested(const)
