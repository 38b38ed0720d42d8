"""What ``mode="fast"`` computes otherwise than NumPy, and by how much at most.

contraction    ``x * y + z``, ``x * y - z`` and ``z - x * y`` of floats round once (a fused multiply-add), not twice:
               the result is the exact one, rounded; NumPy's may be off by half a unit of the product more
sin, cos       of float64, without table and branches: off by less than one unit in the last place (measured 0.8).
               Beyond 1e8, and for what is no number, NumPy's own loops run
power          with a whole exponent n from 3 to 8 that is a number: n - 1 products, each rounded: off by less than
               n - 1 units of 2**-53 (float32: 2**-24) of the result, where NumPy's loop is off by less than one unit
               in the last place; subnormal results by up to n times the smallest number
NaN            which NaN a result is, is not said

Warnings are NumPy's: a flag that NumPy would report makes the kernel decline, as ever, and NumPy runs.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from graphlet.backends.llvm_formulas import EXACT, OTHERS, ROUNDED, Formula
from graphlet.backends.llvm_host import cpu_features
from graphlet.backends.llvm_spec import BOOL, FLOAT64, Op, Spec
from graphlet.backends.llvm_text import Body
from graphlet.core.pristine import np

EXPONENTS = range(3, 9)
LARGEST = 1e8
SUBNORMAL = 0x090  # classes of llvm.is.fpclass
TINY = 2.0**-27  # the sine of less is the number itself, the cosine is 1
TWO_OVER_PI = 2 / np.pi
HALF_PI = (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33)  # parts of 53 bits each
TO_INTEGER = 1.5 * 2.0**52  # added to a number leaves its integer in the lowest bits
# Of FreeBSD's msun, good to less than 2**-57 up to pi / 4.
SINE = (
    -1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04,
    2.75573137070700676789e-06, -2.50507602534068634195e-08, 1.58969099521155010221e-10,
)  # fmt: skip
COSINE = (
    4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05,
    -2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11,
)  # fmt: skip


def can_contract() -> bool:
    """Whether the processor multiplies and adds in one instruction: else that would be a call."""
    return "FMA3" in cpu_features()


def name_of(ufunc: np.ufunc, types: tuple[str, ...], exponent: float | None) -> str | None:
    """The formula of a ufunc in this mode only; ``exponent``: the second operand, if it is a number."""
    if not can_contract():
        return None
    if ufunc in (np.sin, np.cos) and types == (FLOAT64, FLOAT64):
        return f"fast_{ufunc.__name__}"
    if ufunc is np.power and types[-1] in ("f32", "f64") and exponent is not None and exponent in EXPONENTS:
        return f"power_{int(exponent)}"
    return None


# ---- contraction ----


def contracted(spec: Spec) -> Spec:
    """The spec with products that only one sum needs made part of it."""
    if not can_contract():
        return spec
    n_inputs = len(spec.inputs)
    uses = Counter(value for op in spec.ops for value in op.args)
    uses.update([*spec.outputs, *(reduction.value for reduction in spec.reductions)])
    gone: set[int] = set()
    ops = list(spec.ops)
    for i, op in enumerate(ops):
        if op.formula not in ("add", "subtract") or op.types[0] not in ("f32", "f64") or op.args[0] == op.args[1]:
            continue
        for place in (0, 1):
            source = op.args[place] - n_inputs
            if source >= 0 and source not in gone and uses[op.args[place]] == 1 and ops[source].formula in _FACTORS:
                ops[i] = _fused(op, place, _FACTORS[ops[source].formula](ops[source].args))
                gone.add(source)
                break
    return _without(replace(spec, ops=tuple(ops)), gone) if gone else spec


_FACTORS: dict[str, Callable[[tuple[int, ...]], tuple[int, ...]]] = {
    "multiply": lambda args: args,
    "square": lambda args: (args[0], args[0]),
}


def _fused(op: Op, place: int, factors: tuple[int, ...]) -> Op:
    name = "multiply_add" if op.formula == "add" else ("multiply_subtract", "subtract_product")[place]
    return Op(name, (*factors, op.args[1 - place]), (op.types[0],) * 4)


def _without(spec: Spec, gone: set[int]) -> Spec:
    n_inputs = len(spec.inputs)
    kept = [*range(n_inputs), *(n_inputs + i for i in range(len(spec.ops)) if i not in gone)]
    number = {value: i for i, value in enumerate(kept)}
    left = (op for i, op in enumerate(spec.ops) if i not in gone)
    ops = (op._replace(args=tuple(number[value] for value in op.args)) for op in left)
    return replace(
        spec,
        ops=tuple(ops),
        outputs=tuple(number[value] for value in spec.outputs),
        reductions=tuple(replace(reduction, value=number[reduction.value]) for reduction in spec.reductions),
    )


# ---- formulas ----


def _call(body: Body, name: str, code: str, *args: str) -> str:
    of = body.type(code)
    operands = ", ".join(f"{of} {arg}" for arg in args)
    return body.call(f"llvm.experimental.constrained.{name}.{body.suffix(code)}", of, f"{operands}, {ROUNDED}")


def _negated(body: Body, code: str, value: str) -> str:
    return body.let(f"fneg {body.type(code)} {value}")


def _multiply_add(body: Body, args: list[str], types: tuple[str, ...]) -> str:
    return _call(body, "fma", types[0], *args)


def _multiply_subtract(body: Body, args: list[str], types: tuple[str, ...]) -> str:
    return _call(body, "fma", types[0], args[0], args[1], _negated(body, types[0], args[2]))


def _subtract_product(body: Body, args: list[str], types: tuple[str, ...]) -> str:
    return _call(body, "fma", types[0], _negated(body, types[0], args[0]), args[1], args[2])


def _power(exponent: int) -> Formula:
    def formula(body: Body, args: list[str], types: tuple[str, ...]) -> str:
        square, result, left = args[0], "", exponent
        while left:
            if left & 1:
                result = _call(body, "fmul", types[0], result, square) if result else square
            left >>= 1
            if left:
                square = _call(body, "fmul", types[0], square, square)
        return result

    return formula


class _Doubles:
    """Arithmetic of float64 in a body, one letter each."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.type = body.type(FLOAT64)
        self.bits = body.type("i64")

    def constant(self, value: float) -> str:
        return self.body.constant(FLOAT64, value)

    def fma(self, a: str, b: str, c: str) -> str:
        return _call(self.body, "fma", FLOAT64, a, b, c)

    def add(self, a: str, b: str) -> str:
        return _call(self.body, "fadd", FLOAT64, a, b)

    def sub(self, a: str, b: str) -> str:
        return _call(self.body, "fsub", FLOAT64, a, b)

    def mul(self, a: str, b: str) -> str:
        return _call(self.body, "fmul", FLOAT64, a, b)

    def sum(self, a: str, b: str) -> tuple[str, str]:
        """A sum, and what it is short of."""
        total = self.add(a, b)
        added = self.sub(total, a)
        return total, self.add(self.sub(a, self.sub(total, added)), self.sub(b, added))

    def polynomial(self, coefficients: tuple[float, ...], z: str) -> str:
        result = self.constant(coefficients[-1])
        for coefficient in coefficients[-2::-1]:
            result = self.fma(result, z, self.constant(coefficient))
        return result

    def is_beyond(self, a: str, limit: float) -> str:
        """Where the size of a number is above a limit, or it is none."""
        operands = f"{self.type} {a}, {self.type} {self.constant(limit)}, metadata !\"ugt\", {EXACT}"
        name = f"llvm.experimental.constrained.fcmp.{self.body.suffix(FLOAT64)}"
        return self.body.call(name, self.body.type(BOOL), operands)

    def reduced(self, x: str) -> tuple[str, str, str]:
        """x without multiples of half pi, as a sum of two numbers, and in its lowest bits how many they were."""
        shifted = self.fma(x, self.constant(TWO_OVER_PI), self.constant(TO_INTEGER))
        turns = _negated(self.body, FLOAT64, self.sub(shifted, self.constant(TO_INTEGER)))
        rest = self.fma(turns, self.constant(HALF_PI[0]), x)  # exact
        small = self.mul(turns, self.constant(HALF_PI[1]))
        small_error = self.fma(turns, self.constant(HALF_PI[1]), _negated(self.body, FLOAT64, small))
        high, error = self.sum(rest, small)
        low = self.fma(turns, self.constant(HALF_PI[2]), self.add(error, small_error))
        return high, low, self.body.let(f"bitcast {self.type} {shifted} to {self.bits}")

    def sine(self, x: str, low: str) -> str:
        z = self.mul(x, x)
        cube, half = self.mul(z, x), self.constant(0.5)
        rest = self.polynomial(SINE[1:], z)
        inner = self.sub(self.mul(half, low), self.mul(cube, rest))
        inner = self.sub(self.mul(z, inner), low)
        return self.sub(x, self.fma(cube, self.constant(-SINE[0]), inner))

    def cosine(self, x: str, low: str) -> str:
        z = self.mul(x, x)
        half, one = self.mul(z, self.constant(0.5)), self.constant(1.0)
        w = self.sub(one, half)
        rest = self.mul(self.mul(z, z), self.polynomial(COSINE, z))
        return self.add(w, self.add(self.sub(self.sub(one, w), half), self.sub(rest, self.mul(x, low))))

    def choose(self, bits: str, bit: int, yes: str, no: str) -> str:
        """By a bit of an integer."""
        masked = self.body.let(f"and {self.bits} {bits}, {self.body.constant('i64', bit)}")
        is_set = self.body.let(f"icmp ne {self.bits} {masked}, {self.body.constant('i64', 0)}")
        return self.body.select(FLOAT64, is_set, yes, no)


