"""Division by a number that stands still: once its reciprocal is known, products instead of divisions, the same bits.

With z + w the reciprocal of d to twice the precision, q = x * z + x * w (one fused operation) is one of the two numbers
around x / d. What is left, r = x - q * d, is then exact, and q + r * z, rounded once, is x / d rounded to nearest, by
Markstein's theorem. That holds while nothing overflows and nothing is subnormal, and while rounding is to nearest: a
vector with a number beyond the limits (zero, infinite, NaN) is divided, and so are all where the divisor is beyond
its own, or the caller rounds another way. So the same flags are raised, but for "inexact", which NumPy does not read.

Of float64 only: eight divisions take as long as ten products or more, sixteen of float32 no longer than six.
"""

from typing import NamedTuple

from graphlet.backends.llvm_formulas import ROUNDED, formula
from graphlet.backends.llvm_host import cpu_features
from graphlet.backends.llvm_spec import BOOL, FLOAT64, Op
from graphlet.backends.llvm_text import Body

WHOLE = "i64"
NUMBER, DIVISOR = 500, 400  # to which power of two, up and down
TINY = 2.0**-60  # what is added to 1 shows which way is rounded
BIAS, FRACTION = 1023, 52
SIZE = (1 << 63) - 1  # all bits but the sign
TYPES = (FLOAT64, FLOAT64, FLOAT64)


class Divisor(NamedTuple):
    """What is known of one, in vectors: its reciprocal in two parts, itself with the other sign, and how many numbers
    are fit (as integers, from the least on)."""

    high: str
    low: str
    negated: str
    span: str


def divisor_in(op: Op) -> int | None:
    """The value that divides, where products may do it."""
    return op.args[1] if op.formula == "divide" and op.types == TYPES and "FMA3" in cpu_features() else None


def prepare(before: Body, scalar: str) -> Divisor:
    """Before a loop of vectors: what divisions by this number need there."""
    one = Body(f"{before.prefix}{scalar[1:]}.", 1, before.declared)
    unit = one.constant(FLOAT64, 1)
    fit = one.let(f"icmp ule i64 {_above(one, scalar, DIVISOR)}, {_span(DIVISOR)}")
    for name in ("fadd", "fsub"):
        moved = _call(one, name, unit, one.constant(FLOAT64, TINY))
        fit = one.let(f"and i1 {fit}, {formula('equal', TYPES)(one, [moved, unit], TYPES)}")
    safe = one.select(FLOAT64, fit, scalar, unit)
    high, negated = _call(one, "fdiv", unit, safe), one.let(f"fneg double {safe}")
    low = _call(one, "fmul", _call(one, "fma", high, negated, unit), high)
    span = one.let(f"select i1 {fit}, i64 {_span(NUMBER)}, i64 0")
    before.lines += one.lines
    high, low, negated = (before.splat(FLOAT64, value) for value in (high, low, negated))
    return Divisor(high, low, negated, before.splat(WHOLE, span))


def quotient(body: Body, value: str, divisor: str, known: Divisor) -> str:
    """A vector divided; goes on in another block."""
    fit = body.let(f"icmp ult {body.type(WHOLE)} {_above(body, value, NUMBER)}, {known.span}")
    every = body.call(f"llvm.vector.reduce.and.v{body.width}i1", "i1", f"{body.type(BOOL)} {fit}")
    name = every[1:]
    body.do(f"br i1 {every}, label %{name}.products, label %{name}.division")
    body.begin(f"{name}.division")
    divided = formula("divide", TYPES)(body, [value, divisor], TYPES)
    body.do(f"br label %{name}.both")
    body.begin(f"{name}.products")
    near = _call(body, "fma", value, known.high, _call(body, "fmul", value, known.low))
    made = _call(body, "fma", _call(body, "fma", near, known.negated, value), known.high, near)
    body.do(f"br label %{name}.both")
    body.begin(f"{name}.both")
    return body.let(f"phi {body.type(FLOAT64)} [ {divided}, %{name}.division ], [ {made}, %{name}.products ]")


def _call(body: Body, name: str, *args: str) -> str:
    of = body.type(FLOAT64)
    operands = ", ".join(f"{of} {arg}" for arg in args)
    return body.call(f"llvm.experimental.constrained.{name}.{body.suffix(FLOAT64)}", of, f"{operands}, {ROUNDED}")


def _above(body: Body, value: str, limit: int) -> str:
    """How far a number is above the least of its limits, as an integer; far, if it is below."""
    of = body.type(WHOLE)
    bits = body.let(f"bitcast {body.type(FLOAT64)} {value} to {of}")
    return body.let(f"sub {of} {body.let(f'and {of} {bits}, {body.constant(WHOLE, SIZE)}')}, "
                    f"{body.constant(WHOLE, BIAS - limit << FRACTION)}")


def _span(limit: int) -> int:
    return 2 * limit << FRACTION
