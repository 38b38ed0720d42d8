"""Writes random NumPy functions; each statement is tried on real arguments as it is written, so most programs run."""

import contextlib
import re
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

from tests.fuzz import templates
from tests.fuzz.arguments import arr
from tests.fuzz.levels import FULL, Level
from tests.fuzz.limits import TooLong, memory_limit, quiet, time_limit
from tests.fuzz.signature import Signature, other_signature, random_signature

MAX_ELEMENTS = 20_000
MAX_DEPTH = 2
TRIES = 12
SECONDS = 1.0  # a statement that takes longer while the program grows is not taken
MEMORY = 256 << 20  # more than this a call of the program may not take

_STANDS_FOR = "  # in place of: "  # a return in a loop, while the loop is tried outside of a function
_HOLE = re.compile(r"\{(\w+)\}")
_PRELUDE = '''"""Random program, seed {seed}."""

{imports}import numpy as np

from tests.fuzz.arguments import arr

SCALE = {scale}
TABLE = np.arange(4.0)


TOTAL = 0.0


{classes}class Box:
    factor = 2

    def __init__(self):
        self.value = np.ones(3)
        self.count = 0

    def scaled(self, q):
        return q * self.factor + self.count

    @property
    def doubled(self):
        return self.value * 2

    def grow(self, q):
        self.value = self.value + q
        self.count += 1


BOX = Box()
'''
_FAILING = ("{N} = {V}.reshape(7, 11)", "{N} = {V}[99]", "{N} = 1 / 0", "{N} = {V} + np.ones(13)")
_HELPER_HEADERS = ("p, q", "p, q=2", "p, *rest", "p, q=1.5, *, scale=2", "p, q, **options")


class CannotFill(Exception):
    """A hole has nothing to be filled with."""


def indented(lines: list[str]) -> list[str]:
    """The lines of a block."""
    return ["    " + line for line in lines]