def _circular(quarter: int) -> Formula:
    """The sine, some quarters of a turn on."""

    def formula(body: Body, args: list[str], types: tuple[str, ...]) -> str:
        of = _Doubles(body)
        size = body.call(f"llvm.fabs.{body.suffix(FLOAT64)}", of.type, f"{of.type} {args[0]}")
        body.doubts.append(of.is_beyond(size, LARGEST))
        body.doubts.append(body.call(  # NumPy raises a flag for those
            f"llvm.is.fpclass.{body.suffix(FLOAT64)}", body.type(BOOL), f"{of.type} {args[0]}, i32 {SUBNORMAL}"
        ))
        is_large = of.is_beyond(size, TINY)
        x = body.select(FLOAT64, is_large, args[0], of.constant(0.0))  # what is tiny would raise flags
        high, low, turns = of.reduced(x)
        turns = body.let(f"add {of.bits} {turns}, {body.constant('i64', quarter)}")
        value = of.choose(turns, 1, of.cosine(high, low), of.sine(high, low))
        value = of.choose(turns, 2, _negated(body, FLOAT64, value), value)
        return body.select(FLOAT64, is_large, value, args[0] if quarter == 0 else of.constant(1.0))

    return formula


FAST: dict[str, Formula] = {
    "multiply_add": _multiply_add,
    "multiply_subtract": _multiply_subtract,
    "subtract_product": _subtract_product,
    "fast_sin": _circular(0),
    "fast_cos": _circular(1),
    **{f"power_{n}": _power(n) for n in EXPONENTS},
}
OTHERS.update(FAST)
