"""What each operation is in LLVM's language, for the operations whose bits and flags are then those of NumPy.

Arithmetic of floats is written with the constrained intrinsics: what looks at flags behind them must see those of all
elements and no others, so nothing may be left out, done on the side, or be replaced by something equal. The operands of
``+`` and ``*`` may change places all the same: which of two NaNs survives is not for them to say (``DOUBTS_NANS``).
"""

from collections.abc import Callable
from typing import Any

from graphlet.backends.llvm_spec import BOOL, bits_of
from graphlet.backends.llvm_text import Body
from graphlet.core.pristine import np

ROUNDED = "metadata !\"round.dynamic\", metadata !\"fpexcept.strict\""
EXACT = "metadata !\"fpexcept.strict\""
NAN, INFINITE, FINITE = 0x003, 0x204, 0x1F8  # classes of llvm.is.fpclass
DOUBTS_NANS = frozenset({"add", "multiply", "maximum", "minimum"})

Formula = Callable[[Body, list[str], tuple[str, ...]], str]


def _constrained(name: str, metadata: str = ROUNDED) -> Formula:
    def formula(body: Body, args: list[str], types: tuple[str, ...]) -> str:
        of = body.type(types[0])
        operands = ", ".join(f"{of} {arg}" for arg in args)
        return body.call(f"llvm.experimental.constrained.{name}.{body.suffix(types[0])}", of, f"{operands}, {metadata}")

    return formula


def _instruction(name: str) -> Formula:
    def formula(body: Body, args: list[str], types: tuple[str, ...]) -> str:
        return body.let(f"{name} {body.type(types[0])} {', '.join(args)}")

    return formula


def _intrinsic(name: str, extra: str = "") -> Formula:
    def formula(body: Body, args: list[str], types: tuple[str, ...]) -> str:
        of = body.type(types[0])
        operands = ", ".join(f"{of} {arg}" for arg in args)
        return body.call(f"llvm.{name}.{body.suffix(types[0])}", of, operands + extra)

    return formula


def _same(body: Body, args: list[str], types: tuple[str, ...]) -> str:
    return args[0]


def _twice(formula: Formula) -> Formula:
    return lambda body, args, types: formula(body, [args[0], args[0]], (types[0], *types))


# ---- comparisons ----

ORDER = {"less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge", "equal": "eq", "not_equal": "ne"}


def _compare_floats(predicate: str) -> Formula:
    def formula(body: Body, args: list[str], types: tuple[str, ...]) -> str:
        of = body.type(types[0])
        operands = f"{of} {args[0]}, {of} {args[1]}, metadata !\"{predicate}\", {EXACT}"
        return body.call(f"llvm.experimental.constrained.fcmp.{body.suffix(types[0])}", body.type(BOOL), operands)

    return formula


def _compare(kind: str, name: str) -> Formula:
    order = ORDER[name]
    if kind == "f":
        return _compare_floats("une" if order == "ne" else f"o{order}")
    sign = "" if order in ("eq", "ne") else "s" if kind == "i" else "u"
    return _instruction(f"icmp {sign}{order}")


def _is_true(body: Body, arg: str, code: str) -> str:
    if code == BOOL:
        return arg
    return _compare(code[0], "not_equal")(body, [arg, body.constant(code, 0)], (code, code, BOOL))


def _logical(name: str) -> Formula:
    def formula(body: Body, args: list[str], types: tuple[str, ...]) -> str:
        truths = [_is_true(body, arg, code) for arg, code in zip(args, types, strict=False)]
        return body.let(f"{name} {body.type(BOOL)} {', '.join(truths)}")

    return formula


def _logical_not(body: Body, args: list[str], types: tuple[str, ...]) -> str:
    truth = _is_true(body, args[0], types[0])
    return body.let(f"xor {body.type(BOOL)} {truth}, {body.constant(BOOL, 1)}")


def _class_of(mask: int) -> Formula:
    """Whether a number is of certain classes, which raises no flag."""

    def formula(body: Body, args: list[str], types: tuple[str, ...]) -> str:
        operands = f"{body.type(types[0])} {args[0]}, i32 {mask}"
        return body.call(f"llvm.is.fpclass.{body.suffix(types[0])}", body.type(BOOL), operands)

    return formula


# ---- extremes, signs, shifts ----


def _extreme(name: str) -> Formula:
    """The first of two if it is beyond the second, else the second; with a NaN the block is done again (see above)."""
    beyond = _compare_floats("ogt" if name == "maximum" else "olt")

    def formula(body: Body, args: list[str], types: tuple[str, ...]) -> str:
        left, right = args
        chosen = body.select(types[0], beyond(body, args, types), left, right)
        return body.select(types[0], _class_of(NAN)(body, [left], types), left, chosen)

    return formula


def _negative(body: Body, args: list[str], types: tuple[str, ...]) -> str:
    return body.let(f"sub {body.type(types[0])} {body.constant(types[0], 0)}, {args[0]}")


def _invert(body: Body, args: list[str], types: tuple[str, ...]) -> str:
    return body.let(f"xor {body.type(types[0])} {args[0]}, {body.constant(types[0], -1)}")


def _reciprocal(body: Body, args: list[str], types: tuple[str, ...]) -> str:
    return _constrained("fdiv")(body, [body.constant(types[0], 1), args[0]], types)


def _shift(name: str) -> Formula:
    """By as many bits as there are, or more, or less than none: nothing but the sign stays."""

    def formula(body: Body, args: list[str], types: tuple[str, ...]) -> str:
        code, of = types[0], body.type(types[0])
        value, count = args
        is_short = body.let(f"icmp ult {of} {count}, {body.constant(code, bits_of(code))}")
        if name == "ashr":
            most = body.constant(code, bits_of(code) - 1)
            return body.let(f"ashr {of} {value}, {body.select(code, is_short, count, most)}")
        shifted = body.let(f"{name} {of} {value}, {body.select(code, is_short, count, body.constant(code, 0))}")
        return body.select(code, is_short, shifted, body.constant(code, 0))

    return formula