class Writer:
    """Writes one function body over an environment of real values."""

    def __init__(self, rng: Random, env: dict[str, Any], level: Level, helpers: tuple[str, ...] = ()) -> None:
        self.rng = rng
        self.env = env
        self.level = level
        self.helpers = helpers
        self.growth_barred = False
        self.rarest = 1
        self.fresh = 0
        self.ended = False

    # -- expressions ------------------------------------------------------------------------------------------------

    def fill(self, text: str, depth: int = 0) -> str:
        """The text with its holes filled at random. Of three closing braces the first ends a hole."""
        held = text.replace("{{", "\0")[::-1].replace("}}", "\1")[::-1]
        filled = _HOLE.sub(lambda m: self._hole(m[1], depth + 1), held)
        return filled.replace("\0", "{").replace("\1", "}")

    def _hole(self, name: str, depth: int) -> str:
        if name in _CHOICES:
            return self.rng.choice(_CHOICES[name])
        if name in self.level.rows:
            rows, last = self.level.rows[name]
            return self.fill(last if depth > MAX_DEPTH else self._pick(rows), depth)
        return _HOLES[name](self)

    def _pick(self, rows: templates.Rows) -> str:
        while True:
            usual = [row for row in rows if row[0] >= self.rarest] or rows
            text = self.rng.choices([r[1] for r in usual], [r[0] for r in usual])[0]
            if not (self.growth_barred and any(word in text for word in templates.GROWING)):
                return text

    def names(self, *kinds: type) -> list[str]:
        """The local variables that hold exactly one of these types."""
        return [name for name, value in self.env.items() if _is_local(name) and type(value) in kinds]

    def _one_of(self, names: list[str]) -> str:
        if not names:
            raise CannotFill
        return self.rng.choice(names)

    def array(self) -> str:
        """An array variable."""
        return self._one_of(self.names(np.ndarray))

    def scalar(self) -> str:
        """A scalar variable or a literal."""
        names = [n for n, v in self.env.items() if _is_local(n) and isinstance(v, (int, float, complex, np.generic))]
        return self.rng.choice(names) if names and self.rng.random() < 0.9 else self.rng.choice(templates.LITERALS)

    def counter(self) -> str:
        """A scalar variable that may be changed: not the counter of a loop."""
        return self._one_of([n for n in self.names(int, float, complex) if not n.startswith("n")])

    def new_name(self) -> str:
        """A variable to assign to: a new one or one that exists."""
        old = [n for n in self.env if n.startswith("v")]
        if old and self.rng.random() < 0.35:
            return self.rng.choice(old)
        self.fresh += 1
        return f"v{self.fresh}"

    def index(self) -> str:
        """What stands in the brackets of a subscript."""
        parts = [self._index_part() for _ in range(self.rng.choice((1, 1, 1, 2, 2, 3)))]
        return ", ".join(parts)

    def _index_part(self) -> str:
        rng = self.rng
        kind = rng.choices(("slice", "int", "all", "new", "dots", "fancy", "var"), self.level.indices)[0]
        if kind == "slice":
            return rng.choice(("1:", ":-1", "::2", "::-1", "1:-1", ":2", "1:3", "-2:", "2::-1", ":0", "5:1", "::3"))
        if kind == "var" and (ints := self.names(int)):
            return rng.choice(("{}", ":{}", "{}:")).format(rng.choice(ints))
        return {"int": rng.choice(("0", "-1", "1")), "all": ":", "dots": "...", "fancy": "[0, -1]"}.get(
            kind, ":" if self.growth_barred else "None"
        )

    # -- statements -------------------------------------------------------------------------------------------------

    def run(self, lines: list[str]) -> BaseException | None:
        """Try a statement, give back what it raised; names change only when it runs and leaves nothing large."""
        before = dict(self.env)
        try:
            with quiet(), time_limit(SECONDS):
                exec("\n".join(lines), self.env)
                large = any(_elements(v) > MAX_ELEMENTS for n, v in self.env.items() if _is_local(n))
        except TooLong:
            large = True
        except Exception as error:
            self._restore(before)
            return error
        if large:
            self._restore(before)
            return TooLong()
        return None

    def _restore(self, before: dict[str, Any]) -> None:
        self.env.clear()
        self.env.update(before)

    def attempt(self, make: Callable[[], list[str]]) -> list[str]:
        """Lines that ``make`` wrote and that run; now and then ones that raise, which end the program."""
        for _ in range(TRIES):
            try:
                lines = make()
            except CannotFill:
                continue
            error = self.run(lines) if lines else CannotFill()
            if error is None:
                return lines
            if not isinstance(error, (TooLong, CannotFill, SyntaxError)) and self.rng.random() < self.level.keep_error:
                self.ended = True
                return lines
        return []

    def block(self, count: int, depth: int) -> list[str]:
        """A number of statements."""
        lines: list[str] = []
        for _ in range(count):
            if not self.ended:
                lines += self.statement(depth)
        return lines

    def statement(self, depth: int) -> list[str]:
        """One statement, maybe with a block of its own."""
        kinds = self.level.kinds
        kind = _KINDS[self.rng.choices(list(kinds), list(kinds.values()))[0]] if depth < MAX_DEPTH else _simple
        return self.attempt(lambda: kind(self, depth))

    def bound(self, header: str, count: int, depth: int) -> list[str]:
        """The body of a loop, written with the variables of its first turn."""
        if self.run([header, "    break", "else:", "    raise StopIteration"]) is not None:
            raise CannotFill
        return self.block(count, depth + 1)

    def returned(self) -> str:
        """A return statement."""
        for _ in range(TRIES):
            with contextlib.suppress(CannotFill):
                text = self.fill(self.rng.choice(self.level.returns))
                if self.run([f"_ = {text}"]) is None:
                    return f"return {text}"
        return "return None"


def _simple(w: Writer, _depth: int) -> list[str]:
    return [w.fill(w._pick(w.level.simple))]


def _if(w: Writer, depth: int) -> list[str]:
    test, before, ended = w.fill("{C}"), dict(w.env), w.ended
    body = w.block(w.rng.choice((1, 1, 2)), depth + 1) or ["pass"]
    w._restore(before)
    lines = [f"if {test}:", *indented(body)]
    if w.rng.random() < 0.4:
        lines += ["else:", *indented(w.block(1, depth + 1) or ["pass"])]
        w._restore(before)
    w.ended = ended
    return lines


def _leave_early(w: Writer, _depth: int) -> list[str]:
    test = w.fill("{C}")
    taken = f"_ = 1 / (not ({test}))"
    if w.run([taken]) is not None:
        raise CannotFill
    raises = w.level.keep_error and w.rng.random() >= 0.9
    return [f"if {test}:", "    raise ValueError('no')" if raises else f"    {w.returned()}"]


