"""How much of the language and of NumPy generated programs use.

FULL is everything there are templates for. CORE is what numerical code is mostly made of: elementwise operations,
reductions, slices, loops, and branches on numbers and shapes, now and then on array data. The share of these programs
that is captured without a break is a promise. The language level is FULL with other blocks: exceptions, generators,
collections, tools of the standard library, classes; the arrays level is FULL with blocks of further array code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.fuzz import templates
from tests.fuzz.arrayblocks import ARRAYS
from tests.fuzz.blocks import BLOCKS
from tests.fuzz.language import CLASSES_BEFORE, IMPORTS, LANGUAGE
from tests.fuzz.templates import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What a Writer may write.

    rows        hole -> (what to fill it with, what to fill it with deep down)
    simple      statements of one line
    kinds       kind of statement -> weight
    headers     of for loops
    returns     of functions
    indices     weights of slice, int, all, new, dots, fancy, var in subscripts
    keep_error  how often a statement that raises is kept, as the last one
    prints      loops may print
    usual       arguments are of usual kinds only
    blocks      statements of several lines
    imports     lines in front of a program
    classes     and those behind its constants
    """

    rows: Mapping[str, tuple[Rows, str]]
    simple: Rows
    kinds: Mapping[str, int]
    headers: tuple[str, ...]
    returns: tuple[str, ...]
    indices: tuple[int, ...]
    keep_error: float
    prints: bool
    usual: bool
    blocks: Rows = BLOCKS + ARRAYS
    imports: str = ""
    classes: str = ""


_HEADERS = (
    "for i in range(3):",
    "for i in range(2):",
    "for i in range(len({V})):",
    "for i in range(40):",
    "for i in range(0, {V}.shape[0], 2):",
    "for i in range(1, {V}.shape[0]):",
    "for row in {V}:",
    "for i, row in enumerate({V}):",
    "for p, q in zip({V}, {V}):",
    "for e in {L}:",
    "for e in [{A}, {A}]:",
    "for k in {D}:",
    "for dt in (np.float32, np.float64):",
)
_RETURNS = (
    "{V}", "{V}, {V}", "{A}", "{A}, {S}", "[{V}, {A}]", "{{'a': {V}, 'b': {A}}}", "{S}", "{V}, {V}[{IX}]",
    "({V}, ({A}, {V}))", "{V} * 1, {L}", "{V}.shape, {A}", "{V}.T, {V}.dtype, {S}",
)  # fmt: skip
FULL = Level(
    rows={
        "A": (templates.ARRAY, "{V}"),
        "B": (templates.BOOLS, "({V} > 0)"),
        "S": (templates.SCALAR, "{s}"),
        "C": (templates.CONDITION, "{s} > 0"),
    },
    simple=templates.SIMPLE,
    kinds={
        "simple": 70,
        "if": 8,
        "for": 8,
        "while": 3,
        "try": 3,
        "with": 2,
        "leave early": 3,
        "nested": 2,
        "larger": 10,
    },
    headers=_HEADERS,
    returns=_RETURNS,
    indices=(12, 5, 5, 2, 2, 1, 2),
    keep_error=0.02,
    prints=True,
    usual=False,
)

_LANGUAGE = replace(
    FULL,
    kinds={**FULL.kinds, "simple": 50, "larger": 50},
    blocks=LANGUAGE,
    imports=IMPORTS,
    classes=CLASSES_BEFORE,
)

_ARRAYS = replace(FULL, kinds=_LANGUAGE.kinds, blocks=ARRAYS)

_CORE_ARRAY: Rows = (
    (14, "{V}"),
    (24, "({A} {OP} {A})"),
    (16, "({A} {OP} {S})"),
    (10, "({S} {OP} {A})"),
    (5, "(-{A})"),
    (3, "abs({A})"),
    (5, "({A} {CMP} {S})"),
    (12, "np.{U}({A})"),
    (12, "np.{W}({A}, {A})"),
    (2, "np.{W}({A}, {A}, out={V})"),
    (12, "{V}[{IX}]"),
    (8, "{A}.sum(axis={AX})"),
    (3, "{A}.sum(axis={AX}, keepdims=True)"),
    (3, "{A}.mean(axis={AX})"),
    (3, "{A}.max(axis={AX}, keepdims=True)"),
    (2, "{A}.min(axis={AX})"),
    (2, "{A}.prod(axis={AX})"),
    (2, "{A}.any(axis={AX})"),
    (2, "{A}.argmax(axis={AX})"),
    (2, "{A}.std(axis={AX})"),
    (2, "{A}.cumsum(axis={AX})"),
    (4, "{A}.astype({DT})"),
    (4, "{A}.T"),
    (2, "{A}.copy()"),
    (2, "{A}.reshape(-1)"),
    (5, "np.where({B}, {A}, {A})"),
    (3, "np.clip({A}, {S}, {S})"),
    (2, "np.zeros_like({A})"),
    (2, "np.ones({V}.shape)"),
    (2, "{H}({A}, {A})"),
)
_CORE_SCALAR: Rows = (
    (14, "{LIT}"),
    (10, "{s}"),
    (6, "({S} {OP2} {S})"),
    (4, "{V}.sum()"),
    (3, "{V}.max()"),
    (2, "{V}.mean()"),
    (3, "len({V})"),
    (2, "{V}.shape[0]"),
    (1, "{V}.size"),
    (1, "-{S}"),
)
_CORE_CONDITION: Rows = (
    (8, "{P} {CMP} {I}"),
    (1, "{V}.sum() {CMP} {S}"),
    (2, "{V}.ndim {CMP} 1"),
    (3, "{V}.shape[0] {CMP} {I}"),
    (1, "{V}.size {CMP} 4"),
    (1, "({C} and {C})"),
    (1, "not ({C})"),
)
_CORE_SIMPLE: Rows = (
    (40, "{N} = {A}"),
    (8, "{N} = {S}"),
    (3, "{N}, {N} = {A}, {A}"),
    (10, "{V} {OP}= {A}"),
    (5, "{V} {OP}= {S}"),
    (8, "{V}[{IX}] = {A}"),
    (5, "{V}[{IX}] = {S}"),
    (5, "{V}[{IX}] {OP}= {A}"),
    (3, "{X} += {LIT}"),
)

CORE = Level(
    rows={
        "A": (_CORE_ARRAY, "{V}"),
        "B": (templates.BOOLS[:4], "({V} > 0)"),
        "S": (_CORE_SCALAR, "{s}"),
        "C": (_CORE_CONDITION, "{P} > 0"),
    },
    simple=_CORE_SIMPLE,
    kinds={"simple": 70, "if": 10, "for": 10, "while": 3, "leave early": 2},
    headers=_HEADERS[:9],
    returns=("{V}", "{V}, {V}", "{A}", "{A}, {S}", "{S}", "{V}.T, {S}"),
    indices=(12, 5, 5, 2, 2, 0, 2),
    keep_error=0,
    prints=False,
    usual=True,
)
LEVELS = {"full": FULL, "core": CORE, "language": _LANGUAGE, "arrays": _ARRAYS}