# ---- casts and selects ----


def cast(body: Body, args: list[str], types: tuple[str, ...]) -> str:
    """One element to another type, where C does it the same everywhere."""
    source, target = types
    kinds = source[0] + target[0]
    if source == target:
        return args[0]
    if target == BOOL:
        return _is_true(body, args[0], source)
    if source == BOOL:
        return body.select(target, args[0], body.constant(target, 1), body.constant(target, 0))
    if kinds in ("ff", "if", "uf"):
        return _to_float(body, args[0], source, target)
    grows = bits_of(target) - bits_of(source)
    if grows == 0:
        return args[0]
    name = "trunc" if grows < 0 else "sext" if source[0] == "i" else "zext"
    return body.let(f"{name} {body.type(source)} {args[0]} to {body.type(target)}")


def _to_float(body: Body, arg: str, source: str, target: str) -> str:
    grows = bits_of(target) > bits_of(source)
    name = {"i": "sitofp", "u": "uitofp", "f": "fpext" if grows else "fptrunc"}[source[0]]
    metadata = EXACT if name == "fpext" else ROUNDED
    called = f"llvm.experimental.constrained.{name}.{body.suffix(target)}.{body.suffix(source)}"
    return body.call(called, body.type(target), f"{body.type(source)} {arg}, {metadata}")


def where(body: Body, args: list[str], types: tuple[str, ...]) -> str:
    """Elements of the second where the first is true, else of the third."""
    return body.select(types[-1], *args)


# ---- the table: by kind of the operands ----

FLOATS: dict[str, Formula] = {
    "add": _constrained("fadd"),
    "subtract": _constrained("fsub"),
    "multiply": _constrained("fmul"),
    "divide": _constrained("fdiv"),
    "square": _twice(_constrained("fmul")),
    "reciprocal": _reciprocal,
    "sqrt": _constrained("sqrt"),
    "negative": _instruction("fneg"),
    "positive": _same,
    "conjugate": _same,
    "absolute": _intrinsic("fabs"),
    "fabs": _intrinsic("fabs"),
    "rint": _constrained("rint"),
    "floor": _constrained("floor", EXACT),
    "ceil": _constrained("ceil", EXACT),
    "trunc": _constrained("trunc", EXACT),
    "maximum": _extreme("maximum"),
    "minimum": _extreme("minimum"),
    "isnan": _class_of(NAN),
    "isinf": _class_of(INFINITE),
    "isfinite": _class_of(FINITE),
}

INTEGERS: dict[str, Formula] = {
    "add": _instruction("add"),
    "subtract": _instruction("sub"),
    "multiply": _instruction("mul"),
    "square": _twice(_instruction("mul")),
    "negative": _negative,
    "positive": _same,
    "conjugate": _same,
    "bitwise_and": _instruction("and"),
    "bitwise_or": _instruction("or"),
    "bitwise_xor": _instruction("xor"),
    "invert": _invert,
    "left_shift": _shift("shl"),
}

SIGNED: dict[str, Formula] = {
    "absolute": _intrinsic("abs", ", i1 false"),
    "maximum": _intrinsic("smax"),
    "minimum": _intrinsic("smin"),
    "right_shift": _shift("ashr"),
}

UNSIGNED: dict[str, Formula] = {
    "absolute": _same,
    "maximum": _intrinsic("umax"),
    "minimum": _intrinsic("umin"),
    "right_shift": _shift("lshr"),
}

BOOLS: dict[str, Formula] = {
    "add": _logical("or"),
    "multiply": _logical("and"),
    "maximum": _logical("or"),
    "minimum": _logical("and"),
    "bitwise_and": _logical("and"),
    "bitwise_or": _logical("or"),
    "bitwise_xor": _logical("xor"),
    "invert": _logical_not,
    "absolute": _same,
    "equal": lambda body, args, types: _logical_not(body, [_logical("xor")(body, args, types)], (BOOL,)),
    "not_equal": _logical("xor"),
}

TRUTHS: dict[str, Formula] = {
    "logical_and": _logical("and"),
    "logical_or": _logical("or"),
    "logical_xor": _logical("xor"),
    "logical_not": _logical_not,
}


def _comparisons(kind: str) -> dict[str, Formula]:
    return {name: _compare(kind, name) for name in ORDER}


BY_KIND: dict[str, dict[str, Formula]] = {
    "f": {**FLOATS, **TRUTHS, **_comparisons("f")},
    "i": {**INTEGERS, **SIGNED, **TRUTHS, **_comparisons("i")},
    "u": {**INTEGERS, **UNSIGNED, **TRUTHS, **_comparisons("u")},
    "b": {**BOOLS, **TRUTHS},
}
OTHERS: dict[str, Formula] = {"cast": cast, "where": where}
PREDICATES = frozenset({*ORDER, *TRUTHS, "isnan", "isinf", "isfinite"})


def name_of(ufunc: np.ufunc, types: tuple[str, ...]) -> str | None:
    """The formula of a ufunc for operands and a result of these types; None where there is none."""
    name: Any = ufunc.__name__
    if getattr(np, name, None) is not ufunc or len({*types[:-1]}) != 1 or name not in BY_KIND[types[0][0]]:
        return None
    return name if types[-1] == (BOOL if name in PREDICATES else types[0]) else None


def formula(name: str, types: tuple[str, ...]) -> Formula:
    """The formula of this name for these operands."""
    return OTHERS[name] if name in OTHERS else BY_KIND[types[0][0]][name]