def _for(w: Writer, depth: int) -> list[str]:
    header = w.fill(w.rng.choice(w.level.headers), depth=1)
    barred, w.growth_barred = w.growth_barred, True
    before = dict(w.env)
    try:
        body = w.bound(header, w.rng.choice((1, 2, 3)), depth) or ["pass"]
        if w.rng.random() < 0.25:
            jump = w.rng.choice(("break", "continue", f"break{_STANDS_FOR}{w.returned()}"))
            body.insert(w.rng.randrange(len(body) + 1), f"if {w.fill('{C}')}: {jump}") if _flat(body) else None
    finally:
        w.growth_barred = barred
        w._restore(before)
    tail = ["else:", "    print('no break')"] if w.level.prints and w.rng.random() < 0.05 else []
    return [header, *indented(body), *tail]


def _while(w: Writer, depth: int) -> list[str]:
    barred, w.growth_barred = w.growth_barred, True
    w.fresh += 1
    name, before = f"n{w.fresh}", dict(w.env)
    try:
        w.env[name] = 0
        more = f" and {w.fill('{C}')}" if w.rng.random() < 0.3 else ""
        body = w.block(w.rng.choice((1, 2)), depth + 1)
    finally:
        w.growth_barred = barred
        w._restore(before)
    return [f"{name} = 0", f"while {name} < {w.rng.choice((2, 5, 20))}{more}:", *indented([*body, f"{name} += 1"])]


def _try(w: Writer, depth: int) -> list[str]:
    before, ended = dict(w.env), w.ended
    body = w.block(1, depth + 1) or ["pass"]
    if w.rng.random() < 0.6:
        body.append(w.fill(w.rng.choice(_FAILING)))
    w._restore(before)
    w.ended = ended
    caught = w.rng.choice(("Exception as error", "(ValueError, IndexError) as error", "ZeroDivisionError as error"))
    lines = ["try:", *indented(body), f"except {caught}:", "    print(type(error).__name__, error)"]
    if w.rng.random() < 0.3:
        lines += ["finally:", *indented(w.block(1, MAX_DEPTH) or ["pass"])]
        w._restore(before)
    return lines


def _with(w: Writer, depth: int) -> list[str]:
    before = dict(w.env)
    mode = w.rng.choice(("all='ignore'", "divide='ignore', invalid='ignore'", "all='raise'", "over='raise'"))
    body = w.block(w.rng.choice((1, 2)), depth + 1) or ["pass"]
    w._restore(before)
    return [f"with np.errstate({mode}):", *indented(body)]


def _nested(w: Writer, _depth: int) -> list[str]:
    w.fresh += 1
    name = f"h{w.fresh}"
    inner = w.rng.choice(("q * r + {V}", "{V} + q", "q + {S}", "(q, {A})[0]", "np.where(q > r, q, {V})"))
    return [f"def {name}(q, r=2):", f"    return {w.fill(inner)}", w.fill(f"{{N}} = {name}({{A}})")]


def _larger(w: Writer, _depth: int) -> list[str]:
    w.fresh += 1
    block = w.fill(w._pick(w.level.blocks))
    return new_names(block, w.fresh)


def new_names(block: str, number: int) -> list[str]:
    """The lines of a block whose own function and variables have names of their own."""
    names = {"FN": f"h{number}", "VN": f"v{number}", "RN": f"r{number}"}
    return re.sub("|".join(names), lambda m: names[m[0]], block.strip()).splitlines()


def _flat(body: list[str]) -> bool:
    return all(not line.startswith((" ", "else", "except", "finally")) for line in body)


def _is_local(name: str) -> bool:
    return name[0].islower() and not name.startswith(("np", "arr", "helper", "call"))


def _elements(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, int):
        return 10**9 if abs(value) > 2**70 else 0
    if isinstance(value, (list, tuple)):
        return sum(_elements(v) for v in value) + len(value)
    return 0


_CHOICES = {
    "U": templates.UNARY,
    "W": templates.BINARY,
    "OP": templates.OPERATORS,
    "OP2": ("+", "-", "*", "/", "//", "%"),
    "CMP": templates.COMPARISONS,
    "DT": templates.DTYPES,
    "LIT": templates.LITERALS,
    "I": ("0", "1", "-1", "2"),
    "AX": ("0", "0", "-1", "-1", "1", "None", "(0, 1)"),
    "SH": ("(-1, 1)", "(1, -1)", "(2, -1)", "(3,)", "(2, 2)", "-1"),
    "K": ("'k'", "'m'"),
}
_HOLES: dict[str, Callable[[Writer], str]] = {
    "V": Writer.array,
    "s": Writer.scalar,
    "P": lambda w: w._one_of(w.names(int, float)),
    "X": Writer.counter,
    "N": Writer.new_name,
    "N2": lambda w: w._one_of([n for n in w.env if n.startswith("v")]),
    "IX": Writer.index,
    "L": lambda w: w._one_of(w.names(list)),
    "T": lambda w: w._one_of(w.names(tuple)),
    "D": lambda w: w._one_of(w.names(dict)),
    "H": lambda w: w._one_of(list(w.helpers)),
}
_KINDS: dict[str, Callable[[Writer, int], list[str]]] = {
    "simple": _simple,
    "if": _if,
    "for": _for,
    "while": _while,
    "try": _try,
    "with": _with,
    "leave early": _leave_early,
    "nested": _nested,
    "larger": _larger,
}


def program(seed: int, level: Level = FULL) -> str:
    """The source of random program number ``seed``: a module with ``f`` and ``CALLS``."""
    rng = Random(seed)
    first = _possible(lambda: random_signature(rng, level.usual))
    scale = rng.choice(("1.5", "2", "np.float32(0.5)", "3"))
    source = _PRELUDE.format(seed=seed, scale=scale, imports=level.imports, classes=level.classes)
    space: dict[str, Any] = {"__name__": f"fuzz_{seed}"}
    exec(source, space)
    helpers = []
    for i in range(rng.randrange(3)):
        text = _helper(rng, space, f"helper_{i}", level)
        exec(text, space)
        helpers.append(f"helper_{i}")
        source += f"\n\n{text}\n"
    others = range(rng.choice((1, 2, 3)))
    calls = [first, *(_possible(lambda: other_signature(rng, first, level.usual)) for _ in others)]
    source += "\n\n" + _function(rng, space, tuple(helpers), first, level)
    makers = [call.source(f"call_{i}") for i, call in enumerate(calls)]
    names = _small_calls(source, makers)
    return "\n\n\n".join([source, *makers, f"CALLS = [{', '.join(names)}]\n"])


def _small_calls(source: str, makers: list[str]) -> list[str]:
    """The names of the calls that take neither long nor much memory; raises TooLong if the first does."""
    names = []
    for i, maker in enumerate(makers):
        space: dict[str, Any] = {"__name__": "fuzz"}
        exec(f"{source}\n\n\n{maker}", space)
        try:
            with time_limit(SECONDS), memory_limit(MEMORY), quiet():
                _call(space["f"], space[f"call_{i}"])
            names.append(f"call_{i}")
        except (TooLong, MemoryError):
            if i == 0:
                raise TooLong from None
    return names


def _call(function: Callable[..., Any], make: Callable[[], tuple[Any, ...]]) -> None:
    try:
        function(*make())
    except MemoryError:
        raise
    except Exception:
        pass


def _possible(make: Callable[[], Signature]) -> Signature:
    """A signature whose arguments can be made (a view may not fit its array)."""
    while True:
        signature = make()
        with contextlib.suppress(IndexError):
            space: dict[str, Any] = {"arr": arr, "np": np}
            exec(signature.source("call"), space)
            space["call"]()
            return signature


def _helper(rng: Random, space: dict[str, Any], name: str, level: Level) -> str:
    header = rng.choice(_HELPER_HEADERS)
    sample = {"p": np.arange(6.0), "q": 2.0, "scale": 2, "rest": (), "options": {}}
    known = re.findall(r"\w+", re.sub(r"=[\d.]+", "", header))
    w = Writer(rng, {**space, **{k: sample[k] for k in known}}, level)
    w.growth_barred = True
    lines = w.block(rng.choice((0, 1, 2)), MAX_DEPTH)
    if w.ended:
        lines = lines[:-1]
    return "\n".join([f"def {name}({header}):", *indented([*lines, w.returned()])])


def _function(rng: Random, space: dict[str, Any], helpers: tuple[str, ...], first: Signature, level: Level) -> str:
    env = dict(space)
    exec(first.source("call_0"), env)
    names = [f"a{i}" for i in range(len(first.args))]
    env.update(zip(names, env["call_0"](), strict=True))
    w = Writer(rng, env, level, helpers)
    w.rarest = rng.choice((1, 1, 2, 3, 4))
    lines = w.block(rng.randrange(3, 13), 0)
    lines = [re.sub(f"break{_STANDS_FOR}", "", line) for line in lines]
    if any("TOTAL" in line for line in lines):
        lines.insert(0, "global TOTAL")
    return "\n".join([f"def f({', '.join(names)}):", *indented([*lines, w.returned()])])
